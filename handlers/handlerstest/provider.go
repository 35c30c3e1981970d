package handlerstest

import (
	"net/http"
	"testing"
	"time"

	"countersign/handlers/web"

	"github.com/golang-jwt/jwt/v5"
	"github.com/oauth2-proxy/mockoidc"
)

// Provider is an OpenID Provider that nobody here wrote.
type Provider struct{ *mockoidc.MockOIDC }

// StartProvider starts one that signs in whom Next names.
func StartProvider(t testing.TB) Provider {
	t.Helper()
	provider, err := mockoidc.Run()
	if err != nil {
		t.Fatal(err)
	}
	provider.FastForward(time.Until(Begin()))
	t.Cleanup(func() { _ = provider.Shutdown() })
	return Provider{provider}
}

// Server starts a server whose staff sign in with the provider.
func (p Provider) Server(t testing.TB, config Config) *Server {
	t.Helper()
	config.Staff.Issuer, config.Staff.ClientID, config.Staff.ClientSecret = p.Issuer(), p.ClientID, p.ClientSecret
	config.Staff.HTTP = &http.Client{Timeout: time.Minute}
	return Start(t, config)
}

// AbsentProvider returns the configuration of a provider that is not there.
func AbsentProvider() web.StaffProvider {
	return web.StaffProvider{Issuer: "http://127.0.0.1:1/oidc", ClientID: "countersign", HTTP: &http.Client{Timeout: time.Second}}
}

// Next says who signs in next.
func (p Provider) Next(who Person) { p.QueueUser(who) }

// Person is somebody whom the provider knows. Roles is any JSON value; UserInfo is what
// the UserInfo endpoint says, "" for the subject alone.
type Person struct {
	Subject, Name, Email string
	Roles                any
	UserInfo             string
	AuthTime             time.Time // zero: the provider does not say
}

// ID returns the subject; by default the name.
func (p Person) ID() string {
	if p.Subject == "" {
		return p.Name
	}
	return p.Subject
}

// Userinfo returns the answer of the UserInfo endpoint.
func (p Person) Userinfo([]string) ([]byte, error) {
	if p.UserInfo != "" {
		return []byte(p.UserInfo), nil
	}
	return []byte(`{"sub":"` + p.ID() + `"}`), nil
}

// Claims returns the claims of the ID token.
func (p Person) Claims(_ []string, base *mockoidc.IDTokenClaims) (jwt.Claims, error) {
	return struct {
		*mockoidc.IDTokenClaims
		Name  string `json:"name,omitempty"`
		Email string `json:"email,omitempty"`
		Roles any    `json:"roles,omitempty"`

		AuthTime int64 `json:"auth_time,omitempty"`
	}{base, p.Name, p.Email, p.Roles, max(0, p.AuthTime.Unix())}, nil
}
