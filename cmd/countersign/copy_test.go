package main

import (
	"bufio"
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"countersign/models"
	"countersign/models/modelstest"
	"countersign/models/pgtest"
)

// siteToCopy is a SQLite site on which a server has run, with a kept checkpoint, and the address that it is copied to.
func siteToCopy(t *testing.T) (environ []string) {
	t.Helper()
	environ = operationsOfRestore(t)
	accounts := writeFile(t, "accounts.csv", "identifiers,name,date_of_birth,contact,status\nada@example.com,Ada Example,1980-02-29,,active\n")
	if got := runWith(t, environ, "", "accounts", "import", accounts); got.code != 0 {
		t.Fatal(got.stderr)
	}
	return append(environ, "COUNTERSIGN_COPY_TO="+pgtest.Schema(t))
}

// onCopy are the settings by which the copy is served.
func onCopy(environ []string) []string {
	return append(slices.Clone(environ), "COUNTERSIGN_DATABASE="+lookup(environ)("COUNTERSIGN_COPY_TO"))
}

// docs/protocol.md §6 moved-site: the command moves a site, says what it did and what is next; the server starts on the copy, and no
// longer on what was copied; a second copy, and the way back, lose nothing.
func TestCopyCommand(t *testing.T) {
	t.Parallel()
	environ := siteToCopy(t)
	issuer := lookup(environ)("COUNTERSIGN_ISSUER")
	server := start(t, environ, "serve")
	waitForAnswer(t, issuer+"/readyz")
	if got := runWith(t, environ, "", "copy"); got.code != exitFailed ||
		!strings.Contains(got.stderr, "another program has the database open") || !strings.Contains(got.stderr, "Next: stop the server") {
		t.Errorf("while a server runs: exit code %d, %s", got.code, got.stderr)
	}
	server.stop()
	got := runWith(t, environ, "", "copy")
	for _, said := range []string{
		"applied ", "copied to postgres at ", "verdict: sound, with the keys that the master key vouches for; ",
		"\nNext: start the server with --database and that address",
	} {
		if !strings.Contains(got.stdout+got.stderr, said) {
			t.Errorf("%q is not said", said)
		}
	}
	if got.code != 0 {
		t.Fatalf("exit code %d: %s%s", got.code, got.stdout, got.stderr)
	}
	refused := runWith(t, environ, "", "serve")
	if refused.code != exitFailed || !strings.Contains(refused.stderr, "this database was copied to PostgreSQL (postgres at ") ||
		!strings.Contains(refused.stderr, "Next: start the server with the copy (--database); to go back") {
		t.Errorf("serve: exit code %d: %s", refused.code, refused.stderr)
	}
	again := runWith(t, environ, "", "copy")
	if again.code != exitFailed || !strings.Contains(again.stderr, "which is not empty: rows of account") ||
		!strings.Contains(again.stderr, "Both have the same entries.") {
		t.Errorf("a second copy: exit code %d: %s", again.code, again.stderr)
	}
	kept := lookup(environ)("COUNTERSIGN_MASTER_KEY_FILE") + ".checkpoint"
	verified := runWith(t, onCopy(environ), "", "audit", "verify", "--checkpoint", kept)
	if verified.code != 0 || !strings.Contains(verified.stdout, "it continues the kept checkpoint of ") {
		t.Errorf("audit verify: exit code %d: %s%s", verified.code, verified.stdout, verified.stderr)
	}
	server = start(t, onCopy(environ), "serve")
	waitForAnswer(t, issuer+"/readyz")
	inUse := runWith(t, environ, "", "copy", "--back")
	if inUse.code != exitFailed || !strings.Contains(inUse.stderr, "a server has the copy open") {
		t.Errorf("back while it is served: exit code %d: %s", inUse.code, inUse.stderr)
	}
	if got := server.stop(); got.code != 0 {
		t.Errorf("serve on the copy: %s", got.stderr)
	}
}

// The way back opens the old one and closes the new one, as long as the new one has written nothing.
func TestCopyBackCommand(t *testing.T) {
	t.Parallel()
	environ := siteToCopy(t)
	step := func(code int, environ []string, said string, args ...string) {
		t.Helper()
		if got := runWith(t, environ, "", args...); got.code != code || !strings.Contains(got.stdout+got.stderr, said) {
			t.Errorf("%v: exit code %d: %s%s", args, got.code, got.stdout, got.stderr)
		}
	}
	step(exitFailed, environ, "was not copied to PostgreSQL, or the copy was taken back already.\nNext: nothing", "copy", "--back")
	step(0, environ, "copied to ", "copy")
	step(0, environ, "is the one to serve again. The copy was given up", "copy", "--back")
	step(exitFailed, onCopy(environ), "this copy was given up at ", "counters", "list")
	step(0, environ, "", "counters", "list")
	first := environ
	environ = append(slices.Clone(environ), "COUNTERSIGN_COPY_TO="+pgtest.Schema(t))
	step(0, environ, "copied to ", "copy")
	step(0, onCopy(environ), "", "counters", "add", "--name", "Annex", "--time-zone", "Europe/Berlin",
		"--address", "2 High Street", "--hours", "9 to 5")
	step(exitFailed, environ, "would be lost.\nNext: go on with the copy", "copy", "--back")
	step(exitFailed, environ, "is another one. Nothing was changed.\nNext: give the copy's address", "copy", "--back", "--accept-loss",
		"--to", lookup(first)("COUNTERSIGN_COPY_TO"))
	step(exitFailed, environ, "this database was copied", "counters", "list")
	step(0, environ, "is the one to serve again. The copy was given up", "copy", "--back", "--accept-loss")
	step(0, environ, "", "counters", "list")
}

// What is said of a copy that was asked to end is true: that there is one, or that nobody knows.
func TestEndedCopySaysWhatIsThere(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	env := &Environment{Context: ctx}
	uncertain := (&CopyCmd{}).notCopied(env, nil, &models.UncertainCopyError{To: "postgres at db"}).Error()
	if strings.Contains(uncertain, "Nothing was copied") || !strings.Contains(uncertain, "Next: copy again") {
		t.Errorf("while it was committed: %s", uncertain)
	}
	if verified := notVerified(env, ctx.Err()).Error(); !strings.Contains(verified, "the copy is the site from now on") {
		t.Errorf("while it was verified: %s", verified)
	}
}

// What is wrong with a copy's settings, or with the two databases, is said before anything is written.
func TestWrongCopies(t *testing.T) {
	t.Parallel()
	environ := siteToCopy(t)
	value := lookup(environ)
	for _, c := range []struct {
		args []string
		code int
		said string
	}{
		{[]string{"--from", "postgres://localhost/x"}, exitUsage,
			"--from (COUNTERSIGN_DATABASE): it names no kind of database. Give sqlite:PATH"},
		{[]string{"--to", "sqlite:other.db"}, exitUsage, "--to (COUNTERSIGN_COPY_TO): it names no kind of database. Give postgres://user@host/name"},
		{[]string{"--accept-loss"}, exitUsage, "--accept-loss (COUNTERSIGN_COPY_ACCEPT_LOSS): belongs to --back"},
		{[]string{"--from", "sqlite:/nowhere/x.db"}, exitFailed, "there is no database /nowhere/x.db.\nNext: correct --from"},
		{[]string{"--to", "postgres://127.0.0.1:1/x"}, exitFailed, "that --to is its address"},
		{[]string{"--issuer", "https://other.example.org"}, exitFailed, "it belongs to " + value("COUNTERSIGN_ISSUER")},
		{[]string{"--master-key-file", writeFile(t, "other.key", strings.Repeat("A", 43))}, exitFailed, "Next: give the master key"},
	} {
		got := runWith(t, environ, "", append([]string{"copy"}, c.args...)...)
		if got.code != c.code || !strings.Contains(got.stderr, c.said) {
			t.Errorf("%v: exit code %d: %s", c.args, got.code, got.stderr)
		}
	}
	if got := runWith(t, append(environ, "COUNTERSIGN_COPY_TO="), "", "copy"); got.code != exitUsage ||
		!strings.Contains(got.stderr, "--to (COUNTERSIGN_COPY_TO): missing") {
		t.Errorf("without --to: exit code %d: %s", got.code, got.stderr)
	}
	backups, err := os.ReadDir(value("BACKUPS"))
	if err != nil || len(backups) != 1 {
		t.Fatal(backups, err)
	}
	behind := runWith(t, environ, "", "copy", "--from", "sqlite:"+value("BACKUPS")+"/"+backups[0].Name())
	if behind.code != exitFailed || !strings.Contains(behind.stderr, "it is not the newest.\nNext: copy the newest one") {
		t.Errorf("an older backup: exit code %d: %s", behind.code, behind.stderr)
	}
	if got := runWith(t, environ, "", "counters", "list"); got.code != 0 {
		t.Errorf("afterwards it is no longer the site: %s", got.stderr)
	}
}

// A copy that is killed leaves a whole copy, or none: where there is one, no server starts on the source; where there is none, the same
// command makes it.
func TestKilledCopyLeavesOneSite(t *testing.T) {
	t.Parallel()
	environ := siteToCopy(t)
	file := strings.TrimPrefix(lookup(environ)("COUNTERSIGN_DATABASE"), "sqlite:")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for i, line := range []string{"applied ", "applied ", "applied ", "applied ", "copied to ", "verdict: "} {
		from := writeFile(t, "site.db", string(text))
		environ := append(slices.Clone(environ), "COUNTERSIGN_DATABASE=sqlite:"+from, "COUNTERSIGN_COPY_TO="+pgtest.Schema(t))
		killAfterLine(t, environ, line, time.Duration(i%4)*40*time.Millisecond, "copy")
		whole, marked := copiedRows(t, lookup(environ)("COUNTERSIGN_COPY_TO")) > 0, runWith(t, environ, "", "counters", "list").code != 0
		if whole && !marked {
			t.Errorf("killed at %q: both can be started", line)
		}
		if !whole && (line == "copied to " || line == "verdict: ") {
			t.Errorf("killed at %q: it said more than it did", line)
		}
		if !whole {
			if got := runWith(t, environ, "", "copy"); got.code != 0 {
				t.Errorf("killed at %q, again: %s", line, got.stderr)
			}
		}
	}
}

// killAfterLine kills a command so long after it says something, in a line of either output.
func killAfterLine(t *testing.T, environ []string, said string, later time.Duration, args ...string) {
	t.Helper()
	process := exec.Command("countersign", args...)
	process.Env = append(os.Environ(), environ...)
	out, err := process.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	process.Stderr = process.Stdout
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if strings.Contains(lines.Text(), said) {
			break
		}
	}
	kill := time.AfterFunc(later, func() { _ = process.Process.Kill() })
	_, _ = io.Copy(io.Discard, out) // to its end
	kill.Stop()
	_ = process.Wait()
}

// copiedRows is how many accounts there are; none where there is no table.
func copiedRows(t *testing.T, address string) (count int) {
	t.Helper()
	database, err := models.Connect(context.Background(), address, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = database.Close() }()
	_ = database.Reader().Raw("SELECT count(*) FROM accounts").Scan(&count).Error
	return count
}

// operationsOfCopy is a site, a database for it, and a role that is to serve.
func operationsOfCopy(t *testing.T) []string {
	owner := modelstest.Migrated(t, "postgres") // a database of its own, since psql knows no search_path in an address
	database, err := models.Connect(t.Context(), owner, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	err = database.Reader().Exec(`DO $$ BEGIN CREATE ROLE server LOGIN;
		EXCEPTION WHEN duplicate_object THEN NULL; -- roles are of the cluster: another test's site has it
		END $$`).Error
	if err := errors.Join(err, database.Close()); err != nil {
		t.Fatal(err)
	}
	return append(siteToCopy(t), "COUNTERSIGN_COPY_TO=", "COUNTERSIGN_COPY_TO_FILE="+writeFile(t, "owner.address", owner),
		"SERVER_ADDRESS="+strings.Replace(owner, "postgres@", "server@", 1))
}
