package main

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"countersign/oauth/deviceclient"
	"countersign/oauth/protectedresource"

	"github.com/coreos/go-oidc/v3/oidc"
)

// docs/apis.md: APIs in Node and in Go, and one behind nginx, as they stand on the page, let in
// the phone that was connected at a counter, and nobody who repeats its request or has its token alone.
func TestAPIsPage(t *testing.T) {
	t.Parallel()
	for name, start := range map[string]func(t *testing.T, issuer, address string){
		"jose":                      nodeAPI("Node: jose"),
		"express-oauth2-jwt-bearer": nodeAPI("Node: express-oauth2-jwt-bearer"),
		"protectedresource":         goAPI,
		"nginx":                     nginxAPI,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			address := newAddress(t)
			phone, issuer, spy := connectedFor(t, "http://"+address)
			start(t, issuer, address)
			holdsAPI(t, phone, spy, "http://"+address)
			verifiesByGoOIDC(t, issuer, "http://"+address, phone.State.Tokens.AccessToken.Reveal())
		})
	}
}

// The Go of the page is what these tests run.
func TestAPIsPageHasTheGoThatIsRun(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "apis.md"))
	if err != nil {
		t.Fatal(err)
	}
	var here string
	for _, name := range []string{"apis_page_test.go", "apis_page_nginx_test.go"} {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		here += string(text)
	}
	plain := func(text string) string { return strings.Join(strings.Fields(text), " ") }
	blocks := strings.Split(string(page), "\n```go\n")[1:]
	for _, block := range blocks {
		block, _, _ = strings.Cut(block, "\n```\n")
		if !strings.Contains(plain(here), plain(block)) {
			t.Errorf("not run: %s", block)
		}
	}
	if len(blocks) != 3 {
		t.Errorf("%d blocks of Go", len(blocks))
	}
}

// fence is the first block of a language below a heading of docs/apis.md.
func fence(t *testing.T, heading, language string) string {
	t.Helper()
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "apis.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(page), "\n## "+heading+"\n")
	_, rest, ok := strings.Cut(rest, "\n```"+language+"\n")
	block, _, closed := strings.Cut(rest, "\n```\n")
	if !found || !ok || !closed {
		t.Fatalf("the page has no block of %s below %s", language, heading)
	}
	return block
}

// nodeAPI runs the program below a heading of the page until the test ends.
func nodeAPI(heading string) func(t *testing.T, issuer, address string) {
	return func(t *testing.T, issuer, address string) {
		t.Helper()
		folder := t.TempDir()
		modules, err := filepath.Abs(filepath.Join(interopFolder(t), "node_modules"))
		if err == nil {
			err = os.Symlink(modules, filepath.Join(folder, "node_modules"))
		}
		if err != nil {
			t.Fatal(err)
		}
		for name, below := range map[string]string{"letters.mjs": heading, "used.mjs": "Node: proofs that were used"} {
			if err := os.WriteFile(filepath.Join(folder, name), []byte(fence(t, below, "js")), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		_, port, _ := strings.Cut(address, ":")
		node := exec.CommandContext(t.Context(), "node", "letters.mjs")
		node.Dir, node.Stderr = folder, t.Output()
		node.Env = append(os.Environ(), "ISSUER="+issuer, "AUDIENCE=http://"+address, "PORT="+port)
		if err := node.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = node.Wait() }) // killed with the test's context
		answers(t, address)
	}
}

// answers waits until something answers there.
func answers(t *testing.T, address string) {
	t.Helper()
	if !until(func() bool { _, err := http.Get("http://" + address); return err == nil }) { //nolint:bodyclose // it is a test's end
		t.Fatal("the API does not start")
	}
}

// goAPI is the Go of the page.
func goAPI(t *testing.T, issuer, address string) {
	t.Helper()
	audience := "http://" + address
	letters := &protectedresource.Resource{
		Issuer: issuer, Audience: audience,
		Keys: protectedresource.Remote(issuer, nil, nil),
	}
	handler := letters.Protect(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		grant, _ := protectedresource.Of(r.Context())
		fmt.Fprintf(w, "letters of %s", grant.Token.Subject)
	}), "profile")
	api := &http.Server{Addr: address, Handler: handler}
	go func() { _ = api.ListenAndServe() }()
	t.Cleanup(func() { _ = api.Close() })
	if !until(func() bool { _, err := http.Get(audience); return err == nil }) {
		t.Fatal("the API does not start")
	}
}

// forged is what a proxy tells the API behind it, and no client may.
var forged = map[string]string{"X-Account": "somebody", "X-Original-Method": http.MethodGet, "X-Original-URI": "/letters?from=x"}

// spy adds what is forged to each request, and passes it on; or keeps it instead, unsent.
type spy struct {
	keeps bool
	kept  *http.Request
}

var errKept = errors.New("kept")

func (s *spy) RoundTrip(request *http.Request) (*http.Response, error) {
	for name, value := range forged {
		request.Header.Set(name, value)
	}
	if s.keeps {
		s.kept = request
		return nil, errKept
	}
	return http.DefaultTransport.RoundTrip(request)
}

// connectedFor is a phone that is connected for the API, and the server's issuer.
func connectedFor(t *testing.T, resource string) (*deviceclient.Client, string, *spy) {
	t.Helper()
	listen := newAddress(t)
	server := startProduction(t, productionConfig{
		listen: listen, flags: []string{"--poll-interval", "1s", "--resource", resource},
		provider: demoStaffProvider(t, "http://"+listen, func(h http.Handler) http.Handler { return h }),
	})
	operator, err := newOperatorBrowser(server.issuer)
	if err == nil {
		err = operator.SignIn(t.Context(), "Jonas Eriksen")
	}
	if err != nil {
		t.Fatal(err)
	}
	watch := &spy{}
	phone := &deviceclient.Client{Issuer: server.issuer, HTTP: &http.Client{Transport: watch}}
	err = phone.Register(t.Context(), deviceclient.Software{Name: "Pocket", ID: productionSoftware, Version: "1"})
	if err == nil {
		err = phone.RequestAuthorization(t.Context(), deviceclient.Request{LoginHint: productionHint, Scope: "profile"})
	}
	if err != nil {
		t.Fatal(err)
	}
	server.approve(t, operator, phone.State.Authorization.UserCode.Reveal())
	if err := phone.WaitForTokens(t.Context()); err != nil {
		t.Fatal(err)
	}
	return phone, server.issuer, watch
}

func holdsAPI(t *testing.T, phone *deviceclient.Client, watch *spy, api string) {
	t.Helper()
	for range 2 {
		answer, err := phone.Call(t.Context(), http.MethodGet, api+"/letters?from=x")
		if err != nil {
			t.Fatal(err)
		}
		text, _ := io.ReadAll(answer.Body)
		answer.Body.Close()
		if answer.StatusCode != http.StatusOK || !strings.HasPrefix(string(text), "letters of ") || len(text) < 20 ||
			strings.Contains(string(text), forged["X-Account"]) {
			t.Fatalf("the phone is answered %d %s", answer.StatusCode, text)
		}
	}
	watch.keeps = true
	for name, change := range map[string]func(*http.Request){
		"again":           func(r *http.Request) { sends(t, r, http.StatusOK) },
		"the token alone": func(r *http.Request) { r.Header.Del("DPoP") },
		"as a bearer": func(r *http.Request) {
			r.Header.Set("Authorization", strings.Replace(r.Header.Get("Authorization"), "DPoP", "Bearer", 1))
		},
		"another method":    func(r *http.Request) { r.Method = http.MethodPost },
		"another address":   func(r *http.Request) { r.URL.Path = "/letters/others" },
		"nothing":           func(r *http.Request) { r.Header = http.Header{} },
		"the proof as both": func(r *http.Request) { r.Header.Set("Authorization", "DPoP "+r.Header.Get("DPoP")) },
	} {
		if _, err := phone.Call(t.Context(), http.MethodGet, api+"/letters?from=x"); !errors.Is(err, errKept) { //nolint:bodyclose // none came
			t.Fatal(err)
		}
		change(watch.kept)
		answer := sends(t, watch.kept, http.StatusUnauthorized, http.StatusBadRequest)
		if challenges := answer.Values("WWW-Authenticate"); len(challenges) != 1 || !strings.HasPrefix(challenges[0], "DPoP ") {
			t.Errorf("%s: challenged with %q", name, challenges)
		}
	}
}

// sends wants one of these statuses.
func sends(t *testing.T, request *http.Request, statuses ...int) http.Header {
	t.Helper()
	answer, err := http.DefaultTransport.RoundTrip(request.Clone(t.Context()))
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if !slices.Contains(statuses, answer.StatusCode) {
		t.Errorf("%s %s with %d headers: %d, want %v", request.Method, request.URL, len(request.Header), answer.StatusCode, statuses)
	}
	return answer.Header
}

// verifiesByGoOIDC is the verifier of the page: it takes the token, and none for another API.
func verifiesByGoOIDC(t *testing.T, issuer, audience, token string) {
	t.Helper()
	ctx := t.Context()
	verifier := oidc.NewVerifier(issuer, oidc.NewRemoteKeySet(ctx, issuer+"/jwks"), &oidc.Config{
		ClientID: audience, SupportedSigningAlgs: []string{"ES256"}, // RS256 is what it takes when nothing is said
	})
	if _, err := verifier.Verify(ctx, token); err != nil {
		t.Error(err)
	}
	other := oidc.NewVerifier(issuer, oidc.NewRemoteKeySet(ctx, issuer+"/jwks"), &oidc.Config{
		ClientID: "https://other.example", SupportedSigningAlgs: []string{"ES256"},
	})
	if _, err := other.Verify(ctx, token); err == nil {
		t.Error("a token for another API is taken")
	}
}
