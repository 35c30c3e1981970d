package models

import (
	"context"
	"time"

	"countersign/audit"
	"countersign/oauth"
)

// MaxRegistrationTokenLifetime bounds an initial access token's life.
const MaxRegistrationTokenLifetime = 90 * 24 * time.Hour

// NewRegistrationToken is an initial access token to be made. SessionID is the
// administrator's; "" is the command.
type NewRegistrationToken struct {
	SessionID string
	Note      string
	Lifetime  time.Duration // at most MaxRegistrationTokenLifetime
}

// AddRegistrationToken makes an initial access token (RFC 7591 §3): one client
// may register with it, once. The token is in clear only in this answer. Errors:
// ErrSessionEnded, ErrNotAllowed.
func (s *Store) AddRegistrationToken(ctx context.Context, n NewRegistrationToken) (RegistrationToken, string, error) {
	token, err := oauth.NewRegistrationToken(s.rand)
	if err != nil {
		return RegistrationToken{}, "", err
	}
	var row RegistrationToken
	err = s.write(ctx, func(tx *tx) error {
		facts, err := tx.administrator(n.SessionID)
		if err != nil {
			return err
		}
		row = RegistrationToken{
			TokenHash: oauth.HashRegistrationToken(token), Note: n.Note, CreatedAt: tx.now,
			ExpiresAt: tx.now.Add(min(n.Lifetime, MaxRegistrationTokenLifetime)),
		}
		if facts.Actor.Staff != "" {
			row.StaffID = &facts.Actor.Staff
		}
		if row.ID, err = newID(s.rand); err != nil {
			return err
		}
		if err := tx.Create(&row).Error; err != nil {
			return err
		}
		facts.RegistrationToken = row.ID
		_, err = tx.record(audit.Event{Type: audit.RegistrationTokenCreated, Facts: facts})
		return err
	})
	return row, token, err
}

// RevokeRegistrationToken takes an initial access token back before it is used. Errors:
// ErrNotFound (also when it was used or revoked), ErrSessionEnded, ErrNotAllowed.
func (s *Store) RevokeRegistrationToken(ctx context.Context, sessionID, id string) error {
	return s.write(ctx, func(tx *tx) error {
		facts, err := tx.administrator(sessionID)
		if err != nil {
			return err
		}
		result := tx.Model(&RegistrationToken{}).Where("id = ? AND used_at = 0 AND revoked_at = 0", id).Update("revoked_at", tx.now)
		if result.Error != nil {
			return result.Error
		}
		if result.RowsAffected == 0 {
			return ErrNotFound
		}
		facts.RegistrationToken = id
		_, err = tx.record(audit.Event{Type: audit.RegistrationTokenRevoked, Facts: facts})
		return err
	})
}

// RegistrationTokens lists the newest 200 initial access tokens, used and unused.
func (s *Store) RegistrationTokens(ctx context.Context) ([]RegistrationToken, error) {
	var rows []RegistrationToken
	err := s.reading(ctx).Order("created_at DESC, id").Limit(200).Find(&rows).Error
	return rows, err
}

// The states of an initial access token.
const (
	TokenUnused  = "unused"
	TokenUsed    = "used"
	TokenExpired = "expired"
	TokenRevoked = "revoked"
)

// State is where an initial access token is, in one word.
func (r RegistrationToken) State(now time.Time) string {
	switch {
	case r.RevokedAt != 0:
		return TokenRevoked
	case r.UsedAt != 0:
		return TokenUsed
	case At(now) >= r.ExpiresAt:
		return TokenExpired
	}
	return TokenUnused
}
