package signin_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"countersign/audit"
	"countersign/handlers/handlerstest"
	"countersign/views"

	"github.com/oauth2-proxy/mockoidc"
)

// begin posts the sign-in form and gives the address at the provider.
func begin(b *handlerstest.Browser, returnTo string) *url.URL {
	page := b.Get(views.PathSignIn + "?" + url.Values{"return_to": {returnTo}}.Encode()).Form(views.PathSignIn).Send()
	address, _ := url.Parse(page.Location)
	return address
}

// throughProvider visits the provider and gives the address that it sends back to.
func throughProvider(b *handlerstest.Browser, address *url.URL) string {
	return b.Step(http.MethodGet, address.String(), nil).Location
}

// onTheWay are the cookies of the browser's sign-ins that are on their way.
func onTheWay(b *handlerstest.Browser) []string { return b.CookieNames("countersign-sign-in-") }

func olga() handlerstest.Person { return handlerstest.Person{Name: "Olga Operator", Roles: "operator"} }

// RFC 7636, OpenID Connect Core §3.1.2.1: state, nonce and PKCE by S256.
func TestSignInAsksAsItShould(t *testing.T) {
	provider := handlerstest.StartProvider(t)
	s := provider.Server(t, handlerstest.Config{})
	query := begin(s.Browser(t), "/").Query()
	want := map[string]string{
		"response_type": "code", "client_id": provider.ClientID, "scope": "openid profile email",
		"redirect_uri": s.Issuer + "/sign-in/callback", "code_challenge_method": "S256",
	}
	for name, value := range want {
		if query.Get(name) != value {
			t.Errorf("%s is %q, want %q", name, query.Get(name), value)
		}
	}
	for _, name := range []string{"state", "nonce", "code_challenge"} {
		if len(query.Get(name)) != 43 {
			t.Errorf("%s is %q, want 43 characters", name, query.Get(name))
		}
	}
	if again := begin(s.Browser(t), "/").Query(); again.Get("state") == query.Get("state") || again.Get("nonce") == query.Get("nonce") {
		t.Error("state or nonce came twice")
	}
}

func TestSignInCookies(t *testing.T) {
	provider := handlerstest.StartProvider(t)
	s := provider.Server(t, handlerstest.Config{})
	b := s.Browser(t)
	start := b.Get(views.PathSignIn).Form(views.PathSignIn).Send()
	provider.Next(olga())
	back := b.Step(http.MethodGet, throughProvider(b, mustParse(t, start.Location)), nil)
	for _, header := range slices.Concat(start.Header["Set-Cookie"], back.Header["Set-Cookie"]) {
		for _, flag := range []string{"HttpOnly", "SameSite=Lax", "Path=/"} {
			if !strings.Contains(header, flag) {
				t.Errorf("a cookie without %s: %s", flag, header)
			}
		}
		if strings.Contains(header, "Domain=") {
			t.Errorf("a cookie with a domain: %s", header)
		}
	}
	if b.Cookie("countersign") == "" || len(onTheWay(b)) != 0 {
		t.Error("after the sign-in there is the session's cookie, and that of the sign-in is gone")
	}
}

// A new sign-in is a new session, and the browser's old one is dead.
func TestSignInRotatesTheSession(t *testing.T) {
	provider := handlerstest.StartProvider(t)
	s := provider.Server(t, handlerstest.Config{})
	b := s.Browser(t)
	signIn := func() string {
		provider.Next(olga())
		b.Get(views.PathSignIn).Form(views.PathSignIn).Submit().Wants(http.StatusOK, "Open a counter")
		return b.Cookie("countersign")
	}
	first := signIn()
	second := signIn()
	if first == second {
		t.Error("the cookie did not change")
	}
	old := s.BrowserOf(t, handlerstest.Staff{Cookie: first})
	old.Get(views.PathOpenCounter).Wants(http.StatusOK, "Staff sign-in")

	b.Get(views.PathOpenCounter).Form(views.PathSignOut).Submit().Wants(http.StatusOK, "Staff sign-in").Says("You are signed out")
	s.BrowserOf(t, handlerstest.Staff{Cookie: second}).Get(views.PathOpenCounter).Wants(http.StatusOK, "Staff sign-in")
}

func TestSignInRefusals(t *testing.T) {
	provider := handlerstest.StartProvider(t)
	s := provider.Server(t, handlerstest.Config{})
	tests := []struct {
		name    string
		spoil   func(b *handlerstest.Browser, back *url.URL) (*handlerstest.Browser, *url.URL)
		heading string
		event   audit.Type
	}{
		{"another state", setQuery("state", "AAAA"), "This sign-in is over", ""},
		{"no state", setQuery("state", ""), "This sign-in is over", ""},
		{"another browser", func(_ *handlerstest.Browser, back *url.URL) (*handlerstest.Browser, *url.URL) {
			return s.Browser(t), back
		}, "This sign-in is over", ""},
		{"too late", func(b *handlerstest.Browser, back *url.URL) (*handlerstest.Browser, *url.URL) {
			s.Clock.Advance(15 * time.Minute)
			return b, back
		}, "This sign-in is over", ""},
		{"another nonce", func(b *handlerstest.Browser, back *url.URL) (*handlerstest.Browser, *url.URL) {
			provider.SessionStore.Store[back.Query().Get("code")].OIDCNonce = "another"
			return b, back
		}, "The sign-in did not work", audit.StaffSignInRefused},
		{"another code challenge", func(b *handlerstest.Browser, back *url.URL) (*handlerstest.Browser, *url.URL) {
			provider.SessionStore.Store[back.Query().Get("code")].CodeChallenge = "another"
			return b, back
		}, "The sign-in did not work", audit.StaffSignInRefused},
		{"an unknown code", setQuery("code", "unknown"), "The sign-in did not work", audit.StaffSignInRefused},
		{"no code", setQuery("code", ""), "The sign-in did not work", audit.StaffSignInRefused},
		{"the provider says no", setQuery("error", "access_denied"), "The sign-in did not work", audit.StaffSignInRefused},
		{"another provider answers", setQuery("iss", "https://elsewhere.example"), "The sign-in did not work", audit.StaffSignInRefused},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			since := s.LastEvent()
			provider.Next(olga())
			b := s.Browser(t)
			b, back := test.spoil(b, mustParse(t, throughProvider(b, begin(b, "/"))))
			b.Step(http.MethodGet, back.String(), nil).Wants(http.StatusBadRequest, test.heading)
			if b.Cookie("countersign") != "" {
				t.Error("somebody is signed in")
			}
			if test.event == "" {
				s.WantEvents(t, since)
			} else {
				s.WantEvents(t, since, test.event)
			}
			if code := back.Query().Get("code"); code != "" && strings.Contains(s.Log(), code) {
				t.Error("the log has the authorization code")
			}
		})
	}
}

func setQuery(name, value string) func(*handlerstest.Browser, *url.URL) (*handlerstest.Browser, *url.URL) {
	return func(b *handlerstest.Browser, back *url.URL) (*handlerstest.Browser, *url.URL) {
		query := back.Query()
		query.Set(name, value)
		back.RawQuery = query.Encode()
		return b, back
	}
}

// The way back counts once.
func TestSignInReplayed(t *testing.T) {
	provider := handlerstest.StartProvider(t)
	s := provider.Server(t, handlerstest.Config{})
	b := s.Browser(t)
	provider.Next(olga())
	start := b.Get(views.PathSignIn).Form(views.PathSignIn).Send()
	name := onTheWay(b)[0]
	cookie := b.Cookie(name)
	back := throughProvider(b, mustParse(t, start.Location))
	b.Step(http.MethodGet, back, nil).Wants(http.StatusSeeOther, "")

	thief := s.Browser(t)
	request, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, back, nil)
	request.AddCookie(&http.Cookie{Name: name, Value: cookie})
	request.Header.Set("Accept", "text/html")
	thief.Send(request).Wants(http.StatusBadRequest, "This sign-in is over")
}

func TestSignInWithoutARole(t *testing.T) {
	provider := handlerstest.StartProvider(t)
	s := provider.Server(t, handlerstest.Config{})
	for name, roles := range map[string]any{"no claim": nil, "another role": []string{"cleaner"}, "a number": 7} {
		t.Run(name, func(t *testing.T) {
			since := s.LastEvent()
			provider.Next(handlerstest.Person{Name: "Nora Nobody", Roles: roles})
			b := s.Browser(t)
			b.Get(views.PathSignIn).Form(views.PathSignIn).Submit().Wants(http.StatusForbidden, "You have no role here").
				Says("Nora Nobody", "Ask whoever manages staff accounts")
			s.WantEvents(t, since, audit.StaffSignInRefused)
			if b.Cookie("countersign") != "" {
				t.Error("there is a session")
			}
		})
	}
}

// Some providers tell roles and name only at the UserInfo endpoint (OpenID Connect Core
// §5.3). What the ID token says wins, and the answer must be about its subject.
func TestSignInByUserInfo(t *testing.T) {
	provider := handlerstest.StartProvider(t)
	s := provider.Server(t, handlerstest.Config{})
	b := s.Browser(t)
	provider.Next(handlerstest.Person{Subject: "7", Email: "olga@example.org",
		UserInfo: `{"sub":"7","name":"Olga Operator","email":"else@example.org","roles":["operator"]}`})
	page := b.Get(views.PathSignIn).Form(views.PathSignIn).Submit().Wants(http.StatusOK, "Open a counter")
	if !strings.Contains(page.Source, "Olga Operator") {
		t.Error("the name is not known")
	}
	other := s.Browser(t)
	provider.Next(handlerstest.Person{Subject: "7", UserInfo: `{"sub":"8","roles":["operator"]}`})
	other.Get(views.PathSignIn).Form(views.PathSignIn).Submit().Wants(http.StatusBadRequest, "The sign-in did not work")
}

// Nobody is led away by return_to.
func TestReturnToStaysHere(t *testing.T) {
	provider := handlerstest.StartProvider(t)
	s := provider.Server(t, handlerstest.Config{})
	tests := map[string]string{
		"/counter/accounts/x": "/counter/accounts/x", "": "/counter", "/": "/counter",
		"https://evil.example/": "/counter", "//evil.example/": "/counter", "/\\evil.example": "/counter",
		"javascript:alert(1)": "/counter", "counter": "/counter", "/\t/evil.example": "/counter", "/a?b=//evil": "/a",
		"/" + strings.Repeat("a", 200): "/counter",
	}
	for returnTo, want := range tests {
		b := s.Browser(t)
		provider.Next(olga())
		sent := b.Step(http.MethodPost, s.Endpoint(views.PathSignIn), url.Values{"return_to": {returnTo}})
		back := b.Step(http.MethodGet, throughProvider(b, mustParse(t, sent.Location)), nil)
		if back.Status != http.StatusSeeOther || back.Location != want {
			t.Errorf("return_to %q leads to %d %q, want %q", returnTo, back.Status, back.Location, want)
		}
	}
}

// A supervisor lands where their work is.
func TestLanding(t *testing.T) {
	provider := handlerstest.StartProvider(t)
	s := provider.Server(t, handlerstest.Config{})
	provider.Next(handlerstest.Person{Name: "Sara Supervisor", Roles: []string{"supervisor", "unknown"}})
	b := s.Browser(t)
	b.Get("/").Form(views.PathSignIn).Submit().Wants(http.StatusOK, "Audit trail")
	b.Get(views.PathCounter).Wants(http.StatusForbidden, "Your role does not allow this")

	provider.Next(handlerstest.Person{Name: "Ada Administrator", Roles: "administrator"})
	admin := s.Browser(t)
	admin.Get(views.PathSignIn).Form(views.PathSignIn).Submit().Wants(http.StatusOK, "Publishers and registration")
	admin.Get(views.PathReviewEvents).Wants(http.StatusForbidden, "Your role does not allow this")
}

// A provider that is down is said so, and the server goes on.
func TestProviderDown(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{Staff: handlerstest.AbsentProvider()})
	s.Browser(t).Get(views.PathSignIn).Form(views.PathSignIn).Submit().
		Wants(http.StatusServiceUnavailable, "does not answer").Says("Try again in a minute")
	if !strings.Contains(s.Log(), "sign-in failed") {
		t.Error("the log does not say so")
	}
}

// The provider fails after it has sent the browser back.
func TestProviderFailsAtTheToken(t *testing.T) {
	provider := handlerstest.StartProvider(t)
	s := provider.Server(t, handlerstest.Config{})
	b := s.Browser(t)
	provider.Next(olga())
	back := throughProvider(b, begin(b, "/"))
	for range 2 { // the client tries both ways to authenticate
		provider.QueueError(&mockoidc.ServerError{Code: http.StatusInternalServerError, Error: "server_error"})
	}
	b.Step(http.MethodGet, back, nil).Wants(http.StatusServiceUnavailable, "does not answer")
}

func mustParse(t *testing.T, address string) *url.URL {
	t.Helper()
	parsed, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}
