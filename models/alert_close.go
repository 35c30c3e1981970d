package models

import (
	"context"
	"slices"

	"countersign/audit"
	"countersign/audit/term"

	"gorm.io/gorm/clause"
)

// CloseAlert takes an alert out of the queue and says what came of it, with a note on it where note is not "". The first one
// counts, whoever has taken it. Nobody closes an alert that they caused themselves, nor one about their own account; such a
// refusal is recorded where the alert is about an account. Errors: *UnknownReasonError, an *oauth.Error (the note is not fit
// to be shown), ErrLookedAt, ErrNotesFull, ErrOwnAlert, ErrOwnAccount, ErrOwnAccountUnknown, ErrNotFound (no such alert),
// ErrSessionEnded, ErrNotAllowed.
func (s *Store) CloseAlert(ctx context.Context, sessionID, alertID string, closing term.Closing, note string) error {
	if err := oneOf(closing, term.Closings()); err != nil {
		return err
	}
	if err := fitNote(note); note != "" && err != nil {
		return err
	}
	return s.onAlert(ctx, sessionID, alertID, func(tx *tx, who actor, alert audit.Entry) error {
		if note != "" {
			if err := tx.noteAlert(who, alert, note); err != nil {
				return err
			}
		}
		return tx.closeAlert(who, alert, closing)
	})
}

// onAlert lets a supervisor do something to an alert that is not theirs. Errors: ErrOwnAlert, ErrOwnAccount,
// ErrOwnAccountUnknown, ErrNotFound, ErrSessionEnded, ErrNotAllowed, and those of do.
func (s *Store) onAlert(ctx context.Context, sessionID, alertID string, do func(*tx, actor, audit.Entry) error) error {
	return s.refusable(ctx, func(tx *tx) (actor, subject, error) {
		who, err := tx.acting(sessionID, Supervisor)
		if err != nil {
			return who, subject{}, err
		}
		alert, err := tx.alert(alertID)
		if err != nil {
			return who, subject{}, err
		}
		about := subject{account: alert.AccountID, client: alert.ClientID, request: alert.DeviceAuthorizationID}
		if err := tx.mayLookAt(who, alert); err != nil {
			return who, about, err
		}
		return who, about, do(tx, who, alert)
	})
}

// alert finds an event that is one. Error: ErrNotFound.
func (t *tx) alert(id string) (audit.Entry, error) {
	var entry audit.Entry
	err := t.Where("jti = ?", id).First(&entry).Error
	if err == nil && !slices.Contains(audit.AlertTypes(), audit.Type(entry.Type)) {
		err = ErrNotFound
	}
	return entry, notFound(err)
}

// mayLookAt refuses who is, or may be, a party to it. Errors: ErrOwnAlert, ErrOwnAccount,
// ErrOwnAccountUnknown.
func (t *tx) mayLookAt(who actor, alert audit.Entry) error {
	if alert.StaffID == who.staff {
		return ErrOwnAlert
	}
	if alert.AccountID == "" {
		return nil
	}
	return t.surelyNotOwnAccount(who, alert.AccountID)
}

// closeAlert keeps who was first, and says so in the trail. Error: ErrLookedAt.
func (t *tx) closeAlert(who actor, alert audit.Entry, closing term.Closing) error {
	if err := t.lookAt(who, alert, closing); err != nil {
		return err
	}
	return t.recordClosing(who, alert, closing)
}

// lookAt keeps who was first: of two at the same moment the second waits for the row in the queue, and finds it gone. A
// program of before the queue leaves that row. Error: ErrLookedAt.
func (t *tx) lookAt(who actor, alert audit.Entry, closing term.Closing) error {
	if _, err := t.openAlert(alert); err != nil {
		return err
	}
	result := t.Clauses(clause.OnConflict{DoNothing: true}).Create(&AlertAcknowledgement{
		EventID: alert.ID, StaffID: who.staff, SessionID: who.session, Closing: string(closing), CreatedAt: t.now,
	})
	if result.Error == nil && result.RowsAffected == 0 {
		return ErrLookedAt
	}
	if result.Error != nil {
		return result.Error
	}
	return t.Where("seq = ?", alert.Seq).Delete(&OpenAlert{}).Error
}

func (t *tx) recordClosing(who actor, alert audit.Entry, closing term.Closing) error {
	return t.recordOnAlert(who, alert, audit.AlertClosed, func(facts *audit.Facts) { facts.Reason = string(closing) })
}

// recordOnAlert says in the trail what somebody did to an alert. Its reason is the alert's type, unless more says otherwise.
func (t *tx) recordOnAlert(who actor, alert audit.Entry, kind audit.Type, more func(*audit.Facts)) error {
	facts := who.facts()
	facts.Event, facts.Reason, facts.DeviceAuthorization = alert.ID, alert.Type, alert.DeviceAuthorizationID
	if more != nil {
		more(&facts)
	}
	_, err := t.record(audit.Event{Type: kind, Subject: alert.AccountID, Transaction: alert.Transaction, Facts: facts})
	return err
}
