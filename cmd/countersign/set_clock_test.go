package main

import (
	"context"
	"crypto/rand"
	"os"
	"os/signal"
	"path/filepath"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// setClockVariable names the file of a process's setClock.
const setClockVariable = "TEST_CLOCK_AHEAD"

// setClock is the clock of a process that somebody sets, forwards and back, while it runs: the machine's, and what a file says
// that it is ahead. Waits go on as they were.
type setClock string // path

func newSetClock(t *testing.T) setClock {
	t.Helper()
	c := setClock(filepath.Join(t.TempDir(), "ahead"))
	c.set(t, 0)
	return c
}

func (c setClock) variable() string { return setClockVariable + "=" + string(c) }

func (c setClock) set(t *testing.T, ahead time.Duration) {
	t.Helper()
	if err := writeWhole(string(c), ahead.String()); err != nil {
		t.Fatal(err)
	}
}

// runWithSetClock is run by that clock. Its times have no monotonic part, which is not set with a clock.
func runWithSetClock(c setClock) int {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	var ahead atomic.Int64 // as it was read last: a process may have no file left to read it
	now := func() time.Time {
		if text, err := os.ReadFile(string(c)); err == nil {
			if d, err := time.ParseDuration(string(text)); err == nil {
				ahead.Store(int64(d))
			}
		}
		return time.Now().Add(time.Duration(ahead.Load())).Round(0)
	}
	return execute(&Environment{
		Context: ctx, Args: os.Args[1:], Environ: os.Environ(), Getenv: os.Getenv,
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
		Now: now, Wait: wait, Rand: rand.Reader, Hangups: hangups,
	})
}
