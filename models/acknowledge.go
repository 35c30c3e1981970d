package models

import (
	"context"
	"slices"

	"countersign/audit"
	"countersign/oauth"

	"gorm.io/gorm/clause"
)

// AcknowledgeAlert says that a supervisor has looked at an alert; the first one counts.
// Nobody looks at an alert that they caused themselves, nor at one about their own
// account; such a refusal is recorded where the alert is about an account. note may be ""; it is
// kept beside the alert and never in an event, which nobody could take a name out of
// again. Errors: an *oauth.Error (the note is not fit to be shown), ErrLookedAt,
// ErrOwnAlert, ErrOwnAccount, ErrOwnAccountUnknown, ErrNotFound (no such alert), ErrSessionEnded,
// ErrNotAllowed.
func (s *Store) AcknowledgeAlert(ctx context.Context, sessionID, alertID, note string) error {
	if note != "" {
		if refusal := oauth.CheckNote(note); refusal != nil {
			return refusal
		}
	}
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
		return who, about, tx.acknowledge(who, alert, note)
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

// acknowledge keeps who was first, and says so in the trail. Error: ErrLookedAt.
func (t *tx) acknowledge(who actor, alert audit.Entry, note string) error {
	if err := t.lookAt(who, alert, note); err != nil {
		return err
	}
	return t.recordLook(who, alert)
}

// lookAt keeps who was first: of two at the same moment the second waits for the first
// one's row, and finds it. Error: ErrLookedAt.
func (t *tx) lookAt(who actor, alert audit.Entry, note string) error {
	result := t.Clauses(clause.OnConflict{DoNothing: true}).Create(&AlertAcknowledgement{
		EventID: alert.ID, StaffID: who.staff, SessionID: who.session, Note: note, CreatedAt: t.now,
	})
	if result.Error == nil && result.RowsAffected == 0 {
		return ErrLookedAt
	}
	return result.Error
}

func (t *tx) recordLook(who actor, alert audit.Entry) error {
	facts := who.facts()
	facts.Event, facts.Reason, facts.DeviceAuthorization = alert.ID, alert.Type, alert.DeviceAuthorizationID
	_, err := t.record(audit.Event{
		Type: audit.AlertAcknowledged, Subject: alert.AccountID, Transaction: alert.Transaction, Facts: facts,
	})
	return err
}
