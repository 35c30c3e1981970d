package main

import (
	"strings"
	"testing"
)

// How many polls a second are usual is said, or left to the number of processors.
func TestPollRateSetting(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]int{"auto": 0, "40": 40, "0": -1} {
		c := &checks{}
		if got := (&ServeFlags{PollRate: value}).pollRate(c); got != want || len(c.problems) > 0 {
			t.Errorf("%s: %d, %v", value, got, c.problems)
		}
	}
	c := &checks{}
	if (&ServeFlags{PollRate: "many"}).pollRate(c); len(c.problems) != 1 {
		t.Error("any word is taken")
	}
}

// What was set of strangers' events and of polls reaches the server.
func TestLoadSettingsReachTheServer(t *testing.T) {
	t.Parallel()
	got := (&ServeCmd{settings: serveSettings{events: 7, polls: 40}}).config(nil, nil)
	if got.StrangerEvents != 7 || got.PollRate != 40 {
		t.Errorf("%d events an hour, %d polls a second", got.StrangerEvents, got.PollRate)
	}
}

// docs/protocol.md §6 waiting-herd: an interval that is longer than a nonce lives is refused where nonces are demanded.
func TestPollIntervalWithinANoncesLife(t *testing.T) {
	t.Parallel()
	const refusal = "--poll-interval (COUNTERSIGN_POLL_INTERVAL): 301s is longer than a nonce of ours lives in a phone's key proof"
	for _, c := range []struct {
		flags   []string
		refused bool
	}{
		{[]string{"--poll-interval", "301s"}, true},
		{[]string{"--poll-interval", "301s", "--dpop-nonce", "off"}, false},
		{[]string{"--poll-interval", "5m"}, false},
	} {
		got := runWith(t, nil, "", serveArgs(c.flags...)...)
		if refused := strings.Contains(got.stderr, refusal); refused != c.refused {
			t.Errorf("%v: refused is %t\n%s", c.flags, refused, got.stderr)
		}
	}
}
