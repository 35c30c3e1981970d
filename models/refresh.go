package models

import (
	"context"
	"errors"

	"countersign/audit"
	"countersign/audit/term"
	"countersign/oauth"
)

// Refreshment is a checked refresh request of an authenticated client (RFC 6749
// §6).
type Refreshment struct {
	ClientID     string
	RefreshToken string
	Thumbprint   string
	Scope        oauth.Scope // empty: all that was granted
	Audience     string
	Proofs       []UsedProof
}

func (r Refreshment) facts(binding Binding) audit.Facts {
	return audit.Facts{Actor: &audit.Actor{Client: r.ClientID}, Client: r.ClientID, KeyThumbprint: r.Thumbprint,
		DeviceAuthorization: binding.DeviceAuthorizationID, Binding: binding.ID}
}

// Refresh makes a new access token. The refresh token stays (FAPI 2.0), its idle end
// moves on. A proof by another key than the token's ends the binding, but not one by the
// key that the client has registered since: the token is then bound to that
// (docs/protocol.md, divergences). Errors: ErrUnknownToken (also another client's, or an
// expired one), ErrWrongKey, ErrBindingRevoked, ErrAccountNotActive, ErrReplayed, an
// *oauth.Error with invalid_scope.
func (s *Store) Refresh(ctx context.Context, r Refreshment) (Tokens, error) {
	var tokens Tokens
	var refused error
	err := s.writePastTrail(ctx, func(tx *tx) error {
		refused = nil
		token, err := tx.refreshToken(r)
		if err != nil {
			return err
		}
		binding, standing := tx.liveBinding("id = $1", token.BindingID)
		if standing != nil && !isDead(standing) {
			return standing
		}
		// The answer may have been given again while we waited for the binding.
		if tx.waits() {
			token, err = tx.refreshToken(r)
		}
		if err != nil {
			return err
		}
		moved, err := tx.hasMoved(token, r)
		if errors.Is(err, ErrWrongKey) {
			refused = err
			return tx.wrongKey(binding, r)
		}
		if err != nil {
			return err
		}
		if standing != nil {
			return standing
		}
		tokens, err = tx.refresh(binding, token, r, moved)
		return err
	})
	if err == nil {
		err = refused
	}
	return tokens, err
}

// refresh is the use of a token that stands, by a key that is right; moved says that it is
// the token's no longer, but the client's.
func (t *tx) refresh(binding Binding, token RefreshToken, r Refreshment, moved bool) (Tokens, error) {
	granted, err := t.scopeOfTokens(binding.ClientID, token.Scope)
	if err != nil {
		return Tokens{}, err
	}
	scope, err := narrow(granted, r.Scope)
	if err != nil {
		return Tokens{}, err
	}
	if err := t.useProofs(r.Proofs); err != nil {
		return Tokens{}, err
	}
	if _, err := t.do("UPDATE refresh_tokens SET last_used_at = $1, idle_until = $2, jwk_thumbprint = $3 WHERE token_hash = $4",
		t.now, t.now.Add(t.store.policy.RefreshTokenIdle), r.Thumbprint, token.TokenHash); err != nil {
		return Tokens{}, err
	}
	if moved {
		if _, err := t.record(audit.Event{Type: audit.RefreshTokenRebound, Subject: binding.AccountID,
			Transaction: binding.DeviceAuthorizationID, Facts: r.facts(binding)}); err != nil {
			return Tokens{}, err
		}
	}
	if binding.UsedAt == 0 {
		if err := t.markUsed(binding.ID); err != nil {
			return Tokens{}, err
		}
	}
	return t.store.newAccessToken(binding, r.Thumbprint, r.Audience, scope, t.now, token.ExpiresAt)
}

func (t *tx) refreshToken(r Refreshment) (RefreshToken, error) {
	token, err := ifAny(rowOf[RefreshToken](t, "WHERE token_hash = $1 AND client_id = $2", oauth.HashRefreshToken(r.RefreshToken), r.ClientID))
	if err == nil && (token.TokenHash == "" || !token.live(t.now)) {
		err = ErrUnknownToken
	}
	return token, err
}

// hasMoved holds the request to the token's key. It has moved when the request is proved
// by the key that its client has registered, and that key is another one than when the
// token was given: a phone that uses one key for everything has replaced it (RFC 7592
// §2.2, or at its jwks_uri). Any other key is ErrWrongKey.
func (t *tx) hasMoved(token RefreshToken, r Refreshment) (bool, error) {
	if token.JWKThumbprint == r.Thumbprint {
		return false, nil
	}
	client, err := rowOf[Client](t, "WHERE id = $1"+t.holding(forShare), r.ClientID)
	if err != nil {
		return false, notFound(err)
	}
	if client.JWKThumbprint != r.Thumbprint || client.KeyChangedAt < token.CreatedAt {
		return false, ErrWrongKey
	}
	return true, nil
}

// wrongKey ends a binding whose refresh token came with another key than its own, also
// while its account is not active: somebody else has the token and the client's key. A
// binding that has ended already raises no further alert.
func (t *tx) wrongKey(binding Binding, r Refreshment) error {
	if binding.RevokedAt != 0 {
		return nil
	}
	if err := t.useProofs(r.Proofs); err != nil {
		return err
	}
	if _, err := t.record(audit.Event{Type: audit.WrongKeyUsed, Subject: binding.AccountID, Transaction: binding.DeviceAuthorizationID,
		Facts: r.facts(binding)}); err != nil {
		return err
	}
	return t.revoke(binding, audit.Facts{Actor: &audit.Actor{System: string(term.SystemTokenEndpoint)}, Reason: string(term.EndingWrongKey)})
}
