package keys

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"encoding/json"
	"io"
	"slices"

	"github.com/go-jose/go-jose/v4"
)

// macKeySize is the length of an HMAC key, in bytes: that of SHA-256's result (RFC 2104 §3).
const macKeySize = 32

// Generate makes a new key with the identifier id, sealed with the master key of this process.
func (r *Ring) Generate(id string, want Wanted) (Key, error) {
	key := Key{ID: id, Purpose: want.Purpose, Status: want.Status, Algorithm: "HS256"}
	var secret []byte
	var err error
	if slices.Contains(SigningPurposes(), want.Purpose) {
		key.Algorithm = string(jose.ES256)
		secret, key.PublicJWK, err = newSigningKey(r.rand, id)
	} else {
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
