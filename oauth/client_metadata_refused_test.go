package oauth_test

import (
	"encoding/json"
	"strings"

	"countersign/oauth"

	"github.com/go-jose/go-jose/v4"
)

// RFC 7591 §2: the defaults are client_secret_basic, authorization_code and code, so that silence is refused.
var refusedGrants = map[string]object{
	"no auth method":             {"token_endpoint_auth_method": nil},
	"client_secret_basic":        {"token_endpoint_auth_method": "client_secret_basic"},
	"auth method none":           {"token_endpoint_auth_method": "none"},
	"no grant_types":             {"grant_types": nil},
	"empty grant_types":          {"grant_types": []string{}},
	"only refresh_token":         {"grant_types": []string{"refresh_token"}},
	"authorization_code besides": {"grant_types": []string{oauth.GrantTypeDeviceCode, "authorization_code"}},
	"client_credentials besides": {"grant_types": []string{oauth.GrantTypeDeviceCode, "client_credentials"}},
	"grant_types is text":        {"grant_types": oauth.GrantTypeDeviceCode},
	"no response_types":          {"response_types": nil},
	"response_types null":        {"response_types": (*int)(nil)},
	"response type code":         {"response_types": []string{"code"}},
}

// What is shown to people is bounded, and plain text.
var refusedNames = map[string]object{
	"no client_name":             {"client_name": nil},
	"client_name is a number":    {"client_name": 1},
	"no software_id":             {"software_id": nil},
	"no software_version":        {"software_version": nil},
	"client_name too long":       {"client_name": strings.Repeat("é", 129)},
	"software_id too long":       {"software_id": strings.Repeat("x", 129)},
	"software_version too long":  {"software_version": strings.Repeat("1", 65)},
	"direction override":         {"client_name": "Wallet\u202e"},
	"zero-width":                 {"client_name": "Wal\u200blet"},
	"line feed":                  {"software_version": "1\n2"},
	"NUL":                        {"software_id": "a\x00"},
	"blank":                      {"client_name": "  "},
	"malformed scope":            {"scope": "a  b"},
	"scope is an array":          {"scope": []string{"a"}},
	"DPoP refused":               {"dpop_bound_access_tokens": false},
	"DPoP is text":               {"dpop_bound_access_tokens": "true"},
	"signing alg of another key": {"token_endpoint_auth_signing_alg": "PS256"},
	"signing alg none":           {"token_endpoint_auth_signing_alg": "none"},
}

// offCurve is a coordinate: no point of P-256 has it twice.
var offCurve = strings.Repeat("A", 43)

// refusedKeys: RFC 7591 §2, FAPI 2.0 §5.4: exactly one key, public, of a good kind and size.
func refusedKeys() map[string]object {
	return map[string]object{
		"no jwks":                {"jwks": nil},
		"jwks null":              {"jwks": (*int)(nil)},
		"jwks is text":           {"jwks": "x"},
		"jwks is an array":       {"jwks": []any{public(ecKey())}},
		"jwks without keys":      {"jwks": object{}},
		"no key":                 {"jwks": keySet()},
		"two keys":               {"jwks": keySet(public(ecKey()), public(edKey()))},
		"the same key twice":     {"jwks": keySet(public(ecKey()), public(ecKey()))},
		"jwks_uri besides":       {"jwks_uri": "https://client.example/jwks"},
		"a private key":          {"jwks": keySet(jose.JSONWebKey{Key: ecKey()})},
		"a private Ed25519 key":  {"jwks": keySet(jose.JSONWebKey{Key: edKey()})},
		"a private RSA key":      {"jwks": keySet(jose.JSONWebKey{Key: rsaKey()})},
		"half a private RSA key": {"jwks": object{"keys": []any{halfPrivate()}}},
		"a shared secret":        {"jwks": keySet(jose.JSONWebKey{Key: []byte("secret secret secret secret secr")})},
		"P-384":                  {"jwks": keySet(public(p384Key()))},
		"RSA of 1024 bits":       {"jwks": keySet(public(weakRSAKey()))},
		"RSA with exponent 1":    {"jwks": object{"keys": []any{object{"kty": "RSA", "n": strings.Repeat("q", 342), "e": "AQ"}}}},
		"RSA with exponent 3":    {"jwks": object{"keys": []any{object{"kty": "RSA", "n": strings.Repeat("q", 342), "e": "Aw"}}}},
		"RSA of 8192 bits":       {"jwks": object{"keys": []any{object{"kty": "RSA", "n": strings.Repeat("q", 1366), "e": "AQAB"}}}},
		"a point off the curve":  {"jwks": object{"keys": []any{object{"kty": "EC", "crv": "P-256", "x": offCurve, "y": offCurve}}}},
		"an Ed25519 key of zero": {"jwks": object{"keys": []any{object{"kty": "OKP", "crv": "Ed25519", "x": offCurve}}}},
		"X25519":                 {"jwks": object{"keys": []any{object{"kty": "OKP", "crv": "X25519", "x": offCurve}}}},
		"a key of no type":       {"jwks": object{"keys": []any{object{}}}},
		"a key that is null":     {"jwks": object{"keys": []any{nil}}},
		"a key that is text":     {"jwks": object{"keys": []any{"x"}}},
		"a key for RS256":        {"jwks": keySet(jose.JSONWebKey{Key: rsaKey().Public(), Algorithm: "RS256"})},
		"a key for encryption":   {"jwks": keySet(jose.JSONWebKey{Key: ecKey().Public(), Use: "enc"})},
		"a kid too long":         {"jwks": keySet(jose.JSONWebKey{Key: ecKey().Public(), KeyID: strings.Repeat("k", 256)})},
		"a kid with a line feed": {"jwks": keySet(jose.JSONWebKey{Key: ecKey().Public(), KeyID: "a\nb"})},
		"certificates that do not": {"jwks": object{"keys": []any{object{"kty": "EC", "crv": "P-256", "x": offCurve, "y": offCurve,
			"x5c": []string{"AAAA"}}}}},
	}
}

// halfPrivate is a public RSA key with one of its primes.
func halfPrivate() object {
	var key object
	if err := json.Unmarshal([]byte(toJSON(public(rsaKey()))), &key); err != nil {
		panic(err)
	}
	return key.With(object{"p": offCurve})
}
