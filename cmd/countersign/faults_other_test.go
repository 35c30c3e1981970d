//go:build !linux

package main

import "testing"

func setLimit(*testing.T, int, systemLimit, uint64) (giveBack func(), can bool) { return nil, false }
