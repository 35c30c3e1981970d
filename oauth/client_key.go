package oauth

import (
	"slices"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/json"
)

// readKeys takes the instance's one public key from jwks, or the address in jwks_uri; never both (RFC 7591 §2). What
// is kept of the key is the key, its kid, its algorithm and its use; certificates and everything else are dropped.
func (r clientMetadataRequest) readKeys(m *ClientMetadata) *Error {
	if sent(r.JWKSURI) {
		return r.readJWKSURI(m)
	}
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if !sent(r.JWKS) || json.Unmarshal(r.JWKS, &set) != nil {
		return refuseMetadata("jwks is required and must be a JWK Set; or send jwks_uri")
	}
	if len(set.Keys) > maxKeysInSet {
		return refuseMetadata("jwks must hold exactly one key that signs: each instance has its own")
	}
	key, err := signingKey(set.Keys, m.TokenEndpointAuthSigningAlg)
	if err != nil {
		return err
	}
	m.JWKS = &jose.JSONWebKeySet{Keys: []jose.JSONWebKey{key}}
	return nil
}

// signingKey finds the one key of a set that can sign here. Others may stand beside it: for encryption, of another type
// or curve, or, where the client says what it signs with, of another algorithm (RFC 7591 §2; "": it does not say). Where
// there is no other, the refusal says what is wrong with the one.
func signingKey(raws []json.RawMessage, algorithm string) (jose.JSONWebKey, *Error) {
	var usable []jose.JSONWebKey
	for _, raw := range raws {
		one, err := readPublicKey(raw)
		if err != nil && (len(raws) == 1 || private(raw)) {
			return jose.JSONWebKey{}, err
		}
		if err == nil {
			usable = append(usable, one)
		}
	}
	if len(usable) > 1 && algorithm != "" {
		usable = slices.DeleteFunc(usable, func(key jose.JSONWebKey) bool { return !signsWith(key, algorithm) })
	}
	if len(usable) != 1 {
		return jose.JSONWebKey{}, refuseMetadata("jwks must hold exactly one key that signs: each instance has its own")
	}
	return usable[0], nil
}

// signsWith reports whether a usable key is one for the algorithm.
func signsWith(key jose.JSONWebKey, algorithm string) bool {
	own, err := checkKey(key.Key)
	return err == nil && sameAlgorithm(string(own), algorithm)
}

// readPublicKey refuses private members before it parses anything: a client that sends its private key has lost it.
func readPublicKey(raw json.RawMessage) (jose.JSONWebKey, *Error) {
	if private(raw) {
		return jose.JSONWebKey{}, refuseMetadata("jwks must hold a public key: throw this private key away")
	}
	var key jose.JSONWebKey
	if json.Unmarshal(raw, &key) != nil {
		return jose.JSONWebKey{}, refuseMetadata("jwks holds a key that cannot be read")
	}
	if !mayDoVerify(raw) {
		return jose.JSONWebKey{}, refuseMetadata("jwks: key_ops must hold verify")
	}
	return judgeKey(key)
}

func judgeKey(key jose.JSONWebKey) (jose.JSONWebKey, *Error) {
	algorithm, err := checkKey(key.Key)
	switch {
	case err != nil:
		return jose.JSONWebKey{}, refuseMetadata("jwks: %v", err)
	case key.Algorithm != "" && !sameAlgorithm(key.Algorithm, string(algorithm)):
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

// sent says whether a member has a value: null is as good as left out.
func sent(raw json.RawMessage) bool { return raw != nil && string(raw) != "null" }

// VerifiesSignatures reports whether a JWK can be read here and is a public key that is not kept for something else than
// verifying signatures (RFC 7517 §4.2, §4.3), whatever its type and size. A set may have others beside it (§5).
func VerifiesSignatures(raw []byte) bool {
	var key jose.JSONWebKey
	return json.Unmarshal(raw, &key) == nil && key.Valid() && key.IsPublic() && (key.Use == "" || key.Use == "sig") && mayDoVerify(raw)
}

// mayDoVerify reports whether a JWK's key_ops, where it has them, hold verify.
func mayDoVerify(raw json.RawMessage) bool {
	var operations struct {
		KeyOps []string `json:"key_ops"`
	}
	return json.Unmarshal(raw, &operations) == nil && (operations.KeyOps == nil || slices.Contains(operations.KeyOps, "verify"))
}

// private finds a JWK with members of a private or symmetric key. Some programs write null where there is nothing.
func private(raw json.RawMessage) bool {
	var members map[string]json.RawMessage
	if json.Unmarshal(raw, &members) != nil {
		return false
	}
	for _, name := range []string{"d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"} {
		if sent(members[name]) {
			return true
		}
	}
	return false
}
