package models

import (
	"context"
	"time"

	"countersign/audit"
	"countersign/audit/term"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// A customer's record is opened by an act: by the button of a search's results, by a search
// that names exactly one identifier, or by a presence proof. It is an event with the account
// as subject, and a grant for this session; without one a record's page shows nothing
// (docs/decisions/0031-bound-to-what-was-shown.md).

// OpenedRecords is what a TooManyError counts when somebody opened too many records.
const OpenedRecords = "opened records"

// openedMemory is the hour in which opened records are counted.
const openedMemory = time.Hour

// openingsKept is how long an opening stays: longer than it grants or counts.
const openingsKept = 24 * time.Hour

// AccountOpening is that a session has opened the record of an account.
type AccountOpening struct {
	SessionID string `gorm:"primaryKey"`
	AccountID string `gorm:"primaryKey"`
	StaffID   string
	OpenedAt  Instant // the last opening
	UsedAt    Instant // the last act on it: the grant ends Policy.ClaimLength later
}

// OpenRecord opens the record of an account to the session of an operator at their counter,
// or of a supervisor. Errors: *TooManyError, ErrNotFound, ErrSessionEnded, ErrNotAllowed,
// ErrNoCounter.
func (s *Store) OpenRecord(ctx context.Context, sessionID, accountID string) error {
	return s.refusable(ctx, func(tx *tx) (actor, subject, error) {
		who, err := tx.supervisorOrOperator(sessionID)
		if err != nil {
			return who, subject{}, err
		}
		var account Account
		if err := notFound(tx.Where("id = ?", accountID).First(&account).Error); err != nil {
			return who, subject{}, err
		}
		return who, subject{account: accountID}, tx.openRecord(who, accountID, term.QueryResult)
	})
}

// openRecord opens a record, or prolongs what is open. Error: *TooManyError.
func (t *tx) openRecord(who actor, accountID string, how term.QueryKind) error {
	open, err := t.recordOpen(who.session, accountID)
	if err != nil {
		return err
	}
	if open {
		return t.Model(&AccountOpening{}).Where("session_id = ? AND account_id = ?", who.session, accountID).Update("used_at", t.now).Error
	}
	if err := t.oneAtATime("opened records " + who.staff); err != nil {
		return err
	}
	if err := t.mayOpenRecord(who); err != nil {
		return err
	}
	err = t.Clauses(clause.OnConflict{UpdateAll: true}).Create(&AccountOpening{
		SessionID: who.session, AccountID: accountID, StaffID: who.staff, OpenedAt: t.now, UsedAt: t.now,
	}).Error
	if err != nil {
		return err
	}
	facts := who.facts()
	facts.QueryKind = string(how)
	if _, err := t.record(audit.Event{Type: audit.AccountOpened, Subject: accountID, Facts: facts}); err != nil {
		return err
	}
	return t.noticeOpened(who)
}

// recordOpen reports whether the session's grant lasts.
func (t *tx) recordOpen(sessionID, accountID string) (bool, error) {
	var rows int64
	err := t.Model(&AccountOpening{}).Where("session_id = ? AND account_id = ? AND used_at > ?",
		sessionID, accountID, t.now.Add(-t.store.policy.ClaimLength)).Count(&rows).Error
	return rows > 0, err
}

// openedLately are the records that somebody opened within the hour, in all their sessions.
func (t *tx) openedLately(who actor) *gorm.DB {
	return t.Model(&AccountOpening{}).Where("staff_id = ? AND opened_at > ?", who.staff, t.now.Add(-openedMemory))
}

// mayOpenRecord holds everybody to Policy.OpenedRecordsLimit within an hour. Error: *TooManyError.
func (t *tx) mayOpenRecord(who actor) error {
	limit := t.store.policy.OpenedRecordsLimit
	if limit < 0 {
		return nil
	}
	var opened []AccountOpening
	err := t.openedLately(who).Order("opened_at DESC").Limit(limit).Find(&opened).Error
	if err != nil || len(opened) < limit {
		return err
	}
	oldest := opened[len(opened)-1].OpenedAt
	return &TooManyError{What: OpenedRecords, RetryAfter: oldest.Add(openedMemory).Time().Sub(t.now.Time())}
}

// noticeOpened raises an alert when somebody has opened more than Policy.OpenedRecordsAlert
// records within an hour: once in an hour of theirs.
func (t *tx) noticeOpened(who actor) error {
	usual := t.store.policy.OpenedRecordsAlert
	if usual < 0 {
		return nil
	}
	var opened, alerts int64
	if err := t.openedLately(who).Count(&opened).Error; err != nil || int(opened) <= usual {
		return err
	}
	err := t.Model(&audit.Entry{}).Where("staff_id = ? AND staff_id <> '' AND type = ? AND occurred_at > ?",
		who.staff, audit.OpenedRecordsUnusual, t.now.Add(-openedMemory)).Count(&alerts).Error
	if err != nil || alerts > 0 {
		return err
	}
	facts, count := who.facts(), int(opened)
	facts.Count = &count
	_, err = t.record(audit.Event{Type: audit.OpenedRecordsUnusual, Facts: facts})
	return err
}

// MayRead reports whether the record of an account is open to a session: by a grant that
// lasts, or by a visit of it that the session holds.
func (s *Store) MayRead(ctx context.Context, sessionID, accountID string) (bool, error) {
	tx := s.reader(ctx)
	open, err := tx.recordOpen(sessionID, accountID)
	if err != nil || open {
		return open, err
	}
	var visits int64
	err = tx.Table("device_authorizations AS d").
		Where("d.account_id = ? AND d.claim_session_id = ? AND d.claim_until > ? AND d.state IN ? AND NOT "+endedByRule,
			accountID, sessionID, tx.now, claimedStates()).Count(&visits).Error
	return visits > 0, err
}
