package device_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"countersign/audit"
	"countersign/handlers/handlerstest"
	"countersign/models"
	"countersign/oauth"
)

// RFC 7591 §3.2.1: 201, everything that was registered, and no secret.
func TestRegistrationAnswer(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	key := handlerstest.NewKey()
	before := s.LastEvent()
	answer := s.Register(handlerstest.Metadata(key).With(handlerstest.Object{"scope": "profile", "software_colour": "blue"})).
		Succeeded(t, http.StatusCreated)
	want := []string{"client_id", "client_id_issued_at", "client_name", "dpop_bound_access_tokens", "grant_types", "jwks",
		"registration_access_token", "registration_client_uri", "response_types", "scope", "software_id", "software_version",
		"token_endpoint_auth_method"}
	if !slices.Equal(answer.Members(), want) {
		t.Errorf("members are %v, want %v", answer.Members(), want)
	}
	for member, value := range map[string]any{
		"client_id_issued_at": float64(s.Clock.Now().Unix()), "client_name": "Pocket Bank", "scope": "profile",
		"token_endpoint_auth_method": "private_key_jwt", "dpop_bound_access_tokens": true,
	} {
		if answer.JSON[member] != value {
			t.Errorf("%s is %v, want %v", member, answer.JSON[member], value)
		}
	}
	if strings.Contains(answer.Text, `"d"`) || !strings.Contains(answer.Text, handlerstest.PublicJWK(key)["x"].(string)) {
		t.Errorf("jwks is %v", answer.JSON["jwks"])
	}
	if got := s.Events(before); !slices.Equal(got, []audit.Type{audit.ClientRegistered}) {
		t.Errorf("events are %v", got)
	}
}

// RFC 7591 §3.2.2: every refusal is 400 invalid_client_metadata, and no client is
// made.
func TestRefusedRegistrations(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	key := handlerstest.NewKey()
	private := handlerstest.PublicJWK(key)
	private["d"] = "AAAA"
	keys := func(keys ...handlerstest.Object) handlerstest.Object {
		return handlerstest.Object{"jwks": handlerstest.Object{"keys": keys}}
	}
	for name, change := range map[string]handlerstest.Object{
		"no grant_types":               {"grant_types": nil},
		"another grant":                {"grant_types": []string{oauth.GrantTypeDeviceCode, "authorization_code"}},
		"not the device grant":         {"grant_types": []string{oauth.GrantTypeRefreshToken}},
		"no response_types":            {"response_types": nil},
		"response_types code":          {"response_types": []string{"code"}},
		"client_secret_basic":          {"token_endpoint_auth_method": "client_secret_basic"},
		"no method (means a secret)":   {"token_endpoint_auth_method": nil},
		"none":                         {"token_endpoint_auth_method": "none"},
		"no jwks":                      {"jwks": nil},
		"no key":                       keys(),
		"two keys":                     keys(handlerstest.PublicJWK(key), handlerstest.PublicJWK(handlerstest.NewKey())),
		"a private key":                keys(private),
		"a shared secret":              keys(handlerstest.Object{"kty": "oct", "k": "c2VjcmV0"}),
		"jwks and jwks_uri":            {"jwks_uri": "https://publisher.example/jwks"},
		"a jwks_uri without TLS":       {"jwks": nil, "jwks_uri": "http://publisher.example/jwks"},
		"no client_name":               {"client_name": nil},
		"a hostile client_name":        {"client_name": "Pocket\u202eknaB"},
		"a client_name with a newline": {"client_name": "Pocket\nBank"},
		"no software_id":               {"software_id": nil},
		"no software_version":          {"software_version": nil},
		"a malformed scope":            {"scope": "a  b"},
		"tokens without DPoP":          {"dpop_bound_access_tokens": false},
	} {
		t.Run(name, func(t *testing.T) {
			s.Unchanged(t, "the request", func() {
				refused(t, s.Register(handlerstest.Metadata(key).With(change)), oauth.ErrInvalidClientMetadata)
			})
		})
	}
	form, _ := http.NewRequest(http.MethodPost, s.Endpoint(oauth.PathRegistration), strings.NewReader("{}"))
	form.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	refused(t, s.Do(form), oauth.ErrInvalidClientMetadata)
	huge := handlerstest.Metadata(key).With(handlerstest.Object{"padding": strings.Repeat("x", 1<<20)})
	s.Register(huge).Refused(t, http.StatusRequestEntityTooLarge, oauth.ErrInvalidRequest)
}

// docs/architecture.md §4.5: a key registered twice is refused, and the first client lives on.
func TestKeyIsRegisteredOnce(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	key := handlerstest.NewKey()
	phone := s.PhoneWithKey(key)
	answer := s.Register(handlerstest.Metadata(key))
	refused(t, answer, oauth.ErrInvalidClientMetadata)
	if !strings.Contains(answer.String("error_description"), "registered already") {
		t.Errorf("it says %q", answer.String("error_description"))
	}
	phone.Ask(nil)
}

// The registered app's values win over the instance's; what the server does not know is
// left out of the scope (RFC 7591 §3.2.1: the answer says what was registered).
func TestRegisteredSoftwareWins(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	_, err := s.Store.AddSoftware(t.Context(), models.NewSoftware{
		Publisher: "Example Bank", SoftwareID: "example.pocketbank", Name: "Pocket Bank by Example", Scope: oauth.Scope{"profile"},
	})
	if err != nil {
		t.Fatal(err)
	}
	answer := s.Register(handlerstest.Metadata(handlerstest.NewKey()).With(handlerstest.Object{
		"client_name": "Totally the Bank", "scope": "accounts:read profile admin",
	})).Succeeded(t, http.StatusCreated)
	if answer.String("client_name") != "Pocket Bank by Example" || answer.String("scope") != "profile" {
		t.Errorf("registered as %q with %q", answer.String("client_name"), answer.String("scope"))
	}
}

// Policy.ListedSoftwareOnly: an unknown software_id is refused, and told what to do.
func TestListedSoftwareOnly(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{Policy: models.Policy{ListedSoftwareOnly: true}})
	answer := s.Register(handlerstest.Metadata(handlerstest.NewKey()))
	refused(t, answer, oauth.ErrInvalidClientMetadata)
	if !strings.Contains(answer.String("error_description"), "publisher") {
		t.Errorf("it says %q", answer.String("error_description"))
	}
}
