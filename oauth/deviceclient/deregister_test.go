package deviceclient_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"countersign/oauth/deviceclient"
)

// RFC 7591 §3 and §2.3: the initial access token travels as a bearer token, the
// statement among the metadata, and neither is kept.
func TestRegisterWithTokenAndStatement(t *testing.T) {
	p := newPeer(t)
	ph := newPhone(p)
	ph.InitialAccessToken = "initial-access-token"
	must(t, ph.Register(t.Context(), deviceclient.Software{Name: "App", ID: "app", Version: "1", Statement: "a.b.c"}))
	asked := p.requests("/register")[0]
	var body map[string]any
	must(t, json.Unmarshal(asked.body, &body))
	if asked.header.Get("Authorization") != "Bearer initial-access-token" || body["software_statement"] != "a.b.c" {
		t.Errorf("sent %q and %v", asked.header.Get("Authorization"), body["software_statement"])
	}
	kept, err := json.Marshal(ph.State)
	if err != nil || strings.Contains(string(kept), "initial-access-token") {
		t.Errorf("kept %s, %v", kept, err)
	}
	p.script["/register"] = []reply{{status: 401, body: `{"error":"invalid_token","error_description":"initial-access-token is spent"}`}}
	other := newPhone(p)
	other.InitialAccessToken = "initial-access-token"
	err = other.Register(t.Context(), deviceclient.Software{Name: "App", ID: "app", Version: "1"})
	if deviceclient.ErrorCode(err) != deviceclient.ErrInvalidToken || strings.Contains(err.Error(), "initial-access-token") {
		t.Errorf("refused with %v", err)
	}
}

// RFC 7592 §2.3: the registration is deleted with its token, and everything forgotten;
// one that is gone already is as good.
func TestDeregister(t *testing.T) {
	for name, status := range map[string]int{"deleted": http.StatusNoContent, "gone already": http.StatusUnauthorized} {
		t.Run(name, func(t *testing.T) {
			p := newPeer(t)
			p.script["/register/client-1"] = []reply{{status: status, body: ""}}
			ph := waiting(t, p)
			must(t, ph.Deregister(t.Context()))
			asked := p.requests("/register/client-1")
			if len(asked) != 1 || asked[0].header.Get("Authorization") != "Bearer "+managerCode {
				t.Errorf("asked %d times", len(asked))
			}
			if ph.State.ClientID != "" || ph.State.Key != nil || ph.State.Management != nil || ph.State.Authorization != nil ||
				ph.State.Issuer != p.server.URL {
				t.Errorf("still knows %v", ph.State)
			}
			if err := ph.Deregister(t.Context()); err != deviceclient.ErrNotRegistered {
				t.Errorf("again: %v", err)
			}
		})
	}
}

// A server that fails, one without management, and an address elsewhere change nothing;
// the token goes to no other server.
func TestDeregisterKeepsWhatItCannotDelete(t *testing.T) {
	p := newPeer(t)
	p.script["/register/client-1"] = []reply{{status: 503}, {status: 403, body: `{"error":"invalid_request"}`}}
	ph := waiting(t, p)
	for range 2 {
		if err := ph.Deregister(t.Context()); err == nil || strings.Contains(err.Error(), managerCode) {
			t.Errorf("answered %v", err)
		}
	}
	for _, address := range []string{"https://elsewhere.example/register/client-1", "http://elsewhere.example/", ""} {
		ph.State.Management.URI = address
		if ph.Deregister(t.Context()) == nil {
			t.Errorf("%q was asked", address)
		}
	}
	ph.State.Management = nil
	if ph.Deregister(t.Context()) == nil || ph.State.ClientID == "" || ph.State.Key == nil {
		t.Error("the registration is forgotten")
	}
}
