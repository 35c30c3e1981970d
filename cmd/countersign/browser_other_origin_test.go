package main

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// Fetch §3.2: a page of another origin connects as a phone, with a client that nobody here
// wrote (testdata/interop/browser.mjs). The browser lets it read what it needs: nonces,
// challenges and the server's time.
func TestPageOfAnotherOriginConnects(t *testing.T) {
	folder := interopFolder(t)
	holdChromium(t)
	t.Parallel()
	listen := newAddress(t)
	server := startProduction(t, productionConfig{
		listen: listen, flags: []string{"--poll-interval", "1s"},
		provider: demoStaffProvider(t, "http://"+listen, func(h http.Handler) http.Handler { return h }),
	})
	operator, err := newOperatorBrowser(server.issuer)
	if err != nil {
		t.Fatal(err)
	}
	if err := operator.SignIn(t.Context(), "Jonas Eriksen"); err != nil {
		t.Fatal(err)
	}
	app := httptest.NewServer(http.FileServer(http.Dir(folder)))
	t.Cleanup(app.Close)
	page := newTab(t, app.URL)
	page.open("/browser.html#" + url.PathEscape(strings.Join([]string{server.issuer, productionHint, productionSoftware}, " ")))

	said := func(step string) map[string]any {
		t.Helper()
		if !until(func() bool { return evaluate[bool](page, `Boolean(window.said?.["`+step+`"] ?? window.said?.error)`) }) {
			t.Fatalf("it never said %q: %v", step, page.messages)
		}
		all := evaluate[map[string]map[string]any](page, `window.said`)
		if all["error"] != nil {
			t.Fatalf("at %q: %v", step, all["error"])
		}
		return all[step]
	}
	clientID := said("register")["clientId"]
	refused := said("refused")
	challenge, _ := refused["challenge"].(string)
	date, _ := refused["date"].(string)
	if refused["status"] != 401.0 || !strings.Contains(challenge, `error="invalid_client"`) || date == "" {
		t.Errorf("the refusal reads %v", refused)
	}
	code, _ := said("authorize")["userCode"].(string)
	server.approve(t, operator, code)
	if got := said("connected")["clientId"]; got != clientID || got == nil {
		t.Errorf("connected as %v, registered as %v", got, clientID)
	}
}
