package device_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"countersign/handlers/handlerstest"
	"countersign/oauth"
	"countersign/oauth/deviceclient"
	"countersign/oauth/protectedresource"

	"github.com/go-jose/go-jose/v4"
)

// letterbox is an API of somebody else's, at an address of its own, that is protected by the
// middleware.
type letterbox struct {
	*httptest.Server
	resource *protectedresource.Resource
}

// startAPI starts it and the server whose first resource it is.
func startAPI(t *testing.T, scopes ...string) (*handlerstest.Server, *letterbox) {
	t.Helper()
	api := &letterbox{Server: httptest.NewUnstartedServer(nil), resource: &protectedresource.Resource{}}
	address := "http://" + api.Listener.Addr().String()
	s := handlerstest.Start(t, handlerstest.Config{Resources: oauth.Resources{{URI: address}}})
	api.resource.Issuer, api.resource.Audience, api.resource.Now = s.Issuer, address, s.Clock.Now
	api.resource.Keys = protectedresource.Remote(s.Issuer, nil, s.Clock.Now)
	api.resource.Nonces = &oauth.Nonces{Key: make([]byte, 32)}
	api.Config.Handler = api.resource.Protect(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		grant, _ := protectedresource.Of(r.Context())
		_, _ = io.WriteString(w, "letters of "+grant.Token.Subject)
	}), scopes...)
	api.Start()
	t.Cleanup(api.Close)
	return s, api
}

// RFC 9068 §4, RFC 9449 §7.1, §9: the reference phone calls the API, follows its nonce, and is
// let in as the account that was proofed at the counter.
func TestProtectedResource(t *testing.T) {
	s, api := startAPI(t, "profile")
	phone := s.DeviceClient()
	for _, err := range []error{
		phone.Register(t.Context(), deviceclient.Software{Name: "Pocket Bank", ID: "example.pocketbank", Version: "4.2"}),
		phone.RequestAuthorization(t.Context(), deviceclient.Request{LoginHint: "anna@example.org", Scope: "profile"}),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	s.Approve(t, phone.State.Authorization.UserCode.Reveal())
	if err := phone.WaitForTokens(t.Context()); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		answer, err := phone.Call(t.Context(), http.MethodGet, api.URL+"/letters?from=x")
		if err != nil {
			t.Fatal(err)
		}
		text, _ := io.ReadAll(answer.Body)
		answer.Body.Close()
		if answer.StatusCode != http.StatusOK || string(text) != "letters of "+s.Account.ID {
			t.Errorf("%d %s", answer.StatusCode, text)
		}
	}
}

// RFC 6750 §3.1, RFC 9449 §4.3: what is refused, with its status, its challenge and nothing of
// the API.
func TestProtectedResourceRefuses(t *testing.T) {
	s, api := startAPI(t)
	api.resource.Nonces = nil
	phone, other := s.Phone(), s.Phone()
	token := connect(t, s, phone).Access
	foreign := connect(t, s, other)
	htu := func(path string) handlerstest.Forge {
		return handlerstest.Forge{Claims: handlerstest.Object{"htu": api.URL + path}}
	}
	proof := func(forge handlerstest.Forge) string { return phone.Proof(http.MethodGet, "/", token, forge) }
	longAgo := handlerstest.Forge{Claims: handlerstest.Object{"htu": api.URL + "/letters", "iat": 1}}
	used := proof(htu("/letters"))
	if status, _ := api.ask(t, "DPoP "+token, used); status != http.StatusOK {
		t.Fatalf("a good one: %d", status)
	}
	for name, test := range map[string]struct {
		authorization, proof string
		status               int
		challenge            string
	}{
		"nothing":              {"", "", 401, `DPoP algs="`},
		"another scheme":       {"Bearer " + token, proof(htu("/letters")), 401, `DPoP algs="`},
		"the scheme alone":     {"DPoP ", proof(htu("/letters")), 400, `error="invalid_request"`},
		"no proof":             {"DPoP " + token, "", 401, `error="invalid_dpop_proof"`},
		"a proof again":        {"DPoP " + token, used, 401, `error_description="this DPoP proof was used before`},
		"for another address":  {"DPoP " + token, proof(htu("/others")), 401, `error="invalid_dpop_proof"`},
		"by another key":       {"DPoP " + token, other.Proof(http.MethodGet, "/", token, htu("/letters")), 401, "bound to another key"},
		"of another token":     {"DPoP " + token, phone.Proof(http.MethodGet, "/", foreign.Access, htu("/letters")), 401, "ath"},
		"a refresh token":      {"DPoP " + foreign.Refresh, proof(htu("/letters")), 401, `error="invalid_token"`},
		"a token that was cut": {"DPoP " + token[:len(token)-9], proof(htu("/letters")), 401, `error="invalid_token"`},
		"for another method":   {"DPoP " + token, phone.Proof(http.MethodPost, "/", token, htu("/letters")), 401, "htm"},
		"a proof of long ago":  {"DPoP " + token, proof(longAgo), 401, "too old"},
	} {
		status, header := api.ask(t, test.authorization, test.proof)
		challenge := header.Get("WWW-Authenticate")
		if status != test.status || !strings.HasPrefix(challenge, `DPoP algs="`) || !strings.Contains(challenge, test.challenge) {
			t.Errorf("%s: %d, challenged with %s", name, status, challenge)
		}
	}
	if status, header := api.ask(t, "", ""); status != 401 || strings.Contains(header.Get("WWW-Authenticate"), "error") {
		t.Errorf("who sends nothing is told an error: %v", header)
	}
	s.Clock.Advance(10 * time.Minute)
	status, header := api.ask(t, "DPoP "+token, proof(htu("/letters")))
	if status != 401 || !strings.Contains(header.Get("WWW-Authenticate"), "expired") {
		t.Errorf("after its end: %d, %v", status, header)
	}
}

// RFC 6750 §3.1: a token without the scope is 403, and the challenge names the scope. A token for
// another API is no token here (RFC 9068 §4), and a fault of ours refuses nobody.
func TestProtectedResourceScopesAndFaults(t *testing.T) {
	s, api := startAPI(t, "profile", "accounts:read")
	api.resource.Nonces = nil
	phone := s.Phone()
	codes := phone.Ask(map[string]string{"scope": "profile"})
	s.Approve(t, codes.UserCode)
	token := readTokens(t, phone.Poll(codes.DeviceCode)).Access
	proof := func() string {
		return phone.Proof(http.MethodGet, "/", token, handlerstest.Forge{Claims: handlerstest.Object{"htu": api.URL + "/letters"}})
	}
	status, header := api.ask(t, "DPoP "+token, proof())
	challenge := header.Get("WWW-Authenticate")
	if status != http.StatusForbidden || !strings.Contains(challenge, `scope="profile accounts:read", error="insufficient_scope"`) {
		t.Errorf("%d, %v", status, header)
	}
	api.resource.Audience = "https://other.example"
	if status, _ := api.ask(t, "DPoP "+token, proof()); status != http.StatusUnauthorized {
		t.Errorf("a token for another API: %d", status)
	}
	api.resource.Keys = func(context.Context) (jose.JSONWebKeySet, error) {
		return jose.JSONWebKeySet{}, errors.New("no answer")
	}
	if status, header := api.ask(t, "DPoP "+token, proof()); status != http.StatusServiceUnavailable || header.Get("WWW-Authenticate") != "" {
		t.Errorf("without keys: %d, %v", status, header)
	}
}

// A proxy that asks first, as nginx does, is told whose request it is, or 401 or 403 with the challenge: it knows no
// other refusal. A question that does not say what it is about is a fault of the proxy.
func TestAuthRequest(t *testing.T) {
	s, api := startAPI(t)
	api.resource.Nonces = nil
	api.Config.Handler = api.resource.AuthRequest()
	phone := s.Phone()
	token := connect(t, s, phone).Access
	for name, test := range map[string]struct {
		authorization string
		method, uri   []string
		status        int
	}{
		"a phone's request": {"DPoP " + token, []string{"DELETE"}, []string{"//letters/%2F7?from=x"}, 204},
		"another method":    {"DPoP " + token, []string{"GET"}, []string{"//letters/%2F7?from=x"}, 401},
		"another path":      {"DPoP " + token, []string{"DELETE"}, []string{"/letters/%2F7"}, 401},
		"the scheme alone":  {"DPoP ", []string{"DELETE"}, []string{"//letters/%2F7"}, 401},
		"no method":         {"DPoP " + token, nil, []string{"//letters/%2F7"}, 500},
		"no address":        {"DPoP " + token, []string{"DELETE"}, nil, 500},
		"no path":           {"DPoP " + token, []string{"DELETE"}, []string{"letters"}, 500},
		"two methods":       {"DPoP " + token, []string{"DELETE", "GET"}, []string{"//letters/%2F7"}, 500},
		"two addresses":     {"DPoP " + token, []string{"DELETE"}, []string{"//letters/%2F7", "/others"}, 500},
	} {
		proof := phone.Proof(http.MethodDelete, "/", token, handlerstest.Forge{Claims: handlerstest.Object{"htu": api.URL + "//letters/%2F7"}})
		question, err := http.NewRequestWithContext(t.Context(), http.MethodGet, api.URL+"/countersign", nil)
		if err != nil {
			t.Fatal(err)
		}
		question.Header = http.Header{"Authorization": {test.authorization}, "Dpop": {proof},
			protectedresource.HeaderOriginalMethod: test.method, "X-Original-Uri": test.uri, protectedresource.HeaderAccount: {"somebody"}}
		answer, err := api.Client().Do(question)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		account := answer.Header.Get(protectedresource.HeaderAccount)
		if answer.StatusCode != test.status || (account == s.Account.ID) != (test.status == http.StatusNoContent) {
			t.Errorf("%s: %d, account %q", name, answer.StatusCode, account)
		}
		if challenged := answer.Header.Get("WWW-Authenticate") != ""; challenged != (test.status == http.StatusUnauthorized) {
			t.Errorf("%s: %v", name, answer.Header)
		}
	}
}

// The issuer's keys are read once in five minutes, and count for an hour when it does not
// answer; metadata of another issuer is none (RFC 8414 §3.3).
func TestRemoteKeys(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	var asked atomic.Int32
	var down atomic.Bool
	client := &http.Client{Transport: roundTrip(func(request *http.Request) (*http.Response, error) {
		if down.Load() {
			return nil, errors.New("no answer")
		}
		asked.Add(1)
		return http.DefaultTransport.RoundTrip(request)
	})}
	keys := protectedresource.Remote(s.Issuer, client, s.Clock.Now)
	read := func(want int32, good bool) {
		t.Helper()
		set, err := keys(t.Context())
		if (err == nil && len(set.Keys) > 0) != good || asked.Load() != want {
			t.Errorf("%d keys, %v, after %d questions; want %d", len(set.Keys), err, asked.Load(), want)
		}
	}
	read(2, true)
	s.Clock.Advance(5*time.Minute - time.Second)
	read(2, true)
	s.Clock.Advance(time.Second)
	read(4, true)
	down.Store(true)
	s.Clock.Advance(time.Hour - time.Second)
	read(4, true)
	s.Clock.Advance(time.Minute)
	read(4, false)
	down.Store(false)
	read(6, true)
	if _, err := protectedresource.Remote(strings.Replace(s.Issuer, "127.0.0.1", "localhost", 1), nil, nil)(t.Context()); err == nil {
		t.Error("keys of another issuer")
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (r roundTrip) RoundTrip(request *http.Request) (*http.Response, error) { return r(request) }

// ask asks for the letters with these two headers; "" leaves one out.
func (a *letterbox) ask(t *testing.T, authorization, proof string) (int, http.Header) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, a.URL+"/letters", nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{"Authorization": authorization, "DPoP": proof} {
		if value != "" {
			request.Header.Set(name, value)
		}
	}
	answer, err := a.Client().Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if text, _ := io.ReadAll(answer.Body); answer.StatusCode != http.StatusOK && strings.Contains(string(text), "letters of") {
		t.Errorf("a refusal tells %s", text)
	}
	return answer.StatusCode, answer.Header
}
