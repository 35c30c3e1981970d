package main

import (
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// twoPrograms are countersign serve and countersign witness, each a process of its own on loopback, with one clock.
type twoPrograms struct {
	t                *testing.T
	folder           string
	clock            scriptClock
	environ          []string // of the server and its commands
	issuer, prefix   string
	witness          string // its key
	serves, cosigns  *exec.Cmd
	serveLog, cosLog *textBuffer
}

func newTwoPrograms(t *testing.T) *twoPrograms {
	t.Helper()
	p := &twoPrograms{t: t, folder: t.TempDir(), issuer: "http://" + newAddress(t), prefix: "http://" + newAddress(t)}
	p.clock = scriptClock(filepath.Join(p.folder, "clock"))
	p.moveClock(testNow)
	p.environ = []string{scriptClockVariable + "=" + string(p.clock), "COUNTERSIGN_DATABASE=sqlite:" + p.database(),
		"COUNTERSIGN_ISSUER=" + p.issuer, "COUNTERSIGN_MASTER_KEY=" + strings.TrimSpace(p.command("keys", "generate-master"))}
	p.command("migrate", "up")
	return p
}

func (p *twoPrograms) database() string { return filepath.Join(p.folder, "countersign.db") }

func (p *twoPrograms) moveClock(to time.Time) {
	p.t.Helper()
	if err := writeWhole(string(p.clock), to.Format(time.RFC3339)); err != nil {
		p.t.Fatal(err)
	}
}

// command runs the program to its end, and returns what it prints.
func (p *twoPrograms) command(args ...string) string {
	p.t.Helper()
	process := exec.CommandContext(p.t.Context(), "countersign", args...)
	process.Env = append(os.Environ(), p.environ...)
	if len(args) > 0 && args[0] == "migrate" {
		process.Env = append(os.Environ(), p.environ[1])
	}
	var told textBuffer
	process.Stderr = &told
	out, err := process.Output()
	if err != nil {
		p.t.Fatalf("countersign %s: %v, %s", strings.Join(args, " "), err, &told)
	}
	return string(out)
}

// program starts a program that goes on, and waits until it listens.
func (p *twoPrograms) program(environ []string, args ...string) (*exec.Cmd, *textBuffer) {
	p.t.Helper()
	told := &textBuffer{}
	process := exec.Command("countersign", args...)
	process.Env, process.Stderr = append(os.Environ(), environ...), told
	if err := process.Start(); err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() { _ = process.Process.Kill() })
	if !until(func() bool { return strings.Contains(told.String(), "msg=listening") }) {
		p.t.Fatalf("countersign %s does not start:\n%s", args[0], told)
	}
	return process, told
}

// kill is SIGKILL: the process has no say in it.
func (p *twoPrograms) kill(process *exec.Cmd) {
	p.t.Helper()
	if err := process.Process.Kill(); err != nil {
		p.t.Fatal(err)
	}
	_ = process.Wait()
}

func (p *twoPrograms) serve() {
	p.t.Helper()
	args := []string{"serve", "--listen", strings.TrimPrefix(p.issuer, "http://"), "--oidc-issuer", "http://127.0.0.1:1",
		"--oidc-client-id", "countersign", "--oidc-client-secret", "secret", "--scope", "profile=See your name"}
	if p.witness != "" {
		args = append(args, "--witness", p.witness+"="+p.prefix)
	}
	p.serves, p.serveLog = p.program(p.environ, args...)
}

func (p *twoPrograms) startWitness(logKeys string) {
	p.t.Helper()
	state := filepath.Join(p.folder, "witness")
	p.cosigns, p.cosLog = p.program(p.environ[:1], "witness", "--listen", strings.TrimPrefix(p.prefix, "http://"), "--state", state,
		"--name", "witness.example/w1", "--log", logKeys)
	_, key, found := strings.Cut(p.cosLog.String(), " witness=")
	if !found {
		p.t.Fatalf("no key in %s", p.cosLog)
	}
	p.witness = strings.Fields(key)[0]
}

// past changes the database past the program, or asks it.
func (p *twoPrograms) past(statement string, args ...any) (count int64) {
	p.t.Helper()
	db, err := sql.Open("sqlite3", "file:"+p.database()+"?_busy_timeout=5000")
	if err != nil {
		p.t.Fatal(err)
	}
	defer db.Close()
	if err := db.QueryRowContext(p.t.Context(), statement, args...).Scan(&count); err != nil && !errors.Is(err, sql.ErrNoRows) {
		p.t.Fatal(err)
	}
	return count
}

// grow adds so many entries.
func (p *twoPrograms) grow(what string, count int) {
	p.t.Helper()
	for i := range count {
		p.command("counters", "add", "--name", fmt.Sprintf("%s %d", what, i), "--address", "Pier 3", "--hours", "Every day", "--time-zone", "UTC")
	}
}

// passes lets time pass until something has happened: the server asks its witness every five seconds.
func (p *twoPrograms) passes(what string, happened func() bool) {
	p.t.Helper()
	if !until(func() bool {
		p.moveClock(p.clock.now().Add(time.Second))
		return happened()
	}) {
		p.t.Fatalf("%s does not come:\n%s\n%s", what, p.serveLog, p.cosLog)
	}
}

// cosigned waits until the log shows the witness's cosignature of all entries.
func (p *twoPrograms) cosigned() {
	p.t.Helper()
	entries := p.past("SELECT max(seq) FROM audit_events")
	p.passes("the cosignature", func() bool {
		_, text, err := get(p.issuer + "/log/checkpoint")
		return err == nil && strings.Contains(text, fmt.Sprintf("/log\n%d\n", entries)) && strings.Contains(text, "\n— witness.example/w1 ")
	})
}

// docs/protocol.md §12: an older copy of the database is put back and goes on. The witness, another program that was killed meanwhile,
// refuses to cosign the other history, the server's log names it, and supervisors have an alert.
func TestAnOlderDatabasePutBackIsFoundByAWitness(t *testing.T) {
	t.Parallel()
	p := newTwoPrograms(t)
	p.grow("Old", 2)
	p.serve()
	_, keys, err := get(p.issuer + "/log/keys")
	if err != nil {
		t.Fatal(err)
	}
	p.kill(p.serves)
	p.startWitness(strings.ReplaceAll(strings.TrimSpace(keys), "\n", ";"))
	p.serve()
	older := filepath.Join(p.folder, "older.db")
	p.past("VACUUM INTO ?", older)
	p.grow("Lost", 2)
	p.cosigned()
	p.kill(p.cosigns)
	p.startWitness(strings.ReplaceAll(strings.TrimSpace(keys), "\n", ";"))
	p.kill(p.serves)
	_, _ = os.Remove(p.database()+"-wal"), os.Remove(p.database()+"-shm")
	if err := os.Rename(older, p.database()); err != nil {
		t.Fatal(err)
	}
	p.grow("Other", 4)
	p.serve()
	p.passes("the fork", func() bool { // of another tree, or, before all entries are in it, of a smaller one
		told := p.serveLog.String()
		return strings.Contains(told, "are not the first of these") || strings.Contains(told, "entries of this log, and there are")
	})
	p.passes("the witness's refusal", func() bool { // at once, or when the server asks again, with all entries in the tree
		return strings.Contains(p.cosLog.String(), `level=ERROR msg="a log does not continue what was cosigned"`)
	})
	if told := p.serveLog.String(); !strings.Contains(told, `level=ERROR msg="the witness did not cosign" witness=witness.example/w1+`) {
		t.Errorf("the server's log: %s", told)
	}
	if raised := p.past("SELECT count(*) FROM audit_events WHERE type = 'log-forked'"); raised != 1 {
		t.Errorf("%d alerts", raised)
	}
	if cosigned := p.past("SELECT count(*) FROM log_cosignatures"); cosigned != 0 {
		t.Errorf("%d cosignatures of the other history", cosigned)
	}
}
