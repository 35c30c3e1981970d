package oauth_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"countersign/oauth"

	"github.com/go-jose/go-jose/v4"
)

// RFC 9701 §5: typ, iss, aud, iat and token_introspection, and nothing more: neither sub nor exp, which would make it look
// like an access token.
func TestSignIntrospection(t *testing.T) {
	for want, answer := range map[string]oauth.Introspection{
		`{"active": false}`: {},
		`{"active": true, "sub": "account-1", "exp": 1795338600, "aud": "https://auth.example/api"}`: {
			Active: true, Subject: "account-1", ExpiresAt: at(10 * time.Minute), Audience: audience},
	} {
		raw := must(oauth.SignIntrospection(answer, issuer, "caller-1", now, signingKey()))
		parts := strings.Split(raw, ".")
		sameJSON(t, decodePart(t, parts[0]), `{"alg": "ES256", "typ": "token-introspection+jwt", "kid": "server-1"}`)
		sameJSON(t, decodePart(t, parts[1]),
			`{"iss": "https://auth.example", "aud": "caller-1", "iat": 1795338000, "token_introspection": `+want+`}`)
		jws := must(jose.ParseSignedCompact(raw, []jose.SignatureAlgorithm{jose.ES256}))
		if _, err := jws.Verify(ecKey().Public()); err != nil {
			t.Error(err)
		}
		_, err := oauth.VerifyAccessToken(raw, publicSigningKeys(), issuer, []string{audience, "caller-1"}, now)
		refused(t, err, oauth.ErrInvalidToken) // RFC 9701 §8.1: one is not taken for the other
	}
}

func TestSignIntrospectionRefuses(t *testing.T) {
	noKid := signingKey()
	noKid.KeyID = ""
	public := signingKey()
	public.Key = ecKey().Public()
	for name, sign := range map[string]func() (string, error){
		"no issuer": func() (string, error) {
			return oauth.SignIntrospection(oauth.Introspection{}, "", "c", now, signingKey())
		},
		"no caller": func() (string, error) {
			return oauth.SignIntrospection(oauth.Introspection{}, issuer, "", now, signingKey())
		},
		"no kid": func() (string, error) { return oauth.SignIntrospection(oauth.Introspection{}, issuer, "c", now, noKid) },
		"a public key": func() (string, error) {
			return oauth.SignIntrospection(oauth.Introspection{}, issuer, "c", now, public)
		},
	} {
		if raw, err := sign(); err == nil || raw != "" {
			t.Errorf("%s: signed", name)
		}
	}
}

// RFC 9701 §4, RFC 9110 §12.5.1.
func TestWantsIntrospectionJWT(t *testing.T) {
	const kind = oauth.MediaTypeTokenIntrospection
	for accept, want := range map[string]bool{
		kind: true, strings.ToUpper(kind): true, "text/html, " + kind: true, kind + ";q=0.1": true,
		kind + ", application/json": true, kind + ";q=0.5, application/json;q=0.4": true,
		"": false, "*/*": false, "application/*": false, "application/json": false, "application/jwt": false, kind + "x": false,
		kind + ";q=0": false, kind + ";q=x": false, kind + ";q=2": false, kind + ";q=0.4, application/json;q=0.5": false, ";;": false,
	} {
		if got := oauth.WantsIntrospectionJWT(http.Header{"Accept": {accept}}); got != want {
			t.Errorf("%q: %t", accept, got)
		}
	}
	if !oauth.WantsIntrospectionJWT(http.Header{"Accept": {"text/plain", kind}}) || oauth.WantsIntrospectionJWT(nil) {
		t.Error("several headers, or none")
	}
}
