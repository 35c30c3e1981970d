package models

import (
	"context"

	"countersign/audit"
	"countersign/audit/term"
	"countersign/oauth"
)

// RevokeRefreshToken ends the binding of a client's own refresh token, and with it
// every token of the binding (RFC 7009 §2.1). Another client's token lives on, and
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
		return tx.revoke(binding, audit.Facts{
			Actor: &audit.Actor{Client: clientID}, Client: clientID, Reason: string(term.EndingRevokedByClient),
		})
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
