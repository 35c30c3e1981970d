package demoprovider

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
)

const (
	issuer   = "http://127.0.0.1:1/demo/provider"
	callback = "http://127.0.0.1:1/sign-in/callback"
	goodbye  = "http://127.0.0.1:1/sign-in"
	verifier = "a-verifier-of-at-least-forty-three-characters"
)

// provider is one with a clock that the test moves.
func provider(t *testing.T) (*Provider, *time.Time) {
	t.Helper()
	now := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	p, err := New(Config{
		Issuer: issuer, ClientID: "console", ClientSecret: "a secret", RedirectURI: callback, PostLogoutRedirectURI: goodbye,
		People: []Person{{Subject: "staff-01", Name: "Ana Lima", Email: "ana@harbour.example", Roles: []string{"operator"}}},
		Now:    func() time.Time { return now }, Rand: rand.Reader,
	})
	if err != nil {
		t.Fatal(err)
	}
	return p, &now
}

func authorization(change ...string) url.Values {
	sum := sha256.Sum256([]byte(verifier))
	form := url.Values{
		"client_id": {"console"}, "redirect_uri": {callback}, "response_type": {"code"}, "scope": {"openid profile"},
		"state": {"the-state"}, "nonce": {"the-nonce"}, "person": {"staff-01"},
		"code_challenge": {base64.RawURLEncoding.EncodeToString(sum[:])}, "code_challenge_method": {"S256"},
	}
	for i := 0; i+1 < len(change); i += 2 {
		form.Set(change[i], change[i+1])
	}
	return form
}

func post(p *Provider, path string, form url.Values, prepare ...func(*http.Request)) *httptest.ResponseRecorder {
	request := httptest.NewRequest(http.MethodPost, issuer+path, strings.NewReader(form.Encode()))
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for _, f := range prepare {
		f(request)
	}
	answer := httptest.NewRecorder()
	p.ServeHTTP(answer, request)
	return answer
}

func get(p *Provider, address string) *httptest.ResponseRecorder {
	answer := httptest.NewRecorder()
	p.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, address, nil))
	return answer
}

// code chooses the person and takes the code out of the redirect.
func code(t *testing.T, p *Provider) string {
	t.Helper()
	answer := post(p, "/authorize", authorization())
	back, err := url.Parse(answer.Header().Get("Location"))
	if err != nil || answer.Code != http.StatusSeeOther || !strings.HasPrefix(back.String(), callback+"?") {
		t.Fatalf("%d %q", answer.Code, answer.Header().Get("Location"))
	}
	if back.Query().Get("state") != "the-state" || back.Query().Get("iss") != issuer {
		t.Errorf("the way back is %s", back)
	}
	return back.Query().Get("code")
}

func trade(p *Provider, code string, change ...string) *httptest.ResponseRecorder {
	form := url.Values{"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {callback}, "code_verifier": {verifier}}
	for i := 0; i+1 < len(change); i += 2 {
		form.Set(change[i], change[i+1])
	}
	return post(p, "/token", form, func(r *http.Request) { r.SetBasicAuth("console", "a+secret") })
}

func TestCodeBecomesIDToken(t *testing.T) {
	p, _ := provider(t)
	answer := trade(p, code(t, p))
	var tokens struct {
		IDToken string `json:"id_token"`
	}
	if err := json.Unmarshal(answer.Body.Bytes(), &tokens); err != nil || answer.Code != http.StatusOK {
		t.Fatalf("%d %s", answer.Code, answer.Body)
	}
	signed, err := jose.ParseSignedCompact(tokens.IDToken, []jose.SignatureAlgorithm{jose.ES256})
	if err != nil {
		t.Fatal(err)
	}
	payload, err := signed.Verify(p.key.Public())
	if err != nil {
		t.Fatal(err)
	}
	var claims map[string]any
	if err := json.Unmarshal(payload, &claims); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]any{"iss": issuer, "aud": "console", "sub": "staff-01", "nonce": "the-nonce",
		"email": "ana@harbour.example"} {
		if claims[name] != want {
			t.Errorf("%s is %v, want %v", name, claims[name], want)
		}
	}
}

func TestCodesAreUsedOnceAndSoon(t *testing.T) {
	p, now := provider(t)
	used := code(t, p)
	trade(p, used)
	wrong := map[string]*httptest.ResponseRecorder{
		"used before":        trade(p, used),
		"never made":         trade(p, "anything"),
		"other redirect URI": trade(p, code(t, p), "redirect_uri", callback+"/"),
		"other verifier":     trade(p, code(t, p), "code_verifier", verifier+"x"),
	}
	late := code(t, p)
	*now = now.Add(codeLifetime)
	wrong["late"] = trade(p, late)
	for name, answer := range wrong {
		if answer.Code != http.StatusBadRequest || !strings.Contains(answer.Body.String(), "invalid_grant") {
			t.Errorf("%s: %d %s", name, answer.Code, answer.Body)
		}
	}
	other := post(p, "/token", url.Values{"client_id": {"console"}, "client_secret": {"another"}, "grant_type": {"authorization_code"}})
	if other.Code != http.StatusUnauthorized {
		t.Errorf("another secret: %d", other.Code)
	}
}

func TestOnlyTheConsoleIsServed(t *testing.T) {
	p, _ := provider(t)
	for _, change := range [][]string{
		{"client_id", "another"}, {"redirect_uri", "http://127.0.0.1:1/elsewhere"}, {"redirect_uri", ""},
	} {
		if answer := get(p, issuer+"/authorize?"+authorization(change...).Encode()); answer.Code != http.StatusBadRequest ||
			answer.Header().Get("Location") != "" {
			t.Errorf("%v asked: %d", change, answer.Code)
		}
		if answer := post(p, "/authorize", authorization(change...)); answer.Code != http.StatusBadRequest ||
			answer.Header().Get("Location") != "" {
			t.Errorf("%v chosen: %d", change, answer.Code)
		}
	}
	for change, want := range map[[2]string]string{
		{"response_type", "token"}:         "unsupported_response_type",
		{"scope", "profile"}:               "invalid_scope",
		{"code_challenge", ""}:             "invalid_request",
		{"code_challenge_method", "plain"}: "invalid_request",
		{"state", ""}:                      "invalid_request",
		{"max_age", "-1"}:                  "invalid_request",
		{"max_age", "soon"}:                "invalid_request",
		{"prompt", "none"}:                 "interaction_required",
	} {
		answer := get(p, issuer+"/authorize?"+authorization(change[0], change[1]).Encode())
		if answer.Code != http.StatusSeeOther || !strings.Contains(answer.Header().Get("Location"), "error="+want) {
			t.Errorf("%v: %d %s", change, answer.Code, answer.Header().Get("Location"))
		}
	}
	if answer := post(p, "/authorize", authorization("person", "nobody")); answer.Code != http.StatusBadRequest {
		t.Errorf("nobody: %d", answer.Code)
	}
	crossSite := func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") }
	if answer := post(p, "/authorize", authorization(), crossSite); answer.Code != http.StatusForbidden {
		t.Errorf("another site's form: %d", answer.Code)
	}
}

func TestPageShowsThePeople(t *testing.T) {
	p, _ := provider(t)
	answer := get(p, issuer+"/authorize?"+authorization().Encode())
	body := answer.Body.String()
	for _, want := range []string{"Ana Lima", "Demonstration.", `value="the-state"`, `action="/demo/provider/authorize"`} {
		if answer.Code != http.StatusOK || !strings.Contains(body, want) {
			t.Errorf("%d, the page lacks %q", answer.Code, want)
		}
	}
	policy := answer.Header().Get("Content-Security-Policy")
	if origin := strings.TrimSuffix(callback, "/sign-in/callback"); !strings.HasPrefix(policy, "default-src 'none'") ||
		!strings.Contains(policy, "form-action 'self' "+origin+";") {
		t.Errorf("Content-Security-Policy: %s", policy)
	}
}
