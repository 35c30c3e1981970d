package main

import (
	"slices"
	"testing"
)

// A number of rows is reached by ten times as many each time, and by no more than it.
func TestDecades(t *testing.T) {
	for number, want := range map[int][]int{
		2: {2}, 10_000: {10_000}, 10_001: {10_000, 10_001}, 3_000_000: {10_000, 100_000, 1_000_000, 3_000_000},
	} {
		if got := decades(number); !slices.Equal(got, want) {
			t.Errorf("%d is reached by %v, want %v", number, got, want)
		}
	}
}
