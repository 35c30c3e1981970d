package models

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"countersign/audit"

	"github.com/go-jose/go-jose/v4"
	"gorm.io/gorm"
)

// What the server's keys are for.
const (
	purposeAccessToken    = "access-token"
	purposeAudit          = "audit"
	purposeUserCode       = "user-code"
	purposeDocumentNumber = "document-number"
)

// keyring holds the opened keys. It is filled once, by Open, and only read after.
type keyring struct {
	accessToken    jose.JSONWebKey
	userCode       []byte
	documentNumber []byte
	auditSigner    jose.JSONWebKey
}

// openKeys opens the server's keys, or makes the first ones in a database that has
// none. Two processes may start at once: the loser of the race opens the winner's.
func (s *Store) openKeys(ctx context.Context, masterKey []byte) error {
	rows, err := s.currentKeys(ctx)
	if err != nil {
		return err
	}
	if len(rows) == 0 {
		err := s.makeKeys(ctx, masterKey)
		if err != nil && !errors.Is(err, gorm.ErrDuplicatedKey) {
			return err
		}
		if rows, err = s.currentKeys(ctx); err != nil {
			return err
		}
	}
	return s.unsealKeys(rows, masterKey)
}

func (s *Store) currentKeys(ctx context.Context) ([]ServerKey, error) {
	var rows []ServerKey
	err := s.Database.write.WithContext(ctx).Where("status = ?", "current").Find(&rows).Error
	return rows, err
}

func (s *Store) unsealKeys(rows []ServerKey, masterKey []byte) error {
	found := map[string]bool{}
	for _, row := range rows {
		secret, err := unseal(masterKey, row.Sealed, row.Purpose+" "+row.ID)
		if err != nil {
			return err
		}
		if err := s.keys.take(row, secret); err != nil {
			return err
		}
		found[row.Purpose] = true
	}
	for _, purpose := range []string{purposeAccessToken, purposeAudit, purposeUserCode, purposeDocumentNumber} {
		if !found[purpose] {
			return fmt.Errorf("the key for %s is missing; restore it from a backup", purpose)
		}
	}
	s.log = &audit.Log{Issuer: s.issuer, Rand: s.rand, Signer: s.keys.auditSigner}
	return nil
}

// take puts one opened key in its place.
func (k *keyring) take(row ServerKey, secret []byte) error {
	switch row.Purpose {
	case purposeUserCode:
		k.userCode = secret
	case purposeDocumentNumber:
		k.documentNumber = secret
	case purposeAccessToken:
		return json.Unmarshal(secret, &k.accessToken)
	case purposeAudit:
		return json.Unmarshal(secret, &k.auditSigner)
	}
	return nil
}

// makeKeys makes one current key of every purpose, all in one transaction with
// their events.
func (s *Store) makeKeys(ctx context.Context, masterKey []byte) error {
	return s.write(ctx, func(tx *tx) error {
		var rows []ServerKey
		for _, purpose := range []string{purposeAccessToken, purposeAudit, purposeUserCode, purposeDocumentNumber} {
			row, secret, err := newServerKey(s.rand, masterKey, purpose, tx.now)
			if err != nil {
				return err
			}
			if err := tx.Create(&row).Error; err != nil {
				return err
			}
			if err := s.keys.take(row, secret); err != nil {
				return err
			}
			rows = append(rows, row)
		}
		s.log = &audit.Log{Issuer: s.issuer, Rand: s.rand, Signer: s.keys.auditSigner}
		for _, row := range rows {
			if _, err := tx.record(audit.Event{Type: audit.SigningKeyCreated, Facts: audit.Facts{
				Actor: &audit.Actor{System: "start"}, Key: row.ID, Reason: row.Purpose,
			}}); err != nil {
				return err
			}
		}
		return nil
	})
}

func newServerKey(rand io.Reader, masterKey []byte, purpose string, now Instant) (ServerKey, []byte, error) {
	id, err := newID(rand)
	if err != nil {
		return ServerKey{}, nil, err
	}
	row := ServerKey{ID: id, Purpose: purpose, Status: "current", CreatedAt: now}
	var secret []byte
	switch purpose {
	case purposeAccessToken, purposeAudit:
		row.Algorithm = string(jose.ES256)
		secret, row.PublicJWK, err = newSigningKey(rand, id)
	default:
		row.Algorithm = "HS256"
		secret = make([]byte, 32)
		_, err = io.ReadFull(rand, secret)
	}
	if err != nil {
		return ServerKey{}, nil, err
	}
	row.Sealed, err = seal(rand, masterKey, secret, purpose+" "+id)
	return row, secret, err
}

func newSigningKey(rand io.Reader, id string) (private []byte, public string, err error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand)
	if err != nil {
		return nil, "", err
	}
	jwk := jose.JSONWebKey{Key: key, KeyID: id, Algorithm: string(jose.ES256), Use: "sig"}
	if private, err = json.Marshal(jwk); err != nil {
		return nil, "", err
	}
	publicJWK, err := json.Marshal(jwk.Public())
	return private, string(publicJWK), err
}

// AccessTokenKeys is the JWKS to publish (RFC 8414 jwks_uri): the keys that access
// tokens may be signed with.
func (s *Store) AccessTokenKeys(ctx context.Context) (jose.JSONWebKeySet, error) {
	return s.publicKeys(ctx, purposeAccessToken)
}

// AuditKeys are the keys that events may be signed with.
func (d *Database) AuditKeys(ctx context.Context) (jose.JSONWebKeySet, error) {
	return d.publicKeys(ctx, purposeAudit)
}

func (d *Database) publicKeys(ctx context.Context, purpose string) (jose.JSONWebKeySet, error) {
	var rows []ServerKey
	var set jose.JSONWebKeySet
	err := d.read.WithContext(ctx).Where("purpose = ?", purpose).Order("created_at").Find(&rows).Error
	if err != nil {
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
