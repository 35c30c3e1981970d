package models

import (
	"context"

	"countersign/oauth"
)

// CheckInitialToken refuses a registration early, before anything else of it is looked
// at: RegisterClient judges again. Error: ErrInitialToken.
func (s *Store) CheckInitialToken(ctx context.Context, token string) error {
	_, err := s.reader(ctx).initialToken(token)
	return err
}

// initialToken finds the token that a registration brings, held until it is used; none
// at all where none is needed and none came. Error: ErrInitialToken.
func (t *tx) initialToken(token string) (RegistrationToken, error) {
	if token == "" && t.store.policy.Registration != RegistrationByToken {
		return RegistrationToken{}, nil
	}
	var row RegistrationToken
	err := t.forUpdate().Where("token_hash = ?", oauth.HashRegistrationToken(token)).Limit(1).Find(&row).Error
	if err == nil && !row.usable(t.now) {
		err = ErrInitialToken
	}
	return row, err
}

func (r RegistrationToken) usable(now Instant) bool {
	return r.ID != "" && r.UsedAt == 0 && r.RevokedAt == 0 && now < r.ExpiresAt
}

// useInitialToken spends it on the client that was just made.
func (t *tx) useInitialToken(token RegistrationToken, clientID string) error {
	if token.ID == "" {
		return nil
	}
	result := t.Model(&RegistrationToken{}).Where("id = ? AND used_at = 0 AND revoked_at = 0", token.ID).
		Updates(map[string]any{"used_at": t.now, "client_id": clientID})
	if result.Error == nil && result.RowsAffected == 0 {
		return ErrInitialToken
	}
	return result.Error
}
