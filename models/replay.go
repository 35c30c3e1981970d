package models

import (
	"context"
	"errors"

	"countersign/audit"
	"countersign/audit/term"
)

// replayedMeanwhile judges a redemption that comes again while the account is not active:
// no tokens, whatever it is; but a replay is one now as well, or the tokens would live
// again with the account (docs/architecture.md §4.8).
func (t *tx) replayedMeanwhile(d DeviceAuthorization, binding Binding, r Redemption) error {
	_, err := t.lostAnswer(d, binding, r)
	if err == nil || errors.Is(err, ErrTooSoon) {
		return ErrAccountNotActive
	}
	return err
}

// ReplayedRedemption is called when a redeemed device code comes back with a valid
// proof of its client: the binding's tokens die and the trail says so
// (docs/architecture.md §4.8). A binding that has ended already raises no further alert. Error:
// ErrReplayed (what paid for it has paid before).
func (s *Store) ReplayedRedemption(ctx context.Context, d DeviceAuthorization, address string, proofs []UsedProof) error {
	return s.write(ctx, func(tx *tx) error {
		if err := tx.useProofs(proofs); err != nil {
			return err
		}
		binding, err := tx.liveBinding("device_authorization_id = $1", d.ID)
		if err != nil && !isDead(err) {
			return err
		}
		if binding.RevokedAt != 0 {
			return nil
		}
		if _, err := tx.record(audit.Event{Type: audit.RedemptionReplayed, Subject: binding.AccountID, Transaction: d.ID,
			Facts: audit.Facts{Actor: &audit.Actor{Client: d.ClientID}, Client: d.ClientID,
				DeviceAuthorization: d.ID, Binding: binding.ID, Address: address}}); err != nil {
			return err
		}
		return tx.revoke(binding, audit.Facts{Actor: &audit.Actor{System: string(term.SystemTokenEndpoint)}, Reason: string(term.EndingReplayed)})
	})
}
