package models

import (
	"context"

	"countersign/audit"
)

// Recall takes an approval back before the phone redeems it: the request is declined
// and its binding revoked. A supervisor's act, never on their own account. Errors:
// *StateConflictError (redeemed already: revoke the binding instead), ErrOwnAccount,
// ErrNotFound, ErrSessionEnded, ErrNotAllowed.
func (s *Store) Recall(ctx context.Context, sessionID, id, reason string) error {
	return s.write(ctx, func(tx *tx) error {
		session, err := tx.session(sessionID, Supervisor)
		if err != nil {
			return err
		}
		err = tx.move(id, transitionRecall, map[string]any{"decline_reason": "recalled"}, "redeem_until > ?", tx.now)
		if err != nil {
			return err
		}
		var binding Binding
		if err := tx.Where("device_authorization_id = ?", id).First(&binding).Error; err != nil {
			return lost(err)
		}
		if own, err := tx.ownAccount(session.StaffID, binding.AccountID); err != nil {
			return err
		} else if own {
			return ErrOwnAccount
		}
		facts := audit.Facts{Actor: &audit.Actor{Staff: session.StaffID}, Session: sessionID, Reason: reason,
			Client: binding.ClientID, DeviceAuthorization: id, Binding: binding.ID}
		_, err = tx.record(audit.Event{Type: audit.DeviceBindingRecalled, Subject: binding.AccountID, Transaction: id, Facts: facts})
		if err != nil {
			return err
		}
		return tx.revoke(binding, audit.Facts{Actor: &audit.Actor{Staff: session.StaffID}, Session: sessionID, Reason: "recalled"})
	})
}

// BindingOf finds the binding that a request's approval made. Error: ErrNotFound.
func (s *Store) BindingOf(ctx context.Context, deviceAuthorizationID string) (Binding, error) {
	var row Binding
	err := s.reading(ctx).Where("device_authorization_id = ?", deviceAuthorizationID).First(&row).Error
	return row, lost(err)
}
