package signin_test

import (
	"bytes"
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
)

const backChannelLogout = views.PathSignIn + "/backchannel-logout"

// signedIn is a browser in which Olga signed in through the provider.
func signedIn(t *testing.T, provider handlerstest.Provider, s *handlerstest.Server) *handlerstest.Browser {
	t.Helper()
	b := s.Browser(t)
	start := begin(b, "/")
	provider.Next(olga())
	if page := b.Get(throughProvider(b, start)); page.Status != http.StatusOK {
		t.Fatalf("sign-in: %d", page.Status)
	}
	return b
}

// logoutToken signs one, as Back-Channel Logout 1.0 section 2.4 has it, or nearly so.
func logoutToken(t *testing.T, provider handlerstest.Provider, s *handlerstest.Server, change func(jwt.MapClaims)) url.Values {
	t.Helper()
	claims := jwt.MapClaims{
		"iss": provider.Issuer(), "aud": provider.ClientID, "iat": s.Clock.Now().Unix(), "exp": s.Clock.Now().Add(2 * time.Minute).Unix(),
		"jti": t.Name() + s.Clock.Now().String(), "sub": olga().ID(),
		"events": map[string]any{"http://schemas.openid.net/event/backchannel-logout": map[string]any{}},
	}
	change(claims)
	token, err := provider.Keypair.SignJWT(claims)
	if err != nil {
		t.Fatal(err)
	}
	return url.Values{"logout_token": {token}}
}

// OpenID Connect Back-Channel Logout 1.0 sections 2.6 and 2.7.
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
	}
	for name, change := range refused {
		t.Run(name, func(t *testing.T) {
			postLogout(t, s, logoutToken(t, provider, s, change)).Refused(t, http.StatusBadRequest, oauth.ErrInvalidRequest)
		})
	}
	postLogout(t, s, url.Values{}).Refused(t, http.StatusBadRequest, oauth.ErrInvalidRequest)
	if page := b.Get(views.PathOpenCounter); page.URL.Path != views.PathOpenCounter {
		t.Fatal("a refused logout token ended the session")
	}

	good := logoutToken(t, provider, s, func(jwt.MapClaims) {})
	answer := postLogout(t, s, good)
	if answer.Status != http.StatusOK || answer.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("%d, Cache-Control %q", answer.Status, answer.Header.Get("Cache-Control"))
	}
	if page := b.Get(views.PathOpenCounter); page.URL.Path != views.PathSignIn {
		t.Errorf("the session goes on at %s", page.URL.Path)
	}
	postLogout(t, s, good).Refused(t, http.StatusBadRequest, oauth.ErrInvalidRequest)
}

// OpenID Connect RP-Initiated Logout 1.0 section 2: whoever signs out here is led on to the
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
	want := url.Values{"client_id": {provider.ClientID}, "post_logout_redirect_uri": {s.Issuer + views.PathSignIn}, "tenant": {"1"}}
	if address.Query().Encode() != want.Encode() {
		t.Errorf("asked for %s", address.RawQuery)
	}
	if !strings.Contains(page.Source, `href="`+strings.ReplaceAll(address.String(), "&", "&amp;")+`"`) {
		t.Error("no link for a browser that does not follow")
	}
	if page := b.Get(views.PathOpenCounter); page.URL.Path != views.PathSignIn {
		t.Error("the session goes on")
	}
}

// withEndSession is the provider with one more line in its metadata.
func withEndSession(t *testing.T, provider handlerstest.Provider) web.StaffProvider {
	t.Helper()
	adding := func(answer *http.Response) error {
		if !strings.HasSuffix(answer.Request.URL.Path, oidcDiscovery) {
			return nil
		}
		var metadata map[string]any
		if err := json.NewDecoder(answer.Body).Decode(&metadata); err != nil {
			return err
		}
		metadata["end_session_endpoint"] = "https://staff.example/goodbye?tenant=1"
		body, err := json.Marshal(metadata)
		answer.Body = io.NopCloser(bytes.NewReader(body))
		return err
	}
	return web.StaffProvider{
		Issuer: provider.Issuer(), ClientID: provider.ClientID, ClientSecret: provider.ClientSecret,
		HTTP: &http.Client{Timeout: 5 * time.Second, Transport: changing(adding)},
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
