package models

import (
	"context"
	"errors"
)

// Redeem trades an approved device code for tokens, once. It reads straight down:
// find, check the key, check expiry and state, check account and binding, consume,
// mint. A code that was redeemed already goes to reissue. Errors:
// ErrUnknownDeviceCode, ErrWrongKey, *StateConflictError, ErrTooSoon,
// ErrAccountNotActive, ErrClientNotActive, ErrBindingRevoked, ErrReplayed, an *oauth.Error
// with invalid_scope.
func (s *Store) Redeem(ctx context.Context, r Redemption) (Tokens, error) {
	var tokens Tokens
	err := s.writeTogether(ctx, func(tx *tx) error {
		d, err := tx.redeemable(r)
		if err != nil {
			return err
		}
		if err := tx.useProofs(r.Proofs); err != nil {
			return err
		}
		binding, err := tx.liveBinding("device_authorization_id = $1", d.ID)
		if errors.Is(err, ErrAccountNotActive) && d.State == Redeemed {
			return tx.replayedMeanwhile(d, binding, r)
		}
		if err != nil {
			return err
		}
		if d.State == Redeemed {
			tokens, err = tx.reissue(d, binding, r)
			return err
		}
		if err := tx.move(d.ID, updateRedeemed, []any{tx.now}, tx.now); err != nil {
			return err
		}
		if _, err := tx.do("UPDATE bindings SET redeemed_at = $1 WHERE id = $2", tx.now, binding.ID); err != nil {
			return err
		}
		if tokens, err = tx.mint(binding, r.Thumbprint, r.Audience); err != nil {
			return err
		}
		if err := tx.notifyOf(NoticeRedeemed, binding.AccountID, d.ID); err != nil {
			return err
		}
		return tx.recordRedemption(binding, r, "")
	})
	return tokens, err
}

var updateRedeemed = transitionRedeem.update("redeemed_at = ?", "redeem_until > ?")

// redeemable finds the client's request and holds it to the key that asked for it. Of
// several redemptions at once the later ones wait here and then see the first one's. It
// holds the row as well: who loses a race must see the redemption that won, and so be
// too soon instead of a replay.
func (t *tx) redeemable(r Redemption) (DeviceAuthorization, error) {
	d, err := t.ofDeviceCode(r.ClientID, r.DeviceCode)
	switch {
	case err != nil:
		return d, err
	case d.ID == "":
		return d, ErrUnknownDeviceCode
	case d.JWKThumbprint != "" && d.JWKThumbprint != r.Thumbprint:
		return d, ErrWrongKey
	case d.State != Redeemed && !d.PhaseAt(t.now).Is(Approved):
		return d, t.conflict(d.ID, transitionRedeem)
	}
	return d, nil
}
