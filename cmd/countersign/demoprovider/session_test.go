package demoprovider

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// browser keeps the provider's cookie.
type browser struct {
	t      *testing.T
	p      *Provider
	cookie *http.Cookie
}

func (b *browser) with(r *http.Request) {
	if b.cookie != nil && b.cookie.MaxAge >= 0 {
		r.AddCookie(b.cookie)
	}
}

func (b *browser) post(path string, form url.Values) *httptest.ResponseRecorder {
	answer := post(b.p, path, form, b.with)
	for _, cookie := range answer.Result().Cookies() {
		b.cookie = cookie
	}
	return answer
}

func (b *browser) get(path string, query url.Values) *httptest.ResponseRecorder {
	request := httptest.NewRequest(http.MethodGet, issuer+path+"?"+query.Encode(), nil)
	b.with(request)
	answer := httptest.NewRecorder()
	b.p.ServeHTTP(answer, request)
	return answer
}

// authTime signs in and reads auth_time in the ID token.
func (b *browser) authTime(change ...string) time.Time {
	b.t.Helper()
	back, err := url.Parse(b.post("/authorize", authorization(change...)).Header().Get("Location"))
	if err != nil {
		b.t.Fatal(err)
	}
	var tokens struct {
		IDToken string `json:"id_token"`
	}
	if err := json.Unmarshal(trade(b.p, back.Query().Get("code")).Body.Bytes(), &tokens); err != nil {
		b.t.Fatal(err)
	}
	signed, err := jose.ParseSignedCompact(tokens.IDToken, []jose.SignatureAlgorithm{jose.ES256})
	if err != nil {
		b.t.Fatal(err)
	}
	var claims struct {
		AuthTime int64 `json:"auth_time"`
	}
	if err := json.Unmarshal(signed.UnsafePayloadWithoutVerification(), &claims); err != nil {
		b.t.Fatal(err)
	}
	return time.Unix(claims.AuthTime, 0).UTC()
}

// OpenID Connect Core 1.0 §3.1.2.1: auth_time is that of the browser's session,
// unless max_age or prompt asks for a sign-in that is fresher.
func TestMaxAge(t *testing.T) {
	p, now := provider(t)
	b := &browser{t: t, p: p}
	began := *now
	if got := b.authTime("max_age", "300"); !got.Equal(began) {
		t.Errorf("the first sign-in is at %s", got)
	}
	*now = began.Add(5 * time.Minute)
	if got := b.authTime("max_age", "300"); !got.Equal(began) {
		t.Errorf("within max_age auth_time is %s", got)
	}
	if page := b.get("/authorize", authorization("max_age", "300")).Body.String(); strings.Contains(page, "fresh sign-in") {
		t.Error("within max_age the page asks for a fresh sign-in")
	}
	*now = now.Add(time.Second)
	if got := b.authTime(); !got.Equal(began) {
		t.Errorf("without max_age auth_time is %s", got)
	}
	if page := b.get("/authorize", authorization("max_age", "300")).Body.String(); !strings.Contains(page, "fresh sign-in") {
		t.Error("past max_age the page does not say so")
	}
	if got := b.authTime("max_age", "300"); !got.Equal(*now) {
		t.Errorf("past max_age auth_time is %s, want %s", got, *now)
	}
	*now = now.Add(time.Second)
	if got := b.authTime("prompt", "login"); !got.Equal(*now) {
		t.Errorf("with prompt=login auth_time is %s", got)
	}
}

// RP-Initiated Logout 1.0 §2: without a hint the provider asks before it ends its
// session, asking changes nothing, and it leads back to the known address only.
func TestEndSession(t *testing.T) {
	p, now := provider(t)
	b := &browser{t: t, p: p}
	began := *now
	b.authTime()
	*now = now.Add(time.Minute)
	form := url.Values{"client_id": {"console"}, "post_logout_redirect_uri": {goodbye}, "state": {"s"}}
	if page := b.get("/end-session", form); page.Code != http.StatusOK || !strings.Contains(page.Body.String(), "Ana Lima") {
		t.Errorf("the question: %d %s", page.Code, page.Body)
	}
	if got := b.authTime(); !got.Equal(began) {
		t.Error("asking has ended the session")
	}
	crossSite := func(r *http.Request) { b.with(r); r.Header.Set("Sec-Fetch-Site", "cross-site") }
	if answer := post(p, "/end-session", form, crossSite); answer.Code != http.StatusForbidden {
		t.Errorf("another site's form: %d", answer.Code)
	}
	if answer := b.post("/end-session", form); answer.Code != http.StatusSeeOther || answer.Header().Get("Location") != goodbye+"?state=s" {
		t.Errorf("%d %s", answer.Code, answer.Header().Get("Location"))
	}
	if b.cookie.MaxAge >= 0 {
		t.Error("the cookie is kept")
	}
	if answer := b.get("/end-session", form); answer.Header().Get("Location") != goodbye+"?state=s" {
		t.Error("whoever is signed out already is not led back")
	}
	for _, change := range [][2]string{{"post_logout_redirect_uri", "http://127.0.0.1:1/elsewhere"}, {"post_logout_redirect_uri", ""},
		{"client_id", "another"}} {
		other := url.Values{"client_id": {"console"}, "post_logout_redirect_uri": {goodbye}}
		other.Set(change[0], change[1])
		b.authTime()
		answer := b.post("/end-session", other)
		if answer.Code != http.StatusOK || answer.Header().Get("Location") != "" ||
			!strings.Contains(answer.Body.String(), "You are signed out there too") {
			t.Errorf("%v: %d to %q", change, answer.Code, answer.Header().Get("Location"))
		}
	}
	if got := b.authTime(); !got.Equal(*now) {
		t.Error("the session goes on after the sign-out")
	}
}
