package main

import (
	"strings"
	"testing"
	"time"
)

func TestPercentile(t *testing.T) {
	ten := []time.Duration{7, 3, 10, 1, 9, 2, 8, 4, 6, 5}
	for _, c := range []struct {
		durations  []time.Duration
		hundredths float64
		want       time.Duration
	}{
		{nil, 50, 0},
		{[]time.Duration{4}, 0, 4},
		{[]time.Duration{4}, 99, 4},
		{ten, 0, 1},
		{ten, 50, 5},
		{ten, 51, 6},
		{ten, 90, 9},
		{ten, 99, 10},
		{ten, 100, 10},
	} {
		if got := percentile(c.durations, c.hundredths); got != c.want {
			t.Errorf("the percentile %v of %v is %d, want %d", c.hundredths, c.durations, got, c.want)
		}
	}
	if ten[0] != 7 {
		t.Error("the durations were sorted in place")
	}
}

func TestTablesHaveRatiosFirst(t *testing.T) {
	poll := &row{name: "poll"}
	poll.add(newBuild, measured{times: 10, requests: 11, client: 3 * time.Millisecond,
		took: []time.Duration{time.Millisecond}, clock: time.Second,
		server: reading{cpu: 1500 * time.Microsecond, written: 2048, allocations: 150, statements: 20}})
	poll.add(newBuild, measured{times: 10, requests: 10, client: time.Millisecond, resident: 5 << 20,
		took: []time.Duration{3 * time.Millisecond}, clock: 3 * time.Second,
		server: reading{cpu: 2500 * time.Microsecond, written: 0, allocations: 150, statements: 20}})
	poll.add(bareLimit, measured{times: 4, requests: 4,
		server: reading{cpu: 400 * time.Microsecond, written: unknown, allocations: unknown, statements: unknown}})
	beside := &row{name: "beside"}
	beside.add(oldBuild, measured{times: 1, requests: 1, server: notRead})
	var out strings.Builder
	if err := writeTables(&out, []*row{poll, beside}); err != nil {
		t.Fatal(err)
	}
	want := `
Server CPU for one, in microseconds, and its ratios:
    step  new/limit  old/limit  new/old  new  old  limit
    poll       2.00          -        -  200    -    100
  beside          -          -        -    -    -      -

One of each: requests, KiB written, allocations, SQL statements, client CPU in microseconds,
how many a second, p50 and p99 in milliseconds; memory in MiB at the end:
    step  server  times  requests           KiB   allocations    statements  client CPU  a second   p50   p99  memory
    poll     new     20       1.1           0.1          15.0           2.0         200         5  1.00  3.00       5
    poll   limit      4       1.0  not measured  not measured  not measured           0         -     -     -       -
  beside     old      1       1.0  not measured  not measured  not measured           0         -     -     -       -
`
	if got := out.String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// A visit is the sum of its steps, each of which was done as often.
func TestSumOfSteps(t *testing.T) {
	var steps []*row
	for _, cpu := range []time.Duration{10, 20, 30} {
		step := &row{}
		step.add(newBuild, measured{times: 5, requests: 10, client: 1, took: []time.Duration{1},
			server: reading{cpu: 5 * cpu, written: 5, allocations: unknown}})
		steps = append(steps, step)
	}
	got := sum("visit", steps...).of[newBuild]
	if got.times != 5 || got.requests != 30 || got.client != 3 || len(got.took) != 0 || got.cpu() != 60 ||
		got.server.written != 15 || got.server.allocations != unknown {
		t.Errorf("the sum is %+v", got)
	}
	if first := steps[0].of[newBuild]; first.times != 5 || first.requests != 10 {
		t.Errorf("adding up changed a step: %+v", first)
	}
}
