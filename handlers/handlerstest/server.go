package handlerstest

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"crypto/tls"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"countersign/audit"
	"countersign/handlers"
	"countersign/handlers/limits"
	"countersign/handlers/web"
	"countersign/models"
	"countersign/models/document"
	"countersign/models/modelstest"
	"countersign/oauth"
	"countersign/oauth/deviceclient"
)

// Begin returns when every server's clock starts.
func Begin() time.Time { return time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC) }

// Config changes what Start does by default. Every field may be left out.
type Config struct {
	Policy         models.Policy
	Resources      oauth.Resources // a URI that begins with a slash is below the issuer
	Staff          web.StaffProvider
	TrustedProxies []netip.Prefix
	KeyNetworks    []netip.Prefix
	KeyTLS         *tls.Config
	Demonstration  bool
	Practice       *web.Practice
	NoPhonePage    bool
	Documents      document.Rules // the usual ones when left out
	MoreScopes     []web.Scope    // beside profile and accounts:read
	ReadTimeout    time.Duration  // of the HTTP server; none when left out
	WriteTimeout   time.Duration
	Limits         limits.Level // off when left out: a test asks for more than anybody
	Dialect        Dialect      // SQLite when left out
	More           func(*web.Config)
	Around         func(http.Handler) http.Handler // sees each request before the program does, and its end
	LockWait       time.Duration                   // how long a write waits for another program's lock; the usual time when left out
}

// Server is a running server with what a test wants to look at.
type Server struct {
	Issuer   string // also the address to call
	Store    *models.Store
	Clock    *modelstest.Clock
	Account  models.FoundAccount // Anna Example, anna@example.org
	Counter  models.Counter
	Routes   []web.Route
	HTTP     *http.Client  // follows no redirect and keeps no cookie
	File     string        // the database's; "" on PostgreSQL
	Address  string        // of the database
	Ending   chan struct{} // closed by a test: the server begins to end
	t        testing.TB
	log      *logBuffer
	database *models.Database
	settings web.Config
	opening  models.Config
}

// Start starts a server that ends with the test.
func Start(t testing.TB, config Config) *Server {
	t.Helper()
	listening := httptest.NewUnstartedServer(nil)
	s := &Server{
		Issuer: "http://" + listening.Listener.Addr().String(), Clock: modelstest.NewClockAt(Begin()), Ending: make(chan struct{}), t: t,
		log: &logBuffer{},
		HTTP: &http.Client{
			Timeout:       time.Minute,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
	log := slog.New(web.LogByRequest(slog.NewTextHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug})))
	s.open(config, log)
	s.settings = web.Config{
		Store: s.Store, Issuer: s.Issuer, Staff: config.Staff, TrustedProxies: config.TrustedProxies, Limits: cmp.Or(config.Limits, limits.Off),
		KeyNetworks: config.KeyNetworks, KeyTLS: config.KeyTLS,
		Scopes:        []web.Scope{{Name: "profile", Words: "Read your name"}, {Name: "accounts:read", Words: "See your accounts"}},
		Demonstration: config.Demonstration, Practice: config.Practice, NoPhonePage: config.NoPhonePage, Documents: config.Documents, Log: log,
	}
	s.settings.Scopes = append(s.settings.Scopes, config.MoreScopes...)
	if config.More != nil {
		config.More(&s.settings)
	}
	handler, err := handlers.New(s.settings)
	if err != nil {
		t.Fatal(err)
	}
	s.Routes = handlers.Routes(web.New(s.settings))
	listening.Config.Handler = handler
	if config.Around != nil {
		listening.Config.Handler = config.Around(handler)
	}
	listening.Config.ReadTimeout, listening.Config.WriteTimeout = config.ReadTimeout, config.WriteTimeout
	listening.Config.BaseContext = func(net.Listener) context.Context {
		return web.WithEnding(context.Background(), s.Ending)
	}
	listening.Start()
	t.Cleanup(listening.Close)
	s.seed()
	return s
}

// Another starts a second process of the same server, with the same database and no
// memory of what the first has seen. It returns its host, to send requests to.
func (s *Server) Another() string {
	s.t.Helper()
	return s.AnotherWith(s.opening.Policy)
}

// AnotherWith returns Another with a policy of its own, as after a change of the configuration.
func (s *Server) AnotherWith(policy models.Policy) string {
	s.t.Helper()
	settings, opening, err := s.settings, s.opening, error(nil)
	opening.Policy = policy
	if settings.Store, err = models.Open(context.Background(), s.database, opening); err != nil {
		s.t.Fatal(err)
	}
	handler, err := handlers.New(settings)
	if err != nil {
		s.t.Fatal(err)
	}
	listening := httptest.NewServer(handler)
	s.t.Cleanup(listening.Close)
	return listening.Listener.Addr().String()
}

func (s *Server) open(config Config, log *slog.Logger) {
	s.t.Helper()
	ctx := context.Background()
	s.Address = s.newDatabase(config.Dialect)
	database, err := models.ConnectWaiting(ctx, s.Address, cmp.Or(config.LockWait, models.LockWait), log)
	if err != nil {
		s.t.Fatal(err)
	}
	s.database = database
	s.t.Cleanup(func() { _ = database.Close() })
	modelstest.CheckPlans(s.t, database)
	s.opening = models.Config{
		Issuer: s.Issuer, Now: s.Clock.Now, Rand: rand.Reader, MasterKey: make([]byte, 32), Policy: s.policy(config),
	}
	if s.Store, err = models.Open(ctx, database, s.opening); err != nil {
		s.t.Fatal(err)
	}
	if err := s.Store.Probe(ctx); err != nil {
		s.t.Fatal(err)
	}
}

func (s *Server) policy(config Config) models.Policy {
	for _, resource := range config.Resources {
		if strings.HasPrefix(resource.URI, "/") {
			resource.URI = s.Issuer + resource.URI
		}
		config.Policy.Resources = append(config.Policy.Resources, resource)
	}
	return config.Policy
}

func (s *Server) seed() {
	s.t.Helper()
	counter, err := s.Store.AddCounter(context.Background(), models.NewCounter{
		Name: "Market Square", Address: "1 Market Square", Hours: "Monday to Friday, 9 to 17", TimeZone: "Europe/Berlin",
	})
	if err != nil {
		s.t.Fatal(err)
	}
	s.Counter = counter
	s.Account = s.AddAccount("Anna Example", "anna@example.org", "K-1001")
}

// AddAccount makes an active account.
func (s *Server) AddAccount(name string, identifiers ...string) models.FoundAccount {
	s.t.Helper()
	s.putAccount(name, models.AccountActive, identifiers)
	found, err := s.Store.Search(context.Background(), s.Operator("Seed").SessionID, identifiers[0])
	if err != nil || len(found.Accounts) != 1 {
		s.t.Fatalf("account %s: %v, %d found", identifiers[0], err, len(found.Accounts))
	}
	return found.Accounts[0]
}

// SetStatus changes the status of the account that Start made.
func (s *Server) SetStatus(status string) {
	s.t.Helper()
	s.putAccount("Anna Example", status, []string{"anna@example.org", "K-1001"})
}

func (s *Server) putAccount(name, status string, identifiers []string) {
	s.t.Helper()
	_, err := s.Store.ImportAccounts(context.Background(), []models.ImportedAccount{{
		Line: 2, Identifiers: identifiers, FullName: name, DateOfBirth: "1984-02-29", Status: status,
	}}, audit.Actor{System: "command"})
	if err != nil {
		s.t.Fatal(err)
	}
}

// DeviceClient returns the reference phone, by the server's clock. It never sleeps: Wait
// moves the clock.
func (s *Server) DeviceClient() *deviceclient.Client {
	return &deviceclient.Client{Issuer: s.Issuer, Now: s.Clock.Now,
		Wait: func(ctx context.Context, length time.Duration) error {
			s.Clock.Advance(length)
			return ctx.Err()
		}}
}

// App returns what the handlers share, made once more of the server's configuration.
func (s *Server) App() *web.App { return web.New(s.settings) }

// Endpoint returns the address of a path.
func (s *Server) Endpoint(path string) string { return s.Issuer + path }

// Log returns what the server has logged so far, at debug level.
func (s *Server) Log() string { return s.log.String() }

// Interval returns what the server promises between polls.
func (s *Server) Interval() time.Duration { return s.Store.Policy().Interval }

// AllScopes returns what a client may register.
func AllScopes() string { return oauth.Scope{"profile", "accounts:read"}.String() }

type logBuffer struct {
	mu   sync.Mutex // guards text
	text bytes.Buffer
}

func (b *logBuffer) Write(line []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(line)
}

func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}
