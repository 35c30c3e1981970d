package main

import (
	"math"
	"slices"
	"time"
)

// percentile is the smallest of the durations that so many hundredths of them do not exceed
// (nearest rank), 0 of none.
func percentile(durations []time.Duration, hundredths float64) time.Duration {
	if len(durations) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(durations))
	rank := int(math.Ceil(hundredths / 100 * float64(len(sorted))))
	return sorted[min(max(rank, 1), len(sorted))-1]
}
