package deviceclient

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log/slog"

	"github.com/go-jose/go-jose/v4"
)

// Key is the private key of one client instance: ECDSA on P-256, used with
// ES256. Its JSON is a private JWK (RFC 7517, RFC 7518 §6.2).
type Key struct{ private *ecdsa.PrivateKey }

// NewKey makes a key. Go 1.26 and later take the randomness of keys from the
// operating system whatever is passed; random is for older ones.
func NewKey(random io.Reader) (*Key, error) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), random)
	if err != nil {
		return nil, fmt.Errorf("making a key: %w", err)
	}
	return &Key{private: private}, nil
}

// Public returns the public JWK that is registered; its kid is the thumbprint.
func (k *Key) Public() jose.JSONWebKey {
	return jose.JSONWebKey{Key: k.private.Public(), KeyID: k.Thumbprint(), Algorithm: string(jose.ES256), Use: "sig"}
}

// Thumbprint is the SHA-256 thumbprint of RFC 7638 in base64url, which is also
// the jkt of RFC 9449 §6.1.
func (k *Key) Thumbprint() string {
	bare := jose.JSONWebKey{Key: k.private.Public()}
	sum, err := bare.Thumbprint(crypto.SHA256)
	if err != nil {
		panic(err) // only for a key type that NewKey and UnmarshalJSON never let in
	}
	return base64.RawURLEncoding.EncodeToString(sum)
}

// MarshalJSON writes the private JWK.
func (k *Key) MarshalJSON() ([]byte, error) {
	return jose.JSONWebKey{Key: k.private, KeyID: k.Thumbprint(), Algorithm: string(jose.ES256), Use: "sig"}.MarshalJSON()
}

// UnmarshalJSON reads a private JWK and refuses any but a P-256 one.
func (k *Key) UnmarshalJSON(text []byte) error {
	var jwk jose.JSONWebKey
	if err := jwk.UnmarshalJSON(text); err != nil {
		return errors.New("the key is not a valid JWK") // the cause may quote the key
	}
	private, ok := jwk.Key.(*ecdsa.PrivateKey)
	if !ok || private.Curve != elliptic.P256() {
		return errors.New("the key is not a private P-256 JWK")
	}
	k.private = private
	return nil
}

// Format implements fmt.Formatter: a key never prints.
func (k *Key) Format(w fmt.State, _ rune) { writeHidden(w) }

// LogValue implements slog.LogValuer: a key is never logged.
func (k *Key) LogValue() slog.Value { return slog.StringValue(hidden) }
