package models

import (
	"context"
	"errors"
	"strings"
	"time"

	"countersign/audit"
	"countersign/audit/term"
)

// StartSession signs somebody in: a new token each time, kept by its hash. previous is
// the token that the browser had, which ends; "" when it had none. The sign-in counts
// once. Error: ErrSignInExpired.
func (s *Store) StartSession(ctx context.Context, signIn SignIn, who Identity, previous, address string) (token string, err error) {
	if token, err = newSecret(s.rand); err != nil {
		return "", err
	}
	err = s.write(ctx, func(tx *tx) error {
		if err := tx.useSignIn(signIn); err != nil {
			return err
		}
		staff, err := tx.upsertStaff(who)
		if err != nil {
			return err
		}
		if err := tx.endPrevious(previous); err != nil {
			return err
		}
		id, err := newID(s.rand)
		if err != nil {
			return err
		}
		row := StaffSession{
			ID: id, TokenHash: hashSecret(token), StaffID: staff.ID, Roles: joinRoles(who.Roles), Address: address,
			ProviderSID: who.SID, ACR: who.ACR, AuthenticatedAt: At(who.AuthenticatedAt), CreatedAt: tx.now, LastSeenAt: tx.now,
			ExpiresAt: tx.now.Add(s.policy.SessionLifetime),
		}
		if err := tx.Create(&row).Error; err != nil {
			return err
		}
		_, err = tx.record(audit.Event{Type: audit.StaffSignedIn, Facts: audit.Facts{
			Actor: &audit.Actor{Staff: staff.ID}, Session: id, Roles: strings.Fields(row.Roles), Address: address,
		}})
		return err
	})
	return token, err
}

// Session finds the live session of a cookie's value and notes that it was seen, at
// most once a minute. Error: ErrSessionEnded.
func (s *Store) Session(ctx context.Context, token string) (Session, error) {
	session, row, err := s.session(ctx, token)
	if err == nil && At(s.now()) >= row.LastSeenAt.Add(time.Minute) {
		err = s.seen(ctx, row.ID)
	}
	return session, err
}

// seenLimit is how long a page waits until it is noted that its reader was seen.
const seenLimit = time.Second

// seen notes that somebody used the session just now. While the database takes no writes
// nothing is noted: pages are read all the same, and the session ends sooner.
func (s *Store) seen(ctx context.Context, id string) error {
	limited, cancel := context.WithTimeout(ctx, seenLimit)
	defer cancel()
	err := s.write(limited, func(tx *tx) error {
		return tx.Model(&StaffSession{}).Where("id = ? AND last_seen_at < ?", id, tx.now).Update("last_seen_at", tx.now).Error
	})
	if _, outage := errors.AsType[*UnavailableError](err); outage || limited.Err() != nil && ctx.Err() == nil {
		return nil
	}
	return err
}

// SessionUnattended finds a live session for a page that refreshes by itself: nobody was
// seen, and a session that nobody uses ends. Error: ErrSessionEnded.
func (s *Store) SessionUnattended(ctx context.Context, token string) (Session, error) {
	session, _, err := s.session(ctx, token)
	return session, err
}

func (s *Store) session(ctx context.Context, token string) (Session, StaffSession, error) {
	row, err := askStaffSession.first(s.reader(ctx), given{"token": hashSecret(token)})
	if errors.Is(err, ErrNotFound) {
		err = ErrSessionEnded
	}
	if err != nil {
		return Session{}, row.StaffSession, err
	}
	if !row.live(At(s.now()), s.policy.SessionIdle) {
		return Session{}, row.StaffSession, ErrSessionEnded
	}
	session := Session{ID: row.ID, Staff: row.Staff, Roles: splitRoles(row.Roles)}
	if row.Counter.ID != "" {
		session.Counter = &row.Counter
	}
	return session, row.StaffSession, nil
}

// sessionRow is a session with its member of staff and its counter: the zero Counter where none is open, or it is not theirs
// to open any more.
type sessionRow struct {
	StaffSession
	Staff   Staff   `gorm:"embedded;embeddedPrefix:holder_"`
	Counter Counter `gorm:"embedded;embeddedPrefix:place_"`
}

// askStaffSession finds a session by the hash of its token: each request of staff begins with it.
var askStaffSession = asking[sessionRow]("SELECT " + columnsOf[StaffSession]("s") + ", " + columnsAs[Staff]("staff", "holder_") + ", " +
	columnsAs[Counter]("counters", "place_") + ` FROM staff_sessions AS s JOIN staff ON staff.id = s.staff_id
	LEFT JOIN counters ON counters.id = s.counter_id AND ` + openToStaff + " WHERE s.token_hash = @token")

// EndSession signs the browser out; a session that has ended already is no error.
func (s *Store) EndSession(ctx context.Context, sessionID string) error {
	return s.write(ctx, func(tx *tx) error {
		var row StaffSession
		if err := tx.Where("id = ?", sessionID).First(&row).Error; err != nil {
			return notFound(err)
		}
		return tx.endSession(row, audit.Actor{Staff: row.StaffID}, "")
	})
}

// endPrevious ends the session that the browser had before it signed in again.
func (t *tx) endPrevious(token string) error {
	var row StaffSession
	err := t.Where("token_hash = ?", hashSecret(token)).Limit(1).Find(&row).Error
	if err != nil || row.ID == "" {
		return err
	}
	return t.endSession(row, audit.Actor{Staff: row.StaffID}, term.SessionReplaced)
}
