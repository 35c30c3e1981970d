package main

import (
	"runtime/debug"
	"runtime/metrics"
	"time"
)

const (
	memoryInterval = 5 * time.Second // how often the collector's aim is set
	usualGOGC      = 100             // percent: what the collector lets pile up, as a part of what is in use
	mostGOGC       = 400             // percent, where next to nothing is in use

	garbageOfLittle = 20 << 20 // bytes that may pile up where little is in use: to collect seldom saves a twentieth of the processor
	garbageOfMuch   = 4 << 20  // the same where much is, unless there is more to look through
)

// keepMemory sets, until the context ends, how much garbage may pile up: as much as there is of what the collector has to
// look through, and a little in any case. Go itself lets as much pile up as is in use, also of what has no pointers and is soon as
// large as all else together: what is remembered of a million phones. An operator's own GOGC or GOMEMLIMIT stays as it is.
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

// percentFor is the GOGC for so many bytes in use, of which the collector has to look through some; in steps of 5. At least
// garbageOfLittle less half of what is in use may pile up, and garbageOfMuch. What was allocated since the last collection counts as
// to be looked through; of that no more is taken than was in use.
func percentFor(live, scanned uint64) int {
	garbage := max(min(scanned, live), garbageOfMuch, garbageOfLittle-min(live/2, garbageOfLittle))
	if garbage >= live*mostGOGC/usualGOGC {
		return mostGOGC
	}
	return max(int(usualGOGC*garbage/live)/5*5, 5)
}

// heapInUse is what the last collection has found in use, in bytes, and how much of it, and of what was allocated since, may have
// pointers.
func heapInUse() (live, scanned uint64) {
	samples := []metrics.Sample{{Name: "/gc/heap/live:bytes"}, {Name: "/gc/scan/heap:bytes"}}
	metrics.Read(samples)
	return samples[0].Value.Uint64(), samples[1].Value.Uint64()
}
