package models

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"countersign/audit"
	"countersign/oauth"

	"github.com/go-jose/go-jose/v4"
	"gorm.io/gorm"
)

// openKeys opens the server's keys, or makes the first ones in a database that has
// none. Two processes may start at once: the loser of the race opens the winner's.
func (s *Store) openKeys(ctx context.Context, masterKey []byte) error {
	s.keys.masterKey = masterKey
	rows, err := s.activeKeys(ctx)
	if err != nil {
		return err
	}
	if len(rows) == 0 {
		if err := s.makeFirstKeys(ctx); err != nil && !errors.Is(err, gorm.ErrDuplicatedKey) {
			return err
		}
		if rows, err = s.activeKeys(ctx); err != nil {
			return err
		}
	}
	if err := s.takeKeys(rows); err != nil {
		return err
	}
	// A database from before keys took turns has no next keys and no key for nonces.
	// Nothing hangs on those, so that they are made; every other one would be missed.
	if len(missingKeys(rows)) == 0 {
		return nil
	}
	if err := s.makeMissingKeys(ctx); err != nil {
		return err
	}
	if rows, err = s.activeKeys(ctx); err != nil {
		return err
	}
	return s.takeKeys(rows)
}

// takeKeys opens every key and puts it in its place. A key that does not open stops the
// start, a next one too.
func (s *Store) takeKeys(rows []ServerKey) error {
	s.keys.mu.Lock()
	defer s.keys.mu.Unlock()
	signing, err := s.openSigningKeys(rows, s.now())
	if err != nil {
		return err
	}
	if signing.unreadable != nil {
		return signing.unreadable
	}
	s.keys.signing.Store(signing)
	for _, row := range rows {
		secret := s.keys.opened[row.ID]
		switch row.Purpose {
		case keyUserCode:
			s.keys.userCode = secret
		case keyDocumentNumber:
			s.keys.documentNumber = secret
		case keyDPoPNonce:
			s.keys.nonces = oauth.Nonces{Key: secret}
		}
	}
	if s.keys.userCode == nil || s.keys.documentNumber == nil {
		return fmt.Errorf("the key for user codes or for document numbers is missing; restore it from a backup")
	}
	return nil
}

// wantedKey is a key that there has to be.
type wantedKey struct{ purpose, status string }

// missingKeys lists what there has to be beside rows.
func missingKeys(rows []ServerKey) []wantedKey {
	var missing []wantedKey
	for _, purpose := range keyPurposes() {
		for _, status := range []string{KeyCurrent, KeyNext} {
			if status == KeyNext && !slices.Contains(SigningPurposes(), purpose) {
				continue
			}
			if !slices.ContainsFunc(rows, func(k ServerKey) bool { return k.Purpose == purpose && k.Status == status }) {
				missing = append(missing, wantedKey{purpose, status})
			}
		}
	}
	return missing
}

// makeFirstKeys makes every key, in one transaction with their events, which the first
// audit key among them signs.
func (s *Store) makeFirstKeys(ctx context.Context) error {
	return s.write(ctx, func(tx *tx) error {
		rows, err := tx.createKeys(missingKeys(nil))
		if err != nil {
			return err
		}
		s.keys.mu.Lock()
		signing, err := s.openSigningKeys(rows, tx.now.Time())
		s.keys.mu.Unlock()
		if err != nil {
			return err
		}
		s.keys.signing.Store(signing)
		return tx.recordCreated(rows, "start")
	})
}

func (s *Store) makeMissingKeys(ctx context.Context) error {
	return s.write(ctx, func(tx *tx) error {
		if err := tx.lockKeys(); err != nil {
			return err
		}
		var rows []ServerKey
		if err := tx.Where("status <> ?", KeyRetired).Find(&rows).Error; err != nil {
			return err
		}
		made, err := tx.createKeys(missingKeys(rows))
		if err != nil {
			return err
		}
		return tx.recordCreated(made, "start")
	})
}

// lockKeys lets one change of the keys happen at a time, and holds it to the master
// key: a process that was started before the keys were sealed anew must not make one
// that nobody else can open. The row that everybody locks is one that is never replaced.
// Error: ErrMasterKey.
func (t *tx) lockKeys() error {
	var anchor ServerKey
	if err := t.held().Where("purpose = ? AND status = ?", keyUserCode, KeyCurrent).First(&anchor).Error; err != nil {
		return err
	}
	_, err := unseal(t.store.keys.masterKey, anchor.Sealed, anchor.label())
	return err
}

func (t *tx) createKeys(wanted []wantedKey) ([]ServerKey, error) {
	var rows []ServerKey
	for _, want := range wanted {
		row, err := newServerKey(t.store.rand, t.store.keys.masterKey, want, t.now)
		if err != nil {
			return nil, err
		}
		if err := t.Create(&row).Error; err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	return rows, nil
}

func (t *tx) recordCreated(rows []ServerKey, system string) error {
	for _, row := range rows {
		if err := t.recordKey(audit.SigningKeyCreated, row.ID, row.Purpose, system); err != nil {
			return err
		}
	}
	return nil
}

func (t *tx) recordKey(kind audit.Type, id, reason, system string) error {
	_, err := t.record(audit.Event{Type: kind, Facts: audit.Facts{
		Actor: &audit.Actor{System: system}, Key: id, Reason: reason,
	}})
	return err
}

func newServerKey(rand io.Reader, masterKey []byte, want wantedKey, now Instant) (ServerKey, error) {
	id, err := newID(rand)
	if err != nil {
		return ServerKey{}, err
	}
	row := ServerKey{ID: id, Purpose: want.purpose, Status: want.status, CreatedAt: now}
	if want.status == KeyCurrent {
		row.ActivatedAt = now
	}
	var secret []byte
	switch want.purpose {
	case KeyAccessToken, KeyAudit:
		row.Algorithm = string(jose.ES256)
		secret, row.PublicJWK, err = newSigningKey(rand, id)
	default:
		row.Algorithm = "HS256"
		secret = make([]byte, 32)
		_, err = io.ReadFull(rand, secret)
	}
	if err != nil {
		return ServerKey{}, err
	}
	row.Sealed, err = seal(rand, masterKey, secret, row.label())
	return row, err
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
