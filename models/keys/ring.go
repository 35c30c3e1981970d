package keys

import (
	"crypto/hkdf"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"countersign/audit"
	"countersign/audit/tree"
	"countersign/oauth"

	"github.com/go-jose/go-jose/v4"
)

// ReloadInterval is how old what a process knows of the signing keys may be before it looks again. So soon it
// signs with a key that another process made current.
const ReloadInterval = time.Minute

// Config is what a Ring needs. Every field is required.
type Config struct {
	Issuer    string           // written into every event
	Now       func() time.Time // the clock
	Rand      io.Reader        // for keys, nonces and identifiers of events
	MasterKey []byte           // MasterKeySize bytes
}

// Ring holds the keys that one process has opened. Take fills it once, at the start. It is safe for concurrent
// use after that.
type Ring struct {
	issuer    string
	now       func() time.Time
	rand      io.Reader
	masterKey []byte
	macKeys   map[Purpose][]byte // filled by Take, only read afterwards
	nonces    oauth.Nonces       // the same

	signing atomic.Pointer[snapshot] // replaced as a whole

	mu     sync.Mutex        // held while keys are opened; guards opened
	opened map[string][]byte // secrets of next and current keys by identifier, so that each is opened once

	authentic  sync.Map    // keys that were found authentic: identity to true
	superseded atomic.Bool // by another master key
}

// NewRing makes a Ring that has no keys yet.
func NewRing(config Config) *Ring {
	return &Ring{issuer: config.Issuer, now: config.Now, rand: config.Rand, masterKey: config.MasterKey}
}

// Begin puts the signing keys of active in their places, and nothing more: the events of the very first keys are
// signed by the first audit key among them. Take has to follow. Error: ErrMasterKey.
func (r *Ring) Begin(active []Key) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.load(active, r.now())
}

// Take opens active, which is every next and current key, and puts each in its place. A next key that does not open
// is an error too: this is the start. Error: ErrMasterKey.
func (r *Ring) Take(active []Key) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.load(active, r.now()); err != nil {
		return err
	}
	r.macKeys = map[Purpose][]byte{}
	for _, key := range active {
		if slices.Contains(macPurposes(), key.Purpose) {
			r.macKeys[key.Purpose] = r.opened[key.ID]
		}
	}
	for _, purpose := range irreplaceable() {
		if r.macKeys[purpose] == nil {
			return fmt.Errorf("the key for %s is missing; restore it from a backup", purpose)
		}
	}
	r.nonces = oauth.NewNonces(r.macKeys[DPoPNonce])
	return r.signing.Load().unreadable
}

// AccessTokenSigner is the key that signs access tokens now.
func (r *Ring) AccessTokenSigner() jose.JSONWebKey { return r.signing.Load().accessToken }

// Log is the audit log with the key that signs events now.
func (r *Ring) Log() *audit.Log { return r.signing.Load().log }

// CheckpointSigner is the key that signs checkpoints now. The error says that there is none.
func (r *Ring) CheckpointSigner() (tree.Signer, error) {
	if signer := r.signing.Load().checkpoint; signer != nil {
		return *signer, nil
	}
	return tree.Signer{}, errors.New("the key for checkpoints is missing")
}

// MACKey is the HMAC key for a purpose. Only for the purposes of HMAC keys.
func (r *Ring) MACKey(purpose Purpose) []byte { return r.macKeys[purpose] }

// SignInKey returns the key of MasterKeySize bytes that seals the sign-ins on their way, in cookies. It is derived
// (RFC 5869) from the key for nonces, so that every process of this server has the same one. Nothing that is stored
// depends on either.
func (r *Ring) SignInKey() ([]byte, error) {
	return hkdf.Key(sha256.New, r.macKeys[DPoPNonce], nil, "countersign sign-in cookie", MasterKeySize)
}

// Nonces makes and checks the nonces of DPoP proofs (RFC 9449 §8). Every process of this server makes the same ones.
func (r *Ring) Nonces() oauth.Nonces { return r.nonces }

// Check reports ErrMasterKey unless the master key of this process opens key.
func (r *Ring) Check(key Key) error {
	_, err := Open(r.masterKey, key.Sealed, key.label())
	return err
}

// Reseal seals the secret of key with another master key, of MasterKeySize bytes. Nothing is kept: key and Ring stay
// as they are. Error: ErrMasterKey when the master key of this process does not open key.
func (r *Ring) Reseal(key Key, masterKey []byte) (sealed string, err error) {
	secret, err := Open(r.masterKey, key.Sealed, key.label())
	if err != nil {
		return "", err
	}
	return Seal(r.rand, masterKey, secret, key.label())
}
