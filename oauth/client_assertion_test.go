package oauth_test

import (
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"countersign/oauth"

	"github.com/go-jose/go-jose/v4"
)

const clientID = "client-1"

var (
	assertionHeader = object{"typ": "client-authentication+jwt"}
	assertionClaims = object{
		"iss": clientID, "sub": clientID, "aud": issuer, "jti": "assertion-1",
		"iat": at(0), "exp": at(2 * time.Minute),
	}
	assertionRules = oauth.AssertionRules{Issuer: issuer, Now: now}
)

func assertion(t testing.TB, header, claims object) string {
	return sign(t, jose.ES256, ecKey(), assertionHeader.With(header), toJSON(assertionClaims.With(claims)))
}

// RFC 7523 §3, RFC 10070, FAPI 2.0 §5.3.2.1 and §5.4.
func TestVerifyClientAssertion(t *testing.T) {
	raw := assertion(t, nil, nil)
	got, err := oauth.VerifyClientAssertion(raw, keySet(public(ecKey())), assertionRules)
	accepted(t, err)
	want := oauth.ClientAssertion{
		ClientID: clientID, ID: "assertion-1",
		IssuedAt: time.Unix(at(0), 0), ExpiresAt: time.Unix(at(2*time.Minute), 0),
	}
	if got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestVerifyClientAssertionAccepts(t *testing.T) {
	for name, tc := range map[string]struct{ header, claims object }{
		"no typ (RFC 10070)":                    {header: object{"typ": nil}},
		"typ in full (RFC 7515 §4.1.9)":         {header: object{"typ": "application/Client-Authentication+JWT"}},
		"no iat (RFC 7523 §3)":                  {claims: object{"iat": nil}},
		"10 s ahead (FAPI 2.0 §5.3.2.1)":        {claims: object{"iat": at(10 * time.Second), "nbf": at(10 * time.Second)}},
		"60 s ahead, the most we take":          {claims: object{"iat": at(60 * time.Second), "exp": at(6 * time.Minute)}},
		"the longest lifetime":                  {claims: object{"exp": at(5 * time.Minute)}},
		"one second left":                       {claims: object{"iat": at(-time.Minute), "exp": at(time.Second)}},
		"fractions of a second (RFC 7519 §2)":   {claims: object{"iat": float64(at(0)) + 0.5}},
		"unknown claims and headers":            {header: object{"x": 1}, claims: object{"x": object{"y": 1}}},
		"a kid of its own":                      {header: object{"kid": "whatever"}},
		"an identifier of 255 characters":       {claims: object{"jti": strings.Repeat("é", 255)}},
		"nbf in the past":                       {claims: object{"nbf": at(-time.Hour)}},
		"iat null, which is no iat":             {claims: object{"iat": (*int)(nil)}},
		"an embedded jwk, which means nothing":  {header: object{"jwk": public(ecKey())}},
		"an embedded key of somebody else's":    {header: object{"jwk": public(otherECKey())}},
		"jku and x5u, which are never followed": {header: object{"jku": "http://127.0.0.1/", "x5u": "http://127.0.0.1/"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := oauth.VerifyClientAssertion(assertion(t, tc.header, tc.claims), keySet(public(ecKey())), assertionRules)
			accepted(t, err)
		})
	}
}

func TestVerifyClientAssertionRefusesClaims(t *testing.T) {
	for name, claims := range map[string]object{
		// RFC 7523 §3 (1), (2): iss = sub = client_id
		"no iss":               {"iss": nil},
		"no sub":               {"sub": nil},
		"iss is not sub":       {"iss": "client-2"},
		"both empty":           {"iss": "", "sub": ""},
		"sub is a number":      {"iss": 1, "sub": 1},
		"a sub with NUL":       {"iss": "a\x00", "sub": "a\x00"},
		"a sub beyond VSCHAR":  {"iss": "é", "sub": "é"},
		"a sub of 256 letters": {"iss": strings.Repeat("x", 256), "sub": strings.Repeat("x", 256)},
		// RFC 7523 §3 (3), RFC 10070, FAPI 2.0; docs/protocol.md §6 wrong-audience
		"no aud":                     {"aud": nil},
		"empty aud":                  {"aud": ""},
		"aud is the token endpoint":  {"aud": issuer + "/token"},
		"aud has a slash more":       {"aud": issuer + "/"},
		"aud in capitals":            {"aud": strings.ToUpper(issuer)},
		"aud is an array of one":     {"aud": []string{issuer}},
		"aud is an array of two":     {"aud": []string{issuer, issuer + "/token"}},
		"aud is another server":      {"aud": "https://evil.example"},
		"aud is the issuer and more": {"aud": issuer + " https://evil.example"},
		// RFC 7523 §3 (4), (5), (6); FAPI 2.0 §5.3.2.1
		"no exp":                     {"exp": nil},
		"exp is text":                {"exp": "1795338000"},
		"exp is enormous":            {"exp": 1e300},
		"exp is far away":            {"exp": at(100 * 365 * 24 * time.Hour)},
		"exp is now":                 {"exp": at(0)},
		"exp is past":                {"exp": at(-time.Second)},
		"exp is zero":                {"exp": 0},
		"exp is negative":            {"exp": -1},
		"valid for 5 min 1 s":        {"exp": at(5*time.Minute + time.Second)},
		"valid long, without iat":    {"iat": nil, "exp": at(6*time.Minute + time.Second)},
		"made long ago":              {"iat": at(-time.Hour)},
		"iat 61 s ahead":             {"iat": at(61 * time.Second)},
		"nbf 61 s ahead":             {"nbf": at(61 * time.Second)},
		"iat is text":                {"iat": "now"},
		"nbf is an object":           {"nbf": object{}},
		"iat at the end of all time": {"iat": 4e18},
		// RFC 7523 §3 (7), docs/architecture.md §4.5
		"no jti":                {"jti": nil},
		"empty jti":             {"jti": ""},
		"jti of 256 characters": {"jti": strings.Repeat("x", 256)},
		"jti with NUL":          {"jti": "a\x00"},
		"jti with a line feed":  {"jti": "a\n"},
		"jti is a number":       {"jti": 1},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := oauth.VerifyClientAssertion(assertion(t, nil, claims), keySet(public(ecKey())), assertionRules)
			refused(t, err, oauth.ErrInvalidClient)
			if got != (oauth.ClientAssertion{}) {
				t.Error("a refused assertion was returned")
			}
		})
	}
}

func TestVerifyClientAssertionRefusesHeaders(t *testing.T) {
	for name, header := range map[string]object{
		"typ of an access token":    {"typ": "at+jwt"},
		"typ of a DPoP proof":       {"typ": "dpop+jwt"},
		"an empty typ":              {"typ": ""},
		"typ is a number":           {"typ": 1},
		"crit (RFC 7515 §4.1.11)":   {"crit": []string{"x"}, "x": 1},
		"b64 (RFC 7797 §7)":         {"b64": true, "crit": []string{"b64"}},
		"b64 without crit":          {"b64": true},
		"an embedded shared secret": {"jwk": object{"kty": "oct", "k": "c2VjcmV0"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := oauth.VerifyClientAssertion(assertion(t, header, nil), keySet(public(ecKey())), assertionRules)
			refused(t, err, oauth.ErrInvalidClient)
		})
	}
}

// FAPI 2.0 §5.4: ES256, EdDSA, PS256 with RSA of 2048 bits or more; never none, never a shared secret.
func TestVerifyClientAssertionAlgorithms(t *testing.T) {
	payload := toJSON(assertionClaims)
	for name, tc := range map[string]struct {
		raw    string
		key    jose.JSONWebKey
		accept bool
	}{
		"ES256":   {sign(t, jose.ES256, ecKey(), nil, payload), public(ecKey()), true},
		"EdDSA":   {sign(t, jose.EdDSA, edKey(), nil, payload), public(edKey()), true},
		"Ed25519": {sign(t, "Ed25519", edKey(), nil, payload), public(edKey()), true},
		"Ed25519, a JWK with the older name": {sign(t, "Ed25519", edKey(), nil, payload),
			jose.JSONWebKey{Key: edKey().Public(), Algorithm: "EdDSA"}, true},
		"EdDSA, a JWK with the newer name": {sign(t, jose.EdDSA, edKey(), nil, payload),
			jose.JSONWebKey{Key: edKey().Public(), Algorithm: "Ed25519"}, true},
		"Ed25519 by another's key":           {sign(t, "Ed25519", otherEdKey(), nil, payload), public(edKey()), false},
		"Ed25519 with a key of another kind": {sign(t, "Ed25519", edKey(), nil, payload), public(ecKey()), false},
		"Ed25519 over other claims":          {otherClaims(sign(t, "Ed25519", edKey(), nil, payload)), public(edKey()), false},
		"PS256":                              {sign(t, jose.PS256, rsaKey(), nil, payload), public(rsaKey()), true},
		"RS256":                              {sign(t, jose.RS256, rsaKey(), nil, payload), public(rsaKey()), false},
		"PS512":                              {sign(t, jose.PS512, rsaKey(), nil, payload), public(rsaKey()), false},
		"ES384":                              {sign(t, jose.ES384, p384Key(), nil, payload), public(p384Key()), false},
		"RSA of 1024 bits":                   {sign(t, jose.PS256, weakRSAKey(), nil, payload), public(weakRSAKey()), false},
		"HS256 with public key": {sign(t, jose.HS256, []byte(strings.Repeat("k", 32)), nil, payload),
			jose.JSONWebKey{Key: []byte(strings.Repeat("k", 32))}, false},
		"another client's key":  {sign(t, jose.ES256, otherECKey(), nil, payload), public(ecKey()), false},
		"another kind of key":   {sign(t, jose.EdDSA, edKey(), nil, payload), public(ecKey()), false},
		"a key for another alg": {sign(t, jose.ES256, ecKey(), nil, payload), jose.JSONWebKey{Key: ecKey().Public(), Algorithm: "PS256"}, false},
		"a key for encryption":  {sign(t, jose.ES256, ecKey(), nil, payload), jose.JSONWebKey{Key: ecKey().Public(), Use: "enc"}, false},
		"a key of another kid": {sign(t, jose.ES256, ecKey(), object{"kid": "b"}, payload),
			jose.JSONWebKey{Key: ecKey().Public(), KeyID: "a"}, false},
		"a private key": {sign(t, jose.ES256, ecKey(), nil, payload), jose.JSONWebKey{Key: ecKey()}, false},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := oauth.VerifyClientAssertion(tc.raw, keySet(tc.key), assertionRules)
			if tc.accept {
				accepted(t, err)
				return
			}
			refused(t, err, oauth.ErrInvalidClient)
		})
	}
}

// docs/protocol.md §6 unsigned-assertion: a header that says none, or a broken signature, satisfies nothing.
func TestVerifyClientAssertionRefusesForgeries(t *testing.T) {
	good := assertion(t, nil, nil)
	parts := strings.Split(good, ".")
	other := strings.Split(assertion(t, nil, object{"jti": "assertion-2"}), ".")
	for name, raw := range map[string]string{
		"none":            unsigned(object{"alg": "none"}, assertionClaims, ""),
		"None":            unsigned(object{"alg": "None"}, assertionClaims, ""),
		"no alg":          unsigned(object{}, assertionClaims, "x"),
		"alg is a number": unsigned(object{"alg": 1}, assertionClaims, "x"),
		"none with a real signature": strings.Split(unsigned(object{"alg": "none"}, assertionClaims, ""), ".")[0] + "." + parts[1] +
			"." + parts[2],
		"no signature":               parts[0] + "." + parts[1] + ".",
		"zeros for a signature":      unsigned(object{"alg": "ES256"}, assertionClaims, strings.Repeat("\x00", 64)),
		"another's signature":        parts[0] + "." + parts[1] + "." + other[2],
		"another's claims":           parts[0] + "." + other[1] + "." + parts[2],
		"two parts":                  parts[0] + "." + parts[1],
		"four parts":                 good + ".x",
		"JSON serialization":         `{"payload":"` + parts[1] + `","protected":"` + parts[0] + `","signature":"` + parts[2] + `"}`,
		"a line feed inside":         parts[0] + "\n." + parts[1] + "." + parts[2],
		"padding":                    good + "=",
		"more than 8 KiB, well made": assertion(t, nil, object{"x": strings.Repeat("x", 8192)}),
		"nothing":                    "",
		"dots":                       "..",
		"a megabyte":                 strings.Repeat("a", 1<<20),
		"claims that are no object":  sign(t, jose.ES256, ecKey(), nil, `"text"`),
		"claims that are null":       sign(t, jose.ES256, ecKey(), nil, `null`),
		"claims that are no JSON":    sign(t, jose.ES256, ecKey(), nil, `{`),
		"claims twice":               sign(t, jose.ES256, ecKey(), nil, toJSON(assertionClaims)+toJSON(assertionClaims)),
		"claims in invalid UTF-8":    sign(t, jose.ES256, ecKey(), nil, strings.Replace(toJSON(assertionClaims), "assertion-1", "\xff", 1)),
		"a member twice": sign(t, jose.ES256, ecKey(), nil,
			strings.Replace(toJSON(assertionClaims), "{", `{"aud":"https://evil.example",`, 1)),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := oauth.VerifyClientAssertion(raw, keySet(public(ecKey())), assertionRules)
			refused(t, err, oauth.ErrInvalidClient)
		})
	}
}

// docs/protocol.md §6 no-assertion: a client with no usable key is never authenticated, nor is anybody by a server without an issuer.
func TestVerifyClientAssertionWithoutRules(t *testing.T) {
	_, err := oauth.VerifyClientAssertion(assertion(t, nil, nil), keySet(), assertionRules)
	refused(t, err, oauth.ErrInvalidClient)
	_, err = oauth.VerifyClientAssertion(assertion(t, nil, object{"aud": ""}), keySet(public(ecKey())), oauth.AssertionRules{Now: now})
	refused(t, err, oauth.ErrInvalidClient)
}

func TestVerifyClientAssertionTriesEveryKey(t *testing.T) {
	keys := keySet(public(rsaKey()), public(otherECKey()), public(ecKey()))
	_, err := oauth.VerifyClientAssertion(assertion(t, nil, nil), keys, assertionRules)
	accepted(t, err)
}

// RFC 7523 §3, RFC 10070: who has the key is told what is wrong; who has not is told nothing of it.
func TestVerifyClientAssertionSaysWhatIsWrong(t *testing.T) {
	for name, c := range map[string]struct {
		header, claims object
		says           string
	}{
		"aud is a list":         {nil, object{"aud": []string{issuer}}, "aud must be one string"},
		"aud is a number":       {nil, object{"aud": 1}, "aud must be one string"},
		"exp is text":           {nil, object{"exp": "1790000000"}, "exp must be a number of seconds"},
		"iat is text":           {nil, object{"iat": "now"}, "iat must be a number of seconds"},
		"jti is a number":       {nil, object{"jti": 7}, "jti must be one string"},
		"another kid":           {object{"kid": "b"}, nil, "kid is not that of the registered key"},
		"typ of another kind":   {object{"typ": "at+jwt"}, nil, "typ must be " + oauth.TypeClientAuthentication},
		"another's aud":         {nil, object{"aud": issuer + "/token"}, "aud must be the issuer identifier"},
		"an algorithm not here": {object{"alg": "ES384"}, nil, "algorithm is not accepted"},
	} {
		t.Run(name, func(t *testing.T) {
			key := jose.JSONWebKey{Key: ecKey().Public(), KeyID: "a"}
			_, err := oauth.VerifyClientAssertion(assertion(t, c.header, c.claims), keySet(key), assertionRules)
			refused(t, err, oauth.ErrInvalidClient)
			if !strings.Contains(err.Description, c.says) {
				t.Errorf("says %q, want %q", err.Description, c.says)
			}
			if c.header["alg"] != nil {
				return
			}
			key.Key = otherECKey().Public()
			if _, err = oauth.VerifyClientAssertion(assertion(t, c.header, c.claims), keySet(key), assertionRules); err == nil ||
				err.Description != oauth.UnknownClient().Description {
				t.Errorf("a stranger is told %v", err)
			}
		})
	}
}

// RFC 7519 §5.1: JWT is the generic type, which most libraries write, and no explicit type (RFC 8725 §3.11).
func TestVerifyClientAssertionTypes(t *testing.T) {
	for _, typ := range []any{nil, "JWT", "jwt", "application/jwt", "client-authentication+jwt", "application/client-authentication+jwt",
		"Client-Authentication+JWT"} {
		_, err := oauth.VerifyClientAssertion(assertion(t, object{"typ": typ}, nil), keySet(public(ecKey())), assertionRules)
		accepted(t, err)
	}
}

// otherClaims puts other claims into a JWT and leaves its signature.
func otherClaims(raw string) string {
	parts := strings.Split(raw, ".")
	return parts[0] + "." + base64.RawURLEncoding.EncodeToString([]byte(toJSON(assertionClaims.With(object{"jti": "another"})))) +
		"." + parts[2]
}
