package main

import (
	"strings"
	"testing"
)

func TestDemoListensOnLoopbackOnly(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"0.0.0.0:8080", ":8080", "[::]:0", "192.0.2.1:80", "example.org:80", "127.0.0.1.example.org:0"} {
		got := runWith(t, nil, "", "demo", "--listen", address)
		if got.code != exitUsage || !strings.Contains(got.stderr, "can be reached from elsewhere") {
			t.Errorf("%s: exit code %d, %q", address, got.code, got.stderr)
		}
		if got := runWith(t, []string{"COUNTERSIGN_LISTEN=" + address}, "", "demo", "--once"); got.code != exitUsage {
			t.Errorf("%s as a variable: exit code %d", address, got.code)
		}
	}
}
