package models

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"countersign/audit"
	"countersign/oauth"

	"github.com/go-jose/go-jose/v4"
)

// What the server's keys are for. The first two sign and take turns (keys_rotate.go);
// the others are HMAC keys, which do not: what they made would be lost.
const (
	KeyAccessToken    = "access-token"
	KeyAudit          = "audit"
	keyUserCode       = "user-code"
	keyDocumentNumber = "document-number"
	keyDPoPNonce      = "dpop-nonce"
)

// The statuses of a key. A next key is published before it signs; a retired one signs no
// more, but what it signed stands.
const (
	KeyNext    = "next"
	KeyCurrent = "current"
	KeyRetired = "retired"
)

// SigningPurposes are the purposes whose keys take turns.
func SigningPurposes() []string { return []string{KeyAccessToken, KeyAudit} }

func keyPurposes() []string {
	return append(SigningPurposes(), keyUserCode, keyDocumentNumber, keyDPoPNonce)
}

// keysReload is how old what a process knows of the signing keys may be before it looks
// again: so soon it picks up what another process rotated.
const keysReload = time.Minute

// keyring holds the opened keys. The HMAC keys are filled in once, by Open, and only
// read after. The signing keys change under a running process: they are a snapshot that
// is replaced as a whole.
type keyring struct {
	masterKey      []byte
	userCode       []byte
	documentNumber []byte
	nonces         oauth.Nonces

	signing atomic.Pointer[signingKeys]

	mu     sync.Mutex        // held while reloading; guards opened
	opened map[string][]byte // next and current keys by kid, so that each is opened once
}

// signingKeys is a snapshot of the keys that sign.
type signingKeys struct {
	accessToken jose.JSONWebKey
	log         *audit.Log
	loadedAt    time.Time
	unreadable  error // a next key that the master key does not open: it must not become current
}

// accessTokenSigner is the key that signs access tokens now.
func (k *keyring) accessTokenSigner() jose.JSONWebKey { return k.signing.Load().accessToken }

// log is the audit log with the key that signs events now.
func (k *keyring) log() *audit.Log { return k.signing.Load().log }

// Nonces makes and knows the nonces of DPoP proofs (RFC 9449 section 8). Every process
// of this server makes the same ones.
func (s *Store) Nonces() oauth.Nonces { return s.keys.nonces }

// freshKeys is called before each write: no process signs with keys that it last looked
// at more than a minute ago. A current key that cannot be opened is an error.
func (s *Store) freshKeys(ctx context.Context) error {
	if s.keys.signing.Load() == nil {
		return nil // Open is making the first ones
	}
	s.keys.mu.Lock()
	defer s.keys.mu.Unlock()
	if age := s.now().Sub(s.keys.signing.Load().loadedAt); 0 <= age && age < keysReload {
		return nil
	}
	return s.loadKeys(ctx)
}

// ReloadKeys looks at once for keys that another process made or rotated. It also
// complains of a next key that cannot be opened, which harms only once it is current.
func (s *Store) ReloadKeys(ctx context.Context) error {
	s.keys.mu.Lock()
	defer s.keys.mu.Unlock()
	if err := s.loadKeys(ctx); err != nil {
		return err
	}
	return s.keys.signing.Load().unreadable
}

// loadKeys replaces the snapshot. The caller holds mu.
func (s *Store) loadKeys(ctx context.Context) error {
	at := s.now()
	rows, err := s.activeKeys(ctx)
	if err != nil {
		return err
	}
	signing, err := s.openSigningKeys(rows, at)
	if err == nil {
		s.keys.signing.Store(signing)
	}
	return err
}

// activeKeys are the next and the current keys.
func (d *Database) activeKeys(ctx context.Context) ([]ServerKey, error) {
	var rows []ServerKey
	err := d.read.WithContext(ctx).Where("status <> ?", KeyRetired).Find(&rows).Error
	return rows, err
}

// openSigningKeys makes a snapshot of rows.
func (s *Store) openSigningKeys(rows []ServerKey, at time.Time) (*signingKeys, error) {
	signing := &signingKeys{loadedAt: at}
	opened := map[string][]byte{}
	for _, row := range rows {
		secret, err := s.keys.open(row)
		if err != nil && row.Status == KeyNext {
			signing.unreadable = err
			continue
		}
		if err != nil {
			return nil, err
		}
		opened[row.ID] = secret
		if row.Status == KeyCurrent {
			if err := signing.take(s, row, secret); err != nil {
				return nil, err
			}
		}
	}
	if signing.log == nil || signing.accessToken.Key == nil {
		return nil, fmt.Errorf("a key that signs is missing; restore it from a backup")
	}
	s.keys.opened = opened
	return signing, nil
}

// open unseals a key, or remembers that it did.
func (k *keyring) open(row ServerKey) ([]byte, error) {
	if secret, ok := k.opened[row.ID]; ok {
		return secret, nil
	}
	return unseal(k.masterKey, row.Sealed, row.label())
}

// take puts one current key in its place, when it is one that signs.
func (k *signingKeys) take(s *Store, row ServerKey, secret []byte) error {
	if !slices.Contains(SigningPurposes(), row.Purpose) {
		return nil
	}
	var key jose.JSONWebKey
	if err := json.Unmarshal(secret, &key); err != nil {
		return fmt.Errorf("key %s: %w", row.ID, err)
	}
	if row.Purpose == KeyAccessToken {
		k.accessToken = key
	} else {
		k.log = &audit.Log{Issuer: s.issuer, Rand: s.rand, Signer: key}
	}
	return nil
}

// label is what a sealed key is tied to: it does not open in another row.
func (k ServerKey) label() string { return k.Purpose + " " + k.ID }
