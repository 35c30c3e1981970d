package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"countersign/models"
	"countersign/models/modelstest"
	"countersign/models/pgtest"
)

// docs/decisions/0068-oldest-program.md: two processes serve one database under load. A newer program migrates it beside them, and
// both are replaced, one after the other, by what does not know that migration: nobody is refused, and nothing that was answered is
// lost. Then a migration asks for a newer program: both stop working within seconds, and say why.
func TestRollingUpdate(t *testing.T) {
	t.Parallel()
	for _, dialect := range []string{"sqlite", "postgres"} {
		t.Run(dialect, func(t *testing.T) {
			database := ""
			if dialect == "postgres" {
				database = pgtest.Schema(t)
			}
			k := newKillingOn(t, database)
			r := &rolling{killing: k, processes: []*rollingProcess{{}, {}}}
			k.way = r
			for _, p := range r.processes {
				r.begin(t, p)
			}
			var waiting sync.WaitGroup
			for i := range 2 {
				v := newVisitor(t, k, []string{demoOperator, "Jonas Eriksen"}[i])
				waiting.Go(v.visits)
			}
			const some = 40 // requests
			k.someWork(t, some)
			modelstest.MigrateByNewer(t, r.address(), false, addedByNewer()...)
			k.someWork(t, some)
			for _, p := range r.processes {
				r.replace(t, p)
				k.someWork(t, some)
			}
			close(k.ended)
			waiting.Wait()
			k.everyPhoneWorks(t)
			r.isSound(t)
			if len(k.redeemed) < 2 {
				t.Errorf("only %d visits came to their end", len(k.redeemed))
			}
			r.asksForNewer(t)
		})
	}
}

// addedByNewer is what an expansion does to tables that phones and visits ask.
func addedByNewer() (statements []string) {
	for _, table := range []string{"accounts", "bindings", "clients", "device_authorizations", "refresh_tokens", "staff_sessions", "staff"} {
		statements = append(statements, "ALTER TABLE "+table+" ADD COLUMN newer TEXT NOT NULL DEFAULT ''")
	}
	return statements
}

// rolling is processes of the program on one database, and what is in front of them.
type rolling struct {
	*killing
	processes []*rollingProcess
	turn      atomic.Int64
}

// rollingProcess is one of them.
type rollingProcess struct {
	listen  string
	command *exec.Cmd
	log     *textBuffer

	mu     sync.RWMutex // held for reading by each request that it answers
	serves bool
}

func (r *rolling) address() string { return strings.TrimPrefix(r.store[0], "COUNTERSIGN_DATABASE=") }

// begin starts a process, and lets requests come to it.
func (r *rolling) begin(t *testing.T, p *rollingProcess) {
	t.Helper()
	p.listen, p.log = newAddress(t), &textBuffer{}
	p.command = exec.Command(watchedProgram(t), append(r.serveArgs(r.config), "--listen", p.listen)...)
	p.command.Env, p.command.Stderr = append(watchedEnvironment(), r.store...), p.log
	if err := p.command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.command.Process.Kill() })
	if !until(func() bool { return strings.Contains(p.log.String(), "msg=listening") }) {
		t.Fatalf("it does not start:\n%s", p.log)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.serves = true
}

// replace takes a process out, as a balancer does that hears /readyz, ends it, and begins another one.
func (r *rolling) replace(t *testing.T, p *rollingProcess) {
	t.Helper()
	p.mu.Lock() // what it answers has ended
	p.serves = false
	p.mu.Unlock()
	if err := p.command.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := p.command.Wait(); err != nil {
		t.Fatalf("it ended with %v:\n%s", err, p.log)
	}
	r.begin(t, p)
}

// RoundTrip sends a request to one process after the other, and takes note of each that is answered as a fault or refused as too
// much, or not at all.
func (r *rolling) RoundTrip(request *http.Request) (*http.Response, error) {
	if "http://"+request.URL.Host != r.issuer {
		return killTransport.RoundTrip(request)
	}
	for {
		p := r.processes[r.turn.Add(1)%int64(len(r.processes))]
		p.mu.RLock()
		if !p.serves {
			p.mu.RUnlock()
			continue
		}
		defer p.mu.RUnlock()
		sent := request.Clone(request.Context())
		sent.Host, sent.URL.Host = request.URL.Host, p.listen
		response, err := killTransport.RoundTrip(sent)
		if err != nil {
			r.problem("%s %s: %v", request.Method, request.URL.Path, err)
			return nil, err
		}
		if response.StatusCode >= http.StatusInternalServerError {
			r.problem("%s %s: %s\n%s", request.Method, request.URL.Path, response.Status, p.log)
		}
		response.Request = request // whoever asked knows one address
		return response, nil
	}
}

// isSound looks whether the trail is one, and whether anybody was refused.
func (r *rolling) isSound(t *testing.T) {
	t.Helper()
	r.isConsistent(t)
	for _, p := range r.processes {
		if strings.Contains(p.log.String(), "level=ERROR") {
			t.Errorf("logged %s", p.log)
		}
	}
}

// asksForNewer lets a newer program end the work of both processes.
func (r *rolling) asksForNewer(t *testing.T) {
	t.Helper()
	modelstest.MigrateByNewer(t, r.address(), true)
	for _, p := range r.processes {
		ready := ""
		if !until(func() bool {
			ready = textAt("http://" + p.listen + "/readyz")
			return strings.Contains(ready, string(models.TooOld))
		}) {
			t.Errorf("/readyz: %s", ready)
		}
		answer, err := http.PostForm("http://"+p.listen+"/token", url.Values{})
		if err != nil {
			t.Fatal(err)
		}
		_ = answer.Body.Close()
		if answer.StatusCode != http.StatusServiceUnavailable || answer.Header.Get("Retry-After") != "30" {
			t.Errorf("a phone is answered %s, %v", answer.Status, answer.Header)
		}
		if got := strings.Count(p.log.String(), "stopped working: a newer program is needed"); got != 1 {
			t.Errorf("logged %d times: %s", got, p.log)
		}
	}
	if got := runIt(context.Background(), r.store, "", r.serveArgs(r.config)); got.code != exitFailed ||
		!strings.Contains(got.stderr, fmt.Sprintf("it asks for a program that knows migration %d", modelstest.NewerMigration)) {
		t.Errorf("it starts: %+v", got)
	}
}

// textAt is what is answered there, "" for nothing.
func textAt(address string) string {
	answer, err := http.Get(address)
	if err != nil {
		return ""
	}
	defer answer.Body.Close()
	text, _ := io.ReadAll(answer.Body)
	return string(text)
}
