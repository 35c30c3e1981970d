package models

import (
	"context"
	"errors"

	"countersign/oauth"
)

// Refreshment is a checked refresh request of an authenticated client (RFC 6749
// section 6).
type Refreshment struct {
	ClientID     string
	RefreshToken string
	Thumbprint   string
	Scope        oauth.Scope // empty: all that was granted
	Audience     string
	Proofs       []UsedProof
}

// Refresh makes a new access token. The refresh token stays (FAPI 2.0), its idle end
// moves on. Errors: ErrUnknownToken (also another client's, or an expired one),
// ErrWrongKey, ErrBindingRevoked, ErrAccountNotActive, ErrReplayed, an *oauth.Error
// with invalid_scope.
func (s *Store) Refresh(ctx context.Context, r Refreshment) (Tokens, error) {
	var tokens Tokens
	var refused error
	err := s.write(ctx, func(tx *tx) error {
		refused = nil
		token, err := tx.refreshToken(r)
		if errors.Is(err, ErrWrongKey) {
			refused = err
			return tx.wrongKey(token, r)
		}
		if err != nil {
			return err
		}
		binding, err := tx.liveBinding("id = ?", token.BindingID)
		if err != nil {
			return err
		}
		// The answer may have been given again while we waited for the binding.
		if token, err = tx.refreshToken(r); err != nil {
			return err
		}
		scope, err := narrow(token.Scope, r.Scope)
		if err != nil {
			return err
		}
		if err := tx.useProofs(r.Proofs); err != nil {
			return err
		}
		if err := tx.Model(&RefreshToken{}).Where("token_hash = ?", token.TokenHash).Updates(map[string]any{
			"last_used_at": tx.now, "idle_until": tx.now.Add(s.policy.RefreshTokenIdle),
		}).Error; err != nil {
			return err
		}
		if err := tx.markUsed(binding.ID); err != nil {
			return err
		}
		tokens, err = s.newAccessToken(binding, r.Thumbprint, r.Audience, scope, tx.now)
		return err
	})
	if err == nil {
		err = refused
	}
	return tokens, err
}

func (t *tx) refreshToken(r Refreshment) (RefreshToken, error) {
	var token RefreshToken
	err := t.Where("token_hash = ? AND client_id = ?", oauth.HashRefreshToken(r.RefreshToken), r.ClientID).
		Limit(1).Find(&token).Error
	switch {
	case err != nil:
		return token, err
	case token.TokenHash == "" || !token.live(t.now):
		return token, ErrUnknownToken
	case token.JWKThumbprint != r.Thumbprint:
		return token, ErrWrongKey
	}
	return token, nil
}

func (r RefreshToken) live(now Instant) bool { return now < r.IdleUntil && now < r.ExpiresAt }

// narrow holds a requested scope to what was granted: never more.
func narrow(granted string, wanted oauth.Scope) (string, error) {
	if len(wanted) == 0 {
		return granted, nil
	}
	all, refusal := oauth.ParseScope(granted)
	if refusal != nil {
		return "", refusal
	}
	if !wanted.Within(all) {
		return "", oauth.Errorf(oauth.ErrInvalidScope, "ask for no more than was granted: %s", granted)
	}
	return wanted.String(), nil
}
