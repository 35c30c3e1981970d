package oauth_test

import (
	"strings"
	"testing"
	"time"

	"countersign/oauth"

	"github.com/go-jose/go-jose/v4"
)

// The proof, key thumbprint, and token with its hash that RFC 9449 §4.1, §6.1 and §7.1 print.
const (
	rfc9449Proof = "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19." +
		"eyJqdGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRtIjoiUE9TVCIsImh0dSI6Imh0dHBzOi8vc2VydmVyLmV4YW1wbGUuY29tL3Rva2VuIiwiaWF0IjoxNTYyMjYyNjE2fQ." +
		"2-GxA6T8lP4vfrg8v-FdWP0A0zdrj8igiMLvqRMUvwnQg4PtFLbdLXiOSsX0x7NVY-FNyJK70nfbV37xRZT3Lg"
	rfc9449Thumbprint = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"
	rfc9449Token      = "Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU"
	rfc9449Hash       = "fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo"
)

var (
	proofHeader = object{"typ": "dpop+jwt"}
	proofClaims = object{"jti": "proof-1", "htm": "POST", "htu": issuer + "/token", "iat": at(0)}
	proofRules  = oauth.DPoPRules{Method: "POST", URL: issuer + "/token", Now: now}
)

func proof(t testing.TB, header, claims object) string {
	header = proofHeader.With(object{"jwk": public(ecKey())}).With(header)
	return sign(t, jose.ES256, ecKey(), header, toJSON(proofClaims.With(claims)))
}

func TestVerifyDPoPProofOfRFC9449(t *testing.T) {
	issued := time.Unix(1562262616, 0)
	got, err := oauth.VerifyDPoPProof([]string{rfc9449Proof}, oauth.DPoPRules{
		Method: "POST", URL: "https://server.example.com/token", Now: issued,
	})
	accepted(t, err)
	want := oauth.DPoPProof{Thumbprint: rfc9449Thumbprint, ID: "-BwC3ESc6acc2lTc", IssuedAt: issued, ExpiresAt: issued.Add(oauth.DPoPWindow)}
	if got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// RFC 9449 §4.3.
func TestVerifyDPoPProofAccepts(t *testing.T) {
	for name, tc := range map[string]struct{ header, claims object }{
		"as it should be":          {},
		"typ in full":              {header: object{"typ": "application/dpop+jwt"}},
		"60 s ahead":               {claims: object{"iat": at(60 * time.Second)}},
		"almost too old":           {claims: object{"iat": at(time.Second - oauth.DPoPWindow)}},
		"htu with a query":         {claims: object{"htu": issuer + "/token?a=b"}},
		"htu with a fragment":      {claims: object{"htu": issuer + "/token#a"}},
		"htu with the port":        {claims: object{"htu": "https://auth.example:443/token"}},
		"htu with an empty port":   {claims: object{"htu": "https://auth.example:/token"}},
		"htu in capitals":          {claims: object{"htu": "HTTPS://AUTH.example/token"}},
		"htu with a dot segment":   {claims: object{"htu": issuer + "/x/../token"}},
		"htu with escapes":         {claims: object{"htu": issuer + "/%74o%6Ben"}},
		"an ath nobody asked for":  {claims: object{"ath": "x"}},
		"a nonce nobody asked for": {claims: object{"nonce": "x"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := oauth.VerifyDPoPProof([]string{proof(t, tc.header, tc.claims)}, proofRules)
			accepted(t, err)
		})
	}
}

// RFC 9449 §4.3, (3) and (8) to (11).
func TestVerifyDPoPProofRefusesClaims(t *testing.T) {
	for name, claims := range map[string]object{
		"no jti":                {"jti": nil},
		"empty jti":             {"jti": ""},
		"jti of 256 characters": {"jti": strings.Repeat("x", 256)},
		"jti with NUL":          {"jti": "\x00"},
		"no htm":                {"htm": nil},
		"another method":        {"htm": "GET"},
		"method in small":       {"htm": "post"},
		"no htu":                {"htu": nil},
		"another path":          {"htu": issuer + "/device_authorization"},
		"a slash more":          {"htu": issuer + "/token/"},
		"path in capitals":      {"htu": issuer + "/TOKEN"},
		"an escaped slash":      {"htu": issuer + "%2ftoken"},
		"another host":          {"htu": "https://evil.example/token"},
		"a host that begins so": {"htu": "https://auth.example.evil.example/token"},
		"user information":      {"htu": "https://auth.example@evil.example/token"},
		"user at our host":      {"htu": "https://x@auth.example/token"},
		"another port":          {"htu": "https://auth.example:8443/token"},
		"http":                  {"htu": "http://auth.example/token"},
		"no scheme":             {"htu": "//auth.example/token"},
		"only a path":           {"htu": "/token"},
		"not a URL":             {"htu": "https://auth.example/%zz"},
		"opaque":                {"htu": "https:auth.example/token"},
		"no iat":                {"iat": nil},
		"iat is text":           {"iat": "now"},
		"61 s ahead":            {"iat": at(61 * time.Second)},
		"too old":               {"iat": at(-oauth.DPoPWindow)},
		"from 1970":             {"iat": 0},
		"from the end of time":  {"iat": 4e18},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := oauth.VerifyDPoPProof([]string{proof(t, nil, claims)}, proofRules)
			refused(t, err, oauth.ErrInvalidDPoPProof)
			if got != (oauth.DPoPProof{}) {
				t.Error("a refused proof was returned")
			}
		})
	}
}

// A right signature over a claim of another JSON type is told which claim it is.
func TestVerifyDPoPProofNamesTheClaim(t *testing.T) {
	of := object{"iat": "now", "htm": 7, "htu": []string{issuer + "/token"}, "jti": 7, "nonce": 7, "ath": []string{}}
	for name, value := range of {
		_, err := oauth.VerifyDPoPProof([]string{proof(t, nil, object{name: value})}, proofRules)
		refused(t, err, oauth.ErrInvalidDPoPProof)
		if err == nil || !strings.HasPrefix(err.Description, name+" must be ") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// RFC 9449 §4.3, (1), (2), (4) to (7).
func TestVerifyDPoPProofRefusesForgeries(t *testing.T) {
	good := proof(t, nil, nil)
	parts := strings.Split(good, ".")
	payload := toJSON(proofClaims)
	with := func(alg jose.SignatureAlgorithm, key any, jwk any) string {
		return sign(t, alg, key, proofHeader.With(object{"jwk": jwk}), payload)
	}
	for name, headers := range map[string][]string{
		"no header":           nil,
		"two headers":         {good, good},
		"two in one header":   {good + ", " + good},
		"an empty header":     {""},
		"no typ":              {proof(t, object{"typ": nil}, nil)},
		"typ JWT":             {proof(t, object{"typ": "JWT"}, nil)},
		"typ of an assertion": {proof(t, object{"typ": "client-authentication+jwt"}, nil)},
		"no jwk":              {proof(t, object{"jwk": nil}, nil)},
		"jwk is text":         {proof(t, object{"jwk": "x"}, nil)},
		"a private jwk":       {with(jose.ES256, ecKey(), jose.JSONWebKey{Key: ecKey()})},
		"another's jwk":       {with(jose.ES256, ecKey(), public(otherECKey()))},
		"a symmetric jwk": {with(jose.HS256, []byte(strings.Repeat("k", 32)),
			object{"kty": "oct", "k": "a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s"})},
		"RSA of 1024 bits": {with(jose.PS256, weakRSAKey(), public(weakRSAKey()))},
		"RS256":            {with(jose.RS256, rsaKey(), public(rsaKey()))},
		"ES384":            {with(jose.ES384, p384Key(), public(p384Key()))},
		"a point off the curve": {proof(t,
			object{"jwk": object{"kty": "EC", "crv": "P-256", "x": strings.Repeat("A", 43), "y": strings.Repeat("A", 43)}}, nil)},
		"none":                 {unsigned(object{"typ": "dpop+jwt", "alg": "none", "jwk": public(ecKey())}, proofClaims, "")},
		"no signature":         {parts[0] + "." + parts[1] + "."},
		"crit":                 {proof(t, object{"crit": []string{"x"}, "x": 1}, nil)},
		"a megabyte":           {strings.Repeat("a", 1<<20)},
		"claims that are null": {sign(t, jose.ES256, ecKey(), proofHeader.With(object{"jwk": public(ecKey())}), "null")},
		"a member twice": {sign(t, jose.ES256, ecKey(), proofHeader.With(object{"jwk": public(ecKey())}),
			strings.Replace(payload, "{", `{"htm":"GET",`, 1))},
		"an Ed25519 key of zero": {proof(t, object{"jwk": object{"kty": "OKP", "crv": "Ed25519", "x": strings.Repeat("A", 43)}}, nil)},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := oauth.VerifyDPoPProof(headers, proofRules)
			refused(t, err, oauth.ErrInvalidDPoPProof)
		})
	}
}

// RFC 9449 §5, RFC 9864 §2.2: all algorithms that the metadata names.
func TestVerifyDPoPProofAlgorithms(t *testing.T) {
	keys := map[string]any{"ES256": ecKey(), "EdDSA": edKey(), "Ed25519": edKey(), "PS256": rsaKey()}
	for _, alg := range oauth.NewServerMetadata(issuer, nil).DPoPSigningAlgs {
		raw := sign(t, jose.SignatureAlgorithm(alg), keys[alg], proofHeader.With(object{"jwk": public(keys[alg])}), toJSON(proofClaims))
		got, err := oauth.VerifyDPoPProof([]string{raw}, proofRules)
		accepted(t, err)
		if len(got.Thumbprint) != 43 {
			t.Errorf("%s: thumbprint %q", alg, got.Thumbprint)
		}
	}
}

// RFC 9449 §4.3 (12), §7.1: at a resource the proof hashes the token.
func TestVerifyDPoPProofAccessToken(t *testing.T) {
	rules := proofRules
	rules.AccessToken = rfc9449Token
	_, err := oauth.VerifyDPoPProof([]string{proof(t, nil, object{"ath": rfc9449Hash})}, rules)
	accepted(t, err)
	for name, ath := range map[string]any{"none": nil, "empty": "", "another token's": rfc9449Hash[:42] + "A", "the token": rfc9449Token} {
		_, err := oauth.VerifyDPoPProof([]string{proof(t, nil, object{"ath": ath})}, rules)
		if err == nil || err.Code != oauth.ErrInvalidDPoPProof {
			t.Errorf("ath %s: %v", name, err)
		}
	}
}

// RFC 9449 §4.3: the server's own URL is normalized too, for issuers with a path, a port, or nothing after the host.
func TestVerifyDPoPProofTargets(t *testing.T) {
	for _, tc := range []struct {
		htu, url string
		same     bool
	}{
		{"http://127.0.0.1:8080/token", "http://127.0.0.1:8080/token", true},
		{"http://localhost:80/token", "http://LOCALHOST/token", true},
		{"http://[::1]:8080/token", "http://[::1]:8080/token", true},
		{"https://auth.example", "https://auth.example/", true},
		{"https://auth.example/a%2fb", "https://auth.example/a%2Fb", true},
		{"https://auth.example/a%2fb", "https://auth.example/a/b", false},
		{"https://auth.example/tenant/token", "https://auth.example/tenant/token", true},
		{"https://auth.example:80/token", "https://auth.example/token", false},
		{"https://auth.example/token", "", false},
		{"", "", false},
	} {
		rules := proofRules
		rules.URL = tc.url
		_, err := oauth.VerifyDPoPProof([]string{proof(t, nil, object{"htu": tc.htu})}, rules)
		if (err == nil) != tc.same {
			t.Errorf("%q for %q: %v", tc.htu, tc.url, err)
		}
	}
}
