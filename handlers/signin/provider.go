package signin

import (
	"context"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"countersign/handlers/web"
	"countersign/models"
	"countersign/views"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// pathCallback is where the provider sends the browser back to: the redirect_uri to
// register there, after the issuer.
const pathCallback = views.PathSignIn + "/callback"

// What bounds requests to the provider.
const (
	providerTimeout     = 10 * time.Second // of each
	providerConnections = 32               // at once
)

// The ways in which a sign-in with the provider fails; the cause is wrapped. Only
// errProviderDown may pass by itself.
var (
	errProviderDown   = errors.New("the organisation's provider does not answer")
	errProviderWrong  = errors.New("the organisation's provider and this server are not set up for each other")
	errSignInRefused  = errors.New("the organisation's provider did not sign anybody in")
	errIDTokenRefused = errors.New("the ID token is not acceptable")
)

// provider is the organisation's OpenID Provider (OpenID Connect Core 1.0).
type provider struct {
	app   *web.App
	http  *http.Client
	found atomic.Pointer[discovered]

	asking atomic.Bool // its metadata is being read again
}

func newProvider(app *web.App) *provider {
	p := &provider{app: app}
	client := http.Client{Timeout: providerTimeout}
	if app.Staff.HTTP != nil {
		client = *app.Staff.HTTP
	}
	if client.Transport == nil {
		client.Transport = boundedTransport()
	}
	client.Transport = &providerKeys{app: app, p: p, next: client.Transport}
	p.http = &client
	return p
}

// boundedTransport is the usual transport with few connections at once: anybody may have the
// provider asked about made-up codes, and the others wait for a connection then.
func boundedTransport() http.RoundTripper {
	usual, ok := http.DefaultTransport.(*http.Transport)
	if !ok {
		return http.DefaultTransport
	}
	bounded := usual.Clone()
	bounded.MaxConnsPerHost, bounded.MaxIdleConnsPerHost = providerConnections, providerConnections
	return bounded
}

// address returns where the browser goes to sign in: authorization code flow with state,
// nonce and PKCE by S256 (RFC 7636 §4.3).
func (d *discovered) address(signIn models.SignIn, more ...oauth2.AuthCodeOption) string {
	options := append([]oauth2.AuthCodeOption{oidc.Nonce(signIn.Nonce), oauth2.S256ChallengeOption(signIn.Verifier)}, more...)
	return d.oauth.AuthCodeURL(signIn.State, options...)
}

// redeem trades the authorization code for the claims about who signed in. Errors:
// errProviderDown, errProviderWrong, errSignInRefused, errIDTokenRefused. idToken is as it came, to
// sign out with.
func (p *provider) redeem(ctx context.Context, signIn models.SignIn, code string) (said claims, idToken string, err error) {
	found, err := p.discover(ctx)
	if err != nil {
		return nil, "", err
	}
	ctx = oidc.ClientContext(ctx, p.http)
	token, err := found.oauth.Exchange(ctx, code, oauth2.VerifierOption(signIn.Verifier))
	if err != nil {
		return nil, "", exchangeError(err)
	}
	raw, _ := token.Extra("id_token").(string)
	said, err = found.verify(ctx, raw, signIn.Nonce)
	if err != nil {
		return nil, "", fmt.Errorf("%w: %w", errIDTokenRefused, err)
	}
	return said, raw, p.complete(ctx, found, token, said)
}

// verify checks an ID token (OpenID Connect Core 1.0 §3.1.3.7) and returns its claims.
func (d *discovered) verify(ctx context.Context, raw, nonce string) (claims, error) {
	idToken, err := d.verifier.Verify(ctx, raw)
	if err != nil {
		return nil, err
	}
	if subtle.ConstantTimeCompare([]byte(idToken.Nonce), []byte(nonce)) != 1 {
		return nil, errors.New("wrong nonce")
	}
	var said claims
	if err := idToken.Claims(&said); err != nil {
		return nil, err
	}
	if len(idToken.Audience) > 1 && said.text("azp") != d.oauth.ClientID {
		return nil, errors.New("it was issued to another client")
	}
	return said, nil
}

// complete asks the UserInfo endpoint for what the ID token leaves out: some providers
// put only the subject there, and the claims of the scopes profile and email belong there
// when there is an access token (OpenID Connect Core 1.0 §5.4). Roles are not all
// that counts: without the claims that name their account nobody could be kept from
// deciding on it. What the ID token says wins.
func (p *provider) complete(ctx context.Context, found *discovered, token *oauth2.Token, said claims) error {
	if said.holds(append(p.app.Staff.AccountClaimNames(), p.app.Staff.ClaimOfRoles())) || found.oidc.UserInfoEndpoint() == "" {
		return nil
	}
	ctx, status := withStatus(ctx)
	info, err := found.oidc.UserInfo(ctx, oauth2.StaticTokenSource(token))
	if err != nil {
		return fmt.Errorf("UserInfo: %w", answered(*status, err))
	}
	if info.Subject != said.text("sub") { // OpenID Connect Core §5.3.2
		return fmt.Errorf("%w: the UserInfo answer is about somebody else", errIDTokenRefused)
	}
	var more claims
	if err := info.Claims(&more); err != nil {
		return fmt.Errorf("%w: %w", errIDTokenRefused, err)
	}
	said.add(more)
	return nil
}

// logout verifies a logout token (OpenID Connect Back-Channel Logout 1.0 §2.6). Two
// rules of §2.4 are ours to hold: it says when it was issued, and what stands by the
// event is an object.
func (p *provider) logout(ctx context.Context, raw string) (*oidc.LogoutToken, error) {
	if err := isLogoutTyped(raw); err != nil {
		return nil, err
	}
	found, err := p.discover(ctx)
	if err != nil {
		return nil, err
	}
	token, err := found.verifier.VerifyLogout(oidc.ClientContext(ctx, p.http), raw)
	if err != nil {
		return nil, err
	}
	var more struct {
		IssuedAt *float64                   `json:"iat"`
		Events   map[string]*map[string]any `json:"events"`
	}
	if err := token.Claims(&more); err != nil {
		return nil, err
	}
	if more.IssuedAt == nil || more.Events["http://schemas.openid.net/event/backchannel-logout"] == nil {
		return nil, errors.New("the logout token has no iat, or no object as its event")
	}
	if latest := p.app.Store.Now().Add(logoutSkew); *more.IssuedAt > float64(latest.Unix()) {
		return nil, errors.New("the logout token is from the future")
	}
	return token, nil
}

// logoutSkew is how far the provider's clock may be ahead of ours.
const logoutSkew = time.Minute

// isLogoutTyped refuses a token that says that it is something else than a logout token
// (Back-Channel Logout 1.0 §2.4, RFC 8725 §3.11). Providers from before the type exists say
// JWT, or nothing.
func isLogoutTyped(raw string) error {
	head, _, _ := strings.Cut(raw, ".")
	text, err := base64.RawURLEncoding.DecodeString(head)
	if err != nil {
		return errors.New("the logout token has no header")
	}
	var header struct {
		Type string `json:"typ"`
	}
	if err := json.Unmarshal(text, &header); err != nil {
		return errors.New("the logout token's header is no object")
	}
	kind := strings.TrimPrefix(strings.ToLower(header.Type), "application/") // RFC 7515 §4.1.9
	if kind != "" && kind != "jwt" && kind != "logout+jwt" {
		return errors.New("the logout token says that it is another kind of token")
	}
	return nil
}

// exchangeError tells a refused code from a provider that is out of order, or that does not
// know this server. The provider's own text is left out: it may repeat the code.
func exchangeError(err error) error {
	var refused *oauth2.RetrieveError
	if !errors.As(err, &refused) {
		return answered(http.StatusOK, err)
	}
	kind := errSignInRefused
	switch {
	case refused.Response != nil && refused.Response.StatusCode >= http.StatusInternalServerError:
		kind = errProviderDown
	case refused.ErrorCode != "" && refused.ErrorCode != "invalid_grant": // RFC 6749 §5.2: the others are about this server
		kind = errProviderWrong
	}
	return fmt.Errorf("%w: the token endpoint said %q", kind, refused.ErrorCode)
}
