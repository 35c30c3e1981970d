//go:build glewlwyd

package main

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"database/sql"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"countersign/handlers"
	"countersign/views"
)

// Debian's glewlwyd signs an operator in: what is said of a role has a blank in it, and stands in a claim of one string. Who
// signs out here is led to its page, which knows the way back by the ID token. `make interop` runs this where the
// package glewlwyd is installed; nothing installs it, since Debian starts it with a password that everybody knows.
func TestGlewlwydSignsAnOperatorIn(t *testing.T) {
	t.Parallel()
	listen := newAddress(t)
	g := startGlewlwyd(t, "http://"+listen)
	provider := staffProviderFlags(g.api + "/oidc")
	provider["role"] = "Front Desk=operator"
	server := startProduction(t, productionConfig{listen: listen, provider: provider})

	operator, err := newOperatorBrowser(server.issuer)
	if err != nil {
		t.Fatal(err)
	}
	g.send(t, operator.client, http.MethodPost, "auth/", object{"username": "olga", "password": "password"})
	g.send(t, operator.client, http.MethodPut, "auth/grant/console", object{"scope": "openid"})
	if err := operator.Open(t.Context(), views.PathCounter); err != nil {
		t.Fatal(err)
	}
	if err := operator.Submit(t.Context(), operator.formWithButton("Sign in")); err != nil {
		t.Fatal(err)
	}
	onward := operator.address.Query().Get("callback_url") // what its page does by a script
	if err := operator.Open(t.Context(), onward+"&g_continue"); err != nil {
		t.Fatal(err)
	}
	if operator.status != http.StatusOK || operator.address.Path != views.PathOpenCounter {
		t.Fatal(operator.unexpected("list of counters"))
	}
	if err := operator.Submit(t.Context(), operator.formWithButton("Sign out")); err != nil {
		t.Fatal(err)
	}
	there, ok := operator.link("Sign out there too")
	if !ok {
		t.Fatal(operator.unexpected("way on to the provider"))
	}
	if err := operator.Open(t.Context(), there); err != nil {
		t.Fatal(err)
	}
	if back := operator.address.Query().Get("callback_url"); back != server.issuer+views.PathSignIn {
		t.Errorf("glewlwyd leads back to %q: %s", back, operator.address)
	}
}

type object = map[string]any

type glewlwyd struct{ api string }

// startGlewlwyd runs it until the test ends, with the client console for a console at this address, and the user olga,
// whose name is her role.
func startGlewlwyd(t *testing.T, console string) glewlwyd {
	t.Helper()
	folder, err := os.MkdirTemp("", "glewlwyd")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	address := newAddress(t)
	settings := glewlwydSettings(t, folder, address)
	program := exec.CommandContext(t.Context(), "glewlwyd", "-c", settings)
	program.Stdout, program.Stderr = t.Output(), t.Output()
	program.SysProcAttr = nobody(t, folder)
	if err := program.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = program.Wait() }) // killed with the test's context
	answers(t, address)

	g := glewlwyd{api: "http://" + address + "/api"}
	administrator, err := newOperatorBrowser(console)
	if err != nil {
		t.Fatal(err)
	}
	g.send(t, administrator.client, http.MethodPost, "auth/", object{"username": "admin", "password": "password"})
	g.send(t, administrator.client, http.MethodPost, "mod/plugin/", g.plugin(t))
	g.send(t, administrator.client, http.MethodPost, "client/", object{
		"client_id": "console", "name": "console", "confidential": true, "client_secret": staffClientSecret, "enabled": true,
		"redirect_uri": []string{console + handlers.PathSignInCallback}, "authorization_type": []string{"code"}, "scope": []string{},
		"token_endpoint_auth_method": []string{"client_secret_basic"}, "post_logout_redirect_uris": []string{console + views.PathSignIn},
	})
	g.send(t, administrator.client, http.MethodPost, "user/", object{
		"username": "olga", "name": "Front Desk", "email": "olga@example.org", "password": "password", "enabled": true,
		"scope": []string{"openid"},
	})
	return g
}

// glewlwydSettings are Debian's, but for the address, the database, and a property that its code reads and its database does
// not declare (findings/glewlwyd-post-logout-name.sh).
func glewlwydSettings(t *testing.T, folder, address string) string {
	t.Helper()
	usual, err := os.ReadFile("/etc/glewlwyd/glewlwyd.conf")
	if err != nil {
		t.Fatal(err)
	}
	schema, err := exec.CommandContext(t.Context(), "zcat", "/usr/share/doc/glewlwyd/database/init.sqlite3.sql.gz").Output()
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(folder, "glewlwyd.db")
	database, err := sql.Open("sqlite3", file)
	if err != nil {
		t.Fatal(err)
	}
	defer database.Close()
	const declares, reads = `"post_logout_redirect_uri":{"multiple":false`, `"post_logout_redirect_uris":{"multiple":true`
	declared := strings.Replace(string(schema), declares, reads, 1)
	if _, err := database.ExecContext(t.Context(), declared); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(file, 0o666); err != nil { //nolint:gosec // another user writes it
		t.Fatal(err)
	}
	host, port, _ := strings.Cut(address, ":")
	text := regexp.MustCompile(`(?m)#.*$|^(port|external_url|log_mode|@include).*$`).ReplaceAllString(string(usual), "")
	text += fmt.Sprintf("\nport=%s\nbind_address=%q\nexternal_url=\"http://%s\"\nlog_mode=\"console\"\n", port, host, address)
	text += fmt.Sprintf("database = { type = \"sqlite3\"; path = %q; };\n", file)
	path := filepath.Join(folder, "glewlwyd.conf")
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil { //nolint:gosec // another user reads it
		t.Fatal(err)
	}
	return path
}

// plugin is an OpenID Provider whose claim roles is the user's name.
func (g glewlwyd) plugin(t *testing.T) object {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	public, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	asPEM := func(kind string, der []byte) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
	}
	parameters := object{
		"iss": g.api + "/oidc", "jwt-type": "rsa", "jwt-key-size": "256", "access-token-duration": 3600, "refresh-token-duration": 3600,
		"key": asPEM("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(key)), "cert": asPEM("PUBLIC KEY", public),
		"code-duration": 600, "refresh-token-rolling": true, "allow-non-oidc": true, "subject-type": "public",
		"auth-type-code-enabled": true, "auth-type-refresh-enabled": true, "pkce-allowed": true, "name-claim": "mandatory",
		"session-management-allowed": true, "session-cookie-name": "SID", "session-cookie-expiration": 86400,
		"claims": []object{{"name": "roles", "user-property": "name", "type": "string", "mandatory": true, "on-demand": false,
			"scope": []string{}}},
	}
	for _, off := range []string{"token", "id-token", "none", "password", "client", "device"} {
		parameters["auth-type-"+off+"-enabled"] = false
	}
	return object{"module": "oidc", "name": "oidc", "display_name": "oidc", "parameters": parameters}
}

func (g glewlwyd) send(t *testing.T, client *http.Client, method, path string, body object) {
	t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	address, err := url.JoinPath(g.api, path)
	if err != nil {
		t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(t.Context(), method, address, bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	answer, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		t.Fatalf("%s %s: %d", method, path, answer.StatusCode)
	}
}
