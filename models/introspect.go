package models

import (
	"context"
	"errors"
	"fmt"

	"countersign/oauth"
)

// Token is a live refresh token, for introspection.
type Token struct {
	RefreshToken
	AccountID string
}

// LookUpRefreshToken finds a client's own live refresh token. Error: ErrUnknownToken
// for everything else: expired, revoked, another client's, account not active.
func (s *Store) LookUpRefreshToken(ctx context.Context, clientID, token string) (Token, error) {
	var row RefreshToken
	err := s.reading(ctx).Where("token_hash = ? AND client_id = ?", oauth.HashRefreshToken(token), clientID).
		Limit(1).Find(&row).Error
	if err != nil {
		return Token{}, err
	}
	if row.TokenHash == "" || !row.live(At(s.now())) {
		return Token{}, ErrUnknownToken
	}
	binding, err := s.LiveBinding(ctx, row.BindingID)
	if errors.Is(err, ErrNotFound) || isDead(err) {
		return Token{}, ErrUnknownToken
	}
	if err != nil {
		return Token{}, err
	}
	row.Scope, err = s.ScopeNow(ctx, clientID, row.Scope)
	return Token{row, binding.AccountID}, err
}

// CheckAccessToken reports whether a token whose signature and times are right still
// stands, and notes the first use of the binding's tokens. That is the one write here,
// and it comes without the assertion or proof of the request: done again it changes
// nothing. Errors: ErrUnknownToken (revoked by itself), ErrBindingRevoked,
// ErrAccountNotActive.
func (s *Store) CheckAccessToken(ctx context.Context, token oauth.AccessToken) (Binding, error) {
	var revoked int64
	err := s.reading(ctx).Raw("SELECT count(*) FROM revoked_access_tokens WHERE jti = ?", token.ID).Scan(&revoked).Error
	if err != nil {
		return Binding{}, err
	}
	if revoked > 0 {
		return Binding{}, ErrUnknownToken
	}
	binding, err := s.LiveBinding(ctx, token.BindingID)
	if err == nil && binding.UsedAt == 0 {
		err = s.write(ctx, func(tx *tx) error { return tx.markUsed(binding.ID) })
	}
	return binding, err
}

// SignIntrospection makes an introspection answer a JWT for the caller (RFC 9701
// §5), with the key that access tokens are signed with: their types keep the two
// apart.
func (s *Store) SignIntrospection(ctx context.Context, answer oauth.Introspection, caller string) (string, error) {
	if err := s.freshKeys(ctx); err != nil {
		return "", fmt.Errorf("server keys: %w", err)
	}
	return oauth.SignIntrospection(answer, s.issuer, caller, s.now(), s.keys.AccessTokenSigner())
}
