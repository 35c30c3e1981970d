package signin_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"countersign/handlers/handlerstest"
	"countersign/handlers/web"
	"countersign/oauth"
	"countersign/views"

	"github.com/golang-jwt/jwt/v5"
	"github.com/oauth2-proxy/mockoidc"
)

const (
	backChannelLogout = views.PathSignIn + "/backchannel-logout"
	logoutEvent       = "http://schemas.openid.net/event/backchannel-logout"
)

// signedIn is a browser in which Olga signed in through the provider.
func signedIn(t *testing.T, provider handlerstest.Provider, s *handlerstest.Server) *handlerstest.Browser {
	t.Helper()
	return signedInAs(t, provider, s, olga())
}

func signedInAs(t *testing.T, provider handlerstest.Provider, s *handlerstest.Server, who handlerstest.Person) *handlerstest.Browser {
	t.Helper()
	b := s.Browser(t)
	start := begin(b, "/")
	provider.Next(who)
	if page := b.Get(throughProvider(b, start)); page.Status != http.StatusOK {
		t.Fatalf("sign-in: %d", page.Status)
	}
	return b
}

// logoutToken signs one, as Back-Channel Logout 1.0 §2.4 has it, or nearly so.
func logoutToken(t *testing.T, provider handlerstest.Provider, s *handlerstest.Server, change func(jwt.MapClaims)) url.Values {
	t.Helper()
	return logoutTokenBy(t, provider.Keypair, provider, s, change)
}

func logoutTokenBy(t *testing.T, key *mockoidc.Keypair, provider handlerstest.Provider, s *handlerstest.Server,
	change func(jwt.MapClaims)) url.Values {
	t.Helper()
	claims := jwt.MapClaims{
		"iss": provider.Issuer(), "aud": provider.ClientID, "iat": s.Clock.Now().Unix(), "exp": s.Clock.Now().Add(2 * time.Minute).Unix(),
		"jti": t.Name() + s.Clock.Now().String(), "sub": olga().ID(),
		"events": map[string]any{logoutEvent: map[string]any{}},
	}
	change(claims)
	token, err := key.SignJWT(claims)
	if err != nil {
		t.Fatal(err)
	}
	return url.Values{"logout_token": {token}}
}

// OpenID Connect Back-Channel Logout 1.0 §2.4 and §2.6 to 2.8.
func TestBackChannelLogout(t *testing.T) {
	provider := handlerstest.StartProvider(t)
	s := provider.Server(t, handlerstest.Config{})
	b := signedIn(t, provider, s)

	refused := map[string]func(jwt.MapClaims){
		"no event":         func(c jwt.MapClaims) { delete(c, "events") },
		"another event":    func(c jwt.MapClaims) { c["events"] = map[string]any{"https://example/other": map[string]any{}} },
		"a nonce":          func(c jwt.MapClaims) { c["nonce"] = "n" },
		"another audience": func(c jwt.MapClaims) { c["aud"] = "somebody" },
		"another issuer":   func(c jwt.MapClaims) { c["iss"] = "https://elsewhere.example" },
		"over":             func(c jwt.MapClaims) { c["exp"] = s.Clock.Now().Add(-time.Minute).Unix() },
		"nobody":           func(c jwt.MapClaims) { delete(c, "sub") },
		"no jti":           func(c jwt.MapClaims) { delete(c, "jti") },
		"no iat":           func(c jwt.MapClaims) { delete(c, "iat") },
		"no exp":           func(c jwt.MapClaims) { delete(c, "exp") },
		"an empty nonce":   func(c jwt.MapClaims) { c["nonce"] = "" },
		"an event as text": func(c jwt.MapClaims) { c["events"] = map[string]any{logoutEvent: "yes"} },
		"from the future":  func(c jwt.MapClaims) { c["iat"] = s.Clock.Now().Add(61 * time.Second).Unix() },
		"an event of null": func(c jwt.MapClaims) { c["events"] = map[string]any{logoutEvent: nil} },
	}
	for name, change := range refused {
		t.Log(name)
		postLogout(t, s, logoutToken(t, provider, s, change)).Refused(t, http.StatusBadRequest, oauth.ErrInvalidRequest)
	}
	other, err := mockoidc.RandomKeypair(2048)
	if err != nil {
		t.Fatal(err)
	}
	asIs := func(jwt.MapClaims) {}
	whole, foreign := logoutToken(t, provider, s, asIs).Get("logout_token"), logoutTokenBy(t, other, provider, s, asIs).Get("logout_token")
	for name, forged := range map[string]string{
		"none": "", "not a token": "x.y.z", "by another key": foreign, "unsigned": unsigned(whole), "cut": whole[:len(whole)-8],
	} {
		answer := postLogout(t, s, url.Values{"logout_token": {forged}})
		answer.Refused(t, http.StatusBadRequest, oauth.ErrInvalidRequest)
		if answer.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: Cache-Control %q", name, answer.Header.Get("Cache-Control"))
		}
	}
	if page := b.Get(views.PathOpenCounter); page.URL.Path != views.PathOpenCounter {
		t.Fatal("a refused logout token ended the session")
	}

	good := url.Values{"logout_token": {whole}}
	answer := postLogout(t, s, good)
	if answer.Status != http.StatusOK || answer.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("%d, Cache-Control %q", answer.Status, answer.Header.Get("Cache-Control"))
	}
	if page := b.Get(views.PathOpenCounter); page.URL.Path != views.PathSignIn {
		t.Errorf("the session goes on at %s", page.URL.Path)
	}
	postLogout(t, s, good).Refused(t, http.StatusBadRequest, oauth.ErrInvalidRequest)

	// §2.7: a person who is signed out already counts as signed out.
	again := logoutToken(t, provider, s, func(c jwt.MapClaims) { c["jti"] = "another" })
	if answer := postLogout(t, s, again); answer.Status != http.StatusOK {
		t.Errorf("signed out already: %d", answer.Status)
	}
}

// Back-Channel Logout 1.0 §2.4, RFC 8725 §3.11: a token that says what it is says that it is
// a logout token; many providers say JWT, or nothing.
func TestLogoutTokensType(t *testing.T) {
	provider := handlerstest.StartProvider(t)
	s, bad := provider.Server(t, handlerstest.Config{}), http.StatusBadRequest
	for kind, status := range map[string]int{
		"": http.StatusOK, "JWT": http.StatusOK, "jwt": http.StatusOK, "logout+jwt": http.StatusOK, "application/logout+jwt": http.StatusOK,
		"at+jwt": bad, "secevent+jwt": bad, "dpop+jwt": bad, "id_token+jwt": bad,
	} {
		before := len(s.Log())
		raw := logoutToken(t, provider, s, func(c jwt.MapClaims) { c["jti"] = "of kind " + kind }).Get("logout_token")
		answer := postLogout(t, s, url.Values{"logout_token": {typed(t, provider.Keypair, raw, kind)}})
		if answer.Status != status {
			t.Errorf("%q: %d %s, want %d", kind, answer.Status, answer.Text, status)
		}
		if told := strings.Contains(s.Log()[before:], "another kind of token"); told != (status != http.StatusOK) {
			t.Errorf("%q: logged %s", kind, s.Log()[before:])
		}
	}
}

// typed signs the claims of a token once more, with another typ; "" leaves it out.
func typed(t *testing.T, key *mockoidc.Keypair, token, kind string) string {
	t.Helper()
	parsed, _, err := jwt.NewParser().ParseUnverified(token, jwt.MapClaims{})
	if err != nil {
		t.Fatal(err)
	}
	again := jwt.NewWithClaims(jwt.SigningMethodRS256, parsed.Claims)
	again.Header["kid"] = parsed.Header["kid"]
	if again.Header["typ"] = kind; kind == "" {
		delete(again.Header, "typ")
	}
	signed, err := again.SignedString(key.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

// unsigned is a token without its signature, whose header says so.
func unsigned(token string) string {
	_, rest, _ := strings.Cut(token, ".")
	claims, _, _ := strings.Cut(rest, ".")
	return base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none","typ":"logout+jwt"}`)) + "." + claims + "."
}

// OpenID Connect RP-Initiated Logout 1.0 §2: a person who signs out here is led on to the
// provider's own sign-out, where it has one; here the session is over whatever happens there.
func TestSignOutAtTheProvider(t *testing.T) {
	provider := handlerstest.StartProvider(t)
	s := provider.Server(t, handlerstest.Config{})
	b := signedIn(t, provider, s)
	page := b.Post(views.PathSignOut, nil)
	if page.URL.Path != views.PathSignIn { // mockoidc has no end_session_endpoint
		t.Errorf("signing out leads to %s", page.URL.Path)
	}

	staff := withEndSession(t, provider)
	s = handlerstest.Start(t, handlerstest.Config{Staff: staff})
	b = signedIn(t, provider, s)
	page = b.Post(views.PathSignOut, nil)
	refresh := page.Header.Get("Refresh")
	address, err := url.Parse(strings.TrimPrefix(refresh, "0; url="))
	if err != nil || page.URL.Path != views.PathSignedOut || address.Path != "/goodbye" {
		t.Fatalf("signing out leads to %s and Refresh %q", page.URL.Path, refresh)
	}
	asked := address.Query()
	hint, _, err := jwt.NewParser().ParseUnverified(asked.Get("id_token_hint"), jwt.MapClaims{})
	if err != nil || hint.Claims.(jwt.MapClaims)["sub"] != olga().ID() { //nolint:forcetypeassert // of the parser's own making
		t.Errorf("the hint is %v, %v", hint, err)
	}
	asked.Del("id_token_hint")
	want := url.Values{"client_id": {provider.ClientID}, "post_logout_redirect_uri": {s.Issuer + views.PathSignIn}, "tenant": {"1"}}
	if asked.Encode() != want.Encode() {
		t.Errorf("asked for %s", address.RawQuery)
	}
	if again := b.Get(views.PathSignedOut).Header.Get("Refresh"); strings.Contains(again, "id_token_hint") {
		t.Error("the ID token is kept after it was used")
	}
	if !strings.Contains(page.Source, `href="`+strings.ReplaceAll(address.String(), "&", "&amp;")+`"`) {
		t.Error("no link for a browser that does not follow")
	}
	if page := b.Get(views.PathOpenCounter); page.URL.Path != views.PathSignIn {
		t.Error("the session goes on")
	}

	// In a process that has not met the provider yet: after a restart, or one of several.
	s = handlerstest.Start(t, handlerstest.Config{Staff: staff})
	page = s.BrowserOf(t, s.Operator("Olga Operator")).Post(views.PathSignOut, nil)
	if page.URL.Path != views.PathSignedOut || !strings.HasPrefix(page.Header.Get("Refresh"), "0; url=https://staff.example/goodbye?") {
		t.Errorf("after a restart signing out leads to %s and Refresh %q", page.URL.Path, page.Header.Get("Refresh"))
	}
}

// withEndSession is the provider with one more line in its metadata.
func withEndSession(t *testing.T, provider handlerstest.Provider) web.StaffProvider {
	t.Helper()
	return withMetadata(provider, func(metadata map[string]any) {
		metadata["end_session_endpoint"] = "https://staff.example/goodbye?tenant=1"
	})
}

// withMetadata is the provider with other metadata than it has.
func withMetadata(provider handlerstest.Provider, change func(map[string]any)) web.StaffProvider {
	return withAnswers(provider, func(answer *http.Response) error {
		if !strings.HasSuffix(answer.Request.URL.Path, oidcDiscovery) {
			return nil
		}
		var metadata map[string]any
		if err := json.NewDecoder(answer.Body).Decode(&metadata); err != nil {
			return err
		}
		change(metadata)
		body, err := json.Marshal(metadata)
		answer.Body = io.NopCloser(bytes.NewReader(body))
		return err
	})
}

// withAnswers is the provider with other answers than it gives.
func withAnswers(provider handlerstest.Provider, change changing) web.StaffProvider {
	return web.StaffProvider{
		Issuer: provider.Issuer(), ClientID: provider.ClientID, ClientSecret: provider.ClientSecret,
		HTTP: &http.Client{Timeout: time.Minute, Transport: change},
	}
}

const oidcDiscovery = "/.well-known/openid-configuration"

// changing is a transport that changes what comes back.
type changing func(*http.Response) error

func (change changing) RoundTrip(request *http.Request) (*http.Response, error) {
	answer, err := http.DefaultTransport.RoundTrip(request)
	if err == nil {
		err = change(answer)
	}
	return answer, err
}

func postLogout(t *testing.T, s *handlerstest.Server, form url.Values) handlerstest.Answer {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.Endpoint(backChannelLogout), strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return s.Do(request)
}
