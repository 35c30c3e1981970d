package signin

import (
	"context"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
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

// The ways in which a sign-in with the provider fails; the cause is wrapped.
var (
	errProviderDown   = errors.New("the organisation's provider does not answer")
	errSignInRefused  = errors.New("the organisation's provider did not sign anybody in")
	errIDTokenRefused = errors.New("the ID token is not acceptable")
)

// provider is the organisation's OpenID Provider (OpenID Connect Core 1.0), discovered
// when it is first needed and remembered from then on. Two first sign-ins at once
// discover twice; the later answer wins.
type provider struct {
	app   *web.App
	http  *http.Client
	found atomic.Pointer[discovered]
}

// discovered is what the provider's metadata leads to.
type discovered struct {
	oidc     *oidc.Provider
	verifier *oidc.IDTokenVerifier
	oauth    *oauth2.Config
	keys     string // jwks_uri

	// endSession is where a browser signs out of the provider too (OpenID Connect
	// RP-Initiated Logout 1.0), "" where the provider has no such address.
	endSession string
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

// discover reads the provider's metadata. Error: errProviderDown.
func (p *provider) discover(ctx context.Context) (*discovered, error) {
	if found := p.found.Load(); found != nil {
		return found, nil
	}
	ctx, cancel := context.WithTimeout(ctx, providerTimeout)
	defer cancel()
	staff := p.app.Staff
	op, err := oidc.NewProvider(oidc.ClientContext(ctx, p.http), staff.Issuer)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errProviderDown, err)
	}
	found := &discovered{
		oidc:     op,
		verifier: op.Verifier(&oidc.Config{ClientID: staff.ClientID, Now: p.app.Store.Now}),
		oauth: &oauth2.Config{
			ClientID: staff.ClientID, ClientSecret: staff.ClientSecret, Endpoint: op.Endpoint(),
			RedirectURL: p.app.Issuer + pathCallback, Scopes: p.scopes(),
		},
	}
	var more struct {
		EndSession string `json:"end_session_endpoint"`
		Keys       string `json:"jwks_uri"`
	}
	if err := op.Claims(&more); err == nil {
		found.endSession, found.keys = more.EndSession, more.Keys
	}
	p.found.Store(found)
	return found, nil
}

func (p *provider) scopes() []string {
	scopes := slices.Clone(p.app.Staff.Scopes)
	if len(scopes) == 0 {
		scopes = []string{oidc.ScopeOpenID, "profile", "email"}
	}
	if !slices.Contains(scopes, oidc.ScopeOpenID) {
		scopes = append([]string{oidc.ScopeOpenID}, scopes...)
	}
	return scopes
}

// address returns where the browser goes to sign in: authorization code flow with state,
// nonce and PKCE by S256 (RFC 7636 §4.3).
func (d *discovered) address(signIn models.SignIn, more ...oauth2.AuthCodeOption) string {
	options := append([]oauth2.AuthCodeOption{oidc.Nonce(signIn.Nonce), oauth2.S256ChallengeOption(signIn.Verifier)}, more...)
	return d.oauth.AuthCodeURL(signIn.State, options...)
}

// redeem trades the authorization code for the claims about who signed in. Errors:
// errProviderDown, errSignInRefused, errIDTokenRefused.
func (p *provider) redeem(ctx context.Context, signIn models.SignIn, code string) (claims, error) {
	found, err := p.discover(ctx)
	if err != nil {
		return nil, err
	}
	ctx = oidc.ClientContext(ctx, p.http)
	token, err := found.oauth.Exchange(ctx, code, oauth2.VerifierOption(signIn.Verifier))
	if err != nil {
		return nil, exchangeError(err)
	}
	raw, _ := token.Extra("id_token").(string)
	idToken, err := found.verifier.Verify(ctx, raw)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errIDTokenRefused, err)
	}
	if subtle.ConstantTimeCompare([]byte(idToken.Nonce), []byte(signIn.Nonce)) != 1 {
		return nil, fmt.Errorf("%w: wrong nonce", errIDTokenRefused)
	}
	var said claims
	if err := idToken.Claims(&said); err != nil {
		return nil, fmt.Errorf("%w: %w", errIDTokenRefused, err)
	}
	if len(idToken.Audience) > 1 && said.text("azp") != found.oauth.ClientID {
		return nil, fmt.Errorf("%w: it was issued to another client", errIDTokenRefused)
	}
	return said, p.complete(ctx, found, token, said)
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
	info, err := found.oidc.UserInfo(ctx, oauth2.StaticTokenSource(token))
	if err != nil {
		return fmt.Errorf("%w: %w", errProviderDown, err)
	}
	if info.Subject != said.text("sub") { // OpenID Connect Core §5.3.2
		return fmt.Errorf("%w: the UserInfo answer is about somebody else", errIDTokenRefused)
	}
	var more claims
	if err := info.Claims(&more); err != nil {
		return fmt.Errorf("%w: %w", errIDTokenRefused, err)
	}
	for name, value := range more {
		if _, ok := said[name]; !ok {
			said[name] = value
		}
	}
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

// exchangeError tells a refused code from a provider that is out of order. The
// provider's own text is left out: it may repeat the code.
func exchangeError(err error) error {
	var refused *oauth2.RetrieveError
	if !errors.As(err, &refused) {
		return fmt.Errorf("%w: %w", errProviderDown, err)
	}
	kind := errSignInRefused
	if refused.Response != nil && refused.Response.StatusCode >= http.StatusInternalServerError {
		kind = errProviderDown
	}
	return fmt.Errorf("%w: the token endpoint said %q", kind, refused.ErrorCode)
}
