package device_test

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"countersign/handlers/handlerstest"
	"countersign/handlers/web"
	"countersign/oauth"
	"countersign/oauth/protocoltest"
)

// clientPaths are the endpoints where clients authenticate, as the route table has them.
func clientPaths(s *handlerstest.Server) []string {
	var paths []string
	for _, route := range s.Routes {
		if route.Access == web.Client || route.Access == web.Introspector {
			paths = append(paths, route.Path)
		}
	}
	return paths
}

// docs/protocol.md §6 no-assertion, unsigned-assertion, wrong-audience, at every endpoint: a client without a valid assertion
// is invalid_client (RFC 7523 §3, RFC 10070, FAPI 2.0 §5.3.2.1 and §5.4).
func TestClientAuthenticationIsRequiredEverywhere(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	phone, other := s.Phone(), s.Phone()
	now := s.Clock.Now()
	if len(clientPaths(s)) < 4 {
		t.Fatalf("clients authenticate at %v only", clientPaths(s))
	}
	unsigned := phone.Assertion(handlerstest.Forge{Header: handlerstest.Object{"alg": "none"}})
	unsigned = unsigned[:strings.LastIndex(unsigned, ".")+1]
	claims := func(o handlerstest.Object) handlerstest.Request {
		return handlerstest.Request{Assertion: handlerstest.Forge{Claims: o}}
	}
	for name, request := range map[string]handlerstest.Request{
		"no assertion":      {Form: map[string]string{"client_assertion": ""}},
		"a client_id alone": {Form: map[string]string{"client_assertion": "", "client_assertion_type": ""}},
		"a secret":          {Form: map[string]string{"client_assertion": "", "client_secret": "secret"}},
		"another type of assertion": {Form: map[string]string{
			"client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:saml2-bearer"}},
		"no JWT":                    {Form: map[string]string{"client_assertion": "x.y.z"}},
		"unsigned":                  {Form: map[string]string{"client_assertion": unsigned}},
		"alg none with a signature": {Assertion: handlerstest.Forge{Header: handlerstest.Object{"alg": "none"}}},
		"alg HS256":                 {Assertion: handlerstest.Forge{Header: handlerstest.Object{"alg": "HS256"}}},
		"broken signature":          {Assertion: handlerstest.Forge{Broken: true}},
		"another client's key":      {Assertion: handlerstest.Forge{Key: other.Key}},
		"a key in the header": {Assertion: handlerstest.Forge{Key: other.Key,
			Header: handlerstest.Object{"jwk": handlerstest.PublicJWK(other.Key)}}},
		"aud is the token endpoint":   claims(handlerstest.Object{"aud": s.Endpoint(oauth.PathToken)}),
		"aud has a slash more":        claims(handlerstest.Object{"aud": s.Issuer + "/"}),
		"aud is a list":               claims(handlerstest.Object{"aud": []string{s.Issuer}}),
		"aud is a list of two":        claims(handlerstest.Object{"aud": []string{s.Issuer, s.Endpoint(oauth.PathToken)}}),
		"aud is another server":       claims(handlerstest.Object{"aud": "https://elsewhere.example"}),
		"no aud":                      claims(handlerstest.Object{"aud": nil}),
		"iss is not sub":              claims(handlerstest.Object{"iss": other.ClientID}),
		"sub is another client":       claims(handlerstest.Object{"iss": other.ClientID, "sub": other.ClientID}),
		"client_id is another client": {Form: map[string]string{"client_id": other.ClientID}},
		"an unknown client": {Form: map[string]string{"client_id": ""},
			Assertion: handlerstest.Forge{Claims: handlerstest.Object{"iss": "nobody", "sub": "nobody"}}},
		"no exp":                       claims(handlerstest.Object{"exp": nil}),
		"expired now":                  claims(handlerstest.Object{"exp": now.Unix()}),
		"good for more than 5 minutes": claims(handlerstest.Object{"exp": now.Add(5*time.Minute + time.Second).Unix()}),
		"issued more than 60 s ahead": claims(handlerstest.Object{"iat": now.Add(61 * time.Second).
			Unix(), "exp": now.Add(2 * time.Minute).Unix()}),
		"valid only in more than 60 s": claims(handlerstest.Object{"nbf": now.Add(61 * time.Second).
			Unix(), "exp": now.Add(2 * time.Minute).Unix()}),
		"no jti":                      claims(handlerstest.Object{"jti": nil}),
		"a jti of 256 characters":     claims(handlerstest.Object{"jti": strings.Repeat("j", 256)}),
		"another typ":                 {Assertion: handlerstest.Forge{Header: handlerstest.Object{"typ": "at+jwt"}}},
		"a critical header extension": {Assertion: handlerstest.Forge{Header: handlerstest.Object{"crit": []string{"exp"}}}},
		"a DPoP proof in the assertion's place": {Form: map[string]string{"client_assertion": phone.Proof(http.MethodPost, "/token", "",
			handlerstest.Forge{})}},
	} {
		for _, path := range clientPaths(s) {
			t.Run(name+" at "+path, func(t *testing.T) {
				request.Path = path
				s.Unchanged(t, "the request", func() { notAuthenticated(t, phone.Post(request)) })
			})
		}
	}
}

// What an assertion may look like: with no typ (RFC 10070), issued up to 60 s ahead
// (FAPI 2.0 §5.3.2.1 demands 10), with no iat, and without a client_id beside it.
func TestAcceptedAssertions(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	phone := s.Phone()
	now := s.Clock.Now()
	for name, request := range map[string]handlerstest.Request{
		"typ JWT, the generic type": {Assertion: handlerstest.Forge{Header: handlerstest.Object{"typ": "JWT"}}},
		"no typ":                    {Assertion: handlerstest.Forge{Header: handlerstest.Object{"typ": nil}}},
		"issued 10 s ahead": {Assertion: handlerstest.Forge{Claims: handlerstest.Object{"iat": now.Add(10 * time.Second).
			Unix(), "nbf": now.Add(10 * time.Second).Unix()}}},
		"no iat":                {Assertion: handlerstest.Forge{Claims: handlerstest.Object{"iat": nil}}},
		"no client_id":          {Form: map[string]string{"client_id": ""}},
		"good for five minutes": {Assertion: handlerstest.Forge{Claims: handlerstest.Object{"exp": now.Add(5 * time.Minute).Unix()}}},
	} {
		t.Run(name, func(t *testing.T) { phone.AskRaw(request).Succeeded(t, http.StatusOK) })
	}
}

// Every algorithm that the metadata publishes signs assertions and proofs (RFC 8414 §2).
func TestEveryPublishedAlgorithm(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	_, edwards, _ := ed25519.GenerateKey(rand.Reader)
	_, another, _ := ed25519.GenerateKey(rand.Reader)
	rsa2048, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	keys := map[string]crypto.Signer{"ES256": handlerstest.NewKey(), "EdDSA": edwards,
		"Ed25519": protocoltest.Ed25519Key{PrivateKey: another}, "PS256": rsa2048}
	metadata := s.Get(oauth.PathMetadata)
	for _, member := range []string{"token_endpoint_auth_signing_alg_values_supported", "dpop_signing_alg_values_supported"} {
		published, _ := metadata.JSON[member].([]any)
		if len(published) != len(keys) {
			t.Errorf("%s is %v, this test tries %d", member, published, len(keys))
		}
		for _, name := range published {
			if keys[name.(string)] == nil {
				t.Errorf("%s is published and not tried", name)
			}
		}
	}
	for name, key := range keys {
		t.Run(name, func(t *testing.T) {
			phone := s.PhoneWithKey(key)
			alive(t, phone, connect(t, s, phone).Access)
		})
	}
}

// RFC 9110 §11.6.1: a 401 has a challenge; RFC 6749 §5.2: of the scheme that
// the client tried, if it tried one. What is wrong stands in it too, for clients that read no
// body of a 401. §5.1: neither cache keeps the answer.
func TestFailedAuthenticationIsChallenged(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	phone := s.Phone()
	for scheme, want := range map[string]string{
		"": "private_key_jwt", "Basic eDp5": "Basic", "bearer x": "bearer", "DPoP x": "DPoP", "Digest x": "Digest",
		"x-own.scheme_1 y": "x-own.scheme_1",
		`"quoted" x`:       "private_key_jwt", "Bäsic x": "private_key_jwt", strings.Repeat("a", 41) + " x": "private_key_jwt",
	} {
		request := handlerstest.Request{Path: oauth.PathToken, Form: map[string]string{"client_assertion": "", "client_assertion_type": ""}}
		if scheme != "" {
			request.Header = http.Header{"Authorization": {scheme}}
		}
		answer := phone.Post(request)
		notAuthenticated(t, answer)
		if got := answer.Header.Values("WWW-Authenticate"); len(got) != 1 ||
			got[0] != want+` realm="countersign", error="invalid_client", error_description="`+answer.String("error_description")+`"` {
			t.Errorf("%q: challenged with %q", scheme, got)
		}
	}
	for name, answer := range map[string]handlerstest.Answer{
		"a refusal": phone.PollRaw("x", handlerstest.Request{}), "codes": phone.Ask(nil).Answer, "tokens": connect(t, s, phone).answer,
	} {
		if answer.Header.Get("Cache-Control") != "no-store" || answer.Header.Get("Pragma") != "no-cache" {
			t.Errorf("%s: Cache-Control %q, Pragma %q", name, answer.Header.Get("Cache-Control"), answer.Header.Get("Pragma"))
		}
	}
}

// Who has no client's key does not learn which client_ids there are: an unknown one and a
// signature by another key are refused in the same words, whatever else is wrong.
func TestUnknownClientIsToldAsABadSignatureIs(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	phone := s.Phone()
	for name, header := range map[string]handlerstest.Object{"": nil, "and another typ": {"typ": "at+jwt"}} {
		forge := handlerstest.Forge{Header: header, Broken: true}
		known := phone.PollRaw("x", handlerstest.Request{Assertion: forge})
		forge.Claims = handlerstest.Object{"iss": "nobody", "sub": "nobody"}
		unknown := phone.PollRaw("x", handlerstest.Request{Assertion: forge, Form: map[string]string{"client_id": ""}})
		notAuthenticated(t, unknown)
		if known.Text != unknown.Text || known.Status != unknown.Status {
			t.Errorf("a bad signature %s: %s, an unknown client: %s", name, known.Text, unknown.Text)
		}
	}
}

// RFC 6749 §2.3: one way of authentication.
func TestOneMethodOnly(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	phone := s.Phone()
	basic := http.Header{"Authorization": {"Basic eDp5"}}
	for _, path := range clientPaths(s) {
		refused(t, phone.Post(handlerstest.Request{Path: path, Header: basic}), oauth.ErrInvalidRequest)
		refused(t, phone.Post(handlerstest.Request{Path: path, Form: map[string]string{"client_secret": "x"}}), oauth.ErrInvalidRequest)
		notAuthenticated(t, phone.Post(handlerstest.Request{Path: path, Header: basic,
			Form: map[string]string{"client_assertion": "", "client_assertion_type": ""}}))
	}
}

// docs/architecture.md §4.5: an assertion counts once, in one process by its memory and
// between processes by the transaction that it pays for.
func TestAssertionCountsOnce(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	phone := s.Phone()
	first := phone.NewRequest(handlerstest.Request{Path: oauth.PathDeviceAuthorization,
		Form: map[string]string{"login_hint": "anna@example.org"}, NoProof: true})
	s.Do(first).Succeeded(t, http.StatusOK)
	s.Unchanged(t, "a replay", func() { notAuthenticated(t, s.Do(again(first))) })

	elsewhere := again(first)
	elsewhere.URL.Host = s.Another()
	s.Unchanged(t, "a replay at another process", func() { notAuthenticated(t, s.Do(elsewhere)) })
}

// docs/architecture.md §4.5: what changed something is not done again by another process, not
// even with a new proof: the assertion is used up in the database.
func TestAssertionCountsOnceForEveryChange(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	phone := s.Phone()
	codes := phone.Ask(nil)
	s.Approve(t, codes.UserCode)
	elsewhere := s.Another()
	once := func(name, path string, form map[string]string) handlerstest.Answer {
		t.Helper()
		request := phone.NewRequest(handlerstest.Request{Path: path, Form: form})
		answer := s.Do(request).Succeeded(t, http.StatusOK)
		replay := again(request)
		replay.URL.Host = elsewhere
		replay.Header.Set(oauth.HeaderDPoP, phone.Proof(http.MethodPost, path, "", handlerstest.Forge{}))
		s.Clock.Advance(s.Interval()) // or a redemption would be too soon, whatever its assertion
		s.Unchanged(t, name+" again", func() { notAuthenticated(t, s.Do(replay)) })
		return answer
	}
	granted := once("the redemption", oauth.PathToken, map[string]string{"grant_type": oauth.GrantTypeDeviceCode,
		"device_code": codes.DeviceCode})
	refresh, access := granted.String("refresh_token"), granted.String("access_token")
	once("the refresh", oauth.PathToken, map[string]string{"grant_type": oauth.GrantTypeRefreshToken, "refresh_token": refresh})
	once("the access token's revocation", oauth.PathRevocation, map[string]string{"token": access})
	once("the refresh token's revocation", oauth.PathRevocation, map[string]string{"token": refresh})
}

// What a refusal changes counts as well: an assertion that ended a binding, by a replayed
// code or by a wrong key, pays for nothing at another process.
func TestAssertionOfARefusalCountsOnce(t *testing.T) {
	refresh := func(token string) map[string]string {
		return map[string]string{"grant_type": oauth.GrantTypeRefreshToken, "refresh_token": token}
	}
	for name, form := range map[string]func(code, token string) map[string]string{
		"a wrong key":             func(_, token string) map[string]string { return refresh(token) },
		"a replay":                func(code, _ string) map[string]string { return redemption(code) },
		"a replay by another key": func(code, _ string) map[string]string { return redemption(code) },
	} {
		t.Run(name, func(t *testing.T) {
			s := handlerstest.Start(t, handlerstest.Config{})
			phone := s.Phone()
			codes := phone.Ask(nil)
			s.Approve(t, codes.UserCode)
			granted := readTokens(t, phone.Poll(codes.DeviceCode))
			s.Clock.Advance(time.Hour)
			request := handlerstest.Request{Path: oauth.PathToken, Form: form(codes.DeviceCode, granted.Refresh),
				Assertion: handlerstest.Forge{Claims: handlerstest.Object{"jti": "paid"}}}
			if name != "a replay" {
				request.Proof.Key = handlerstest.NewKey()
			}
			before := s.LastEvent()
			refused(t, phone.Post(request), oauth.ErrInvalidGrant)
			if len(s.Events(before)) != 2 {
				t.Fatalf("events are %v", s.Events(before))
			}
			second := phone.NewRequest(handlerstest.Request{Path: oauth.PathDeviceAuthorization, Assertion: request.Assertion,
				Form: map[string]string{"login_hint": "anna@example.org"}})
			second.URL.Host = s.Another()
			s.Unchanged(t, "the same assertion for codes", func() { notAuthenticated(t, s.Do(second)) })
		})
	}
}

func redemption(code string) map[string]string {
	return map[string]string{"grant_type": oauth.GrantTypeDeviceCode, "device_code": code}
}

// again is the same request once more.
func again(request *http.Request) *http.Request {
	copied := request.Clone(request.Context())
	copied.Body, _ = request.GetBody()
	return copied
}

// withBody adds to a request's body.
func withBody(request *http.Request, body io.Reader, more string) *http.Request {
	text, _ := io.ReadAll(body)
	copied, _ := http.NewRequest(request.Method, request.URL.String(), strings.NewReader(string(text)+more))
	copied.Header = request.Header
	return copied
}
