package models

import (
	"cmp"
	"context"
	"net/netip"
	"slices"
	"strings"
	"time"

	"countersign/audit"
	"countersign/models/spelling"

	"gorm.io/gorm/clause"
)

// Role is what somebody of the staff may do.
type Role string

// The roles, from a claim of the organisation's OpenID Provider.
const (
	Operator      Role = "operator"
	Supervisor    Role = "supervisor"
	Administrator Role = "administrator"
)

// Identity is what the provider says of somebody of the staff.
type Identity struct {
	Issuer, Subject string
	Name            string
	Identifiers     []string // claims that may name an account of their own (e-mail, customer number)
	Roles           []Role   // at least one
	AuthenticatedAt time.Time
	SID             string // the session at the provider, "" where it names none
	ACR             string // how they were authenticated, "" where it does not say
}

// Session is a signed-in browser with everything that a page wants to know of it.
// Counter is nil until one is opened.
type Session struct {
	ID      string
	Staff   Staff
	Roles   []Role
	Counter *Counter
}

// Has says whether the session carries the role.
func (s Session) Has(role Role) bool { return slices.Contains(s.Roles, role) }

// StartSession signs somebody in: a new token each time, kept by its hash. previous is
// the token that the browser had, which ends; "" when it had none.
func (s *Store) StartSession(ctx context.Context, who Identity, previous, address string) (token string, err error) {
	if token, err = newSecret(s.rand); err != nil {
		return "", err
	}
	err = s.write(ctx, func(tx *tx) error {
		staff, err := tx.meet(who)
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

// meet finds the staff row of an identity, or makes it; name and identifiers follow
// what the provider says now.
func (t *tx) meet(who Identity) (Staff, error) {
	var keys []string
	for _, identifier := range who.Identifiers {
		if key := spelling.Key(identifier); key != "" {
			keys = append(keys, key)
		}
	}
	id, err := newID(t.store.rand)
	if err != nil {
		return Staff{}, err
	}
	// Two first sign-ins at once make one row.
	row := Staff{ID: id, Issuer: who.Issuer, Subject: who.Subject, Name: who.Name,
		IdentifierKeys: strings.Join(keys, "\n"), CreatedAt: t.now}
	err = t.Clauses(clause.OnConflict{
		Columns:   []clause.Column{{Name: "issuer"}, {Name: "subject"}},
		DoUpdates: clause.AssignmentColumns([]string{"name", "identifier_keys"}),
	}).Create(&row).Error
	if err != nil {
		return Staff{}, err
	}
	var staff Staff
	err = t.Where("issuer = ? AND subject = ?", who.Issuer, who.Subject).First(&staff).Error
	return staff, err
}

// Session finds the live session of a cookie's value and notes that it was seen, at
// most once a minute. Error: ErrSessionEnded.
func (s *Store) Session(ctx context.Context, token string) (Session, error) {
	session, row, err := s.session(ctx, token)
	if err == nil && At(s.now()) >= row.LastSeenAt.Add(time.Minute) {
		err = s.write(ctx, func(tx *tx) error {
			return tx.Model(&StaffSession{}).Where("id = ? AND last_seen_at < ?", row.ID, tx.now).
				Update("last_seen_at", tx.now).Error
		})
	}
	return session, err
}

// SessionUnattended finds a live session for a page that refreshes by itself: nobody was
// seen, and a session that nobody uses ends. Error: ErrSessionEnded.
func (s *Store) SessionUnattended(ctx context.Context, token string) (Session, error) {
	session, _, err := s.session(ctx, token)
	return session, err
}

func (s *Store) session(ctx context.Context, token string) (Session, StaffSession, error) {
	var row StaffSession
	err := s.reading(ctx).Where("token_hash = ?", hashSecret(token)).Limit(1).Find(&row).Error
	if err != nil {
		return Session{}, row, err
	}
	if !row.live(At(s.now()), s.policy.SessionIdle) {
		return Session{}, row, ErrSessionEnded
	}
	session := Session{ID: row.ID, Roles: splitRoles(row.Roles)}
	if err := s.reading(ctx).Where("id = ?", row.StaffID).First(&session.Staff).Error; err != nil {
		return Session{}, row, err
	}
	if row.CounterID == nil {
		return session, row, nil
	}
	var counters []Counter
	err = openTo(s.reading(ctx), row.StaffID).Where("id = ?", *row.CounterID).Find(&counters).Error
	if len(counters) == 1 {
		session.Counter = &counters[0]
	}
	return session, row, err
}

// live says whether the session may still be used.
func (r StaffSession) live(now Instant, idle time.Duration) bool {
	return r.ID != "" && r.EndedAt == nil && now < r.ExpiresAt && now < r.LastSeenAt.Add(idle)
}

// EndSession signs the browser out; a session that has ended already is no error.
func (s *Store) EndSession(ctx context.Context, sessionID string) error {
	return s.write(ctx, func(tx *tx) error {
		var row StaffSession
		if err := tx.Where("id = ?", sessionID).First(&row).Error; err != nil {
			return lost(err)
		}
		return tx.endSession(row, audit.Actor{Staff: row.StaffID}, "")
	})
}

// endSession ends a session, once; reason is "" when its owner signed out.
func (t *tx) endSession(row StaffSession, by audit.Actor, reason string) error {
	result := t.Model(&StaffSession{}).Where("id = ? AND ended_at IS NULL", row.ID).Update("ended_at", t.now)
	if result.Error != nil || result.RowsAffected == 0 {
		return result.Error
	}
	if err := t.Where("session_id = ?", row.ID).Delete(&AccountFile{}).Error; err != nil {
		return err
	}
	_, err := t.record(audit.Event{Type: audit.StaffSignedOut, Facts: audit.Facts{
		Actor: &by, Session: row.ID, Reason: reason,
	}})
	return err
}

// endPrevious ends the session that the browser had before it signed in again.
func (t *tx) endPrevious(token string) error {
	var row StaffSession
	err := t.Where("token_hash = ?", hashSecret(token)).Limit(1).Find(&row).Error
	if err != nil || row.ID == "" {
		return err
	}
	return t.endSession(row, audit.Actor{Staff: row.StaffID}, "signed in again")
}

// OpenCounter says at which counter the session works. Errors: ErrNotFound (no such
// counter in use), ErrOtherCounters, ErrCounterNetwork, ErrSessionEnded, ErrNotAllowed.
func (s *Store) OpenCounter(ctx context.Context, sessionID, counterID string, address netip.Addr) error {
	return s.write(ctx, func(tx *tx) error {
		row, err := tx.session(sessionID, Operator)
		if err != nil {
			return err
		}
		var counter Counter
		if err := tx.Where("id = ? AND closed_at = 0", counterID).First(&counter).Error; err != nil {
			return lost(err)
		}
		if open, err := tx.mayOpen(row.StaffID, counterID); err != nil || !open {
			return cmp.Or(err, ErrOtherCounters)
		}
		if !counter.Allows(address) {
			return ErrCounterNetwork
		}
		if err := tx.Model(&StaffSession{}).Where("id = ?", sessionID).Update("counter_id", counterID).Error; err != nil {
			return err
		}
		_, err = tx.record(audit.Event{Type: audit.CounterOpened, Facts: audit.Facts{
			Actor: &audit.Actor{Staff: row.StaffID}, Session: sessionID, Counter: counterID, Address: address.String(),
		}})
		return err
	})
}

func joinRoles(roles []Role) string {
	var words []string
	for _, role := range roles {
		words = append(words, string(role))
	}
	return strings.Join(words, " ")
}

func splitRoles(words string) []Role {
	var roles []Role
	for _, word := range strings.Fields(words) {
		roles = append(roles, Role(word))
	}
	return roles
}

// StaffName is the name of somebody of the staff. Error: ErrNotFound.
func (s *Store) StaffName(ctx context.Context, id string) (string, error) {
	var staff Staff
	err := s.reading(ctx).Where("id = ?", id).First(&staff).Error
	return staff.Name, lost(err)
}
