package keys

import (
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"countersign/audit"
	"countersign/audit/tree"

	"github.com/go-jose/go-jose/v4"
)

// snapshot is what a process knows of the keys that sign. It is never changed.
type snapshot struct {
	accessToken jose.JSONWebKey
	log         *audit.Log
	checkpoint  *tree.Signer // nil: a database from before there were checkpoints has no key for them yet
	loadedAt    time.Time
	unreadable  error // a next key that the master key does not open: it must not become current
}

// Refresh is called before anything is signed. It reads the next and current keys again when what this process
// knows is older than ReloadInterval, and before Begin does nothing. A current key that does not open is an error; a
// next one is not, since it does not sign. Errors: ErrMasterKey, and those of read.
func (r *Ring) Refresh(read func() ([]Key, error)) error {
	if r.signing.Load() == nil {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if age := r.now().Sub(r.signing.Load().loadedAt); 0 <= age && age < ReloadInterval {
		return nil
	}
	return r.reload(read)
}

// Reload reads the next and current keys again at once. A next key that does not open is an error here, although
// the other keys are taken. Errors: ErrMasterKey, and those of read.
func (r *Ring) Reload(read func() ([]Key, error)) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.reload(read); err != nil {
		return err
	}
	return r.signing.Load().unreadable
}

// reload replaces the snapshot. The caller holds mu. The time is read first: what is read later is no older.
func (r *Ring) reload(read func() ([]Key, error)) error {
	at := r.now()
	active, err := read()
	if err != nil {
		return err
	}
	return r.load(active, at)
}

// load opens active and replaces the snapshot. The caller holds mu. After an error everything is as it was.
func (r *Ring) load(active []Key, at time.Time) error {
	next := &snapshot{loadedAt: at}
	opened := map[string][]byte{}
	for _, key := range active {
		secret, err := r.open(key)
		if err != nil && key.Status == Next {
			next.unreadable = err
			continue
		}
		if err != nil {
			return err
		}
		opened[key.ID] = secret
		if err := next.take(r, key, secret); err != nil {
			return err
		}
	}
	if next.log == nil || next.accessToken.Key == nil {
		return errors.New("a key that signs is missing; restore it from a backup")
	}
	r.opened = opened
	r.signing.Store(next)
	return nil
}

// open opens the secret of a key, unless this process has done so before.
func (r *Ring) open(key Key) ([]byte, error) {
	if secret, ok := r.opened[key.ID]; ok {
		return secret, nil
	}
	return Open(r.masterKey, key.Sealed, key.label())
}

// take puts a current key that signs in its place, and leaves out every other key.
func (s *snapshot) take(r *Ring, key Key, secret []byte) error {
	if key.Status != Current || !slices.Contains(SigningPurposes(), key.Purpose) {
		return nil
	}
	var signer jose.JSONWebKey
	if err := json.Unmarshal(secret, &signer); err != nil {
		return fmt.Errorf("key %s: %w", key.ID, err)
	}
	switch key.Purpose {
	case AccessToken:
		s.accessToken = signer
	case Checkpoint:
		return s.takeCheckpointKey(r.issuer, signer)
	default:
		s.log = &audit.Log{Issuer: r.issuer, Rand: r.rand, Signer: signer}
	}
	return nil
}

func (s *snapshot) takeCheckpointKey(issuer string, key jose.JSONWebKey) error {
	origin, err := tree.Origin(issuer)
	if err != nil {
		return err
	}
	private, is := key.Key.(ed25519.PrivateKey)
	if !is {
		return fmt.Errorf("key %s is no Ed25519 key", key.KeyID)
	}
	signer, err := tree.NewSigner(origin, private)
	s.checkpoint = &signer
	return err
}
