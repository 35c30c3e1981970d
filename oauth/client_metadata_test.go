package oauth_test

import (
	"encoding/json"
	"reflect"
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

// parsed reads a registration without a software statement.
func parsed(body string) (oauth.ClientMetadata, *oauth.Error) {
	return oauth.ParseClientMetadata([]byte(body), oauth.SoftwareStatement{})
}

// RFC 7591 §2, §3.2.1: everything registered is echoed, what is not understood is ignored.
func TestParseClientMetadata(t *testing.T) {
	body := toJSON(registration(public(ecKey())).With(object{
		"scope":                           "profile profile email",
		"token_endpoint_auth_signing_alg": "ES256",
		"client_name#ja":                  "例",
		"logo_uri":                        "http://127.0.0.1/",
		"software_statement":              "x.y.z",
		"something_else":                  object{"a": []int{1}},
	}))
	got, err := parsed("\r\n " + body)
	accepted(t, err)
	sameJSON(t, got, toJSON(registration(public(ecKey())).With(object{
		"scope":                           "profile email",
		"token_endpoint_auth_signing_alg": "ES256",
		"dpop_bound_access_tokens":        true,
	})))
}

func TestParseClientMetadataAccepts(t *testing.T) {
	for name, changes := range map[string]object{
		"no refresh token":   {"grant_types": []string{oauth.GrantTypeDeviceCode}},
		"a grant twice":      {"grant_types": []string{oauth.GrantTypeDeviceCode, oauth.GrantTypeDeviceCode}},
		"DPoP said outright": {"dpop_bound_access_tokens": true},
		"a kid":              {"jwks": keySet(jose.JSONWebKey{Key: ecKey().Public(), KeyID: "k1", Algorithm: "ES256", Use: "sig"})},
		"Ed25519":            {"jwks": keySet(public(edKey()))},
		"RSA of 2048 bits":   {"jwks": keySet(public(rsaKey()))},
		"markup in a name":   {"client_name": "<b>Wallet</b>"},
		"names at their limits": {"client_name": strings.Repeat("é", 128), "software_id": strings.Repeat("x", 128),
			"software_version": strings.Repeat("1", 64)},
		"PS256 for an RSA key":    {"jwks": keySet(public(rsaKey())), "token_endpoint_auth_signing_alg": "PS256"},
		"an empty scope":          {"scope": ""},
		"jwks with other members": {"jwks": object{"keys": []any{public(ecKey())}, "x": 1}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := parsed(toJSON(registration(public(ecKey())).With(changes)))
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

// RFC 7591 §3.2.2: each of these changes makes a registration that is refused.
func TestParseClientMetadataRefuses(t *testing.T) {
	for kind, list := range map[string]map[string]object{"grants": refusedGrants, "names": refusedNames, "keys": refusedKeys()} {
		for name, changes := range list {
			t.Run(kind+"/"+name, func(t *testing.T) {
				got, err := parsed(toJSON(registration(public(ecKey())).With(changes)))
				refused(t, err, oauth.ErrInvalidClientMetadata)
				if got.JWKS != nil || got.ClientName != "" {
					t.Error("refused metadata was returned")
				}
			})
		}
	}
}

// Bodies that are not what they should be, or too much of it.
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
			_, err := parsed(body)
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
		got, err := parsed(toJSON(registration(key)))
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
	first, err := parsed(toJSON(registration(public(rsaKey()))))
	accepted(t, err)
	var stored oauth.ClientMetadata
	if err := json.Unmarshal([]byte(toJSON(first)), &stored); err != nil {
		t.Fatal(err)
	}
	again, err := parsed(toJSON(stored))
	accepted(t, err)
	sameJSON(t, again, toJSON(first))
	if stored.Thumbprint() != first.Thumbprint() {
		t.Error("another thumbprint")
	}
}

// RFC 7517 §4, §5: what is not for signing here may stand beside the one key that is; it is passed over.
func TestParseClientMetadataPassesOverOtherKeys(t *testing.T) {
	others := []any{
		jose.JSONWebKey{Key: ecKey().Public(), Use: "enc"}, object{"kty": "OKP", "crv": "X25519", "x": strings.Repeat("A", 43)},
		object{"kty": "EC", "crv": "secp256k1", "x": "AA", "y": "AA"}, object{"kty": "AKP", "alg": "ML-DSA-44", "pub": "AA"}, public(p384Key()),
	}
	var withOps object
	if err := json.Unmarshal([]byte(toJSON(public(ecKey()))), &withOps); err != nil {
		t.Fatal(err)
	}
	others = append(others, withOps.With(object{"key_ops": []string{"encrypt"}}))
	nulls := object{"d": nil, "k": nil, "oth": nil, "kid": nil, "use": nil, "alg": nil, "key_ops": nil, "x5c": nil, "x5t": nil, "n": nil}
	verifies := withOps.With(object{"key_ops": []string{"verify"}})
	for _, key := range []any{public(edKey()), public(otherECKey()), verifies, withOps.With(nulls)} {
		for i := range others {
			set := object{"jwks": object{"keys": append([]any{others[i], key}, others[:i]...)}}
			m, err := parsed(toJSON(registration(nil).With(set)))
			accepted(t, err)
			if len(m.JWKS.Keys) != 1 {
				t.Errorf("%d keys are kept", len(m.JWKS.Keys))
			}
		}
	}
}

// RFC 7591 §2: a client that says what it signs with may have a key of another algorithm beside the one for it. Two keys
// of that algorithm, or none, are refused.
func TestParseClientMetadataTakesTheKeyOfItsAlgorithm(t *testing.T) {
	both := object{"jwks": keySet(public(edKey()), public(ecKey()))}
	for algorithm, want := range map[string]any{"ES256": ecKey().Public(), "EdDSA": edKey().Public(), "Ed25519": edKey().Public()} {
		body := toJSON(registration(nil).With(both).With(object{"token_endpoint_auth_signing_alg": algorithm}))
		m, err := parsed(body)
		accepted(t, err)
		if !reflect.DeepEqual(m.JWKS.Keys[0].Key, want) {
			t.Errorf("%s: another key is kept", algorithm)
		}
		if oauth.RegisteringKey([]byte(body)) != m.Thumbprint() {
			t.Errorf("%s: the registration is known by another key when it comes again", algorithm)
		}
	}
	two := object{"jwks": keySet(public(ecKey()), public(otherECKey()))}
	for _, c := range []struct {
		set       object
		algorithm string
	}{{both, "PS256"}, {two, "ES256"}} {
		_, err := parsed(toJSON(registration(nil).With(c.set).With(object{"token_endpoint_auth_signing_alg": c.algorithm})))
		refused(t, err, oauth.ErrInvalidClientMetadata)
	}
}

// RFC 7591 §2, §3.2.2: a member of another JSON type than its own is named.
func TestParseClientMetadataNamesTheMember(t *testing.T) {
	for member, c := range map[string]struct {
		value any
		says  string
	}{
		"software_version":           {1, "software_version must be a string"},
		"client_name":                {[]string{"a"}, "client_name must be a string"},
		"software_id":                {object{}, "software_id must be a string"},
		"scope":                      {[]string{"profile"}, "scope must be a string"},
		"grant_types":                {"refresh_token", "grant_types must be an array of strings"},
		"response_types":             {"none", "response_types must be an array of strings"},
		"token_endpoint_auth_method": {true, "token_endpoint_auth_method must be a string"},
		"dpop_bound_access_tokens":   {"true", "dpop_bound_access_tokens must be true or false"},
	} {
		_, err := parsed(toJSON(registration(public(ecKey())).With(object{member: c.value})))
		refused(t, err, oauth.ErrInvalidClientMetadata)
		if err.Description != c.says {
			t.Errorf("says %q, want %q", err.Description, c.says)
		}
	}
}
