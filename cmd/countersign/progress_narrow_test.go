package main

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// widen gives a terminal so many columns, as a window does that is drawn wider or narrower.
func widen(t *testing.T, to *os.File, columns uint16) {
	t.Helper()
	if err := unix.IoctlSetWinsize(int(to.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: 24, Col: columns}); err != nil {
		t.Fatal(err)
	}
}

// drawings are the lines that were drawn over each other.
func drawings(sent string) []string {
	lines := regexp.MustCompile(`\r([^\r\n\x1b]*)\x1b\[K`).FindAllStringSubmatch(sent, -1)
	var texts []string
	for _, line := range lines {
		texts = append(texts, line[1])
	}
	return texts
}

// A bar stays on its line, whatever the width of the terminal: it is asked before each drawing. The last column stays free.
func TestProgressOnANarrowTerminal(t *testing.T) {
	t.Parallel()
	const what = "rows held against their entries"
	for columns, want := range map[uint16]string{
		0:   "[###############               ]  50 % of " + what + ", 8000 a second, 1 min left",
		200: "[###############               ]  50 % of " + what + ", 8000 a second, 1 min left",
		90:  "[#########          ]  50 % of " + what + ", 8000 a second, 1 min left",
		80:  " 50 % of " + what + ", 8000 a second, 1 min left",
		60:  " 50 % of " + what + ", 1 min left",
		40:  " 50 % of rows held against their entrie",
		2:   " ",
		1:   "",
	} {
		to, screen := terminal(t)
		widen(t, to, columns)
		clock := &hurriedClock{}
		meter := &progressMeter{out: to, now: clock.Now, told: testNow}
		for second := range int64(126) {
			clock.now = testNow.Add(time.Duration(second) * time.Second)
			meter.tell(second*8000, 1_000_000, what)
		}
		lines := drawings(screen())
		if !slices.Contains(lines, want) || strings.Contains(lines[len(lines)-1], "#") != strings.Contains(want, "#") {
			t.Errorf("%d columns: %q is not drawn, but %q", columns, want, lines[60:])
		}
		for _, line := range lines {
			if columns > 0 && len(line) >= int(columns) {
				t.Errorf("%d columns: %q has %d", columns, line, len(line))
			}
		}
	}
}

// A window that is made narrower meanwhile.
func TestProgressOnATerminalThatNarrows(t *testing.T) {
	t.Parallel()
	to, screen := terminal(t)
	clock := &hurriedClock{}
	meter := &progressMeter{out: to, now: clock.Now, told: testNow}
	for second := range int64(126) {
		widen(t, to, uint16(100-second/2))
		clock.now = testNow.Add(time.Duration(second) * time.Second)
		meter.tell(second*8000, 1_000_000, "entries verified")
	}
	lines := drawings(screen())
	if len(lines) != 125 || len(lines[124]) > 37 || !strings.Contains(lines[20], "[#") {
		t.Errorf("%d lines: %q", len(lines), lines)
	}
	for i, line := range lines {
		if most := 99 - (i+1)/2; len(line) > most {
			t.Errorf("%q has %d characters of %d", line, len(line), most)
		}
	}
}

// No rate and no time left are told of a handful of steps, nor of the first seconds: one step that took long would stand for all.
func TestNoPaceOfAFewSteps(t *testing.T) {
	t.Parallel()
	for name, work := range map[string]struct {
		steps int64
		pause time.Duration
		paced bool
	}{
		"few steps that take long":    {5, time.Minute, false},
		"the sixth is told":           {8, time.Minute, true},
		"many steps, none of 3 s yet": {10, 280 * time.Millisecond, false},
		"3 s are over":                {20, 500 * time.Millisecond, true},
	} {
		to, screen := terminal(t)
		clock := &hurriedClock{}
		meter := &progressMeter{out: to, now: clock.Now, told: testNow}
		for step := range work.steps {
			clock.now = testNow.Add(time.Duration(step) * work.pause)
			meter.tell(step, 1000, "migrations applied")
		}
		sent := screen()
		if paced := strings.Contains(sent, "a second"); paced != work.paced || paced != strings.Contains(sent, " left") {
			t.Errorf("%s: %q", name, sent)
		}
	}
}

// A bar that is filled because the work is done says no rate: what its last step came to is not known.
func TestAFilledBarHasNoRate(t *testing.T) {
	t.Parallel()
	to, screen := terminal(t)
	clock := &hurriedClock{}
	meter := &progressMeter{out: to, now: clock.Now, told: testNow}
	for second := range int64(10) {
		clock.now = testNow.Add(time.Duration(second) * time.Second)
		meter.tell(second*8000, 1_000_000, "lines")
	}
	meter.full()
	if sent := screen(); !strings.HasSuffix(sent, "\r["+strings.Repeat("#", progressWidth)+"] 100 % of lines\x1b[K\r\n") {
		t.Errorf("%q", sent)
	}
}
