package signin

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"countersign/handlers/web"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// discovered is what the provider's metadata leads to.
type discovered struct {
	at       time.Time // when it was read
	oidc     *oidc.Provider
	verifier *oidc.IDTokenVerifier
	oauth    *oauth2.Config
	metadata metadata
}

// metadata is what matters of OpenID Connect Discovery 1.0 §3 beyond what go-oidc reads.
type metadata struct {
	Keys        string   `json:"jwks_uri"`
	AuthMethods []string `json:"token_endpoint_auth_methods_supported"` // absent: the provider does not say
	Responses   []string `json:"response_types_supported"`
	Challenges  []string `json:"code_challenge_methods_supported"`
	Scopes      []string `json:"scopes_supported"`
	ACRs        []string `json:"acr_values_supported"`

	// EndSession is where a browser signs out of the provider too (OpenID Connect
	// RP-Initiated Logout 1.0), "" where the provider has no such address.
	EndSession string `json:"end_session_endpoint"`
}

// metadataFresh is how long metadata counts before it is read again.
const metadataFresh = time.Hour

// discover returns what the provider's metadata leads to: read when it is first needed, and
// again beside the requests when it is older than metadataFresh. Two first sign-ins at once
// read it twice; the later answer wins. Errors: errProviderDown, errProviderWrong.
func (p *provider) discover(ctx context.Context) (*discovered, error) {
	found := p.found.Load()
	if found == nil {
		return p.read(ctx)
	}
	if p.app.Store.Now().Sub(found.at) >= metadataFresh && p.asking.CompareAndSwap(false, true) {
		go p.readAgain(context.WithoutCancel(ctx), *found)
	}
	return found, nil
}

// readAgain keeps what was known for another while when the provider does not answer as it
// should: those who are signing in are not to notice.
func (p *provider) readAgain(ctx context.Context, known discovered) {
	defer p.asking.Store(false)
	if _, err := p.read(ctx); err != nil {
		p.app.Log.WarnContext(ctx, "the provider's metadata could not be read again, and what was known counts on", "error", err)
		known.at = p.app.Store.Now()
		p.found.Store(&known)
	}
}

func (p *provider) read(ctx context.Context) (*discovered, error) {
	ctx, cancel := context.WithTimeout(ctx, providerTimeout)
	defer cancel()
	ctx, status := withStatus(ctx)
	staff := p.app.Staff
	op, err := oidc.NewProvider(oidc.ClientContext(ctx, p.http), staff.Issuer)
	if err != nil {
		return nil, fmt.Errorf("metadata: %w", answered(*status, err))
	}
	found := &discovered{at: p.app.Store.Now(), oidc: op, verifier: op.Verifier(&oidc.Config{ClientID: staff.ClientID, Now: p.app.Store.Now})}
	if err := op.Claims(&found.metadata); err != nil {
		return nil, fmt.Errorf("%w: metadata: %w", errProviderWrong, err)
	}
	endpoint := op.Endpoint()
	if endpoint.AuthStyle, err = authStyle(found.metadata.AuthMethods); err != nil {
		return nil, err
	}
	found.oauth = &oauth2.Config{
		ClientID: staff.ClientID, ClientSecret: staff.ClientSecret, Endpoint: endpoint,
		RedirectURL: p.app.Issuer + pathCallback, Scopes: p.scopes(),
	}
	p.found.Store(found)
	return found, nil
}

// authStyle obeys token_endpoint_auth_methods_supported: a provider that is tried the other
// way may count it as an attack. Where it lists both or none, the second is tried after the
// first: there are providers that list what they do not take. Error: errProviderWrong.
func authStyle(methods []string) (oauth2.AuthStyle, error) {
	basic, post := slices.Contains(methods, "client_secret_basic"), slices.Contains(methods, "client_secret_post")
	switch {
	case len(methods) == 0, basic && post:
		return oauth2.AuthStyleAutoDetect, nil
	case basic:
		return oauth2.AuthStyleInHeader, nil
	case post:
		return oauth2.AuthStyleInParams, nil
	}
	return 0, fmt.Errorf("%w: its token endpoint takes %s, and this server has a client_secret", errProviderWrong, strings.Join(methods, ", "))
}

// answered tells a provider that is out of order for now from one that will never answer as
// it should. status is that of its last answer, 0 for none.
func answered(status int, err error) error {
	kind := errProviderWrong
	late := errors.Is(err, context.DeadlineExceeded)
	if late || status == 0 || status == http.StatusTooManyRequests || status >= http.StatusInternalServerError {
		kind = errProviderDown
	}
	if status != 0 && status != http.StatusOK {
		return fmt.Errorf("%w: it answered %d", kind, status) // err repeats the whole page
	}
	return fmt.Errorf("%w: %w", kind, err)
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

// CheckProvider reads the provider's metadata when the server starts, and warns of what will
// keep staff from signing in. It refuses nothing: the server may start before its provider.
func CheckProvider(ctx context.Context, app *web.App) {
	p := newProvider(app)
	found, err := p.read(ctx)
	if err != nil {
		if ctx.Err() == nil {
			app.Log.WarnContext(ctx, "staff cannot sign in", "provider", app.Staff.Issuer, "error", err)
		}
		return
	}
	for _, warning := range found.metadata.warnings(p.scopes(), app.Store.Policy().StepUp.ACR) {
		app.Log.WarnContext(ctx, "the provider may not let staff sign in", "provider", app.Staff.Issuer, "warning", warning)
	}
	app.Log.LogAttrs(ctx, slog.LevelInfo, "the provider answers", slog.String("provider", app.Staff.Issuer))
}

// warnings are about what the metadata lists and does not have; a list that is left out says
// nothing.
func (m metadata) warnings(scopes, acrs []string) []string {
	var warnings []string
	lacks := func(member string, list []string, wanted ...string) {
		for _, one := range wanted {
			if len(list) > 0 && !slices.Contains(list, one) {
				warnings = append(warnings, member+" does not list "+one)
			}
		}
	}
	lacks("response_types_supported", m.Responses, "code")
	lacks("code_challenge_methods_supported", m.Challenges, "S256")
	lacks("scopes_supported", m.Scopes, scopes...)
	lacks("acr_values_supported", m.ACRs, acrs...)
	return warnings
}
