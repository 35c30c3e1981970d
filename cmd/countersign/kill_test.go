package main

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"countersign/audit"
)

const (
	kills    = 12
	visitors = 4
)

// docs/protocol.md §6 killed-process: the program is killed, again and again, while phones and operators
// are at work. Whatever was answered is in the file, nothing is half-done, the trail is
// sound; and every phone that was approved has working tokens in the end, also the ones
// whose answer died with the process (docs/architecture.md §4.8).
func TestKilledUnderLoad(t *testing.T) {
	t.Parallel()
	k := newKilling(t)
	k.start(t)
	var waiting sync.WaitGroup
	for i := range visitors {
		v := newVisitor(t, k, []string{demoOperator, "Jonas Eriksen"}[i%2])
		waiting.Go(func() { v.visits() })
	}
	for range kills {
		<-k.arm(10 + rand.Int64N(80))
		time.Sleep(time.Duration(rand.Int64N(int64(8 * time.Millisecond)))) // anywhere in what is going on
		k.kill(t)
		k.isWhole(t)
		k.start(t)
	}
	close(k.ended)
	waiting.Wait()
	k.everyPhoneWorks(t)
	k.kill(t)
	k.isWhole(t)
	t.Logf("%d kills, %d requests, %d registrations, %d approvals, %d redemptions, %d of them asked for again",
		kills+1, k.requests.Load(), len(k.registered), len(k.approved), len(k.redeemed), k.again.Load())
	if len(k.redeemed) < 2*visitors {
		t.Errorf("only %d visits came to their end", len(k.redeemed))
	}
}

// newKilling prepares everything, and starts nothing yet.
func newKilling(t *testing.T) *killing {
	t.Helper()
	listen := newAddress(t)
	config := productionConfig{
		listen: listen, flags: []string{"--poll-interval", "1s", "--limits", "off"},
		provider: demoStaffProvider(t, "http://"+listen, func(h http.Handler) http.Handler { return h }),
	}
	var accounts strings.Builder
	for i := range killAccounts {
		fmt.Fprintf(&accounts, "%s,Account Holder,1971-03-09,,active\n", killHint(i))
	}
	config.accounts = accounts.String()
	return &killing{production: prepareProduction(t, config), config: config, ended: make(chan struct{})}
}

// killing is the program in a process of its own, and the book of what it has answered.
type killing struct {
	*production
	config  productionConfig
	process *exec.Cmd
	ended   chan struct{} // closed: nobody begins another visit

	requests, again atomic.Int64
	account         atomic.Int64 // the next one that nobody has

	mu       sync.Mutex // guards what follows
	at       int64      // the request at which reached is closed
	reached  chan struct{}
	problems []string

	registered, asked, approved, redeemed, used []string // client identifiers
	connected                                   []*visitor
}

// start runs the program until it listens. What it says goes to a buffer of each start.
func (k *killing) start(t *testing.T) {
	t.Helper()
	log := &textBuffer{}
	k.process = exec.Command("countersign", k.serveArgs(k.config)...)
	k.process.Env = append(os.Environ(), k.store...)
	k.process.Stderr = log
	if err := k.process.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = k.process.Process.Kill() })
	if !until(func() bool { return strings.Contains(log.String(), "msg=listening") }) {
		t.Fatalf("it does not start:\n%s", log)
	}
}

// kill is SIGKILL: the process has no say in it.
func (k *killing) kill(t *testing.T) {
	t.Helper()
	if err := k.process.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := k.process.Wait(); err == nil {
		t.Fatal("it had ended by itself")
	}
}

// arm gives a channel that is closed when so many more requests have been sent.
func (k *killing) arm(more int64) <-chan struct{} {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.at, k.reached = k.requests.Load()+more, make(chan struct{})
	return k.reached
}

// RoundTrip is how everybody reaches the program: each request on a connection of its own,
// and counted.
func (k *killing) RoundTrip(request *http.Request) (*http.Response, error) {
	k.mu.Lock()
	if k.requests.Add(1) == k.at {
		close(k.reached)
	}
	k.mu.Unlock()
	return killTransport.RoundTrip(request)
}

var killTransport = &http.Transport{DisableKeepAlives: true}

// note puts into the book what was answered.
func (k *killing) note(book *[]string, clientID string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	*book = append(*book, clientID)
}

func (k *killing) problem(format string, args ...any) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.problems = append(k.problems, fmt.Sprintf(format, args...))
}

// isWhole looks at the file while nobody has it open.
func (k *killing) isWhole(t *testing.T) {
	t.Helper()
	if verdict := k.run(t, k.store[:2], "audit", "verify"); !strings.Contains(verdict, "verdict: consistent") {
		t.Fatalf("the trail: %s", verdict)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.problems) > 0 {
		t.Fatal(strings.Join(k.problems, "\n"))
	}
	database := openSQLite(t, k.database())
	defer database.Close()
	ask := func(statement string) string {
		t.Helper()
		lines, err := queryLines(database, statement)
		if err != nil {
			t.Fatal(err)
		}
		return lines
	}
	for what, statement := range halfDone() {
		if rows := ask(statement); rows != "" {
			t.Errorf("%s:\n%s", what, rows)
		}
	}
	for _, book := range []struct {
		what, rows string
		clients    []string
	}{
		{"registrations", "SELECT id FROM clients", k.registered},
		{"requests", "SELECT client_id FROM device_authorizations", k.asked},
		{"approvals", "SELECT client_id FROM device_authorizations WHERE state IN ('approved', 'redeemed')", k.approved},
		{"redemptions", "SELECT client_id FROM device_authorizations WHERE state = 'redeemed'", k.redeemed},
		{"uses of tokens", "SELECT client_id FROM bindings WHERE used_at > 0", k.used},
	} {
		there := map[string]bool{}
		for line := range strings.Lines(ask(book.rows)) {
			there[strings.TrimSpace(line)] = true
		}
		for _, client := range book.clients {
			if !there[client] {
				t.Errorf("%s: %s was answered, and is not there", book.what, client)
			}
		}
	}
	if t.Failed() {
		t.FailNow()
	}
}

// halfDone are questions whose answer is always: none.
func halfDone() map[string]string {
	event := func(of audit.Type) string {
		return fmt.Sprintf("SELECT 1 FROM audit_events AS e WHERE e.type = '%s' AND e.device_authorization_id = d.id", of)
	}
	const each = "SELECT d.id, d.state FROM device_authorizations AS d WHERE "
	const binding = "SELECT 1 FROM bindings AS b WHERE b.device_authorization_id = d.id AND b.account_id = d.account_id AND b.client_id = d.client_id"
	return map[string]string{
		"the file":                     "SELECT * FROM (SELECT * FROM pragma_integrity_check) WHERE integrity_check <> 'ok'",
		"rows of nothing":              "SELECT * FROM pragma_foreign_key_check",
		"an approval and its binding":  each + "(state IN ('approved', 'redeemed')) <> EXISTS (" + binding + ")",
		"an approval and its event":    each + "(state IN ('approved', 'redeemed')) <> EXISTS (" + event(audit.DeviceBindingApproved) + ")",
		"a redemption and its event":   each + "(state = 'redeemed') <> EXISTS (" + event(audit.DeviceBindingRedeemed) + ")",
		"a redemption and its binding": each + "(state = 'redeemed') <> EXISTS (" + binding + " AND b.redeemed_at > 0)",
		"a redemption and its token": each +
			"(state = 'redeemed') <> EXISTS (SELECT 1 FROM refresh_tokens AS r JOIN bindings AS b ON b.id = r.binding_id " +
			"WHERE b.device_authorization_id = d.id)",
		"a request and its event": each + "NOT EXISTS (" + event(audit.DeviceAuthorizationRequested) + ")",
		"a match and its event":   each + "state <> 'pending' AND NOT EXISTS (" + event(audit.CodeMatched) + ")",
		"a proofing and its event": each +
			"(proofing_id IS NOT NULL OR EXISTS (SELECT 1 FROM proofings AS p WHERE p.device_authorization_id = d.id)) AND NOT EXISTS (" +
			event(audit.IdentityProofed) + ")",
		"a client and its event": fmt.Sprintf("SELECT id FROM clients AS c WHERE NOT EXISTS (SELECT 1 FROM audit_events WHERE type = '%s' AND client_id = c.id)",
			audit.ClientRegistered),
		"an event and its client": fmt.Sprintf("SELECT client_id FROM audit_events WHERE type = '%s' AND client_id NOT IN (SELECT id FROM clients)",
			audit.ClientRegistered),
		"two token sets": "SELECT binding_id FROM refresh_tokens GROUP BY binding_id HAVING count(*) > 1",
		"a lost answer that was taken for an attack": fmt.Sprintf("SELECT type FROM audit_events WHERE type IN ('%s', '%s')",
			audit.RedemptionReplayed, audit.DeviceBindingRevoked),
	}
}
