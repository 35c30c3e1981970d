package web

import (
	"cmp"
	"context"
	"crypto/tls"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"countersign/handlers/keyfetch"
	"countersign/handlers/limits"
	"countersign/handlers/metrics"
	"countersign/handlers/traces"
	"countersign/models"
	"countersign/models/document"
	"countersign/oauth"
	"countersign/views"

	"golang.org/x/text/language"
)

// Config is what the handlers need to know. Store, Issuer, Scopes and Log are
// required.
type Config struct {
	Store          *models.Store
	Issuer         string           // "https://id.example": no path, no slash at the end
	Scopes         []Scope          // what clients may ask for
	Staff          StaffProvider    // where staff sign in
	TrustedProxies []netip.Prefix   // only these may say X-Forwarded-For and -Proto
	KeyNetworks    []netip.Prefix   // not public, and yet a jwks_uri may be there
	KeyTLS         *tls.Config      // for fetching from a jwks_uri; default: the system's certificate authorities
	Limits         limits.Level     // how much may be asked for in a while
	OwnLimits      limits.Own       // other numbers than those of the level
	Gates          *Gates           // how much is at work at once; default: by the processors
	StrangerEvents int              // how many events strangers' acts have within an hour; 0: by Limits, negative: any number
	UsedProofs     int              // how many used proofs are remembered at most; 0: as many as the processors can verify while they live
	PollRate       int              // polls a second at this process before the interval grows; 0: by its processors, negative: any number
	KeyRotation    time.Duration    // age at which signing keys are replaced, to be shown; 0: never
	Organisation   Organisation     // what it says of itself, on pages and receipts
	Words          *views.Words     // the languages of pages; default: those of the program
	NoticeLanguage language.Tag     // of notices, to be shown; default: English
	Demonstration  bool             // puts the demonstration banner on every page
	Practice       *Practice        // all people are invented, for training; nil: they are not
	NoPhonePage    bool             // there is no page /phone
	Documents      document.Rules   // the types of ID documents, with the checks of each; default: document.DefaultRules
	Metrics        *metrics.Metrics // what a monitoring system is told; nil: nothing is counted
	Traces         *traces.Traces   // where the time of requests goes; nil: nobody is told
	Log            *slog.Logger
}

// Practice is what a server for training shows besides: notices that went to nobody, the
// newest first.
type Practice struct{ Notices func() []views.PracticeNotice }

// Scope is a scope value with its meaning in plain words.
type Scope struct {
	Name, Words string
	Languages   map[language.Tag]string // the same in other languages
}

// WordsIn returns the words in the reader's language, or those that are for everybody.
func (s Scope) WordsIn(ctx context.Context) string {
	for tag := views.LanguageOf(ctx); tag != language.Und; tag = tag.Parent() {
		if words, there := s.Languages[tag]; there {
			return words
		}
	}
	return s.Words
}

// StaffProvider is the organisation's OpenID Provider.
type StaffProvider struct {
	Issuer, ClientID, ClientSecret string
	Scopes                         []string               // default: openid profile email
	RolesClaim                     string                 // default: roles
	Roles                          map[string]models.Role // value of the claim → role; default: a role's own name
	AccountClaims                  []string               // of own accounts; default: email, preferred_username, phone_number
	HTTP                           *http.Client           // default: a client with a time-out
}

// ClaimOfRoles returns the claim that says what somebody may do.
func (p StaffProvider) ClaimOfRoles() string { return cmp.Or(p.RolesClaim, "roles") }

// AccountClaimNames returns the claims that may name an account of the staff member's own.
func (p StaffProvider) AccountClaimNames() []string {
	if len(p.AccountClaims) > 0 {
		return slices.Clone(p.AccountClaims)
	}
	return []string{"email", "preferred_username", "phone_number"}
}

// App is the configuration with what follows from it. It is shared by all handlers
// and only read after New and Mount.
type App struct {
	Config
	secure     bool // the issuer is https: cookies are Secure and carry the __Host- prefix
	replays    *oauth.ReplayMemory
	noRoomTold atomic.Int64 // the minute in which the log was told last that there was no room for a proof
	limits     *limits.Limits
	keys       *keyfetch.Fetcher
	refused    [classes]atomic.Int64 // when a request of a class found no place last, in seconds since 1970
	turns      atomic.Int64          // of those that are told to come later
	staff      string                // origin of the staff provider, for the form-action policy

	forClients map[string][]string // the methods of each path whose answers no person reads: see Mount
}

// New fills in what the configuration leaves out.
func New(config Config) *App {
	app := &App{Config: config, secure: strings.HasPrefix(config.Issuer, "https://")}
	if len(app.Documents) == 0 {
		app.Documents = document.DefaultRules()
	}
	app.replays = oauth.NewReplayMemory(cmp.Or(config.UsedProofs, oauth.ProofsPerCore*runtime.GOMAXPROCS(0)))
	if app.Gates == nil {
		app.Gates = gatesOfProcess()
	}
	app.limits = limits.New(config.Limits, config.OwnLimits)
	app.limits.Events = limits.EventsOfStrangers(config.Limits, config.StrangerEvents)
	app.keys = keyfetch.New(keyfetch.Config{
		Now: app.now, Networks: config.KeyNetworks, TLS: config.KeyTLS,
		MayFetch: func(site string) bool { return app.limits.KeyFetches.Take(site, app.now()) == 0 },
		Begin: func(ctx context.Context) (context.Context, func(int, string)) {
			return app.Traces.Ask(ctx, traces.Asked{Span: "fetch a client's keys", Method: http.MethodGet}) // whose, is the client's
		},
	})
	if provider, err := url.Parse(config.Staff.Issuer); err == nil && provider.Host != "" {
		app.staff = provider.Scheme + "://" + provider.Host
	}
	return app
}

// pollsOfAProcessor is the part of a processor that waiting phones have before their interval grows: about a twentieth
// (docs/performance.md).
const pollsOfAProcessor = 250

// PollsPerSecond returns how many polls a second phones may make at this process before the interval grows; 0: any number.
func (a *App) PollsPerSecond() float64 {
	if a.PollRate == 0 {
		return float64(pollsOfAProcessor * runtime.GOMAXPROCS(0))
	}
	return float64(max(a.PollRate, 0))
}

func (a *App) now() time.Time { return a.Store.Now() }

// ScopeNames lists the scopes of the server, in the configured order.
func (a *App) ScopeNames() oauth.Scope {
	var names oauth.Scope
	for _, scope := range a.Scopes {
		names = append(names, scope.Name)
	}
	return names
}

// Audience returns the sample API as a resource (RFC 8707): it answers to tokens for itself.
func (a *App) Audience() string { return a.Issuer + "/api" }
