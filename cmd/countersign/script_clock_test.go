package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// scriptClockVariable names the file that holds the time of a script's processes.
const scriptClockVariable = "TEST_CLOCK"

// scriptClock is a clock that several processes share. It moves only when the script
// moves it, also for servers and phones that are running.
type scriptClock string // path

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
