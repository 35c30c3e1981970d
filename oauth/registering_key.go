package oauth

import (
	"crypto/sha256"
	"encoding/base64"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/json"
)

// RegisteringKey returns what a registration request is known by when it comes again: the
// RFC 7638 thumbprint of the key that it signs with, or a hash of the address of its keys. "" when it names
// neither. Nothing else is looked at: the request may be refused for any reason.
func RegisteringKey(body []byte) string {
	var request struct {
		JWKS struct {
			Keys []json.RawMessage `json:"keys"`
		} `json:"jwks"`
		JWKSURI   string `json:"jwks_uri"`
		Algorithm string `json:"token_endpoint_auth_signing_alg"`
	}
	if err := json.Unmarshal(body, &request); err != nil {
		return ""
	}
	if key, refusal := signingKey(request.JWKS.Keys, request.Algorithm); refusal == nil {
		return ClientMetadata{JWKS: &jose.JSONWebKeySet{Keys: []jose.JSONWebKey{key}}}.Thumbprint()
	}
	if request.JWKSURI == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(request.JWKSURI))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}
