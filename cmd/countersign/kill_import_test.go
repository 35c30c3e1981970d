package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const killedLines = 2400

// docs/decisions/0038-imports-in-batches.md: the command that imports is killed, again and again. Every account is whole at any
// time; the next import goes on where the last one was, a server finishes it, and the trail has one event of it.
func TestImportKilled(t *testing.T) {
	t.Parallel()
	k := &killedImport{environ: newDatabase(t), file: filepath.Join(t.TempDir(), "accounts.csv")}
	var text strings.Builder
	text.WriteString(accountsHeader)
	for i := range killedLines {
		fmt.Fprintf(&text, "n%d;p%d@example.org,Secret Person,,,\n", i, i)
	}
	if err := os.WriteFile(k.file, []byte(text.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, when := range []string{
		"state IN ('staging', 'applying')", "state = 'applying' AND done >= 100", "state = 'applying' AND done >= 1500",
	} {
		process := k.start(t, "accounts", "import", k.file)
		k.reaches(t, when)
		kill(t, process)
		k.isWhole(t)
	}
	if k.ask(t, "SELECT done < total FROM account_imports WHERE state = 'applying'") != "1" {
		t.Fatal("nothing is left for the server")
	}
	server := k.start(t, "serve", "--listen", newAddress(t), "--oidc-issuer", "http://127.0.0.1:1", "--oidc-client-id", "x",
		"--oidc-client-secret", "y")
	k.reaches(t, "state = 'finished'")
	kill(t, server)
	k.isWhole(t)
	for statement, want := range map[string]string{
		"SELECT count(*) FROM accounts":                                      fmt.Sprint(killedLines),
		"SELECT count(*) FROM account_import_chunks":                         "0",
		"SELECT added FROM account_imports WHERE state = 'finished'":         fmt.Sprint(killedLines),
		"SELECT count(*) FROM audit_events WHERE type = 'accounts-imported'": "1",
		"SELECT interrupted FROM account_imports WHERE state = 'finished'":   "1",
		"SELECT count(*) FROM account_imports WHERE state <> 'abandoned'":    "1",
	} {
		if got := k.ask(t, statement); got != want {
			t.Errorf("%s: %s, want %s", statement, got, want)
		}
	}
}

type killedImport struct {
	environ []string
	file    string
}

func (k *killedImport) start(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	process := exec.Command("countersign", args...)
	process.Env = append(os.Environ(), k.environ...)
	process.Stderr = t.Output()
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = process.Process.Kill() })
	return process
}

func kill(t *testing.T, process *exec.Cmd) {
	t.Helper()
	if err := process.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := process.Wait(); err == nil {
		t.Error("it had ended by itself")
	}
}

// reaches waits while the import goes on: two thousand lines have no time that holds for every machine, but one step of them has.
func (k *killedImport) reaches(t *testing.T, when string) {
	t.Helper()
	last, end := "", time.Now().Add(patience)
	for ; time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if k.ask(t, "SELECT count(*) FROM account_imports WHERE "+when) != "0" {
			return
		}
		if now := k.ask(t, "SELECT id, state, done, touched_at FROM account_imports ORDER BY id"); now != last {
			last, end = now, time.Now().Add(patience)
		}
	}
	t.Fatalf("%s never was, but %s", when, last)
}

func (k *killedImport) ask(t *testing.T, statement string) string {
	t.Helper()
	database := openSQLite(t, strings.TrimPrefix(k.environ[0], "COUNTERSIGN_DATABASE=sqlite:"))
	defer database.Close()
	answer, err := queryLines(database, statement)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(answer)
}

// isWhole looks at the file while nobody has it open.
func (k *killedImport) isWhole(t *testing.T) {
	t.Helper()
	if half := k.ask(t, `SELECT a.id FROM accounts AS a WHERE (SELECT count(*) FROM account_identifiers AS i WHERE i.account_id = a.id) <> 2`); half != "" {
		t.Errorf("accounts in part: %s", half)
	}
	if done := k.ask(t, "SELECT coalesce(max(done), 0) FROM account_imports"); k.ask(t, "SELECT count(*) FROM accounts") != done {
		t.Errorf("%s accounts of %s lines", k.ask(t, "SELECT count(*) FROM accounts"), done)
	}
	if verdict := runWith(t, k.environ, "", "audit", "verify"); !strings.Contains(verdict.stdout, "verdict: consistent") {
		t.Errorf("the trail: %s %s", verdict.stdout, verdict.stderr)
	}
}
