package models

import (
	"context"

	"countersign/audit"
	"countersign/oauth"
)

// RelabelBinding gives a binding another label (draft-richer-oauth-instance-00
// §2: the person may edit it, here through staff). What the device called itself stays
// with its request. A supervisor may; so may an operator at an open counter who approved
// the binding, or whose session holds a matched request of its account right now: the
// customer is in front of them. Errors: an *oauth.Error (the label is not fit to be
// shown), ErrOwnAccount, ErrNotFound, ErrSessionEnded, ErrNotAllowed,
// ErrNoCounter.
func (s *Store) RelabelBinding(ctx context.Context, sessionID, bindingID, label string) error {
	if refusal := oauth.CheckLabel(label); refusal != nil {
		return refusal
	}
	return s.write(ctx, func(tx *tx) error {
		who, err := tx.supervisorOrOperator(sessionID)
		if err != nil {
			return err
		}
		var binding Binding
		if err := tx.forUpdate().Where("id = ?", bindingID).First(&binding).Error; err != nil {
			return notFound(err)
		}
		if err := tx.notOwnAccount(who, binding.AccountID); err != nil {
			return err
		}
		if who.role == Operator {
			if err := tx.mayRelabel(who, binding); err != nil {
				return err
			}
		}
		if binding.Label == label {
			return nil
		}
		if err := tx.Model(&Binding{}).Where("id = ?", bindingID).Update("label", label).Error; err != nil {
			return err
		}
		facts := who.facts()
		facts.Client, facts.Binding, facts.DeviceAuthorization = binding.ClientID, binding.ID, binding.DeviceAuthorizationID
		_, err = tx.record(audit.Event{Type: audit.DeviceBindingRelabelled, Subject: binding.AccountID,
			Transaction: binding.DeviceAuthorizationID, Facts: facts, Details: changed(audit.DetailLabel, binding.Label, label)})
		return err
	})
}

// mayRelabel lets an operator name what they approved, or what belongs to the account of
// their visit. Error: ErrNotAllowed.
func (t *tx) mayRelabel(who actor, binding Binding) error {
	var theirs int64
	err := t.Table("device_authorizations AS d").Where(
		`(d.id = ? AND d.decided_staff_id = ?) OR (d.account_id = ? AND d.state IN ? AND d.claim_session_id = ?
			AND d.claim_until > ? AND d.pending_until > ? AND NOT `+endedByRule+")",
		binding.DeviceAuthorizationID, who.staff, binding.AccountID, claimedStates(), who.session, t.now, t.now,
	).Count(&theirs).Error
	if err == nil && theirs == 0 {
		err = ErrNotAllowed
	}
	return err
}
