package main

import (
	"runtime/debug"
	"runtime/metrics"
	"time"
)

const (
	memoryInterval = 5 * time.Second // how often the collector's aim is set
	usualGOGC      = 100             // percent: what the collector lets pile up, as a part of what is in use
	leastGarbage   = 8 << 20         // bytes that may pile up where little is in use
)

// keepMemory sets, until the context ends, how much garbage may pile up: as much as there is of what the collector has to
// look through. Go itself lets as much pile up as is in use, also of what has no pointers and is soon as large as all else
// together: what is remembered of a million phones. An operator's own GOGC or GOMEMLIMIT stays as it is.
func keepMemory(env *Environment) {
	if env.Getenv("GOGC") != "" || env.Getenv("GOMEMLIMIT") != "" {
		return
	}
	set := usualGOGC
	for env.Wait(env.Context, memoryInterval) == nil {
		if percent := percentFor(heapInUse()); percent != set {
			set = percent
			debug.SetGCPercent(set)
		}
	}
}

// percentFor is the GOGC for so many bytes in use, of which the collector has to look through some; in steps of 5. Of the least
// garbage a twelfth of what is in use is taken off, down to a half: where it need not look through most of it, to collect costs little.
func percentFor(live, scanned uint64) int {
	garbage := max(scanned, leastGarbage-min(live/12, leastGarbage/2))
	if garbage >= live {
		return usualGOGC
	}
	return max(int(usualGOGC*garbage/live)/5*5, 5) // less than 100
}

// heapInUse is what the last collection has found in use, and how much of it may have pointers, in bytes.
func heapInUse() (live, scanned uint64) {
	samples := []metrics.Sample{{Name: "/gc/heap/live:bytes"}, {Name: "/gc/scan/heap:bytes"}}
	metrics.Read(samples)
	return samples[0].Value.Uint64(), samples[1].Value.Uint64()
}
