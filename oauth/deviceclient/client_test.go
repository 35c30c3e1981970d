package deviceclient_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"countersign/oauth/deviceclient"
)

func TestDiscoverRefuses(t *testing.T) {
	endpoints := `"token_endpoint":"https://a.example/t","device_authorization_endpoint":"https://a.example/d","registration_endpoint":"https://a.example/r"`
	for name, body := range map[string]string{
		"another issuer, RFC 8414 §3.3":      `{"issuer":"https://other.example",` + endpoints + `}`,
		"a trailing slash":                   `{"issuer":"ISSUER/",` + endpoints + `}`,
		"no registration endpoint":           `{"issuer":"ISSUER","token_endpoint":"https://a.example/t","device_authorization_endpoint":"https://a.example/d"}`,
		"an endpoint off TLS, RFC 8628 §3.1": `{"issuer":"ISSUER",` + endpoints + `,"revocation_endpoint":"http://a.example/v"}`,
		"something that is not JSON":         `<html>`,
	} {
		t.Run(name, func(t *testing.T) {
			p := newPeer(t)
			p.script["/.well-known/oauth-authorization-server"] = []reply{{status: 200, body: strings.ReplaceAll(body, "ISSUER", p.server.URL)}}
			if m, err := newPhone(p).Discover(t.Context()); err == nil {
				t.Errorf("accepted: %+v", m)
			}
		})
	}
}

func TestIssuerMustBeSecure(t *testing.T) {
	for _, issuer := range []string{"http://counter.example", "counter.example", "", "https://counter.example?a=b",
		"https://counter.example#a", "https://a@counter.example"} {
		client := &deviceclient.Client{Issuer: issuer}
		if _, err := client.Discover(t.Context()); err == nil {
			t.Errorf("%q was accepted", issuer)
		}
	}
}

func TestIssuerWithPath(t *testing.T) { // RFC 8414 §3.1
	p := newPeer(t)
	issuer := p.server.URL + "/realm"
	p.script["/.well-known/oauth-authorization-server/realm"] = []reply{{status: 200, body: `{"issuer":"` + issuer +
		`","token_endpoint":"` + issuer + `/t","device_authorization_endpoint":"` + issuer + `/d","registration_endpoint":"` + issuer + `/r"}`}}
	_, err := (&deviceclient.Client{Issuer: issuer}).Discover(t.Context())
	must(t, err)
}

func TestRegister(t *testing.T) {
	p := newPeer(t)
	ph := waiting(t, p)
	must(t, ph.Register(t.Context(), deviceclient.Software{}))
	asked := p.requests("/register")
	if len(asked) != 1 {
		t.Fatalf("registered %d times", len(asked))
	}
	var body map[string]any
	must(t, json.Unmarshal(asked[0].body, &body))
	delete(body, "jwks") // the peer has checked it
	want := map[string]any{
		"client_name": "Pocket Bank", "software_id": "example.pocketbank", "software_version": "4.2",
		"grant_types":                     []any{"urn:ietf:params:oauth:grant-type:device_code", "refresh_token"},
		"response_types":                  []any{},
		"token_endpoint_auth_method":      "private_key_jwt",
		"token_endpoint_auth_signing_alg": "ES256",
		"dpop_bound_access_tokens":        true,
	}
	if !reflect.DeepEqual(body, want) {
		t.Errorf("got %v\nwant %v", body, want)
	}
}

func TestALostRegistrationTakesANewKey(t *testing.T) {
	p := newPeer(t)
	p.script["/register"] = append([]reply{{drop: true}}, p.script["/register"]...)
	ph := newPhone(p)
	if err := ph.Register(t.Context(), deviceclient.Software{Name: "A", ID: "a", Version: "1"}); err == nil || ph.State.Key != nil {
		t.Fatalf("error %v, key kept %t", err, ph.State.Key != nil)
	}
	lost := p.keyID()
	must(t, ph.Register(t.Context(), deviceclient.Software{Name: "A", ID: "a", Version: "1"}))
	if ph.State.Key.Thumbprint() == lost || ph.State.ClientID != "client-1" {
		t.Error("the lost key was used again")
	}
}

// RFC 6585 §4: a phone that was put off comes back with the same key, by which the server
// knows it; any other end of an attempt takes a new key.
func TestARegistrationPutOffKeepsItsKey(t *testing.T) {
	p := newPeer(t)
	putOff := reply{status: http.StatusTooManyRequests, body: `{"error":"temporarily_unavailable"}`,
		header: map[string]string{"Retry-After": "10"}}
	p.script["/register"] = append([]reply{putOff, putOff, {drop: true}}, p.script["/register"]...)
	ph := newPhone(p)
	register := func() error { return ph.Register(t.Context(), deviceclient.Software{Name: "A", ID: "a", Version: "1"}) }
	var keys []string
	for range 2 {
		var unreachable *deviceclient.UnreachableError
		if err := register(); !errors.As(err, &unreachable) || unreachable.RetryAfter != 10*time.Second {
			t.Fatalf("put off: %v", err)
		}
		keys = append(keys, p.keyID())
	}
	if keys[0] != keys[1] || ph.saves[len(ph.saves)-1].Key.Thumbprint() != keys[0] {
		t.Errorf("keys %q, or the last is not saved", keys)
	}
	if register() == nil || ph.State.Key != nil || ph.saves[len(ph.saves)-1].Key != nil {
		t.Error("the key of a lost registration is kept")
	}
	must(t, register())
	if ph.State.Key.Thumbprint() == keys[0] {
		t.Error("the lost key was used again")
	}
}

func TestRequestAuthorization(t *testing.T) {
	p := newPeer(t)
	ph := waiting(t, p)
	form := p.requests("/device_authorization")[0].form
	for name, want := range map[string]string{
		"login_hint": "anna@example.org", "instance_name": "Anna's phone", "instance_description": "blue",
		"scope": "profile", "client_id": "client-1",
		"client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
	} {
		if form.Get(name) != want {
			t.Errorf("%s is %q, want %q", name, form.Get(name), want)
		}
	}
	a := ph.State.Authorization
	if a.UserCode.Reveal() != userCode || a.DeviceCode.Reveal() != deviceCode || a.Interval != 30 ||
		!a.ExpiresAt.Equal(start.Add(7*24*time.Hour)) {
		t.Errorf("wrong authorization: interval %d, expires %s", a.Interval, a.ExpiresAt)
	}
	if last := ph.saves[len(ph.saves)-1]; last.Authorization == nil || last.LoginHint != "anna@example.org" {
		t.Error("not saved")
	}
}

func TestAnAuthorizationThatCannotBeShownIsRefused(t *testing.T) {
	for name, body := range map[string]string{
		"terminal controls": `{"device_code":"d","user_code":"\u001b[2J","verification_uri":"https://a.example/","expires_in":60}`,
		"bidi override":     `{"device_code":"d","user_code":"A\u202eB","verification_uri":"https://a.example/","expires_in":60}`,
		"not a web address": `{"device_code":"d","user_code":"A","verification_uri":"javascript:x","expires_in":60}`,
		"no lifetime":       `{"device_code":"d","user_code":"A","verification_uri":"https://a.example/"}`,
		"no device code":    `{"user_code":"A","verification_uri":"https://a.example/","expires_in":60}`,
	} {
		t.Run(name, func(t *testing.T) {
			p := newPeer(t)
			p.script["/device_authorization"] = []reply{{status: 200, body: body}}
			ph := newPhone(p)
			must(t, ph.Register(t.Context(), deviceclient.Software{Name: "A", ID: "a", Version: "1"}))
			if err := ph.RequestAuthorization(t.Context(), deviceclient.Request{LoginHint: "a"}); err == nil || ph.State.Authorization != nil {
				t.Error("accepted")
			}
		})
	}
}

func TestStepsInTheWrongOrder(t *testing.T) {
	p := newPeer(t)
	ph := newPhone(p)
	for name, got := range map[string]struct{ err, want error }{
		"request": {ph.RequestAuthorization(t.Context(), deviceclient.Request{LoginHint: "a"}), deviceclient.ErrNotRegistered},
		"poll":    {ph.Poll(t.Context()), deviceclient.ErrNoRequest},
		"wait":    {ph.WaitForTokens(t.Context()), deviceclient.ErrNoRequest},
		"refresh": {ph.Refresh(t.Context()), deviceclient.ErrNotConnected},
		"revoke":  {ph.Revoke(t.Context()), deviceclient.ErrNotConnected},
	} {
		if got.err != got.want {
			t.Errorf("%s: %v", name, got.err)
		}
	}
	if _, err := ph.Call(t.Context(), http.MethodGet, p.server.URL); err != deviceclient.ErrNotConnected {
		t.Error(err)
	}
}

func TestAStateOfAnotherIssuerIsRefused(t *testing.T) {
	p := newPeer(t)
	ph := newPhone(p)
	ph.State.Issuer = "https://other.example"
	if _, err := ph.Discover(t.Context()); err == nil {
		t.Error("accepted")
	}
}
