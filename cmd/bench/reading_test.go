package main

import (
	"strings"
	"testing"
)

func TestReadingsSubtractAndAdd(t *testing.T) {
	before := reading{cpu: 5, written: 10, allocations: 7, statements: unknown}
	after := reading{cpu: 9, written: 10, allocations: 9, statements: 4}
	used := after.since(before)
	if want := (reading{cpu: 4, written: 0, allocations: 2, statements: unknown}); used != want {
		t.Errorf("used %+v, want %+v", used, want)
	}
	if got, want := used.plus(used), (reading{cpu: 8, written: 0, allocations: 4, statements: unknown}); got != want {
		t.Errorf("twice %+v, want %+v", got, want)
	}
}

func TestNumberAfter(t *testing.T) {
	const text = "rchar: 17\nwchar: 18\nwrite_bytes: 4096\ncancelled_write_bytes: 5\nVmRSS:\t   1234 kB\n"
	for name, want := range map[string]int64{"wchar:": 18, "write_bytes:": 4096, "VmRSS:": 1234} {
		if got, err := numberAfter(text, name); got != want || err != nil {
			t.Errorf("%s %d, %v, want %d", name, got, err, want)
		}
	}
	if _, err := numberAfter(text, "bytes:"); err == nil {
		t.Error("a name within a line was found")
	}
}

func TestCommandLine(t *testing.T) {
	for _, c := range []struct {
		args []string
		ok   bool
	}{
		{nil, true},
		{[]string{"-run", "^poll$", "-n", "100", "-rounds", "2", "-workers", "1", "-against", "", "-database", "postgres:///bench"}, true},
		{[]string{"-run", "("}, false},
		{[]string{"-n", "-1"}, false},
		{[]string{"-rounds", "0"}, false},
		{[]string{"-workers", "0"}, false},
		{[]string{"-database", "sqlite:file.db"}, false},
		{[]string{"poll"}, false},
	} {
		var said strings.Builder
		if _, err := parse(c.args, &said); (err == nil) != c.ok || (said.Len() == 0) != c.ok {
			t.Errorf("%q: %v, said %q", c.args, err, &said)
		}
	}
	var said strings.Builder
	if code := command(t.Context(), []string{"-help"}, &said, &said); code != 0 || !strings.Contains(said.String(), "suspicious") {
		t.Errorf("-help: exit code %d, said %q", code, &said)
	}
	if code := command(t.Context(), []string{"-n", "many"}, &said, &said); code != exitUsage {
		t.Errorf("a wrong call: exit code %d", code)
	}
}
