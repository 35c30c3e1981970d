package main

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// tortureRounds is how often something breaks in each of the tests that break things under load.
var tortureRounds = flag.Int("torture.rounds", 20, "how often something breaks in each test of torture (make torture: 200)")

const visitors = 4

// docs/protocol.md §6 killed-process: the program is killed, again and again, while phones and operators
// are at work. Whatever was answered is in the file, nothing is half-done, the trail is
// sound; and every phone that was approved has working tokens in the end, also the ones
// whose answer died with the process (docs/architecture.md §4.8). Before that the disk fails, another program holds the file, no
// descriptor is left, the clock is set, keys take turns and are sealed anew, and the file can only be read; and some are slow.
func TestKilledUnderLoad(t *testing.T) {
	t.Parallel()
	k := newKillingOn(t, "", "--claim-length", killClaims, "--session-lifetime", "24h")
	k.start(t)
	var waiting sync.WaitGroup
	strangers, end := context.WithCancel(t.Context())
	defer end()
	slow := slowStrangers(strangers, func() string { return k.listen }, k.problem)
	for i := range visitors {
		v := newVisitor(t, k, []string{demoOperator, "Jonas Eriksen"}[i%2])
		waiting.Go(func() { v.visits() })
	}
	for round := range *tortureRounds {
		k.someWork(t, 10+rand.Int64N(80))
		k.breaks(t, round)
		time.Sleep(time.Duration(rand.Int64N(int64(8 * time.Millisecond)))) // anywhere in what is going on
		k.kill(t)
		k.isWhole(t)
		k.start(t)
	}
	close(k.ended)
	waiting.Wait()
	end()
	slow.Wait()
	k.everyPhoneWorks(t)
	k.kill(t)
	k.isWhole(t)
	t.Logf("%d kills, %d requests, %d registrations, %d approvals, %d redemptions, %d of them asked for again",
		*tortureRounds+1, k.requests.Load(), len(k.registered), len(k.approved), len(k.redeemed), k.again.Load())
	if len(k.redeemed) < 2*visitors {
		t.Errorf("only %d visits came to their end", len(k.redeemed))
	}
}

// newKilling prepares everything, and starts nothing yet.
func newKilling(t *testing.T) *killing {
	t.Helper()
	return newKillingOn(t, "")
}

// newKillingOn is newKilling with a database elsewhere, and more flags.
func newKillingOn(t *testing.T, database string, flags ...string) *killing {
	t.Helper()
	return newKillingHeld(t, database, append(flags, "--poll-interval", "1s", "--limits", "off", "--opened-records-limit", "0"))
}

// newKillingHeld is newKillingOn, held to the limits that the flags say.
func newKillingHeld(t *testing.T, database string, flags []string) *killing {
	t.Helper()
	listen := newAddress(t)
	k := &killing{ended: make(chan struct{}), clock: newSetClock(t)}
	config := productionConfig{
		listen: listen, database: database, flags: flags,
		provider: demoStaffProvider(t, "http://"+listen, k.provider.around),
	}
	var accounts strings.Builder
	for i := range killAccounts() {
		contact := ""
		if slices.Contains(flags, "--smtp-address") { // somebody is told
			contact = fmt.Sprintf("holder-%d@post.example", i)
		}
		fmt.Fprintf(&accounts, "%s,Account Holder,1971-03-09,%s,active\n", killHint(i), contact)
	}
	config.accounts = accounts.String()
	k.production, k.config = prepareProduction(t, config), config
	return k
}

// killing is the program in a process of its own, and the book of what it has answered.
type killing struct {
	*production
	config  productionConfig
	process *exec.Cmd
	ended   chan struct{} // closed: nobody begins another visit
	clock   setClock
	ahead   atomic.Int64 // what clock is set to

	provider providerGate

	requests, again atomic.Int64
	account         atomic.Int64 // the next one that nobody has

	way http.RoundTripper // to the processes; nil: each request on a connection of its own

	mu       sync.Mutex // guards what follows
	at       int64      // the request at which reached is closed
	reached  chan struct{}
	problems []string

	registered, asked, approved, declined, redeemed, used, revoked []string // client identifiers
	revoking                                                       []string // asked for it, and perhaps got no answer
	connected                                                      []*visitor
	receipts                                                       []receiptOf
}

// start runs the program until it listens. What it says goes to a buffer of each start.
func (k *killing) start(t *testing.T) {
	t.Helper()
	log := &textBuffer{}
	k.log = log
	k.process = exec.Command(watchedProgram(t), k.serveArgs(k.config)...)
	k.process.Env = append(watchedEnvironment(), k.environment()...)
	k.process.Stderr = log
	if err := k.process.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = k.process.Process.Kill() })
	if !until(func() bool { return strings.Contains(log.String(), "msg=listening") }) {
		t.Fatalf("it does not start:\n%s", log)
	}
}

func (k *killing) environment() []string { return append([]string{k.clock.variable()}, k.store...) }

// kill is SIGKILL: the process has no say in it.
func (k *killing) kill(t *testing.T) {
	t.Helper()
	if err := k.process.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := k.process.Wait(); err == nil || strings.Contains(k.log.String(), raceFound) {
		t.Fatalf("it had ended by itself:\n%s", k.log)
	}
}

// arm gives a channel that is closed when so many more requests have been sent.
func (k *killing) arm(more int64) <-chan struct{} {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.at, k.reached = k.requests.Load()+more, make(chan struct{})
	return k.reached
}

// someWork waits until so many more requests have been sent. Whoever met a problem asks no more: when nobody is left, the test
// ends with what they met.
func (k *killing) someWork(t *testing.T, requests int64) {
	t.Helper()
	select {
	case <-k.arm(requests):
	case <-time.After(workPatience):
		k.mu.Lock()
		defer k.mu.Unlock()
		t.Fatalf("nobody asks anything any more: %s", strings.Join(k.problems, "\n"))
	}
}

// workPatience is longer than a visit may take.
const workPatience = visitPatience + patience

// RoundTrip is how everybody reaches the program: each request on a connection of its own,
// and counted.
func (k *killing) RoundTrip(request *http.Request) (*http.Response, error) {
	k.mu.Lock()
	if k.requests.Add(1) == k.at {
		close(k.reached)
	}
	k.mu.Unlock()
	if k.way != nil {
		return k.way.RoundTrip(request)
	}
	answer, err := killTransport.RoundTrip(request)
	if ahead := k.ahead.Load(); err == nil && ahead != 0 && request.URL.Host == k.listen {
		answer.Header.Set("Date", time.Now().Add(time.Duration(ahead)).UTC().Format(http.TimeFormat))
	}
	return answer, err
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
	if verdict := k.command(t, "audit", "verify"); !strings.Contains(verdict, "verdict: consistent") {
		t.Fatalf("the trail: %s", verdict)
	}
	database := openSQLite(t, k.database())
	defer database.Close()
	for what, pragma := range map[string]string{
		"the file":        "SELECT * FROM (SELECT * FROM pragma_integrity_check) WHERE integrity_check <> 'ok'",
		"rows of nothing": "SELECT * FROM pragma_foreign_key_check",
	} {
		if rows := k.ask(t, database, pragma); rows != "" {
			t.Errorf("%s:\n%s", what, rows)
		}
	}
	k.compare(t, database)
}
