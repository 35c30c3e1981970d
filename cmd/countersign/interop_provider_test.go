package main

import (
	"bufio"
	"net/http"
	"os/exec"
	"strings"
	"testing"

	"countersign/handlers"
	"countersign/views"
)

// An OpenID Provider that nobody here wrote signs staff in: npm oidc-provider 9, through its
// own pages (testdata/interop/provider.mjs). It keeps groups out of the ID token, so they
// come from UserInfo, and calls them by its own names.
func TestOIDCProviderSignsAnOperatorIn(t *testing.T) {
	t.Parallel()
	folder := interopFolder(t)
	listen := newAddress(t)
	provider := staffProviderFlags(startNodeProvider(t, folder, "http://"+listen+handlers.PathSignInCallback))
	provider["oidc-scopes"], provider["roles-claim"], provider["role"] = "openid,profile,email,groups", "groups", "front-desk=operator"
	server := startProduction(t, productionConfig{listen: listen, provider: provider})

	operator := providerSignIn(t, server, "ingrid")
	if operator.status != http.StatusOK || operator.address.Path != views.PathOpenCounter {
		t.Fatal(operator.unexpected("list of counters"))
	}
	if err := operator.OpenCounter(t.Context(), productionCounter); err != nil {
		t.Fatal(err)
	}
	if page := text(operator.page); !strings.Contains(page, "Ingrid Solberg") || !strings.Contains(page, productionCounter) {
		t.Errorf("the page names neither operator nor counter: %s", page)
	}
	if err := operator.Search(t.Context(), productionHint); err != nil {
		t.Fatal(err)
	}

	// At the provider's own pages somebody else may sign in, too. Here they are nobody.
	visitor := providerSignIn(t, server, "visitor")
	if visitor.status != http.StatusForbidden || visitor.Title() != "You have no role here" {
		t.Error(visitor.unexpected("refusal"))
	}
	if err := visitor.Open(t.Context(), views.PathCounter); err != nil {
		t.Fatal(err)
	}
	if visitor.formWithButton("Sign in") == nil {
		t.Error(visitor.unexpected("sign-in page"))
	}

	server.run(t, server.store[:2], "audit", "verify")
	database := openSQLite(t, server.database())
	events, err := queryLines(database, "SELECT type FROM audit_events WHERE type LIKE 'staff-%' ORDER BY seq")
	if err != nil {
		t.Fatal(err)
	}
	if events != "staff-signed-in\nstaff-sign-in-refused\n" {
		t.Errorf("events: %s", events)
	}
}

// Whoever turns back at the provider's page is told so, and is not signed in.
func TestOIDCProviderSignInCancelled(t *testing.T) {
	t.Parallel()
	folder := interopFolder(t)
	listen := newAddress(t)
	provider := staffProviderFlags(startNodeProvider(t, folder, "http://"+listen+handlers.PathSignInCallback))
	server := startProduction(t, productionConfig{listen: listen, provider: provider})

	browser := beginProviderSignIn(t, server)
	cancel, ok := browser.link("[ Cancel ]")
	if !ok {
		t.Fatal(browser.unexpected("way to cancel"))
	}
	if err := browser.Open(t.Context(), cancel); err != nil {
		t.Fatal(err)
	}
	if browser.status != http.StatusBadRequest || browser.Title() != "The sign-in did not work" {
		t.Error(browser.unexpected("refusal"))
	}
}

// Whoever signs out at the provider, as from another application, is signed out here too
// (OpenID Connect Back-Channel Logout 1.0); and whoever signs out here is led to the
// provider's own sign-out and back (RP-Initiated Logout 1.0).
func TestOIDCProviderSignsAnOperatorOut(t *testing.T) {
	t.Parallel()
	folder := interopFolder(t)
	listen := newAddress(t)
	issuer := startNodeProvider(t, folder, "http://"+listen+handlers.PathSignInCallback)
	provider := staffProviderFlags(issuer)
	provider["oidc-scopes"], provider["roles-claim"], provider["role"] = "openid,profile,email,groups", "groups", "front-desk=operator"
	server := startProduction(t, productionConfig{listen: listen, provider: provider})

	operator := providerSignIn(t, server, "ingrid")
	confirmSignOut(t, operator, issuer+"/session/end?client_id=console")
	if err := operator.Open(t.Context(), server.issuer+views.PathCounter); err != nil {
		t.Fatal(err)
	}
	if operator.formWithButton("Sign in") == nil {
		t.Error(operator.unexpected("sign-in page: the session was to end at the provider"))
	}

	operator = providerSignIn(t, server, "ingrid")
	if err := operator.Submit(t.Context(), operator.formWithButton("Sign out")); err != nil {
		t.Fatal(err)
	}
	onward, ok := operator.link("Sign out there too")
	if !ok {
		t.Fatal(operator.unexpected("way on to the provider"))
	}
	confirmSignOut(t, operator, onward)
	if operator.address.Path != views.PathSignIn || operator.Title() != "Staff sign-in" {
		t.Error(operator.unexpected("sign-in page"))
	}
	events, err := queryLines(openSQLite(t, server.database()), "SELECT type FROM audit_events WHERE type LIKE 'staff-%' ORDER BY seq")
	if err != nil {
		t.Fatal(err)
	}
	if events != strings.Repeat("staff-signed-in\nstaff-signed-out\n", 2) {
		t.Errorf("events: %s", events)
	}
}

// confirmSignOut goes to the provider's sign-out and confirms it there.
func confirmSignOut(t *testing.T, browser *operatorBrowser, address string) {
	t.Helper()
	if err := browser.Open(t.Context(), address); err != nil {
		t.Fatal(err)
	}
	form := browser.formWithField("xsrf")
	if form == nil {
		t.Fatal(browser.unexpected("confirmation page of the provider"))
	}
	form.values.Set("logout", "yes") // its button stands outside the form
	if err := browser.Submit(t.Context(), form); err != nil {
		t.Fatal(err)
	}
}

// startNodeProvider gives the issuer of a provider that runs until the test ends.
func startNodeProvider(t *testing.T, folder, redirectURI string) string {
	t.Helper()
	errors := &textBuffer{}
	node := exec.CommandContext(t.Context(), "node", "provider.mjs", redirectURI, staffClientSecret)
	node.Dir, node.Stderr = folder, errors
	output, err := node.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := node.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = node.Wait() }) // killed with the test's context
	lines := bufio.NewScanner(output)
	if !lines.Scan() {
		t.Fatalf("the provider did not start: %s", errors)
	}
	return lines.Text()
}

// beginProviderSignIn goes from the console to the provider's first page.
func beginProviderSignIn(t *testing.T, server *production) *operatorBrowser {
	t.Helper()
	browser, err := newOperatorBrowser(server.issuer)
	if err != nil {
		t.Fatal(err)
	}
	if err := browser.Open(t.Context(), views.PathCounter); err != nil {
		t.Fatal(err)
	}
	if err := browser.Submit(t.Context(), browser.formWithButton("Sign in")); err != nil {
		t.Fatal(err)
	}
	return browser
}

// providerSignIn goes through the provider's pages: login, consent, and back.
func providerSignIn(t *testing.T, server *production, login string) *operatorBrowser {
	t.Helper()
	browser := beginProviderSignIn(t, server)
	form := browser.formWithField("login")
	if form == nil {
		t.Fatal(browser.unexpected("login page of the provider"))
	}
	if err := form.Fill("login", login, "password", "any"); err != nil {
		t.Fatal(err)
	}
	if err := browser.Submit(t.Context(), form); err != nil {
		t.Fatal(err)
	}
	form = browser.formWithButton("Continue")
	if form == nil {
		t.Fatal(browser.unexpected("consent page of the provider"))
	}
	if err := browser.Submit(t.Context(), form); err != nil {
		t.Fatal(err)
	}
	return browser
}
