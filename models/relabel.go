package models

import (
	"context"
	"errors"

	"countersign/audit"
	"countersign/oauth"
)

// RelabelBinding gives a binding another label (draft-richer-oauth-instance-00 section
// 2: the person may edit it, here through staff). What the device called itself stays
// with its request. A supervisor may, and an operator at an open counter. Errors: an
// *oauth.Error (the label is not fit to be shown), ErrNotFound, ErrSessionEnded,
// ErrNotAllowed, ErrNoCounter.
func (s *Store) RelabelBinding(ctx context.Context, sessionID, bindingID, label string) error {
	if refusal := oauth.CheckLabel(label); refusal != nil {
		return refusal
	}
	return s.write(ctx, func(tx *tx) error {
		facts, err := tx.mayRelabel(sessionID)
		if err != nil {
			return err
		}
		var binding Binding
		if err := tx.held().Where("id = ?", bindingID).First(&binding).Error; err != nil {
			return lost(err)
		}
		if binding.Label == label {
			return nil
		}
		if err := tx.Model(&Binding{}).Where("id = ?", bindingID).Update("label", label).Error; err != nil {
			return err
		}
		facts.Client, facts.Binding, facts.DeviceAuthorization = binding.ClientID, binding.ID, binding.DeviceAuthorizationID
		_, err = tx.record(audit.Event{Type: audit.DeviceBindingRelabelled, Subject: binding.AccountID,
			Transaction: binding.DeviceAuthorizationID, Facts: facts})
		return err
	})
}

func (t *tx) mayRelabel(sessionID string) (audit.Facts, error) {
	session, err := t.session(sessionID, Supervisor)
	if errors.Is(err, ErrNotAllowed) {
		desk, err := t.desk(sessionID)
		return desk.facts(), err
	}
	return audit.Facts{Actor: &audit.Actor{Staff: session.StaffID}, Session: session.ID}, err
}
