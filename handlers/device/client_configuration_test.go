package device_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"countersign/audit"
	"countersign/handlers/handlerstest"
	"countersign/models"
	"countersign/oauth"
	"countersign/views"
)

// registered is a client instance that manages itself.
type registered struct {
	*handlerstest.Phone
	s           *handlerstest.Server
	path, token string
}

func manage(t *testing.T, s *handlerstest.Server) registered {
	t.Helper()
	phone := s.Phone()
	return registered{phone, s, strings.TrimPrefix(phone.Registration.String("registration_client_uri"), s.Issuer),
		phone.Registration.String("registration_access_token")}
}

func (r registered) read() handlerstest.Answer {
	return r.s.Manage(http.MethodGet, r.path, r.token, nil)
}

func (r registered) replace(metadata handlerstest.Object) handlerstest.Answer {
	return r.s.Manage(http.MethodPut, r.path, r.token, metadata)
}

func (r registered) metadata() handlerstest.Object {
	return handlerstest.Metadata(r.Key).With(handlerstest.Object{"client_id": r.ClientID})
}

// RFC 7592 §3: the registration says how to manage it; the token has 256 bits and
// is kept as a hash. §2.1: reading tells everything that is registered.
func TestReadRegistration(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	r := manage(t, s)
	if r.path != oauth.PathClientConfiguration+r.ClientID || len(r.token) != 43 {
		t.Errorf("managed at %q with a token of %d characters", r.path, len(r.token))
	}
	answer := r.read().Succeeded(t, http.StatusOK)
	if answer.Text != r.Registration.Text {
		t.Errorf("it reads\n%s\nand was registered as\n%s", answer.Text, r.Registration.Text)
	}
	if snapshot := s.Snapshot(); strings.Contains(snapshot["clients"]+snapshot["audit_events"], r.token) ||
		strings.Contains(s.Log(), r.token) {
		t.Error("the token is kept in clear")
	}
}

// asksForToken demands 401 with a bearer challenge, and invalid_token only where a token
// was sent: without one neither header nor body says what is wrong (RFC 6750 §3.1).
func asksForToken(t *testing.T, name string, answer handlerstest.Answer, sent string) {
	t.Helper()
	challenge, want := answer.Header.Get("WWW-Authenticate"), ""
	if sent != "" {
		want = oauth.ErrInvalidToken
	}
	if answer.Status != http.StatusUnauthorized || answer.Code() != want || sent == "" && len(answer.JSON) != 0 {
		t.Errorf("%s: answered %d %s", name, answer.Status, answer.Text)
	}
	if !strings.HasPrefix(challenge, `Bearer realm=`) || strings.Contains(challenge, "error") != (sent != "") {
		t.Errorf("%s: challenged with %q", name, challenge)
	}
}

// RFC 7592 §2: a bad token, another client's, and a client that is not there or
// was deleted are one answer: 401 with a challenge (RFC 6750 §3).
func TestBadRegistrationTokens(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	r, other, gone := manage(t, s), manage(t, s), manage(t, s)
	s.Manage(http.MethodDelete, gone.path, gone.token, nil).Succeeded(t, http.StatusNoContent)
	for name, c := range map[string]struct{ path, token string }{
		"no token": {r.path, ""}, "a wrong one": {r.path, strings.Repeat("A", 43)}, "another client's": {r.path, other.token},
		"no such client": {oauth.PathClientConfiguration + "nobody", r.token}, "a deleted client": {gone.path, gone.token},
	} {
		for _, method := range []string{http.MethodGet, http.MethodPut, http.MethodDelete} {
			s.Unchanged(t, name, func() {
				metadata := r.metadata()
				if method == http.MethodGet {
					metadata = nil
				}
				answer := s.Manage(method, c.path, c.token, metadata)
				asksForToken(t, name, answer, c.token)
			})
		}
	}
}

// RFC 7592 §2.2: an update replaces everything; what is left out is gone.
func TestReplaceRegistration(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	r := manage(t, s)
	r.replace(r.metadata().With(handlerstest.Object{"scope": "profile", "token_endpoint_auth_signing_alg": "ES256"})).
		Succeeded(t, http.StatusOK)
	before := s.LastEvent()
	answer := r.replace(r.metadata().With(handlerstest.Object{
		"client_name": "Pocket Bank 5", "software_version": "5.0", "grant_types": []string{oauth.GrantTypeDeviceCode},
	})).Succeeded(t, http.StatusOK)
	for member, want := range map[string]any{
		"client_name": "Pocket Bank 5", "software_version": "5.0", "scope": handlerstest.AllScopes(),
		"token_endpoint_auth_signing_alg": nil, "client_id": r.ClientID, "registration_access_token": r.token,
		"client_id_issued_at": r.Registration.JSON["client_id_issued_at"],
	} {
		if answer.JSON[member] != want {
			t.Errorf("%s is %v, want %v", member, answer.JSON[member], want)
		}
	}
	if got := s.Events(before); !slices.Equal(got, []audit.Type{audit.ClientUpdated}) {
		t.Errorf("events are %v", got)
	}
	if read := r.read(); read.Text != answer.Text {
		t.Errorf("it reads %s", read.Text)
	}
	refused(t, r.Refresh("x", nil), oauth.ErrUnauthorizedClient) // the grant is gone
}

// RFC 7592 §2.2: only with its own client_id, never with what only the server
// says, by the rules of a registration; a refused update changes nothing.
func TestRefusedReplacements(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	r, other := manage(t, s), manage(t, s)
	for name, c := range map[string]struct {
		change handlerstest.Object
		code   string
	}{
		"no client_id":           {handlerstest.Object{"client_id": nil}, oauth.ErrInvalidRequest},
		"another's client_id":    {handlerstest.Object{"client_id": other.ClientID}, oauth.ErrInvalidRequest},
		"the registration token": {handlerstest.Object{"registration_access_token": r.token}, oauth.ErrInvalidRequest},
		"the registration's URI": {handlerstest.Object{"registration_client_uri": "https://x.example"}, oauth.ErrInvalidRequest},
		"a secret":               {handlerstest.Object{"client_secret": "x"}, oauth.ErrInvalidRequest},
		"when it was registered": {handlerstest.Object{"client_id_issued_at": 1}, oauth.ErrInvalidRequest},
		"no name":                {handlerstest.Object{"client_name": nil}, oauth.ErrInvalidClientMetadata},
		"another client's key": {handlerstest.Object{
			"jwks": handlerstest.Object{"keys": []handlerstest.Object{handlerstest.PublicJWK(other.Key)}}}, oauth.ErrInvalidClientMetadata},
		"a statement of nobody's": {handlerstest.Object{"software_statement": s.Statement(handlerstest.NewKey(), nil)},
			oauth.ErrUnapprovedSoftwareStatement},
	} {
		s.Unchanged(t, name, func() { refused(t, r.replace(r.metadata().With(c.change)), c.code) })
	}
}

// The key may change to one that is not registered: the old one is refused from then on.
func TestReplaceKey(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	r := manage(t, s)
	old, fresh := *r.Phone, handlerstest.NewKey()
	r.replace(handlerstest.Metadata(fresh).With(handlerstest.Object{"client_id": r.ClientID})).Succeeded(t, http.StatusOK)
	old.AskRaw(handlerstest.Request{}).Refused(t, http.StatusUnauthorized, oauth.ErrInvalidClient)
	r.Key = fresh
	r.Ask(nil)
}

// RFC 7592 §2.2: a client stays of its software; and what its publisher's app has
// lost is gone from the registration as it is read, and from what introspection says of
// the tokens that are out (RFC 7662 §2.2).
func TestSoftwareOfARegistration(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	r := manage(t, s)
	tokens := connect(t, s, r.Phone)
	r.replace(handlerstest.Metadata(r.Key).With(handlerstest.Object{"client_id": r.ClientID, "software_id": "another-app"})).
		Refused(t, http.StatusBadRequest, oauth.ErrInvalidClientMetadata)
	software := r.read().Succeeded(t, http.StatusOK).String("software_id")
	_, err := s.Store.AddSoftware(t.Context(), models.NewSoftware{
		Publisher: "Publisher", SoftwareID: software, Name: "App", Scope: oauth.Scope{"profile"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if scope := r.read().Succeeded(t, http.StatusOK).String("scope"); scope != "profile" {
		t.Errorf("the registration still has %q", scope)
	}
	if scope := r.Introspect(tokens.Access).Succeeded(t, http.StatusOK).String("scope"); strings.Contains(scope, "accounts:read") {
		t.Errorf("the access token still has %q", scope)
	}
}

// RFC 7592 §2.3: 204; tokens, bindings and requests end at once, introspection
// says so, and everything is on record in one transaction.
func TestDeleteRegistration(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	r, witness := manage(t, s), manage(t, s)
	tokens := connect(t, s, r.Phone)
	waiting, approved := r.Ask(nil), r.Ask(nil)
	s.Approve(t, approved.UserCode)
	others := connect(t, s, witness.Phone)
	before := s.LastEvent()
	answer := s.Manage(http.MethodDelete, r.path, r.token, nil).Succeeded(t, http.StatusNoContent)
	if answer.Text != "" {
		t.Errorf("it says %s", answer.Text)
	}
	got := s.Events(before)
	slices.Sort(got)
	want := []audit.Type{audit.ClientDeleted, audit.DeviceBindingRevoked, audit.DeviceBindingRevoked}
	if !slices.Equal(got, want) {
		t.Errorf("events are %v, want %v", got, want)
	}
	for _, code := range []string{waiting.DeviceCode, approved.DeviceCode} {
		r.Poll(code).Refused(t, http.StatusUnauthorized, oauth.ErrInvalidClient)
	}
	if r.WhoAmI(tokens.Access).Status != http.StatusUnauthorized {
		t.Error("the API still answers")
	}
	witness.WhoAmI(others.Access).Succeeded(t, http.StatusOK)
	s.Register(handlerstest.Metadata(r.Key)).Refused(t, http.StatusBadRequest, oauth.ErrInvalidClientMetadata) // its key stays taken
	page := s.BrowserOf(t, s.Operator("Olga Operator")).Open(views.AccountPath(s.Account.ID))
	page.Says("the app was disconnected or disabled")
}

// RFC 7592 §2.1: a client that an administrator disabled may not read itself; its
// connections have ended.
func TestDisabledClient(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	r := manage(t, s)
	tokens := connect(t, s, r.Phone)
	if err := s.Store.DisableClient(t.Context(), r.ClientID); err != nil {
		t.Fatal(err)
	}
	if got := r.read().Status; got != http.StatusForbidden {
		t.Errorf("reading answers %d", got)
	}
	r.Refresh(tokens.Refresh, nil).Refused(t, http.StatusUnauthorized, oauth.ErrInvalidClient)
	if err := s.Store.EnableClient(t.Context(), r.ClientID); err != nil {
		t.Fatal(err)
	}
	r.read().Succeeded(t, http.StatusOK)
	refused(t, r.Refresh(tokens.Refresh, nil), oauth.ErrInvalidGrant)
	r.Ask(nil)
}

// A registration is managed from nowhere else: no cookie, no query, no form.
func TestRegistrationTokenComesByItsHeader(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	r := manage(t, s)
	asksForToken(t, "in the query", s.Get(r.path+"?"+url.Values{"access_token": {r.token}}.Encode()), "")
}
