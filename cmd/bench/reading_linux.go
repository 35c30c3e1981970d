package main

import (
	"time"

	"golang.org/x/sys/unix"
)

// cpuOf is the CPU time of a process, to the nanosecond and without asking it: the clock
// that clock_getcpuclockid(3) names.
func cpuOf(pid int) (time.Duration, error) {
	const wholeProcess = 2 // CPUCLOCK_SCHED
	var used unix.Timespec
	err := unix.ClockGettime(int32(^pid)<<3|wholeProcess, &used) //nolint:gosec // a pid has 22 bits
	return time.Duration(used.Nano()), err
}

// settleDisk waits until what was written before lies on the disk.
func settleDisk() { unix.Sync() }
