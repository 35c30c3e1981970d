package models

import (
	"context"
	"errors"

	"countersign/audit"
	"countersign/oauth"
)

// RevokeRefreshToken ends the binding of a client's own refresh token, and with it
// every token of the binding (RFC 7009 section 2.1). Another client's token lives on, and
// that somebody else has it is an alert. Errors: ErrUnknownToken, ErrForeignToken,
// ErrReplayed.
func (s *Store) RevokeRefreshToken(ctx context.Context, clientID, token string, proofs []UsedProof) error {
	var foreign error
	err := s.write(ctx, func(tx *tx) error {
		foreign = nil
		if err := tx.useProofs(proofs); err != nil {
			return err
		}
		var row RefreshToken
		err := tx.Where("token_hash = ?", oauth.HashRefreshToken(token)).Limit(1).Find(&row).Error
		if err != nil {
			return err
		}
		if row.TokenHash == "" {
			return ErrUnknownToken
		}
		if row.ClientID != clientID {
			foreign = ErrForeignToken
			return tx.foreignToken(clientID, row.BindingID)
		}
		var binding Binding
		if err := tx.Where("id = ?", row.BindingID).First(&binding).Error; err != nil {
			return err
		}
		return tx.revoke(binding, audit.Facts{Actor: &audit.Actor{Client: clientID}, Client: clientID, Reason: "revoked by the client"})
	})
	if err == nil {
		err = foreign
	}
	return err
}

// RevokeAccessToken ends one verified access token of the client before its time, once.
// Another client's is treated as RevokeRefreshToken treats one. Errors: ErrForeignToken,
// ErrReplayed.
func (s *Store) RevokeAccessToken(ctx context.Context, clientID string, token oauth.AccessToken, proofs []UsedProof) error {
	if token.ClientID != clientID {
		err := s.write(ctx, func(tx *tx) error {
			if err := tx.useProofs(proofs); err != nil {
				return err
			}
			return tx.foreignToken(clientID, token.BindingID)
		})
		if err == nil {
			err = ErrForeignToken
		}
		return err
	}
	return s.write(ctx, func(tx *tx) error {
		if err := tx.useProofs(proofs); err != nil {
			return err
		}
		result := tx.Exec("INSERT INTO revoked_access_tokens (jti, expires_at) VALUES (?, ?) ON CONFLICT (jti) DO NOTHING",
			token.ID, At(token.ExpiresAt))
		if result.Error != nil || result.RowsAffected == 0 {
			return result.Error
		}
		if err := tx.markUsed(token.BindingID); err != nil {
			return err
		}
		_, err := tx.record(audit.Event{Type: audit.AccessTokenRevoked, Subject: token.Subject, Facts: audit.Facts{
			Actor: &audit.Actor{Client: token.ClientID}, Client: token.ClientID, Binding: token.BindingID,
		}})
		return err
	})
}

// revoke ends a binding, once; the event goes with it. One that is revoked already is
// left as it is.
func (t *tx) revoke(binding Binding, facts audit.Facts) error {
	result := t.Model(&Binding{}).Where("id = ? AND revoked_at = 0", binding.ID).
		Updates(map[string]any{"revoked_at": t.now, "revoke_reason": facts.Reason})
	if result.Error != nil || result.RowsAffected == 0 {
		return result.Error
	}
	if err := t.notifyOf(NoticeRevoked, binding.AccountID, binding.DeviceAuthorizationID); err != nil {
		return err
	}
	facts.Binding, facts.Client, facts.DeviceAuthorization = binding.ID, binding.ClientID, binding.DeviceAuthorizationID
	_, err := t.record(audit.Event{Type: audit.DeviceBindingRevoked, Subject: binding.AccountID,
		Transaction: binding.DeviceAuthorizationID, Facts: facts})
	return err
}

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

// CheckAccessToken says whether a token whose signature and times are right still
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

// markUsed notes the first use of a binding's tokens: the answer has arrived.
func (t *tx) markUsed(bindingID string) error {
	return t.Model(&Binding{}).Where("id = ? AND used_at = 0", bindingID).Update("used_at", t.now).Error
}

// LiveBinding finds a binding that tokens may hang on. Errors: ErrNotFound,
// ErrBindingRevoked, ErrAccountNotActive.
func (s *Store) LiveBinding(ctx context.Context, id string) (Binding, error) {
	reading := s.reader(ctx)
	return reading.liveBinding("id = ?", id)
}
