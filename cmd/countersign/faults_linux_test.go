package main

import (
	"errors"
	"testing"

	"golang.org/x/sys/unix"
)

// setLimit gives a running process other limits of the system (prlimit(2)) until it is given back what it had. false: this
// system cannot.
func setLimit(t *testing.T, pid int, limit systemLimit, to uint64) (giveBack func(), can bool) {
	t.Helper()
	resource := map[systemLimit]int{openFiles: unix.RLIMIT_NOFILE, fileSize: unix.RLIMIT_FSIZE}[limit]
	var had unix.Rlimit
	if err := unix.Prlimit(pid, resource, nil, &had); err != nil {
		t.Fatal(err)
	}
	set := func(limits unix.Rlimit) {
		if err := unix.Prlimit(pid, resource, &limits, nil); err != nil && !errors.Is(err, unix.ESRCH) {
			t.Error(err)
		}
	}
	set(unix.Rlimit{Cur: to, Max: had.Max})
	return func() { set(had) }, true
}
