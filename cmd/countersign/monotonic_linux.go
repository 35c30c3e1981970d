package main

import (
	"time"

	"golang.org/x/sys/unix"
)

// monotonicClock is CLOCK_MONOTONIC (clock_gettime(2)), which the service manager compares with its own.
func monotonicClock() time.Duration {
	var now unix.Timespec
	if unix.ClockGettime(unix.CLOCK_MONOTONIC, &now) != nil {
		return 0
	}
	return time.Duration(now.Nano())
}
