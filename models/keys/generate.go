package keys

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"encoding/json"
	"io"
	"slices"

	"github.com/go-jose/go-jose/v4"
)

// macKeySize is the length of an HMAC key, in bytes: that of SHA-256's result (RFC 2104 §3).
const macKeySize = 32

// Generate makes a new key with the identifier id, sealed with the master key of this process. Without an identifier a key
// that signs is named by the thumbprint of its public half (RFC 7638).
func (r *Ring) Generate(id string, want Wanted) (Key, error) {
	key := Key{ID: id, Purpose: want.Purpose, Status: want.Status, Algorithm: "HS256"}
	var secret []byte
	var err error
	switch {
	case want.Purpose == Checkpoint:
		key.Algorithm = string(jose.EdDSA)
		secret, key.ID, key.PublicJWK, err = newCheckpointKey(r.rand, id)
	case slices.Contains(SigningPurposes(), want.Purpose):
		key.Algorithm = string(jose.ES256)
		secret, key.ID, key.PublicJWK, err = newSigningKey(r.rand, id)
	default:
		secret = make([]byte, macKeySize)
		_, err = io.ReadFull(r.rand, secret)
	}
	if err != nil {
		return Key{}, err
	}
	key.Sealed, err = Seal(r.rand, r.masterKey, secret, key.label())
	return key, err
}

// newSigningKey makes an ES256 key; both halves are JWKs (RFC 7517).
func newSigningKey(rand io.Reader, id string) (private []byte, kid, public string, err error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand)
	if err != nil {
		return nil, "", "", err
	}
	return halves(jose.JSONWebKey{Key: key, KeyID: id, Algorithm: string(jose.ES256), Use: "sig"})
}

// newCheckpointKey makes an Ed25519 key; both halves are JWKs (RFC 8037 §2).
func newCheckpointKey(rand io.Reader, id string) (private []byte, kid, public string, err error) {
	_, key, err := ed25519.GenerateKey(rand)
	if err != nil {
		return nil, "", "", err
	}
	return halves(jose.JSONWebKey{Key: key, KeyID: id, Algorithm: string(jose.EdDSA), Use: "sig"})
}

// halves are the private and the public half of a key, and its identifier: its thumbprint when it has none yet.
func halves(jwk jose.JSONWebKey) (private []byte, kid, public string, err error) {
	if jwk.KeyID == "" {
		if jwk.KeyID, err = thumbprint(jwk); err != nil {
			return nil, "", "", err
		}
	}
	if private, err = json.Marshal(jwk); err != nil {
		return nil, "", "", err
	}
	publicJWK, err := json.Marshal(jwk.Public())
	return private, jwk.KeyID, string(publicJWK), err
}
