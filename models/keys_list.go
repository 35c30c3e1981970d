package models

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/go-jose/go-jose/v4"
)

// inOrder puts the key that signs first, then the one that will, then the retired ones,
// newest first.
const inOrder = "CASE status WHEN 'current' THEN 0 WHEN 'next' THEN 1 ELSE 2 END, created_at DESC, id"

// AccessTokenKeys is the JWKS to publish (RFC 8414 jwks_uri), and what a token is held
// against: the key that signs, the one that will sign next, and the retired ones whose
// tokens may still live.
func (s *Store) AccessTokenKeys(ctx context.Context) (jose.JSONWebKeySet, error) {
	return s.publicKeys(ctx, "purpose = ? AND (status <> ? OR in_use_until > ?)", KeyAccessToken, KeyRetired, At(s.now()))
}

// AuditKeys are the keys that events may be signed with: every one there ever was.
func (d *Database) AuditKeys(ctx context.Context) (jose.JSONWebKeySet, error) {
	return d.publicKeys(ctx, "purpose = ?", KeyAudit)
}

func (d *Database) publicKeys(ctx context.Context, where string, args ...any) (jose.JSONWebKeySet, error) {
	var rows []ServerKey
	var set jose.JSONWebKeySet
	if err := d.read.WithContext(ctx).Where(where, args...).Order(inOrder).Find(&rows).Error; err != nil {
		return set, err
	}
	for _, row := range rows {
		var key jose.JSONWebKey
		if err := json.Unmarshal([]byte(row.PublicJWK), &key); err != nil {
			return set, fmt.Errorf("key %s: %w", row.ID, err)
		}
		set.Keys = append(set.Keys, key)
	}
	return set, nil
}

// Keys lists every key of the server, by purpose. It needs no master key.
func (d *Database) Keys(ctx context.Context) ([]ServerKey, error) {
	var rows []ServerKey
	err := d.read.WithContext(ctx).Order("purpose, " + inOrder).Find(&rows).Error
	return rows, err
}

// Ended says that the key was ended for good: its private half is gone.
func (k ServerKey) Ended() bool { return k.Sealed == "" }
