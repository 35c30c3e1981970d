package main

import (
	"context"
	"maps"
	"os"
	"regexp"
	"strings"
	"testing"

	"countersign/models/pgtest"
)

// TestMain lets the test binary be the bare server, as the bench's own binary is.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == limitCommand {
		os.Exit(serveLimit(context.Background(), os.Args[2:], os.Stderr))
	}
	pgtest.Main(m)
}

// The bench's phones and operators still speak to this tree's server, and every cost is read
// that is to be read. How high they are is nobody's business here.
func TestEveryStepIsMeasured(t *testing.T) {
	var out strings.Builder
	b := &bench{
		options: options{run: regexp.MustCompile(""), n: 2, rounds: 1, workers: 2, database: "sqlite:"},
		out:     &out, pid: os.Getpid(), load: newLoad(2), flags: buildFlags(),
	}
	rows, err := b.runAll(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	servers := map[string][]string{}
	for _, r := range rows {
		for server, m := range r.of {
			servers[r.name] = append(servers[r.name], server)
			if m.times == 0 || m.requests == 0 && !strings.HasPrefix(r.name, "lock held") {
				t.Errorf("%s, %s: done %d times with %d requests", r.name, server, m.times, m.requests)
			}
			if costs := m.server; costs != notRead && (costs.cpu <= 0 || costs.allocations <= 0 || costs.statements <= 0 || costs.written < 0) {
				t.Errorf("%s, %s: read %+v", r.name, server, costs)
			}
		}
	}
	for _, step := range []string{"pending poll", "issue", "pending poll, 2 wait", "issue, 4 wait"} {
		if len(servers[step]) != 2 {
			t.Errorf("%s was done by %v, and not by the new build and the limit", step, servers[step])
		}
	}
	for step := range maps.Clone(servers) { // without the figure
		servers[regexp.MustCompile(`, p95 .*`).ReplaceAllString(step, "")] = servers[step]
	}
	for _, step := range []string{"start, 2 requests and events", "start, 2 wait", "approve among 2 events", "refresh among 2 events",
		"issue among 2 events", "pending poll among 2 events", "pending poll, closed loop", "issue, closed loop",
		"visit", "search", "match", "proof", "approve", "redeem", "refresh", "decline, 1 waiting",
		"search, 2 wait", "search, 4 wait", "decline, 2 waiting",
		"delete the client, 1 waiting", "delete the client, 2 waiting", "issue, no import", "issue, 2 lines are imported",
		"lock held, 2 new accounts", "lock held, 2 accounts changed"} {
		if len(servers[step]) != 1 {
			t.Errorf("%s was done by %v, and not by the new build", step, servers[step])
		}
	}
	for _, rate := range []string{"pending poll", "issue"} {
		if !regexp.MustCompile(rate + `, [0-9]+ a second, 75 % of it`).MatchString(out.String()) {
			t.Errorf("%s was not asked for at a rate", rate)
		}
	}
	for _, size := range []string{"an event of a visit, 0 to 2: ", "a waiting request with its event, 0 to 2: "} {
		if !strings.Contains(out.String(), size) {
			t.Errorf("nobody is told of %s", size)
		}
	}
	if _, err := os.Stat(b.folder); !os.IsNotExist(err) {
		t.Errorf("%s is still there: %v", b.folder, err)
	}
}

// buildFlags build as this test was built: the cache has it all.
func buildFlags() []string {
	if raceDetector {
		return []string{"-race"}
	}
	return nil
}
