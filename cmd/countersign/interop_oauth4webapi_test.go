package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"
)

const productionResource = "https://letters.example"

// A second OAuth client that nobody here wrote, npm oauth4webapi 3, does the whole flow
// (testdata/interop/webapi.mjs): DPoP with the server's nonces (RFC 9449 §8), two
// resources (RFC 8707), introspection in JSON and as a JWT (RFC 9701), by the phone and by
// the API behind a resource, and revocation. It checks what it is told itself.
func TestOAuth4WebAPIDoesTheWholeFlow(t *testing.T) {
	t.Parallel()
	folder := interopFolder(t)
	listen := newAddress(t)
	server := startProduction(t, productionConfig{
		listen: listen, flags: []string{"--poll-interval", "1s", "--resource", "http://" + listen + "/api", "--resource", productionResource +
			"=profile"},
		provider: demoStaffProvider(t, "http://"+listen, func(h http.Handler) http.Handler { return h }),
	})
	operator, err := newOperatorBrowser(server.issuer)
	if err != nil {
		t.Fatal(err)
	}
	if err := operator.SignIn(t.Context(), "Jonas Eriksen"); err != nil {
		t.Fatal(err)
	}
	apiID, apiKey := addResourceServer(t, server)
	phone := startNode(t, folder, "webapi.mjs", server.issuer, productionHint, productionSoftware, productionResource, apiID, apiKey)

	phone.step("discover").want("issuer", server.issuer).want("introspection_algs", "ES256")
	clientID := phone.step("register").text("client_id")
	asked := phone.step("authorize").want("expires_in", 604800.0).want("interval", 1.0)
	phone.step("poll").want("status", 400.0).want("error", "authorization_pending")
	server.approve(t, operator, asked.text("user_code"))
	last := phone.step("poll")
	for last.facts["error"] != "" { // asked while the operator worked
		last = phone.want(last, "error", "authorization_pending").step("poll")
	}
	phone.step("tokens").want("token_type", "dpop").want("expires_in", 600.0).want("scope", "profile").want("refreshable",
		true).want("nonces", 1.0)
	account := phone.step("call").want("client_id", clientID).text("account")
	phone.step("refresh").want("token_type", "dpop").want("scope", "profile").want("another", true)
	phone.step("wrong resource").want("error", "invalid_target").want("status", 400.0)
	phone.step("wrong audience").want("error", "invalid_token").want("scheme", "dpop").want("status", 401.0)

	active := func(name, audience, kind string) {
		t.Helper()
		phone.step(name).want("active", true).want("aud", audience).want("client_id", clientID).want("sub", account).want("bound",
			true).want("type", kind)
	}
	active("phone introspects", server.issuer+"/api", "application/json")
	active("phone introspects a JWT", server.issuer+"/api", "application/token-introspection+jwt")
	active("API introspects", productionResource, "application/json")
	active("API introspects a JWT", productionResource, "application/token-introspection+jwt")
	inactive := func(name string) {
		t.Helper()
		if facts := phone.step(name).want("active", false).facts; len(facts) != 3 { // step, active, type
			t.Errorf("%s: more is told: %v", name, facts)
		}
	}
	inactive("not for the API")
	phone.step("revoke")
	inactive("API introspects again")
	phone.step("refresh again").want("error", "invalid_grant").want("status", 400.0)
	phone.step("call again").want("error", "invalid_token").want("status", 401.0)
	phone.end()
}

// addResourceServer registers the API behind productionResource, and says its client_id
// and the file of its private key.
func addResourceServer(t *testing.T, server *production) (id, keyFile string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	private := jose.JSONWebKey{Key: key}
	write := func(name string, value any) string {
		text, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(server.folder, name)
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	public := write("letters.jwks", jose.JSONWebKeySet{Keys: []jose.JSONWebKey{private.Public()}})
	added := server.run(t, server.store, "resource-servers", "add", "--name", "Letters", "--resource", productionResource, "--jwks", public)
	return strings.Fields(added)[3], write("letters.jwk", private)
}
