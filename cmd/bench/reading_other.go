//go:build !linux

package main

import (
	"errors"
	"time"
)

// cpuOf needs Linux.
func cpuOf(int) (time.Duration, error) { return 0, errors.New("the bench runs on Linux only") }

// settleDisk has nothing to wait for where nothing is measured.
func settleDisk() {}
