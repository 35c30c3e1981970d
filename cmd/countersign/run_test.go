package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// result is what a command left behind.
type result struct {
	code           int
	stdout, stderr string
}

// testNow is the clock of the tests in this package.
var testNow = time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)

// runWith runs one command with variables of its own, and nothing of the process's.
func runWith(t *testing.T, environ []string, stdin string, args ...string) result {
	t.Helper()
	return runIt(t.Context(), environ, stdin, args)
}

func runIt(ctx context.Context, environ []string, stdin string, args []string) result {
	var stdout, stderr bytes.Buffer
	code := execute(&Environment{
		Context: ctx, Args: args, Environ: environ, Getenv: lookup(environ),
		Stdin: strings.NewReader(stdin), Stdout: &stdout, Stderr: &stderr,
		Now: func() time.Time { return testNow }, Rand: rand.Reader,
		Wait: func(ctx context.Context, d time.Duration) error {
			if d <= longestPace {
				return ctx.Err()
			}
			<-ctx.Done()
			return ctx.Err()
		},
	})
	return result{code, stdout.String(), stderr.String()}
}

// running is a command that goes on until it is stopped.
type running struct {
	cancel context.CancelFunc
	ended  chan result
}

func start(t *testing.T, environ []string, args ...string) *running {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	r := &running{cancel, make(chan result, 1)}
	go func() { r.ended <- runIt(ctx, environ, "", args) }()
	return r
}

// stop does what SIGTERM does, and waits for the end.
func (r *running) stop() result {
	r.cancel()
	return <-r.ended
}

func writeFile(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// requireLines holds every line of got against what must stand in it, in order.
func requireLines(t *testing.T, got string, want []string) {
	t.Helper()
	lines := strings.Split(strings.TrimSuffix(got, "\n"), "\n")
	if len(lines) != len(want) {
		t.Fatalf("%d lines, want %d:\n%s", len(lines), len(want), got)
	}
	for i, line := range lines {
		if !strings.Contains(line, want[i]) {
			t.Errorf("line %d is %q, without %q", i+1, line, want[i])
		}
	}
}
