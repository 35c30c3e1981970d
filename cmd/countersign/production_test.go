package main

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"database/sql"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"countersign/cmd/countersign/demoprovider"
	"countersign/handlers"
	"countersign/models/modelstest"
)

// production is countersign serve within the test: the program's own commands with
// settings as an organisation gives them, its database, and what it logs at debug level.
// Every process looks at the real clock, so that programs that nobody here wrote can
// take part.
type production struct {
	issuer string // also the console's address
	listen string // where serve listens; the issuer's address unless something is in front
	folder string
	store  []string // variables of every command that opens the database
	log    *textBuffer
}

// productionConfig is what tests set differently.
type productionConfig struct {
	listen   string            // a free address
	issuer   string            // when something is in front; otherwise where serve listens
	provider map[string]string // flags about the OpenID Provider
	accounts string            // lines of an accounts file
	database string            // its address; "": a file in the folder
	flags    []string          // further flags of serve
	environ  []string          // further variables of serve
}

// What every production has.
const (
	productionCounter  = "Ferry terminal"
	productionSoftware = "example.pocket"
	productionHint     = "K-77120093"
	productionAccounts = "identifiers,name,date_of_birth,contact,status\n" +
		productionHint + ",Wilhelmina Oxenstierna,1971-03-09,w.oxenstierna@post.example,active\n"
)

// startProduction sets everything up by commands, and serves until the test ends.
func startProduction(t *testing.T, config productionConfig) *production {
	t.Helper()
	p := prepareProduction(t, config)
	p.serve(t, config)
	return p
}

// prepareProduction sets everything up by commands, and serves nothing yet.
func prepareProduction(t *testing.T, config productionConfig) *production {
	t.Helper()
	p := &production{listen: config.listen, issuer: config.issuer, folder: t.TempDir(), log: &textBuffer{}}
	if p.issuer == "" {
		p.issuer = "http://" + p.listen
	}
	p.store = []string{"COUNTERSIGN_DATABASE=" + cmp.Or(config.database, "sqlite:"+p.database()), "COUNTERSIGN_ISSUER=" + p.issuer,
		"COUNTERSIGN_MASTER_KEY=" + strings.TrimSpace(p.run(t, nil, "keys", "generate-master"))}
	if config.database == "" {
		modelstest.MigratedAt(t, p.database())
	} else {
		p.run(t, p.store[:1], "migrate", "up")
	}
	accounts := filepath.Join(p.folder, "accounts.csv")
	if err := os.WriteFile(accounts, []byte(productionAccounts+config.accounts), 0o600); err != nil {
		t.Fatal(err)
	}
	p.run(t, p.store, "accounts", "import", accounts)
	p.run(t, p.store, "counters", "add", "--name", productionCounter, "--address", "Pier 3", "--hours", "Every day", "--time-zone",
		"Europe/Oslo")
	p.run(t, p.store, "publishers", "add", "--publisher", "Pocket Works", "--software-id", productionSoftware, "--name", "Pocket",
		"--scope", "profile")
	return p
}

// run is one command that has to succeed; what it prints comes back.
func (p *production) run(t *testing.T, environ []string, args ...string) string {
	t.Helper()
	var stdout, stderr bytes.Buffer
	if code := run(t.Context(), args, environ, strings.NewReader(""), &stdout, &stderr); code != 0 {
		t.Fatalf("countersign %s: exit code %d, %s", strings.Join(args, " "), code, stderr.String())
	}
	return stdout.String()
}

func (p *production) serveArgs(config productionConfig) []string {
	args := append([]string{"serve", "--listen", p.listen, "--log-level", "debug", "--scope", "profile=See your name"}, config.flags...)
	for flag, value := range config.provider {
		args = append(args, "--"+flag, value)
	}
	return args
}

func (p *production) serve(t *testing.T, config productionConfig) {
	t.Helper()
	args := p.serveArgs(config)
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan int, 1)
	go func() {
		ended <- run(ctx, args, append(slices.Clip(p.store), config.environ...), strings.NewReader(""), p.log, p.log)
	}()
	t.Cleanup(func() {
		stop()
		if code := <-ended; code != 0 {
			t.Errorf("serve ended with exit code %d:\n%s", code, p.log)
		}
	})
	if !until(func() bool { return strings.Contains(p.log.String(), "msg=listening") || len(ended) > 0 }) || len(ended) > 0 {
		t.Fatalf("serve did not start:\n%s", p.log)
	}
}

func (p *production) database() string { return filepath.Join(p.folder, "countersign.db") }

// approve is the operator's part of a visit, for whom the account of productionHint is a
// customer's. The operator has signed in.
func (p *production) approve(t *testing.T, operator *operatorBrowser, userCode string) {
	t.Helper()
	ctx := t.Context()
	for _, step := range []func() error{
		func() error { return operator.OpenCounter(ctx, productionCounter) },
		func() error { return operator.Search(ctx, productionHint) },
		func() error { return operator.Match(ctx, userCode) },
		func() error { return operator.Proof(ctx, productionCard) },
		func() error { return operator.Approve(ctx) },
	} {
		if err := step(); err != nil {
			t.Fatal(err)
		}
	}
}

// productionCard is what the person brings.
var productionCard = card{Type: "passport", Issuer: "NO", Number: "QX7719352Z", Expiry: "2199-12-31"}

// patience bounds a wait for another process, for a page, or for a line of a log. It is what a machine that is busy with other
// things may need: a step that took a second here has taken 16 there. What has to be quick has a bound of its own.
const patience = 3 * time.Minute

// until asks again and again whether something has happened that nobody announces.
func until(happened func() bool) bool { return comesWithin(patience, happened) }

// comesWithin is until for what has to happen in that time.
func comesWithin(length time.Duration, happened func() bool) bool {
	for end := time.Now().Add(length); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if happened() {
			return true
		}
	}
	return false
}

// freeAddress is an address on loopback that nobody listens on.
func freeAddress() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return listener.Addr().String(), listener.Close()
}

func newAddress(t *testing.T) string {
	t.Helper()
	address, err := freeAddress()
	if err != nil {
		t.Fatal(err)
	}
	return address
}

// serveHandler serves until the test ends.
func serveHandler(t *testing.T, handler http.Handler) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server
}

const staffClientSecret = "a-client-secret-of-the-provider"

// demoStaffProvider serves the demonstration's OpenID Provider for a console elsewhere;
// around wraps its handler. What comes back are serve's flags about it.
func demoStaffProvider(t *testing.T, console string, around func(http.Handler) http.Handler) map[string]string {
	t.Helper()
	server := httptest.NewUnstartedServer(nil)
	issuer := "http://" + server.Listener.Addr().String()
	provider, err := demoprovider.New(demoprovider.Config{
		Issuer: issuer, ClientID: "console", ClientSecret: staffClientSecret,
		RedirectURI: console + handlers.PathSignInCallback, People: demoStaff(), Now: time.Now, Rand: rand.Reader,
	})
	if err != nil {
		t.Fatal(err)
	}
	server.Config.Handler = around(provider)
	server.Start()
	t.Cleanup(server.Close)
	return staffProviderFlags(issuer)
}

func staffProviderFlags(issuer string) map[string]string {
	return map[string]string{"oidc-issuer": issuer, "oidc-client-id": "console", "oidc-client-secret": staffClientSecret}
}

// interopFolder has the Node programs; a test without Node.js is skipped, or fails where
// nothing may be skipped.
func interopFolder(t *testing.T) string {
	t.Helper()
	folder := filepath.Join("testdata", "interop")
	_, missing := exec.LookPath("node")
	if missing == nil {
		_, missing = os.Stat(filepath.Join(folder, "node_modules", "openid-client"))
	}
	switch {
	case missing != nil && os.Getenv("TEST_REQUIRE") == "all":
		t.Fatalf("nothing may be skipped: %v; .ci/prepare installs it", missing)
	case missing != nil:
		t.Skipf("%v; .ci/prepare installs it", missing)
	}
	return folder
}

// textBuffer collects text that several goroutines write.
type textBuffer struct {
	mutex sync.Mutex // guards text
	text  bytes.Buffer
}

func (b *textBuffer) Write(p []byte) (int, error) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return b.text.Write(p)
}

func (b *textBuffer) String() string {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return b.text.String()
}

// openSQLite is for reading only, past the program.
func openSQLite(t *testing.T, path string) *sql.DB {
	t.Helper()
	database, err := sql.Open("sqlite3", "file:"+path+"?_query_only=on&_busy_timeout=5000")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = database.Close() })
	return database
}

// queryLines asks SQLite, past the program; a row is a line, with | between its columns.
func queryLines(database *sql.DB, statement string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	rows, err := database.QueryContext(ctx, statement)
	if err != nil {
		return "", err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return "", err
	}
	var lines strings.Builder
	for rows.Next() {
		values, targets := make([]sql.NullString, len(columns)), make([]any, len(columns))
		for i := range values {
			targets[i] = &values[i]
		}
		if err := rows.Scan(targets...); err != nil {
			return "", err
		}
		for i, value := range values {
			lines.WriteString(strings.Repeat("|", min(i, 1)) + value.String)
		}
		lines.WriteByte('\n')
	}
	return lines.String(), rows.Err()
}
