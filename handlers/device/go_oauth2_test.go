package device_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"countersign/handlers/handlerstest"
	"countersign/models"
	"countersign/oauth"

	"golang.org/x/oauth2"
)

// goClient is golang.org/x/oauth2's device flow at this server, for a registered phone.
type goClient struct {
	*oauth2.Config
	server *handlerstest.Server
	phone  *handlerstest.Phone
}

func newGoClient(t *testing.T) goClient {
	t.Helper()
	s := handlerstest.Start(t, handlerstest.Config{Policy: models.Policy{Interval: time.Second}})
	phone := s.Phone()
	return goClient{server: s, phone: phone, Config: &oauth2.Config{ClientID: phone.ClientID, Scopes: []string{"profile"},
		Endpoint: oauth2.Endpoint{
			DeviceAuthURL: s.Endpoint(oauth.PathDeviceAuthorization), TokenURL: s.Endpoint(oauth.PathToken), AuthStyle: oauth2.AuthStyleInParams,
		}}}
}

// assertion is the only way to put one in: as parameters of a call.
func (c goClient) assertion() []oauth2.AuthCodeOption {
	return []oauth2.AuthCodeOption{
		oauth2.SetAuthURLParam("client_assertion", c.phone.Assertion(handlerstest.Forge{})),
		oauth2.SetAuthURLParam("client_assertion_type", oauth.ClientAssertionTypeJWTBearer),
	}
}

// ask works: it is one request, and login_hint is a parameter like any other.
func (c goClient) ask(t *testing.T) *oauth2.DeviceAuthResponse {
	t.Helper()
	asked, err := c.DeviceAuth(t.Context(), append(c.assertion(), oauth2.SetAuthURLParam("login_hint", "anna@example.org"))...)
	if err != nil {
		t.Fatal(err)
	}
	if asked.UserCode == "" || asked.DeviceCode == "" || asked.Interval != 1 ||
		asked.VerificationURI != c.server.Issuer+oauth.PathVerification || asked.VerificationURIComplete != "" {
		t.Fatalf("asked and got %+v", asked)
	}
	return asked
}

// proving adds a DPoP proof to every request, which the package itself cannot.
func (c goClient) proving(ctx context.Context, requests *int) context.Context {
	return context.WithValue(ctx, oauth2.HTTPClient, &http.Client{Transport: transport(func(request *http.Request) (*http.Response, error) {
		*requests++
		c.server.Clock.Advance(c.server.Interval())
		request = request.Clone(request.Context())
		request.Header.Set(oauth.HeaderDPoP, c.phone.Proof(request.Method, request.URL.Path, "", handlerstest.Forge{}))
		return http.DefaultTransport.RoundTrip(request)
	})})
}

type transport func(*http.Request) (*http.Response, error)

func (t transport) RoundTrip(request *http.Request) (*http.Response, error) { return t(request) }

func wantRetrieveError(t *testing.T, err error, status int, code, description string) {
	t.Helper()
	var refused *oauth2.RetrieveError
	if !errors.As(err, &refused) {
		t.Fatalf("got %v, want %s", err, code)
	}
	if refused.Response.StatusCode != status || refused.ErrorCode != code || refused.ErrorDescription != description {
		t.Fatalf("got %d %s (%s), want %d %s (%s)", refused.Response.StatusCode, refused.ErrorCode, refused.ErrorDescription, status, code,
			description)
	}
}

// docs/protocol.md, divergences: golang.org/x/oauth2 makes no DPoP proofs, so that its first
// poll ends it (RFC 9449 §5).
func TestGoOAuth2HasNoProof(t *testing.T) {
	t.Parallel() // the package waits by the real clock
	c := newGoClient(t)
	_, err := c.DeviceAccessToken(t.Context(), c.ask(t), c.assertion()...)
	wantRetrieveError(t, err, http.StatusBadRequest, oauth.ErrInvalidDPoPProof, "exactly one DPoP header is required")
}

// Even with proofs added under it, it posts one form again and again. The first poll is
// answered; the second brings the same assertion, which counts once (RFC 7523 §3,
// docs/architecture.md §4.5).
func TestGoOAuth2RepeatsItsAssertion(t *testing.T) {
	t.Parallel()
	c := newGoClient(t)
	polls := 0
	_, err := c.DeviceAccessToken(c.proving(t.Context(), &polls), c.ask(t), c.assertion()...)
	wantRetrieveError(t, err, http.StatusUnauthorized, oauth.ErrInvalidClient,
		"this assertion was used before; make a new one for every request")
	if polls != 2 {
		t.Errorf("it ended at poll %d, want the second", polls)
	}
}

// Approved before its only poll, it gets tokens with proofs under it, and cannot refresh: it
// has no way to put an assertion into a refresh request.
func TestGoOAuth2CannotRefresh(t *testing.T) {
	t.Parallel()
	c := newGoClient(t)
	asked, polls := c.ask(t), 0
	c.server.Approve(t, asked.UserCode)
	ctx := c.proving(t.Context(), &polls)
	token, err := c.DeviceAccessToken(ctx, asked, c.assertion()...)
	if err != nil || token.TokenType != oauth.TokenTypeDPoP || polls != 1 {
		t.Fatalf("redeemed %+v in %d polls: %v", token, polls, err)
	}
	alive(t, c.phone, token.AccessToken)
	_, err = c.TokenSource(ctx, &oauth2.Token{RefreshToken: token.RefreshToken}).Token()
	wantRetrieveError(t, err, http.StatusUnauthorized, oauth.ErrInvalidClient, "client authentication by private_key_jwt is required")
}
