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
	return s.refusable(ctx, func(tx *tx) (desk, DeviceAuthorization, error) {
		session, err := tx.session(sessionID, Supervisor)
		acting := desk{session: session.ID, staff: session.StaffID}
		if err != nil {
			return acting, DeviceAuthorization{}, err
		}
		alert, err := tx.alert(alertID)
		if err != nil {
			return acting, DeviceAuthorization{}, err
		}
		about := DeviceAuthorization{ID: alert.DeviceAuthorizationID, ClientID: alert.ClientID}
		if alert.AccountID != "" {
			about.AccountID = &alert.AccountID
		}
		if err := tx.mayLookAt(session, alert); err != nil {
			return acting, about, err
		}
		return acting, about, tx.acknowledge(session, alert, note)
	})
}

// alert finds an event that is one. Error: ErrNotFound.
func (t *tx) alert(id string) (audit.Entry, error) {
	var entry audit.Entry
	err := t.Where("jti = ?", id).First(&entry).Error
	if err == nil && !slices.Contains(alertTypes(), audit.Type(entry.Type)) {
		err = ErrNotFound
	}
	return entry, lost(err)
}

// mayLookAt refuses who is, or may be, a party to it. Errors: ErrOwnAlert, ErrOwnAccount,
// ErrOwnAccountUnknown.
func (t *tx) mayLookAt(session StaffSession, alert audit.Entry) error {
	if alert.StaffID == session.StaffID {
		return ErrOwnAlert
	}
	if alert.AccountID == "" {
		return nil
	}
	own, err := t.ownAccount(session.StaffID, alert.AccountID)
	if err == nil && own {
		err = ErrOwnAccount
	}
	if err == nil {
		err = t.ownAccountKnown(session.StaffID)
	}
	return err
}

// acknowledge keeps who was first: of two at the same moment the second waits for the
// first one's row, and finds it. Error: ErrLookedAt.
func (t *tx) acknowledge(session StaffSession, alert audit.Entry, note string) error {
	result := t.Clauses(clause.OnConflict{DoNothing: true}).Create(&AlertAcknowledgement{
		EventID: alert.ID, StaffID: session.StaffID, SessionID: session.ID, Note: note, CreatedAt: t.now,
	})
	if result.Error != nil {
		return result.Error
	}
	if result.RowsAffected == 0 {
		return ErrLookedAt
	}
	_, err := t.record(audit.Event{Type: audit.AlertAcknowledged, Subject: alert.AccountID, Transaction: alert.Transaction, Facts: audit.Facts{
		Actor: &audit.Actor{Staff: session.StaffID}, Session: session.ID, Event: alert.ID, Reason: alert.Type,
		DeviceAuthorization: alert.DeviceAuthorizationID,
	}})
	return err
}
