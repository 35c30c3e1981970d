package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// scriptClockVariable names the file that holds the time of a script's processes.
const scriptClockVariable = "TEST_CLOCK"

// scriptClock is a clock that several processes share. It moves only when the script
// moves it, also for servers and phones that are running.
type scriptClock string // path

// scriptProgram is the program as the scripts run it: run itself, or with the script's
// clock when it has set one.
func scriptProgram() int {
	path := os.Getenv(scriptClockVariable)
	if ahead := os.Getenv(setClockVariable); ahead != "" {
		return runWithSetClock(setClock(ahead))
	}
	if path == "" {
		return run(context.Background(), os.Args[1:], os.Environ(), os.Stdin, os.Stdout, os.Stderr)
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	clock := scriptClock(path)
	return execute(&Environment{
		Context: ctx, Args: os.Args[1:], Environ: os.Environ(), Getenv: os.Getenv,
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
		Now: clock.now, Wait: clock.wait, Rand: rand.Reader,
	})
}

func (c scriptClock) now() time.Time {
	now, err := c.read()
	if err != nil {
		panic(err)
	}
	return now
}

func (c scriptClock) read() (time.Time, error) {
	content, err := os.ReadFile(string(c))
	if err != nil {
		return time.Time{}, err
	}
	return time.Parse(time.RFC3339, strings.TrimSpace(string(content)))
}

// wait ends when the script has moved the clock far enough. A clock that nobody moves
// is an error in the end.
func (c scriptClock) wait(ctx context.Context, d time.Duration) error {
	end := c.now().Add(d)
	if !until(func() bool { return ctx.Err() != nil || !c.now().Before(end) }) {
		return fmt.Errorf("the script did not move the clock by %s", d)
	}
	return ctx.Err()
}

// scriptClockCommand is clock set TIME and clock advance LENGTH, such as 6d or 16m.
func scriptClockCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: clock set TIME | clock advance LENGTH")
	}
	path := ts.MkAbs("clock")
	switch args[0] {
	case "set":
		to, err := time.Parse(time.RFC3339, args[1])
		ts.Check(err)
		ts.Check(writeWhole(path, to.Format(time.RFC3339)))
		ts.Setenv(scriptClockVariable, path)
	case "advance":
		now, err := scriptClock(path).read()
		ts.Check(err)
		length, err := readDuration(args[1])
		ts.Check(err)
		ts.Check(writeWhole(path, now.Add(length).Format(time.RFC3339)))
	default:
		ts.Fatalf("clock %s: unknown", args[0])
	}
}
