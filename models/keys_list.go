package models

import (
	"context"
	"errors"
	"slices"

	"countersign/models/keys"

	"github.com/go-jose/go-jose/v4"
)

// inOrder puts the key that signs first, then the one that will, then the retired ones,
// newest first.
const inOrder = "CASE status WHEN 'current' THEN 0 WHEN 'next' THEN 1 ELSE 2 END, created_at DESC, id"

// ErrNextKeyUnknown says that the keys took a turn after they were sealed with another master key: this process still signs rightly, and
// cannot tell whether the next key is forged. Published without it, tokens would be refused later by those who kept the answer.
var ErrNextKeyUnknown = errors.New("this process has an old master key and does not know the next key: another process publishes it")

// PublishedKeys is the JWKS to publish (RFC 8414 jwks_uri): AccessTokenKeys, and all of them. Errors: those, ErrNextKeyUnknown.
func (s *Store) PublishedKeys(ctx context.Context) (jose.JSONWebKeySet, error) {
	return s.accessTokenKeys(ctx, true)
}

// AccessTokenKeys is what a token is held against: the key that signs, the one that will sign next, and the retired ones
// whose tokens may still live. Error: *UnavailableError with OldMasterKey, when this process cannot tell which are right.
func (s *Store) AccessTokenKeys(ctx context.Context) (jose.JSONWebKeySet, error) {
	return s.accessTokenKeys(ctx, false)
}

func (s *Store) accessTokenKeys(ctx context.Context, withNext bool) (jose.JSONWebKeySet, error) {
	return s.publicKeys(ctx, withNext, "purpose = ? AND (status <> ? OR in_use_until > ?)", keys.AccessToken, keys.Retired, At(s.now()))
}

// AuditKeys are the keys that events may be signed with: every one there ever was. Error: *UnavailableError with OldMasterKey.
func (s *Store) AuditKeys(ctx context.Context) (jose.JSONWebKeySet, error) {
	return s.publicKeys(ctx, false, "purpose = ?", keys.Audit)
}

// publicKeys leaves out what is not authentic. With an old master key this process cannot tell a key that was made since from a
// forged one: where such a key may have signed, or would be missed among the published ones, it says nothing, since another process can.
func (s *Store) publicKeys(ctx context.Context, withNext bool, where string, args ...any) (jose.JSONWebKeySet, error) {
	rows, err := s.keysWhere(ctx, where, args...)
	if err != nil {
		return jose.JSONWebKeySet{}, err
	}
	if s.inauthentic(rows) != nil {
		active, err := s.activeRows(ctx) // perhaps they were sealed anew since this process last looked
		if err != nil {
			return jose.JSONWebKeySet{}, err
		}
		unknown := func(next bool) bool {
			return slices.ContainsFunc(rows, func(row ServerKey) bool { return !s.authentic(row) && (row.Status == keys.Next) == next })
		}
		switch old := s.checkMasterKey(active); {
		case old == nil:
		case unknown(false):
			return jose.JSONWebKeySet{}, &UnavailableError{Outage: OldMasterKey, cause: old}
		case withNext && unknown(true):
			return jose.JSONWebKeySet{}, ErrNextKeyUnknown
		}
	}
	return keys.PublicSet(keysOf(slices.DeleteFunc(rows, func(row ServerKey) bool { return !s.authentic(row) })))
}

// AuditKeys are the audit keys as the database has them. It needs no master key, so that nothing says that they are authentic.
func (d *Database) AuditKeys(ctx context.Context) (jose.JSONWebKeySet, error) {
	rows, err := d.keysWhere(ctx, "purpose = ?", keys.Audit)
	if err != nil {
		return jose.JSONWebKeySet{}, err
	}
	return keys.PublicSet(keysOf(rows))
}

func (d *Database) keysWhere(ctx context.Context, where string, args ...any) ([]ServerKey, error) {
	var rows []ServerKey
	err := d.read.WithContext(ctx).Where(where, args...).Order(inOrder).Find(&rows).Error
	return rows, err
}

// Keys lists every key of the server, by purpose. It needs no master key.
func (d *Database) Keys(ctx context.Context) ([]ServerKey, error) {
	var rows []ServerKey
	err := d.read.WithContext(ctx).Order("purpose, " + inOrder).Find(&rows).Error
	return rows, err
}
