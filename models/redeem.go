package models

import (
	"context"
	"errors"
	"time"

	"countersign/audit"
	"countersign/oauth"
)

// Redemption is a checked token request of an authenticated client for an approved
// device code (RFC 8628 section 3.4).
type Redemption struct {
	ClientID   string
	DeviceCode string
	Thumbprint string // DPoP key of the request; tokens get bound to it
	Audience   string // the resource that the access token is to be for; "": the first one granted
	Address    string
	Proofs     []UsedProof
}

// Tokens is what the phone gets (RFC 6749 section 5.1). RefreshToken is "" after a
// refresh: it is not rotated.
type Tokens struct {
	AccessToken  string
	RefreshToken string
	ExpiresIn    time.Duration
	Scope        string
	BindingID    string

	accessTokenID string
}

// Redeem trades an approved device code for tokens, once. It reads straight down:
// find, check the key, check expiry and state, check account and binding, consume,
// mint. A code that was redeemed already goes to reissue. Errors:
// ErrUnknownDeviceCode, ErrWrongKey, *StateConflictError, ErrTooSoon,
// ErrAccountNotActive, ErrClientNotActive, ErrBindingRevoked, ErrReplayed, an *oauth.Error
// with invalid_scope.
func (s *Store) Redeem(ctx context.Context, r Redemption) (Tokens, error) {
	var tokens Tokens
	err := s.write(ctx, func(tx *tx) error {
		d, err := tx.redeemable(r)
		if err != nil {
			return err
		}
		if err := tx.useProofs(r.Proofs); err != nil {
			return err
		}
		binding, err := tx.liveBinding("device_authorization_id = ?", d.ID)
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
		if err := tx.move(d.ID, transitionRedeem, map[string]any{"redeemed_at": tx.now}, "redeem_until > ?", tx.now); err != nil {
			return err
		}
		if err := tx.Model(&Binding{}).Where("id = ?", binding.ID).Update("redeemed_at", tx.now).Error; err != nil {
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

// replayedMeanwhile judges a redemption that comes again while the account is not active:
// no tokens, whatever it is; but a replay is one now as well, or the tokens would live
// again with the account (design section 4.8).
func (t *tx) replayedMeanwhile(d DeviceAuthorization, binding Binding, r Redemption) error {
	_, err := t.again(d, binding, r)
	if err == nil || errors.Is(err, ErrTooSoon) {
		return ErrAccountNotActive
	}
	return err
}

func (t *tx) recordRedemption(binding Binding, r Redemption, reason string) error {
	_, err := t.record(audit.Event{Type: audit.DeviceBindingRedeemed, Subject: binding.AccountID,
		Transaction: binding.DeviceAuthorizationID, Facts: audit.Facts{
			Actor: &audit.Actor{Client: r.ClientID}, Client: r.ClientID, KeyThumbprint: r.Thumbprint,
			DeviceAuthorization: binding.DeviceAuthorizationID, Binding: binding.ID, Scope: binding.Scope,
			Reason: reason, Address: r.Address,
		}})
	return err
}

// redeemable finds the client's request and holds it to the key that asked for it. Of
// several redemptions at once the later ones wait here and then see the first one's. It
// holds the row as well: who loses a race must see the redemption that won, and so be
// too soon instead of a replay.
func (t *tx) redeemable(r Redemption) (DeviceAuthorization, error) {
	var d DeviceAuthorization
	err := t.held().Where("device_code_hash = ? AND client_id = ?", oauth.HashDeviceCode(r.DeviceCode), r.ClientID).
		Limit(1).Find(&d).Error
	t.waited()
	switch {
	case err != nil:
		return d, err
	case d.ID == "":
		return d, ErrUnknownDeviceCode
	case d.JWKThumbprint != "" && d.JWKThumbprint != r.Thumbprint:
		return d, ErrWrongKey
	case d.State != Redeemed && d.PhaseAt(t.now) != Phase(Approved):
		return d, t.conflict(d.ID, transitionRedeem)
	}
	return d, nil
}

// liveBinding finds a binding and holds it to its account and client: suspended,
// locked or disabled means no tokens (attacks.md row 2), also when that happens at this
// very moment. The binding comes with its refusal too. Errors: ErrNotFound, ErrBindingRevoked, ErrAccountNotActive,
// ErrClientNotActive.
func (t *tx) liveBinding(where string, args ...any) (Binding, error) {
	var binding Binding
	if err := t.held().Where(where, args...).First(&binding).Error; err != nil {
		return binding, lost(err)
	}
	if binding.RevokedAt != 0 {
		return binding, ErrBindingRevoked
	}
	if _, err := t.activeClient(binding.ClientID); err != nil {
		return binding, err
	}
	_, err := t.activeAccount(binding.AccountID)
	return binding, err
}

// mint makes the first tokens of a binding.
func (t *tx) mint(binding Binding, thumbprint, audience string) (Tokens, error) {
	scope, err := t.scopeOfTokens(binding.ClientID, binding.Scope)
	if err != nil {
		return Tokens{}, err
	}
	tokens, err := t.store.newAccessToken(binding, thumbprint, audience, scope, t.now)
	if err != nil {
		return tokens, err
	}
	if tokens.RefreshToken, err = oauth.NewRefreshToken(t.store.rand); err != nil {
		return tokens, err
	}
	policy := t.store.policy
	return tokens, t.Create(&RefreshToken{
		TokenHash: oauth.HashRefreshToken(tokens.RefreshToken), BindingID: binding.ID, ClientID: binding.ClientID,
		AccessTokenID: tokens.accessTokenID, JWKThumbprint: thumbprint, Scope: binding.Scope, CreatedAt: t.now,
		IdleUntil: t.now.Add(policy.RefreshTokenIdle), ExpiresAt: t.now.Add(policy.RefreshTokenLifetime),
	}).Error
}

// newAccessToken signs an RFC 9068 token: its subject is the account, never anybody
// of the staff.
func (s *Store) newAccessToken(binding Binding, thumbprint, audience, scope string, now Instant) (Tokens, error) {
	resource, scope, err := s.target(binding, audience, scope)
	if err != nil {
		return Tokens{}, err
	}
	id, err := newID(s.rand)
	if err != nil {
		return Tokens{}, err
	}
	raw, err := oauth.SignAccessToken(oauth.AccessToken{
		Issuer: s.issuer, Subject: binding.AccountID, ClientID: binding.ClientID, Audience: resource.URI,
		ID: id, Scope: scope, Thumbprint: thumbprint, BindingID: binding.ID,
		IssuedAt: now.Time(), ExpiresAt: now.Add(s.policy.AccessTokenLifetime).Time(),
	}, s.keys.AccessTokenSigner())
	return Tokens{AccessToken: raw, ExpiresIn: s.policy.AccessTokenLifetime, Scope: scope, BindingID: binding.ID, accessTokenID: id}, err
}

// isDead says that a binding stands no longer, which is no fault.
func isDead(err error) bool {
	return errors.Is(err, ErrBindingRevoked) || errors.Is(err, ErrAccountNotActive) || errors.Is(err, ErrClientNotActive)
}

// ReplayedRedemption is called when a redeemed device code comes back with a valid
// proof of its client: the binding's tokens die and the trail says so (design
// section 4.8). A binding that has ended already raises no further alert. Error: ErrReplayed (what paid for it has paid before).
func (s *Store) ReplayedRedemption(ctx context.Context, d DeviceAuthorization, address string, proofs []UsedProof) error {
	return s.write(ctx, func(tx *tx) error {
		if err := tx.useProofs(proofs); err != nil {
			return err
		}
		binding, err := tx.liveBinding("device_authorization_id = ?", d.ID)
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
		return tx.revoke(binding, audit.Facts{Actor: &audit.Actor{System: "token endpoint"}, Reason: "redemption replayed"})
	})
}
