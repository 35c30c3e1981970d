//go:build !linux

package main

import "time"

// monotonicClock is for systemd, which is on Linux only.
func monotonicClock() time.Duration { return 0 }
