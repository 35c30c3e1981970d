package models

import (
	"context"

	"countersign/audit"
)

// Recall takes an approval back before the phone redeems it: the request is declined
// and its binding revoked. A supervisor's act, never on their own account; a refusal is
// recorded. Errors: *StateConflictError (redeemed already: revoke the binding instead),
// ErrOwnAccount, ErrNotFound, ErrSessionEnded, ErrNotAllowed.
func (s *Store) Recall(ctx context.Context, sessionID, id, reason string) error {
	return s.refusable(ctx, func(tx *tx) (desk, DeviceAuthorization, error) {
		session, err := tx.session(sessionID, Supervisor)
		acting := desk{session: session.ID, staff: session.StaffID}
		if err != nil {
			return acting, DeviceAuthorization{}, err
		}
		d, err := tx.deviceAuthorization(id)
		if err == nil && d.AccountID == nil { // belongs to nobody: as if it were not there
			err = ErrNotFound
		}
		if err == nil {
			err = tx.recall(session, d, reason)
		}
		return acting, d, err
	})
}

func (t *tx) recall(session StaffSession, d DeviceAuthorization, reason string) error {
	if own, err := t.ownAccount(session.StaffID, *d.AccountID); err != nil {
		return err
	} else if own {
		return ErrOwnAccount
	}
	err := t.move(d.ID, transitionRecall, map[string]any{"decline_reason": "recalled"}, "redeem_until > ?", t.now)
	if err != nil {
		return err
	}
	var binding Binding
	if err := t.Where("device_authorization_id = ?", d.ID).First(&binding).Error; err != nil {
		return lost(err)
	}
	facts := audit.Facts{Actor: &audit.Actor{Staff: session.StaffID}, Session: session.ID, Reason: reason,
		Client: binding.ClientID, DeviceAuthorization: d.ID, Binding: binding.ID}
	if _, err := t.record(audit.Event{Type: audit.DeviceBindingRecalled, Subject: binding.AccountID, Transaction: d.ID, Facts: facts}); err != nil {
		return err
	}
	return t.revoke(binding, audit.Facts{Actor: &audit.Actor{Staff: session.StaffID}, Session: session.ID, Reason: "recalled"})
}

// BindingOf finds the binding that a request's approval made. Error: ErrNotFound.
func (s *Store) BindingOf(ctx context.Context, deviceAuthorizationID string) (Binding, error) {
	var row Binding
	err := s.reading(ctx).Where("device_authorization_id = ?", deviceAuthorizationID).First(&row).Error
	return row, lost(err)
}
