package oauth

import (
	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/json"
)

// readKeys takes the instance's one public key from jwks (RFC 7591 §2). What is kept is the key, its kid, its
// algorithm and its use; certificates and everything else are dropped.
func (r clientMetadataRequest) readKeys(m *ClientMetadata) *Error {
	if r.JWKSURI != nil {
		return refuseMetadata("jwks_uri is not supported yet: send jwks")
	}
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if r.JWKS == nil || json.Unmarshal(r.JWKS, &set) != nil {
		return refuseMetadata("jwks is required and must be a JWK Set")
	}
	if len(set.Keys) != 1 {
		return refuseMetadata("jwks must hold exactly one key: each instance has its own")
	}
	key, err := readPublicKey(set.Keys[0])
	if err != nil {
		return err
	}
	m.JWKS = &jose.JSONWebKeySet{Keys: []jose.JSONWebKey{key}}
	return nil
}

// readPublicKey refuses private members before it parses anything: a client that sends its private key has lost it.
func readPublicKey(raw json.RawMessage) (jose.JSONWebKey, *Error) {
	var members map[string]json.RawMessage
	if json.Unmarshal(raw, &members) != nil {
		return jose.JSONWebKey{}, refuseMetadata("jwks holds something that is not a JWK")
	}
	for _, private := range []string{"d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"} {
		if _, sent := members[private]; sent {
			return jose.JSONWebKey{}, refuseMetadata("jwks must hold a public key: throw this private key away")
		}
	}
	var key jose.JSONWebKey
	if json.Unmarshal(raw, &key) != nil {
		return jose.JSONWebKey{}, refuseMetadata("jwks holds a key that cannot be read")
	}
	return judgeKey(key)
}

func judgeKey(key jose.JSONWebKey) (jose.JSONWebKey, *Error) {
	algorithm, err := checkKey(key.Key)
	switch {
	case err != nil:
		return jose.JSONWebKey{}, refuseMetadata("jwks: %v", err)
	case key.Algorithm != "" && key.Algorithm != string(algorithm):
		return jose.JSONWebKey{}, refuseMetadata("jwks: alg of this key must be %s", algorithm)
	case key.Use != "" && key.Use != "sig":
		return jose.JSONWebKey{}, refuseMetadata("jwks: use must be sig")
	}
	if key.KeyID != "" {
		if err := readText(ErrInvalidClientMetadata, "kid", key.KeyID, maxKeyID); err != nil {
			return jose.JSONWebKey{}, err
		}
	}
	return jose.JSONWebKey{Key: key.Key, KeyID: key.KeyID, Algorithm: key.Algorithm, Use: key.Use}, nil
}
