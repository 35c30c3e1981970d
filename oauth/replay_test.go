package oauth_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"countersign/oauth"
)

// RFC 7523 §3 (7), RFC 9449 §11.1; docs/architecture.md §4.5: jti single use.
func TestReplayMemory(t *testing.T) {
	memory := oauth.NewReplayMemory(10)
	expires := now.Add(time.Minute)
	for _, step := range []struct {
		name string
		key  string
		when time.Time
		want bool
	}{
		{"new", "a", now, true},
		{"again", "a", now, false},
		{"another key", "b", now, true},
		{"again, just before its end", "a", expires.Add(-time.Nanosecond), false},
		{"again at its end, when the assertion itself is refused", "a", expires, true},
	} {
		if got := memory.Use(step.key, expires, step.when); got != step.want {
			t.Errorf("%s: %v", step.name, got)
		}
	}
}

// docs/protocol.md §6 slow-and-huge: bounded memory; the oldest goes first.
func TestReplayMemoryIsBounded(t *testing.T) {
	memory := oauth.NewReplayMemory(100)
	expires := now.Add(time.Minute)
	for i := range 1000 {
		memory.Use(fmt.Sprint(i), expires, now)
	}
	memory.Use("900", expires, now) // being asked for keeps nothing alive
	memory.Use("1000", expires, now)
	if memory.Use("999", expires, now) {
		t.Error("the newest was forgotten")
	}
	if !memory.Use("900", expires, now) {
		t.Error("the oldest was kept")
	}
}

// docs/protocol.md §6 parallel-redemption: of many at once, one.
func TestReplayMemoryConcurrently(t *testing.T) {
	memory := oauth.NewReplayMemory(10)
	var used atomic.Int32
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			if memory.Use("a", now.Add(time.Minute), now) {
				used.Add(1)
			}
		})
	}
	wg.Wait()
	if used.Load() != 1 {
		t.Errorf("used %d times", used.Load())
	}
}
