package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"countersign/oauth/deviceclient"
	"countersign/oauth/protectedresource"

	"github.com/coreos/go-oidc/v3/oidc"
)

// docs/apis.md: an API in Node and one in Go, as they stand on the page, let in the phone that
// was connected at a counter, and nobody who repeats its request or has its token alone.
func TestAPIsPage(t *testing.T) {
	folder := interopFolder(t)
	t.Parallel()
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "apis.md"))
	if err != nil {
		t.Fatal(err)
	}
	for name, start := range map[string]func(t *testing.T, issuer, address string){
		"jose": func(t *testing.T, issuer, address string) {
			nodeAPI(t, folder, fence(t, string(page), "js"), issuer, address)
		},
		"protectedresource": goAPI,
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
	here, err := os.ReadFile("apis_page_test.go")
	if err != nil {
		t.Fatal(err)
	}
	plain := func(text string) string { return strings.Join(strings.Fields(text), " ") }
	blocks := strings.Split(string(page), "\n```go\n")[1:]
	for _, block := range blocks {
		block, _, _ = strings.Cut(block, "\n```\n")
		if !strings.Contains(plain(string(here)), plain(block)) {
			t.Errorf("not run: %s", block)
		}
	}
	if len(blocks) != 2 {
		t.Errorf("%d blocks of Go", len(blocks))
	}
}

// fence is the first block of a language on a page.
func fence(t *testing.T, page, language string) string {
	t.Helper()
	_, rest, ok := strings.Cut(page, "\n```"+language+"\n")
	block, _, closed := strings.Cut(rest, "\n```\n")
	if !ok || !closed {
		t.Fatalf("the page has no block of %s", language)
	}
	return block
}

// nodeAPI runs the program of the page until the test ends.
func nodeAPI(t *testing.T, modules, program, issuer, address string) {
	t.Helper()
	folder := t.TempDir()
	absolute, err := filepath.Abs(filepath.Join(modules, "node_modules"))
	if err == nil {
		err = os.Symlink(absolute, filepath.Join(folder, "node_modules"))
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(folder, "letters.mjs"), []byte(program), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	node := exec.CommandContext(ctx, "node", "letters.mjs")
	_, port, _ := strings.Cut(address, ":")
	node.Dir, node.Stderr = folder, t.Output()
	node.Env = append(os.Environ(), "ISSUER="+issuer, "AUDIENCE=http://"+address, "PORT="+port)
	if err := node.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(); _ = node.Wait() })
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

// spy keeps the last request that it passed on.
type spy struct{ last *http.Request }

func (s *spy) RoundTrip(request *http.Request) (*http.Response, error) {
	s.last = request
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
		if answer.StatusCode != http.StatusOK || !strings.HasPrefix(string(text), "letters of ") || len(text) < 20 {
			t.Fatalf("the phone is answered %d %s", answer.StatusCode, text)
		}
	}
	asked := watch.last
	for name, change := range map[string]func(*http.Request){
		"again":           func(*http.Request) {},
		"the token alone": func(r *http.Request) { r.Header.Del("DPoP") },
		"as a bearer": func(r *http.Request) {
			r.Header.Set("Authorization", strings.Replace(r.Header.Get("Authorization"), "DPoP", "Bearer", 1))
		},
		"another method":    func(r *http.Request) { r.Method = http.MethodPost },
		"another address":   func(r *http.Request) { r.URL.Path = "/others" },
		"nothing":           func(r *http.Request) { r.Header = http.Header{} },
		"the proof as both": func(r *http.Request) { r.Header.Set("Authorization", "DPoP "+r.Header.Get("DPoP")) },
	} {
		repeated := asked.Clone(t.Context())
		change(repeated)
		answer, err := http.DefaultTransport.RoundTrip(repeated)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if answer.StatusCode != http.StatusUnauthorized || !strings.HasPrefix(answer.Header.Get("WWW-Authenticate"), "DPoP ") {
			t.Errorf("%s: %d, %q", name, answer.StatusCode, answer.Header.Get("WWW-Authenticate"))
		}
	}
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
