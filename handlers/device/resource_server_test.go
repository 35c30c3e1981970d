package device_test

import (
	"net/http"
	"slices"
	"testing"

	"countersign/audit"
	"countersign/handlers/handlerstest"
	"countersign/oauth"
)

// RFC 7662 §2.1 and §2.2, docs/decisions/0010-resource-servers.md: a resource server
// asks about the access tokens of any phone for its own resource, and learns nothing of others.
func TestResourceServerIntrospects(t *testing.T) {
	s := withResources(t)
	phone, api, bank := s.Phone(), s.ResourceServer("Letters", letters), s.ResourceServer("Payments", payments)
	_, token := granted(t, s, phone, letters, payments)
	answer := api.Introspect(token.Access).Succeeded(t, http.StatusOK)
	confirm, _ := answer.JSON["cnf"].(map[string]any)
	if answer.JSON["active"] != true || answer.String("aud") != letters || answer.String("client_id") != phone.ClientID ||
		answer.String("sub") != s.Account.ID || answer.String("scope") != "profile" || confirm["jkt"] != handlerstest.Thumbprint(phone.DPoP) {
		t.Errorf("answered %s", answer.Text)
	}
	inactive(t, bank.Introspect(token.Access))
	inactive(t, api.Introspect(token.Refresh)) // not for resource servers
	inactive(t, api.Introspect("x"))
	refused(t, api.Introspect(""), oauth.ErrInvalidRequest)

	s.SetStatus("suspended")
	inactive(t, api.Introspect(token.Access))
	s.SetStatus("active")
	phone.Revoke(token.Refresh).Succeeded(t, http.StatusOK)
	inactive(t, api.Introspect(token.Access))
}

// A resource server is nobody anywhere else, and its assertion is judged like a phone's.
func TestResourceServerOnlyIntrospects(t *testing.T) {
	s := withResources(t)
	api := s.ResourceServer("Letters", letters)
	for _, path := range []string{oauth.PathDeviceAuthorization, oauth.PathToken, oauth.PathRevocation} {
		s.Unchanged(t, path, func() {
			notAuthenticated(t, api.Post(handlerstest.Request{Path: path, Form: map[string]string{"token": "x", "login_hint": "anna@example.org"}}))
		})
	}
	for name, forge := range map[string]handlerstest.Forge{
		"another key":       {Key: handlerstest.NewKey()},
		"a broken one":      {Broken: true},
		"another audience":  {Claims: handlerstest.Object{"aud": s.Issuer + oauth.PathIntrospection}},
		"another issuer":    {Claims: handlerstest.Object{"iss": s.Phone().ClientID}},
		"an expired one":    {Claims: handlerstest.Object{"exp": s.Clock.Now().Unix()}},
		"one without a jti": {Claims: handlerstest.Object{"jti": nil}},
	} {
		t.Run(name, func(t *testing.T) {
			notAuthenticated(t, api.Post(handlerstest.Request{Path: oauth.PathIntrospection, Form: map[string]string{"token": "x"},
				Assertion: forge}))
		})
	}
	once := api.NewRequest(handlerstest.Request{Path: oauth.PathIntrospection, Form: map[string]string{"token": "x"}})
	inactive(t, s.Do(once))
	notAuthenticated(t, s.Do(again(once)))
}

// docs/architecture.md §4.8: a resource server's question is a token's first use, so that the answer
// that brought it is not given again.
func TestResourceServersQuestionIsAUse(t *testing.T) {
	s := withResources(t)
	phone, api := s.Phone(), s.ResourceServer("Letters", letters)
	codes, token := granted(t, s, phone, letters)
	if api.Introspect(token.Access).JSON["active"] != true {
		t.Fatal("not active")
	}
	s.Clock.Advance(s.Interval())
	refused(t, phone.Poll(codes.DeviceCode), oauth.ErrInvalidGrant)
}

// One that was removed is unknown at once; both are on record.
func TestRemovedResourceServer(t *testing.T) {
	s := withResources(t)
	before := s.LastEvent()
	api := s.ResourceServer("Letters", letters)
	inactive(t, api.Introspect("x"))
	if err := s.Store.RemoveResourceServer(t.Context(), api.ClientID); err != nil {
		t.Fatal(err)
	}
	notAuthenticated(t, api.Introspect("x"))
	if got := s.Events(before); !slices.Equal(got, []audit.Type{audit.ResourceServerAdded, audit.ResourceServerRemoved}) {
		t.Errorf("events are %v", got)
	}
}
