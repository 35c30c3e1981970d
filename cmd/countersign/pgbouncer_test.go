package main

import (
	"strings"
	"testing"

	"countersign/models/pgtest"
)

// throughPgBouncer are the variables of a server whose address is PgBouncer's, with more of it.
func throughPgBouncer(t *testing.T, address, more string) (environ []string, listen string) {
	t.Helper()
	environ, listen = serveVariables(t)
	return append(environ, "COUNTERSIGN_DATABASE="+address+more), listen
}

// docs/architecture.md §4.12: several that migrate at once through PgBouncer in transaction mode, where a lock of the session
// keeps nobody out, wait for each other: each migration is applied once, and nobody fails.
func TestMigratingThroughPgBouncerAtOnce(t *testing.T) {
	environ, _ := throughPgBouncer(t, pgtest.Bouncer(t), "&default_query_exec_mode=exec")
	const together = 3
	ended := make(chan result, together)
	for range together {
		go func() { ended <- runIt(t.Context(), environ, "", []string{"migrate", "up"}) }()
	}
	applied, idle := map[string]int{}, 0
	for range together {
		got := <-ended
		if got.code != 0 {
			t.Errorf("exit code %d, %q", got.code, got.stderr)
		}
		for line := range strings.Lines(got.stdout) {
			if name, is := strings.CutPrefix(line, "applied "); is {
				applied[name]++
			}
		}
		if strings.Contains(got.stdout, "nothing to do") {
			idle++
		}
	}
	for name, times := range applied {
		if times != 1 {
			t.Errorf("%s was applied %d times", name, times)
		}
	}
	if len(applied) < 30 || idle != together-1 {
		t.Errorf("%d migrations, and %d had nothing to do", len(applied), idle)
	}
}

// The server serves through it.
func TestServingThroughPgBouncer(t *testing.T) {
	environ, listen := throughPgBouncer(t, pgtest.Bouncer(t), "&default_query_exec_mode=exec")
	server := start(t, environ, "serve", "--migrate")
	waitForAnswer(t, "http://"+listen+"/readyz")
	if got := server.stop(); got.code != 0 || strings.Contains(got.stderr, "level=ERROR") {
		t.Errorf("exit code %d, %q", got.code, got.stderr)
	}
}

// A PgBouncer that keeps no prepared statements is named as the cause, with the two ways out.
func TestPgBouncerWithoutPreparedStatements(t *testing.T) {
	address := pgtest.Bouncer(t)
	environ, _ := throughPgBouncer(t, address, "&default_query_exec_mode=exec")
	if got := runWith(t, environ, "", "migrate", "up"); got.code != 0 {
		t.Fatal(got.stderr)
	}
	environ, _ = throughPgBouncer(t, address, "")
	for range 10 { // the second one meets the statements that the first one left
		got := runWith(t, environ, "", "keys", "list")
		if got.code == 0 {
			continue
		}
		for _, say := range []string{
			"a pooler in front of the database keeps no prepared statements", "\nNext: let PgBouncer keep prepared statements",
			"max_prepared_statements", "default_query_exec_mode=exec",
		} {
			if !strings.Contains(got.stderr, say) {
				t.Errorf("%q lacks %q", got.stderr, say)
			}
		}
		return
	}
	t.Error("ten commands found nothing amiss")
}
