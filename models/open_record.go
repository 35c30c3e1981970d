package models

import (
	"context"
	"errors"
	"strconv"
	"time"

	"countersign/audit"
	"countersign/audit/term"

	"gorm.io/gorm"
)

// A customer's record is opened by an act: by the button of a search's results, by a search
// that names exactly one identifier, by a presence proof, or from one of its requests. It is an event with the
// account as subject, and a grant for this session; without one a record's page shows nothing
// (docs/decisions/0031-bound-to-what-was-shown.md).

// OpenedRecords is what a TooManyError counts when somebody opened too many records.
const OpenedRecords = "opened records"

// openingsKept is how long an opening stays: longer than it grants or counts.
const openingsKept = 24 * time.Hour

// AccountOpening is that a session has opened the record of an account.
type AccountOpening struct {
	SessionID string `gorm:"primaryKey"`
	AccountID string `gorm:"primaryKey"`
	StaffID   string
	OpenedAt  Instant // the last opening
	UsedAt    Instant // the last act on it: the grant ends Policy.ClaimLength later
	Visited   bool    // a visit came of it
}

// OpenRecord opens the record of an account to a session in one of its roles: an operator's at their counter, a
// supervisor's or an administrator's. Errors: *TooManyError, ErrNotFound, ErrSessionEnded, ErrNotAllowed, ErrNoCounter.
func (s *Store) OpenRecord(ctx context.Context, sessionID, accountID string, role Role, how term.QueryKind) error {
	return s.refusable(ctx, func(tx *tx) (actor, subject, error) {
		who, err := tx.actingAs(sessionID, role)
		if err != nil {
			return who, subject{}, err
		}
		if _, err := rowOf[Account](tx, "WHERE id = $1", accountID); err != nil {
			return who, subject{}, notFound(err)
		}
		return who, subject{account: accountID}, tx.openRecord(who, accountID, how)
	})
}

// openRecord opens a record, or prolongs what is open. Error: *TooManyError.
func (t *tx) openRecord(who actor, accountID string, how term.QueryKind) error {
	if err := t.openingsOf(who); err != nil {
		return err
	}
	if open, err := t.prolongRecord(who.session, accountID); err != nil || open {
		return err
	}
	if err := t.mayOpenRecord(who); err != nil {
		return err
	}
	facts := who.facts()
	facts.QueryKind = string(how)
	if _, err := t.record(audit.Event{Type: audit.AccountOpened, Subject: accountID, Facts: facts}); err != nil {
		return err
	}
	_, err := t.do(`INSERT INTO account_openings (session_id, account_id, staff_id, opened_at, used_at, visited)
		VALUES ($1, $2, $3, $4, $4, $5) ON CONFLICT (session_id, account_id) DO UPDATE SET staff_id = excluded.staff_id,
			opened_at = excluded.opened_at, used_at = excluded.used_at, visited = excluded.visited`,
		who.session, accountID, who.staff, t.now, false)
	if err != nil {
		return err
	}
	return t.noticeOpened(who)
}

// openingsOf lets whatever opens records for one person wait for each other. A transaction that is to record an event as well
// asks for it before that, or two would wait for each other for ever.
func (t *tx) openingsOf(who actor) error { return t.oneAtATime("opened records " + who.staff) }

// prolongRecord lets what is open to a session stay open from now on, and reports whether it is.
func (t *tx) prolongRecord(sessionID, accountID string) (bool, error) {
	changed, err := t.do("UPDATE account_openings SET used_at = $1 WHERE session_id = $2 AND account_id = $3 AND used_at > $4",
		t.now, sessionID, accountID, t.now.Add(-t.store.policy.ClaimLength))
	return changed > 0, err
}

// actedOn lets a record stay open on which somebody who works at no counter acts. At a counter the visit keeps it open.
func (t *tx) actedOn(event audit.Event) error {
	if event.Facts.Session == "" || event.Facts.Counter != "" || event.Subject == "" {
		return nil
	}
	_, err := t.prolongRecord(event.Facts.Session, event.Subject)
	return err
}

// visited says of an opened record that a visit came of it: the code was matched, or this person looks at a visit as the second.
func (t *tx) visited(event audit.Event) error {
	if event.Type != audit.CodeMatched && event.Type != audit.SecondApprovalOpened {
		return nil
	}
	_, err := t.do("UPDATE account_openings SET visited = $1 WHERE session_id = $2 AND account_id = $3",
		true, event.Facts.Session, event.Subject)
	return err
}

// recordOpen reports whether the session's grant lasts.
func (t *tx) recordOpen(sessionID, accountID string) (bool, error) {
	var open bool
	err := t.ask("SELECT count(*) > 0 FROM account_openings WHERE session_id = $1 AND account_id = $2 AND used_at > $3",
		[]any{sessionID, accountID, t.now.Add(-t.store.policy.ClaimLength)}, &open)
	return open, err
}

// openedLately is the condition on records that somebody opened within the hour, in all their sessions.
const openedLately = "FROM account_openings WHERE staff_id = $1 AND opened_at > $2 "

func (t *tx) withinTheHour(who actor) []any { return []any{who.staff, t.now.Add(-openedMemory)} }

// mayOpenRecord holds everybody to Policy.OpenedRecordsLimit within an hour. Error: *TooManyError.
func (t *tx) mayOpenRecord(who actor) error {
	limit := t.store.policy.OpenedRecordsLimit
	if limit < 0 {
		return nil
	}
	var oldest Instant // of the newest that are as many as the limit
	err := t.ask("SELECT opened_at "+openedLately+"ORDER BY opened_at DESC LIMIT 1 OFFSET "+strconv.Itoa(limit-1),
		t.withinTheHour(who), &oldest)
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return &TooManyError{What: OpenedRecords, RetryAfter: oldest.Add(openedMemory).Time().Sub(t.now.Time())}
}

// noticeOpened raises an alert when somebody has opened more than Policy.OpenedRecordsAlert
// records within an hour of which no visit has come: once in an hour of theirs.
func (t *tx) noticeOpened(who actor) error {
	usual := t.store.policy.OpenedRecordsAlert
	if usual < 0 {
		return nil
	}
	var opened int64
	if err := t.ask("SELECT count(*) "+openedLately+"AND NOT visited", t.withinTheHour(who), &opened); err != nil || int(opened) <= usual {
		return err
	}
	return t.alertOnce(who, int(opened), who.facts())
}

// MayRead reports whether the record of an account is open to a session: by a grant that
// lasts, by a visit of it that the session holds, or by a decision of its member of staff since they signed in, for a
// claim's length, so that a receipt needs no further act.
func (s *Store) MayRead(ctx context.Context, sessionID, accountID string) (bool, error) {
	return s.reader(ctx).mayRead(sessionID, accountID)
}

func (t *tx) mayRead(sessionID, accountID string) (bool, error) {
	open, err := t.recordOpen(sessionID, accountID)
	if err != nil || open {
		return open, err
	}
	var visits int64
	err = t.Table("device_authorizations AS d").
		Where("d.account_id = ? AND d.claim_session_id = ? AND d.claim_until > ? AND d.state IN ? AND NOT "+endedByRule,
			accountID, sessionID, t.now, claimedStates()).Count(&visits).Error
	if err != nil || visits > 0 {
		return visits > 0, err
	}
	var decided int64
	err = t.Raw(`SELECT count(*) FROM audit_events AS e JOIN staff_sessions AS s ON s.staff_id = e.staff_id
		WHERE s.id = ? AND `+actOfStaff+` AND e.account_id = ? AND e.type IN ? AND e.occurred_at > ? AND e.occurred_at >= s.created_at`,
		sessionID, accountID, decisions(), t.now.Add(-t.store.policy.ClaimLength)).Scan(&decided).Error
	return decided > 0, err
}

// OpenRecords are the accounts whose records are open to a session by a grant that lasts.
func (s *Store) OpenRecords(ctx context.Context, sessionID string) (map[string]bool, error) {
	tx, open := s.reader(ctx), map[string]bool{}
	var ids []string
	err := tx.Model(&AccountOpening{}).Where("session_id = ? AND used_at > ?", sessionID, tx.now.Add(-s.policy.ClaimLength)).
		Pluck("account_id", &ids).Error
	for _, id := range ids {
		open[id] = true
	}
	return open, err
}
