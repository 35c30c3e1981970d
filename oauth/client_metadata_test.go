package oauth_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"countersign/oauth"

	"github.com/go-jose/go-jose/v4"
)

// registration is a body that every rule accepts.
func registration(key any) object {
	return object{
		"token_endpoint_auth_method": "private_key_jwt",
		"grant_types":                []string{oauth.GrantTypeDeviceCode, oauth.GrantTypeRefreshToken},
		"response_types":             []string{},
		"client_name":                "Example Wallet",
		"software_id":                "4NRB1-0XZABZI9E6-5SM3R",
		"software_version":           "2.1.0",
		"jwks":                       object{"keys": []any{key}},
	}
}

// RFC 7591 §2, §3.2.1: everything registered is echoed, what is not understood is ignored.
func TestParseClientMetadata(t *testing.T) {
	body := toJSON(registration(public(ecKey())).with(object{
		"scope":                           "profile profile email",
		"token_endpoint_auth_signing_alg": "ES256",
		"client_name#ja":                  "例",
		"logo_uri":                        "http://127.0.0.1/",
		"software_statement":              "x.y.z",
		"something_else":                  object{"a": []int{1}},
	}))
	got, err := oauth.ParseClientMetadata([]byte("\r\n " + body))
	accepted(t, err)
	sameJSON(t, got, toJSON(registration(public(ecKey())).with(object{
		"scope":                           "profile email",
		"token_endpoint_auth_signing_alg": "ES256",
		"dpop_bound_access_tokens":        true,
	})))
}

func TestParseClientMetadataAccepts(t *testing.T) {
	for name, changes := range map[string]object{
		"no refresh token":        {"grant_types": []string{oauth.GrantTypeDeviceCode}},
		"a grant twice":           {"grant_types": []string{oauth.GrantTypeDeviceCode, oauth.GrantTypeDeviceCode}},
		"DPoP said outright":      {"dpop_bound_access_tokens": true},
		"a kid":                   {"jwks": keySet(jose.JSONWebKey{Key: ecKey().Public(), KeyID: "k1", Algorithm: "ES256", Use: "sig"})},
		"Ed25519":                 {"jwks": keySet(public(edKey()))},
		"RSA of 2048 bits":        {"jwks": keySet(public(rsaKey()))},
		"markup in a name":        {"client_name": "<b>Wallet</b>"},
		"names at their limits":   {"client_name": strings.Repeat("é", 128), "software_id": strings.Repeat("x", 128), "software_version": strings.Repeat("1", 64)},
		"PS256 for an RSA key":    {"jwks": keySet(public(rsaKey())), "token_endpoint_auth_signing_alg": "PS256"},
		"an empty scope":          {"scope": ""},
		"jwks with other members": {"jwks": object{"keys": []any{public(ecKey())}, "x": 1}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := oauth.ParseClientMetadata([]byte(toJSON(registration(public(ecKey())).with(changes))))
			accepted(t, err)
			if !got.DPoPBoundAccessTokens || len(got.Thumbprint()) != 43 {
				t.Errorf("got %+v", got)
			}
			if slices.Compact(slices.Sorted(slices.Values(got.GrantTypes)))[0] == "" || got.ResponseTypes == nil {
				t.Errorf("got %+v", got)
			}
		})
	}
}

// RFC 7591 §3.2.2, conformance §3, attacks.md 18.
func TestParseClientMetadataRefuses(t *testing.T) {
	off := strings.Repeat("A", 43)
	var halfPrivate object
	if err := json.Unmarshal([]byte(toJSON(public(rsaKey()))), &halfPrivate); err != nil {
		t.Fatal(err)
	}
	halfPrivate["p"] = off
	for name, changes := range map[string]object{
		// RFC 7591 §2: the defaults are client_secret_basic, authorization_code and code, so silence is refused
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
		// names
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
		// jwks; FAPI 2.0 §5.4
		"no jwks":                  {"jwks": nil},
		"jwks null":                {"jwks": (*int)(nil)},
		"jwks is text":             {"jwks": "x"},
		"jwks is an array":         {"jwks": []any{public(ecKey())}},
		"jwks without keys":        {"jwks": object{}},
		"no key":                   {"jwks": keySet()},
		"two keys":                 {"jwks": keySet(public(ecKey()), public(edKey()))},
		"the same key twice":       {"jwks": keySet(public(ecKey()), public(ecKey()))},
		"jwks_uri besides":         {"jwks_uri": "https://client.example/jwks"},
		"a private key":            {"jwks": keySet(jose.JSONWebKey{Key: ecKey()})},
		"a private Ed25519 key":    {"jwks": keySet(jose.JSONWebKey{Key: edKey()})},
		"a private RSA key":        {"jwks": keySet(jose.JSONWebKey{Key: rsaKey()})},
		"half a private RSA key":   {"jwks": object{"keys": []any{halfPrivate}}},
		"a shared secret":          {"jwks": keySet(jose.JSONWebKey{Key: []byte("secret secret secret secret secr")})},
		"P-384":                    {"jwks": keySet(public(p384Key()))},
		"RSA of 1024 bits":         {"jwks": keySet(public(weakRSAKey()))},
		"RSA with exponent 1":      {"jwks": object{"keys": []any{object{"kty": "RSA", "n": strings.Repeat("q", 342), "e": "AQ"}}}},
		"RSA with exponent 3":      {"jwks": object{"keys": []any{object{"kty": "RSA", "n": strings.Repeat("q", 342), "e": "Aw"}}}},
		"RSA of 8192 bits":         {"jwks": object{"keys": []any{object{"kty": "RSA", "n": strings.Repeat("q", 1366), "e": "AQAB"}}}},
		"a point off the curve":    {"jwks": object{"keys": []any{object{"kty": "EC", "crv": "P-256", "x": off, "y": off}}}},
		"an Ed25519 key of zero":   {"jwks": object{"keys": []any{object{"kty": "OKP", "crv": "Ed25519", "x": off}}}},
		"X25519":                   {"jwks": object{"keys": []any{object{"kty": "OKP", "crv": "X25519", "x": off}}}},
		"a key of no type":         {"jwks": object{"keys": []any{object{}}}},
		"a key that is null":       {"jwks": object{"keys": []any{nil}}},
		"a key that is text":       {"jwks": object{"keys": []any{"x"}}},
		"a key for RS256":          {"jwks": keySet(jose.JSONWebKey{Key: rsaKey().Public(), Algorithm: "RS256"})},
		"a key for encryption":     {"jwks": keySet(jose.JSONWebKey{Key: ecKey().Public(), Use: "enc"})},
		"a kid too long":           {"jwks": keySet(jose.JSONWebKey{Key: ecKey().Public(), KeyID: strings.Repeat("k", 256)})},
		"a kid with a line feed":   {"jwks": keySet(jose.JSONWebKey{Key: ecKey().Public(), KeyID: "a\nb"})},
		"certificates that do not": {"jwks": object{"keys": []any{object{"kty": "EC", "crv": "P-256", "x": off, "y": off, "x5c": []string{"AAAA"}}}}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := oauth.ParseClientMetadata([]byte(toJSON(registration(public(ecKey())).with(changes))))
			refused(t, err, oauth.ErrInvalidClientMetadata)
			if got.JWKS != nil || got.ClientName != "" {
				t.Error("refused metadata was returned")
			}
		})
	}
}

// attacks.md 18, 32: bodies that are not what they should be, or too much of it.
func TestParseClientMetadataRefusesBodies(t *testing.T) {
	good := toJSON(registration(public(ecKey())))
	for name, body := range map[string]string{
		"nothing":          "",
		"spaces":           "  ",
		"null":             "null",
		"an array":         "[" + good + "]",
		"text":             `"x"`,
		"half":             good[:len(good)/2],
		"two":              good + good,
		"a form":           "client_name=x",
		"a member twice":   strings.Replace(good, "{", `{"client_name":"Other",`, 1),
		"invalid UTF-8":    strings.Replace(good, "Example Wallet", "\xff", 1),
		"17 KiB":           strings.Replace(good, "{", `{"x":"`+strings.Repeat("x", 17<<10)+`",`, 1),
		"nested very deep": `{"x":` + strings.Repeat("[", 16000) + `}`,
		"a byte order":     "\ufeff" + good,
	} {
		t.Run(name, func(t *testing.T) {
			_, err := oauth.ParseClientMetadata([]byte(body))
			refused(t, err, oauth.ErrInvalidClientMetadata)
		})
	}
}

// RFC 7638 §3.1: the thumbprint of the example key. A key is the same key under another kid.
func TestClientMetadataThumbprint(t *testing.T) {
	const n = "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W" +
		"-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt" +
		"-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"
	for _, kid := range []string{"", "2011-04-29"} {
		key := object{"kty": "RSA", "n": n, "e": "AQAB", "alg": "PS256", "kid": kid}
		got, err := oauth.ParseClientMetadata([]byte(toJSON(registration(key))))
		accepted(t, err)
		if want := "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"; got.Thumbprint() != want {
			t.Errorf("kid %q: thumbprint %s, want %s", kid, got.Thumbprint(), want)
		}
	}
	if got := (oauth.ClientMetadata{}).Thumbprint(); got != "" {
		t.Errorf("no key has the thumbprint %q", got)
	}
}

// What was accepted is accepted again after it was stored and read back.
func TestClientMetadataRoundTrip(t *testing.T) {
	first, err := oauth.ParseClientMetadata([]byte(toJSON(registration(public(rsaKey())))))
	accepted(t, err)
	var stored oauth.ClientMetadata
	if err := json.Unmarshal([]byte(toJSON(first)), &stored); err != nil {
		t.Fatal(err)
	}
	again, err := oauth.ParseClientMetadata([]byte(toJSON(stored)))
	accepted(t, err)
	sameJSON(t, again, toJSON(first))
	if stored.Thumbprint() != first.Thumbprint() {
		t.Error("another thumbprint")
	}
}
