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
	err := s.writePastTrail(ctx, func(tx *tx) (err error) {
		usual, is, err := tx.usually(r)
		switch {
		case err != nil:
		case is:
			tokens, err = tx.redeem(usual.binding, usual.software, r)
		default:
			tokens, err = tx.redeemJudged(r)
		}
		return err
	})
	return tokens, err
}

// redeemJudged is Redeem step by step.
func (t *tx) redeemJudged(r Redemption) (Tokens, error) {
	if err := t.seeTrail(); err != nil {
		return Tokens{}, err
	}
	d, err := t.redeemable(r)
	if err != nil {
		return Tokens{}, err
	}
	if err := t.useProofs(r.Proofs); err != nil {
		return Tokens{}, err
	}
	binding, err := t.liveBinding("device_authorization_id = $1", d.ID)
	if errors.Is(err, ErrAccountNotActive) && d.State == Redeemed {
		return Tokens{}, t.replayedMeanwhile(d, binding, r)
	}
	if err != nil {
		return Tokens{}, err
	}
	if d.State == Redeemed {
		return t.reissue(d, binding, r)
	}
	software, err := t.softwareOf(binding.ClientID)
	if err != nil {
		return Tokens{}, err
	}
	return t.redeem(binding, software, r)
}

// redeem consumes what has been judged, and makes its tokens.
func (t *tx) redeem(binding Binding, software Software, r Redemption) (Tokens, error) {
	id := binding.DeviceAuthorizationID
	if err := t.move(id, updateRedeemed, []any{t.now}, t.now); err != nil {
		return Tokens{}, err
	}
	if _, err := t.do("UPDATE bindings SET redeemed_at = $1 WHERE id = $2", t.now, binding.ID); err != nil {
		return Tokens{}, err
	}
	tokens, err := t.mint(binding, software, r.Thumbprint, r.Audience)
	if err != nil {
		return Tokens{}, err
	}
	if err := t.notifyOf(NoticeRedeemed, binding.AccountID, id); err != nil {
		return Tokens{}, err
	}
	return tokens, t.recordRedemption(binding, r, "")
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
