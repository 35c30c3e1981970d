package keys

import (
	"encoding/json"
	"fmt"

	"github.com/go-jose/go-jose/v4"
)

// Key is one of the server's own keys as it is kept. Its row in the database has times beside it.
type Key struct {
	ID        string // the kid of what it signs
	Purpose   Purpose
	Status    Status
	Algorithm string // ES256, EdDSA (Ed25519) or HS256
	PublicJWK string `gorm:"column:public_jwk"` // RFC 7517; "" for an HMAC key
	Sealed    string // the secret; "" once a retired key was ended
}

// Ended reports whether the key was ended for good: its private half is gone.
func (k Key) Ended() bool { return k.Sealed == "" }

// label is what the sealed secret is bound to: it does not open in another row.
func (k Key) label() string { return string(k.Purpose) + " " + k.ID }

// PublicSet is the JWK Set (RFC 7517 §5) of the public halves of keys, in their order.
func PublicSet(list []Key) (jose.JSONWebKeySet, error) {
	var set jose.JSONWebKeySet
	for _, k := range list {
		var key jose.JSONWebKey
		if err := json.Unmarshal([]byte(k.PublicJWK), &key); err != nil {
			return set, fmt.Errorf("key %s: %w", k.ID, err)
		}
		set.Keys = append(set.Keys, key)
	}
	return set, nil
}
