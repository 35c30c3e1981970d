package keys

import (
	"crypto"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"errors"
	"slices"

	"github.com/go-jose/go-jose/v4"
)

// Times are when a key took its turns, as its row has them.
type Times struct{ Created, Activated, Retired, InUseUntil int64 }

// MAC is what the row of a key carries: HMAC-SHA256 over every other column, in base64url, under a key that is derived
// (RFC 5869) from masterKey, which has MasterKeySize bytes.
func MAC(masterKey []byte, key Key, at Times) (string, error) {
	content, err := json.Marshal([]any{
		key.ID, key.Purpose, key.Status, key.Algorithm, key.PublicJWK, key.Sealed, at.Created, at.Activated, at.Retired, at.InUseUntil,
	})
	if err != nil {
		return "", err
	}
	macKey, err := hkdf.Key(sha256.New, masterKey, nil, "countersign key table", sha256.Size)
	if err != nil {
		return "", err
	}
	mac := hmac.New(sha256.New, macKey)
	mac.Write(content)
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil)), nil
}

// MAC is that of a row under the master key of this process.
func (r *Ring) MAC(key Key, at Times) (string, error) { return MAC(r.masterKey, key, at) }

// Authentic reports whether mac is that of the row. After a change of the master key a process with the old one goes on with
// the keys that it has: once Supersede was called, a key that was authentic before stays so, whatever its row says else.
func (r *Ring) Authentic(key Key, at Times, mac string) bool {
	known := identity{key.ID, key.Purpose, key.Algorithm, key.PublicJWK}
	if r.Vouches(key, at, mac) {
		r.authentic.Store(known, true)
		return true
	}
	_, is := r.authentic.Load(known)
	return is && r.superseded.Load()
}

// Vouches reports whether mac is that of the row under the master key of this process, whatever was authentic before.
func (r *Ring) Vouches(key Key, at Times, mac string) bool {
	want, err := r.MAC(key, at)
	return err == nil && subtle.ConstantTimeCompare([]byte(want), []byte(mac)) == 1
}

// Superseded reports what Supersede was told last.
func (r *Ring) Superseded() bool { return r.superseded.Load() }

// Supersede says whether the master key of this process is not the database's any more.
func (r *Ring) Supersede(superseded bool) { r.superseded.Store(superseded) }

// identity is what of a row never changes.
type identity struct {
	id        string
	purpose   Purpose
	algorithm string
	publicJWK string
}

// errOtherHalf says that what is published of a key is not of its secret.
var errOtherHalf = errors.New("the public half is not that of the sealed one")

// Holds reports nil when key is what its sealed secret says: it opens, and the public half is that of the secret. For keys
// from before rows carried a MAC. Errors: ErrMasterKey, errOtherHalf.
func (r *Ring) Holds(key Key) error {
	secret, err := Open(r.masterKey, key.Sealed, key.label())
	if err != nil {
		return err
	}
	if !slices.Contains(SigningPurposes(), key.Purpose) {
		if key.PublicJWK != "" {
			return errOtherHalf
		}
		return nil
	}
	var private, public jose.JSONWebKey
	if err := errors.Join(json.Unmarshal(secret, &private), json.Unmarshal([]byte(key.PublicJWK), &public)); err != nil {
		return err
	}
	want, err := json.Marshal(private.Public())
	if err != nil {
		return err
	}
	got, err := json.Marshal(public)
	if err != nil || string(got) != string(want) || public.KeyID != key.ID || public.Algorithm != key.Algorithm {
		return errOtherHalf
	}
	return nil
}

// PublicHalfFits reports whether the public half is that of a key of this identifier, as far as it can be told without the
// secret: it says the same identifier, and an identifier that is a thumbprint is its own.
func (k Key) PublicHalfFits() bool {
	if !slices.Contains(SigningPurposes(), k.Purpose) {
		return k.PublicJWK == ""
	}
	var public jose.JSONWebKey
	if json.Unmarshal([]byte(k.PublicJWK), &public) != nil {
		return false
	}
	return public.KeyID == k.ID && (len(k.ID) != thumbprintSize || k.NamedByThumbprint())
}

// NamedByThumbprint reports whether the identifier of a signing key is the thumbprint of its public half (RFC 7638): then
// whoever names the key by its identifier names that half too. Keys from before rows carried a MAC have a shorter one.
func (k Key) NamedByThumbprint() bool {
	var public jose.JSONWebKey
	if json.Unmarshal([]byte(k.PublicJWK), &public) != nil {
		return false
	}
	id, err := thumbprint(public)
	return err == nil && id == k.ID
}

// thumbprintSize is the length of an identifier that is a thumbprint, in characters.
const thumbprintSize = 43

func thumbprint(key jose.JSONWebKey) (string, error) {
	sum, err := key.Thumbprint(crypto.SHA256)
	return base64.RawURLEncoding.EncodeToString(sum), err
}
