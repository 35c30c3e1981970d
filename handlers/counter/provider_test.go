package counter_test

import (
	"net/http"
	"testing"
	"time"

	"countersign/handlers/handlerstest"
	"countersign/handlers/web"

	"github.com/golang-jwt/jwt/v5"
	"github.com/oauth2-proxy/mockoidc"
)

// testProvider is an OpenID Provider that nobody here wrote.
type testProvider struct{ *mockoidc.MockOIDC }

func startProvider(t *testing.T) testProvider {
	t.Helper()
	provider, err := mockoidc.Run()
	if err != nil {
		t.Fatal(err)
	}
	provider.FastForward(time.Until(handlerstest.Begin()))
	t.Cleanup(func() { _ = provider.Shutdown() })
	return testProvider{provider}
}

// server starts a server whose staff sign in with the provider.
func (p testProvider) server(t *testing.T, config handlerstest.Config) *handlerstest.Server {
	t.Helper()
	config.Staff.Issuer, config.Staff.ClientID, config.Staff.ClientSecret = p.Issuer(), p.ClientID, p.ClientSecret
	config.Staff.HTTP = &http.Client{Timeout: 5 * time.Second}
	return handlerstest.Start(t, config)
}

// absentProvider is the configuration of a provider that is not there.
func absentProvider() web.StaffProvider {
	return web.StaffProvider{Issuer: "http://127.0.0.1:1/oidc", ClientID: "countersign", HTTP: &http.Client{Timeout: time.Second}}
}

// next says who signs in next.
func (p testProvider) next(who person) { p.QueueUser(who) }

// person is somebody whom the provider knows. roles is any JSON value; userinfo is what
// the UserInfo endpoint says, "" for the subject alone.
type person struct {
	subject, name, email string
	roles                any
	userinfo             string
	authTime             time.Time // zero: the provider does not say
}

func (p person) ID() string {
	if p.subject == "" {
		return p.name
	}
	return p.subject
}

func (p person) Userinfo([]string) ([]byte, error) {
	if p.userinfo != "" {
		return []byte(p.userinfo), nil
	}
	return []byte(`{"sub":"` + p.ID() + `"}`), nil
}

func (p person) Claims(_ []string, base *mockoidc.IDTokenClaims) (jwt.Claims, error) {
	return struct {
		*mockoidc.IDTokenClaims
		Name  string `json:"name,omitempty"`
		Email string `json:"email,omitempty"`
		Roles any    `json:"roles,omitempty"`

		AuthTime int64 `json:"auth_time,omitempty"`
	}{base, p.name, p.email, p.roles, max(0, p.authTime.Unix())}, nil
}
