package models

import (
	"context"

	"countersign/models/keys"

	"github.com/go-jose/go-jose/v4"
)

// inOrder puts the key that signs first, then the one that will, then the retired ones,
// newest first.
const inOrder = "CASE status WHEN 'current' THEN 0 WHEN 'next' THEN 1 ELSE 2 END, created_at DESC, id"

// AccessTokenKeys is the JWKS to publish (RFC 8414 jwks_uri), and what a token is held
// against: the key that signs, the one that will sign next, and the retired ones whose
// tokens may still live.
func (s *Store) AccessTokenKeys(ctx context.Context) (jose.JSONWebKeySet, error) {
	return s.publicKeys(ctx, "purpose = ? AND (status <> ? OR in_use_until > ?)", keys.AccessToken, keys.Retired, At(s.now()))
}

// AuditKeys are the keys that events may be signed with: every one there ever was.
func (d *Database) AuditKeys(ctx context.Context) (jose.JSONWebKeySet, error) {
	return d.publicKeys(ctx, "purpose = ?", keys.Audit)
}

func (d *Database) publicKeys(ctx context.Context, where string, args ...any) (jose.JSONWebKeySet, error) {
	var list []keys.Key
	if err := d.read.WithContext(ctx).Model(&ServerKey{}).Where(where, args...).Order(inOrder).Find(&list).Error; err != nil {
		return jose.JSONWebKeySet{}, err
	}
	return keys.PublicSet(list)
}

// Keys lists every key of the server, by purpose. It needs no master key.
func (d *Database) Keys(ctx context.Context) ([]ServerKey, error) {
	var rows []ServerKey
	err := d.read.WithContext(ctx).Order("purpose, " + inOrder).Find(&rows).Error
	return rows, err
}
