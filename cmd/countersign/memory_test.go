package main

import (
	"context"
	"errors"
	"runtime"
	"runtime/debug"
	"testing"
	"time"
)

// docs/performance.md: what the collector has to look through settles how much garbage may pile up.
func TestGarbageIsAPartOfWhatIsLookedThrough(t *testing.T) {
	for _, test := range []struct{ live, scanned, want int }{
		{0, 0, 400}, {4, 3, 400}, {8, 6, 200}, {8, 7, 200}, {20, 6, 50}, {24, 10, 40}, {40, 6, 15}, {40, 2, 10}, {48, 2, 5},
		{80, 6, 5}, {400, 30, 5}, {80, 40, 50}, {80, 80, 100}, {80, 300, 100}, {5000, 6, 5},
	} {
		if got := percentFor(uint64(test.live)<<20, uint64(test.scanned)<<20); got != test.want { // not negative
			t.Errorf("%d MiB in use, %d looked through: %d", test.live, test.scanned, got)
		}
	}
}

// With many used proofs the collector's aim is another one, unless the operator has set it.
func TestCollectorHeedsWhatIsRemembered(t *testing.T) {
	before := debug.SetGCPercent(100)
	t.Cleanup(func() { debug.SetGCPercent(before) })
	remembered := make([]uint64, 64<<20/8)
	debug.FreeOSMemory() // a collection, so that it is known what is in use
	for name, own := range map[string]map[string]string{
		"GOGC": {"GOGC": "150"}, "GOMEMLIMIT": {"GOMEMLIMIT": "1GiB"}, "nothing": {},
	} {
		waits := 0
		keepMemory(&Environment{Context: t.Context(), Getenv: func(name string) string { return own[name] },
			Wait: func(context.Context, time.Duration) error {
				if waits++; waits > 1 {
					return errors.New("enough")
				}
				return nil
			}})
		percent := debug.SetGCPercent(100)
		if set := percent < 100; set != (name == "nothing") {
			t.Errorf("the operator has set %s: the collector's aim is %d %%", name, percent)
		}
	}
	runtime.KeepAlive(remembered)
}
