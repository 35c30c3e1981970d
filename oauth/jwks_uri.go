package oauth

import (
	"net/url"
	"strings"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/json"
)

const (
	// MaxJWKS bounds a fetched JWK Set, in bytes.
	MaxJWKS = 64 << 10

	maxJWKSURI       = 512 // characters
	maxKeysInSet     = 20  // of a fetched set and of a publisher's
	maxPublisherKeys = 10
)

// readJWKSURI takes the address that the instance's key is fetched from. Which addresses may be connected to is the
// fetcher's to judge, when it connects.
func (r clientMetadataRequest) readJWKSURI(m *ClientMetadata) *Error {
	if sent(r.JWKS) {
		return refuseMetadata("send jwks or jwks_uri, not both") // RFC 7591 §2
	}
	var address string
	if json.Unmarshal(r.JWKSURI, &address) != nil {
		return refuseMetadata("jwks_uri must be text")
	}
	if err := CheckJWKSURI(address); err != nil {
		return err
	}
	m.JWKS, m.JWKSURI = nil, address
	return nil
}

// CheckJWKSURI refuses everything but a plain https address of bounded length. The refusal is
// invalid_client_metadata.
func CheckJWKSURI(address string) *Error {
	u, err := url.Parse(address)
	switch {
	case err != nil || len(address) > maxJWKSURI || strings.ContainsFunc(address, func(r rune) bool { return r <= ' ' || r > '~' }):
		return refuseMetadata("jwks_uri must be an address of at most %d plain characters", maxJWKSURI)
	case u.Scheme != "https" || u.Hostname() == "":
		return refuseMetadata("jwks_uri must be an absolute https address")
	case u.User != nil || u.Fragment != "" || strings.HasSuffix(address, "#"):
		return refuseMetadata("jwks_uri must have no user and no fragment")
	}
	return nil
}

// FetchedKeys is what matters of a JWK Set that jwks_uri answered with: of each algorithm the first usable keys, and how
// many there were. It is small whatever the set was.
type FetchedKeys struct {
	first []fetchedKey // in the order of the set
	count map[jose.SignatureAlgorithm]int
}

type fetchedKey struct {
	algorithm jose.SignatureAlgorithm
	key       jose.JSONWebKey
}

// maxInstanceKeys is how many usable keys an instance may have at its jwks_uri: two, while one takes the other's place.
const maxInstanceKeys = 2

// ReadFetchedKeys reads the JWK Set that jwks_uri answered with. Keys that clients could not use here (another type or
// algorithm, or for encryption) are passed over. The refusal is invalid_client_metadata.
func ReadFetchedKeys(body []byte) (FetchedKeys, *Error) {
	keys, err := readKeySet(body)
	if err != nil {
		return FetchedKeys{}, err
	}
	fetched := FetchedKeys{count: map[jose.SignatureAlgorithm]int{}}
	for _, key := range keys {
		algorithm, unfit := checkKey(key.Key)
		if unfit != nil {
			continue
		}
		if fetched.count[algorithm]++; fetched.count[algorithm] <= maxInstanceKeys {
			fetched.first = append(fetched.first, fetchedKey{algorithm, key})
		}
	}
	return fetched, nil
}

// Usable are the instance's keys: one, or its old and its new one. algorithm is the registered
// token_endpoint_auth_signing_alg, "" when there is none. The refusal is invalid_client_metadata.
func (f FetchedKeys) Usable(algorithm string) (jose.JSONWebKeySet, *Error) {
	var usable []jose.JSONWebKey
	total := 0
	for _, one := range f.first {
		if algorithm == "" || sameAlgorithm(algorithm, string(one.algorithm)) {
			usable = append(usable, one.key)
		}
	}
	for alg, count := range f.count {
		if algorithm == "" || sameAlgorithm(algorithm, string(alg)) {
			total += count
		}
	}
	if total < 1 || total > maxInstanceKeys {
		return jose.JSONWebKeySet{}, refuseMetadata("the JWK Set at jwks_uri must hold one usable key, or an old and a new one: each instance has its own")
	}
	return jose.JSONWebKeySet{Keys: usable}, nil
}

// ReadPublisherKeys takes the keys that an app publisher signs software statements with: 1 to 10 public keys, each of
// them usable. The refusal is invalid_client_metadata; its description is for the administrator.
func ReadPublisherKeys(body []byte) (jose.JSONWebKeySet, *Error) {
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if len(body) > MaxJWKS || json.Unmarshal(body, &set) != nil || len(set.Keys) == 0 || len(set.Keys) > maxPublisherKeys {
		return jose.JSONWebKeySet{}, refuseMetadata("this is not a JWK Set of 1 to %d keys", maxPublisherKeys)
	}
	var keys jose.JSONWebKeySet
	for _, raw := range set.Keys {
		key, err := readPublicKey(raw)
		if err != nil {
			return jose.JSONWebKeySet{}, err
		}
		keys.Keys = append(keys.Keys, key)
	}
	return keys, nil
}

// readKeySet reads the signature keys of a set, and refuses a set with anything private in it.
func readKeySet(body []byte) ([]jose.JSONWebKey, *Error) {
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if len(body) > MaxJWKS || json.Unmarshal(body, &set) != nil || len(set.Keys) > maxKeysInSet {
		return nil, refuseMetadata("jwks_uri does not answer with a JWK Set of at most %d keys", maxKeysInSet)
	}
	var keys []jose.JSONWebKey
	for _, raw := range set.Keys {
		if private(raw) {
			return nil, refuseMetadata("the JWK Set at jwks_uri holds a private key: throw it away")
		}
		if key, err := readPublicKey(raw); err == nil {
			keys = append(keys, key)
		}
	}
	return keys, nil
}
