package deviceclient_test

import (
	"crypto/sha256"
	"encoding/base64"
	"io"
	"net/http"
	"testing"
	"time"
)

func ath(token string) string {
	sum := sha256.Sum256([]byte(token))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

func TestCallIsSignedByTheServersClock(t *testing.T) {
	p := newPeer(t)
	ph := connected(t, p)
	p.now = func() time.Time { return ph.clock.Add(2 * time.Hour) }
	p.script["/api"] = []reply{{status: 401, header: map[string]string{"WWW-Authenticate": `DPoP error="invalid_dpop_proof"`}}, {status: 200}}
	answer, err := ph.Call(t.Context(), http.MethodGet, p.server.URL+"/api")
	must(t, err)
	answer.Body.Close()
	if requests := p.requests("/api"); answer.StatusCode != http.StatusOK || len(requests) != 2 || ph.State.ClockOffset != 2*time.Hour {
		t.Errorf("%d after %d requests, %s off", answer.StatusCode, len(requests), ph.State.ClockOffset)
	}
	p.script["/api"] = []reply{{status: 401, header: map[string]string{"WWW-Authenticate": `DPoP error="invalid_dpop_proof"`}}}
	answer, err = ph.Call(t.Context(), http.MethodGet, p.server.URL+"/api")
	must(t, err)
	answer.Body.Close()
	if got := len(p.requests("/api")); answer.StatusCode != http.StatusUnauthorized || got != 3 {
		t.Errorf("%d after %d requests, though the clocks agree", answer.StatusCode, got)
	}
}

func TestCall(t *testing.T) { // RFC 9449 §7
	ok := reply{status: 200, body: "hello"}
	invalidToken := reply{status: 401, header: map[string]string{"WWW-Authenticate": `DPoP error="invalid_token", algs="ES256"`}}
	wantsNonce := reply{status: 401,
		header: map[string]string{"WWW-Authenticate": `DPoP algs="ES256", error="use_dpop_nonce"`, "DPoP-Nonce": "n-1"}}
	combined := reply{status: 401,
		header: map[string]string{"WWW-Authenticate": `Bearer error="invalid_token", DPoP algs="ES256", error="use_dpop_nonce"`,
			"DPoP-Nonce": "n-1"}}
	for name, test := range map[string]struct {
		api    []reply
		later  time.Duration
		status int
		tokens []string // the access token of each request to the API
	}{
		"plainly":                       {[]reply{ok}, 0, 200, []string{accessOne}},
		"an expired token is renewed":   {[]reply{ok}, 10 * time.Minute, 200, []string{accessTwo}},
		"shortly before its end too":    {[]reply{ok}, 10*time.Minute - 5*time.Second, 200, []string{accessTwo}},
		"invalid_token renews once":     {[]reply{invalidToken, ok}, 0, 200, []string{accessOne, accessTwo}},
		"and only once":                 {[]reply{invalidToken}, 0, 401, []string{accessOne, accessTwo}},
		"a nonce is used":               {[]reply{wantsNonce, ok}, 0, 200, []string{accessOne, accessOne}},
		"beside another challenge":      {[]reply{combined, ok}, 0, 200, []string{accessOne, accessOne}},
		"and only once, too":            {[]reply{wantsNonce}, 0, 401, []string{accessOne, accessOne}},
		"403 is the caller's":           {[]reply{{status: 403}}, 0, 403, []string{accessOne}},
		"401 without challenge as well": {[]reply{{status: 401}}, 0, 401, []string{accessOne}},
		"a redirect is not followed": {[]reply{{status: 302, header: map[string]string{"Location": "/elsewhere"}}}, 0, 302,
			[]string{accessOne}},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPeer(t)
			ph := connected(t, p)
			p.script["/token"], p.script["/api/whoami"] = []reply{renewed}, test.api
			ph.clock = ph.clock.Add(test.later)
			response, err := ph.Call(t.Context(), http.MethodGet, p.server.URL+"/api/whoami?a=b")
			must(t, err)
			defer response.Body.Close()
			if response.StatusCode != test.status {
				t.Errorf("status %d", response.StatusCode)
			}
			if text, _ := io.ReadAll(response.Body); test.status == 200 && string(text) != "hello" {
				t.Errorf("body %q", text)
			}
			wantCalls(t, p.requests("/api/whoami"), test.tokens)
		})
	}
}

func wantCalls(t *testing.T, calls []seen, tokens []string) {
	t.Helper()
	if len(calls) != len(tokens) {
		t.Fatalf("%d requests, want %d", len(calls), len(tokens))
	}
	for i, token := range tokens {
		if calls[i].header.Get("Authorization") != "DPoP "+token || calls[i].proof["ath"] != ath(token) {
			t.Errorf("request %d: not with token %d and its ath", i, i)
		}
	}
}

func TestCallKeepsTheTokenOnTLS(t *testing.T) {
	ph := connected(t, newPeer(t))
	if _, err := ph.Call(t.Context(), http.MethodGet, "http://api.example/"); err == nil {
		t.Error("sent in the clear")
	}
}

func TestRefresh(t *testing.T) {
	p := newPeer(t)
	ph := connected(t, p)
	p.script["/token"] = []reply{renewed}
	must(t, ph.Refresh(t.Context()))
	form := p.requests("/token")[1].form
	if form.Get("grant_type") != "refresh_token" || form.Get("refresh_token") != refreshOne {
		t.Error("wrong form")
	}
	tokens := ph.State.Tokens
	if tokens.AccessToken.Reveal() != accessTwo || tokens.RefreshToken.Reveal() != refreshOne || tokens.Scope != "profile" {
		t.Error("not kept: new access token, old refresh token and scope")
	}
	p.script["/token"] = []reply{{status: 503}}
	if err := ph.Refresh(t.Context()); err == nil || ph.State.Tokens == nil {
		t.Error("a server that is down ends no connection")
	}
	p.script["/token"] = []reply{protocolError("invalid_grant")}
	wantCode(t, ph.Refresh(t.Context()), "invalid_grant")
	if ph.State.Tokens != nil || ph.saves[len(ph.saves)-1].Tokens != nil {
		t.Error("dead tokens were kept")
	}
}

func TestRevoke(t *testing.T) { // RFC 7009
	p := newPeer(t)
	ph := connected(t, p)
	p.script["/revoke"] = []reply{{status: 500}, {status: 200}}
	if err := ph.Revoke(t.Context()); err == nil || ph.State.Tokens == nil {
		t.Error("forgotten before it was revoked")
	}
	must(t, ph.Revoke(t.Context()))
	form := p.requests("/revoke")[1].form
	if form.Get("token") != refreshOne || form.Get("token_type_hint") != "refresh_token" || ph.State.Tokens != nil {
		t.Error("not revoked")
	}
}
