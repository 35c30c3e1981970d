package oauth_test

import (
	"errors"
	"fmt"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"countersign/oauth"

	"pgregory.net/rapid"
)

// RFC 7523 §3 (7), RFC 9449 §11.1; docs/architecture.md §4.5: jti single use.
func TestReplayMemory(t *testing.T) {
	memory := oauth.NewReplayMemory(10)
	expires := now.Add(time.Minute)
	for _, step := range []struct {
		name string
		key  string
		when time.Time
		want error
	}{
		{"new", "a", now, nil},
		{"again", "a", now, oauth.ErrUsedBefore},
		{"another key", "b", now, nil},
		{"again, in its last millisecond", "a", expires.Add(-time.Millisecond), oauth.ErrUsedBefore},
		{"again, just before its end", "a", expires.Add(-time.Nanosecond), oauth.ErrUsedBefore},
		{"again after the clock stepped back", "a", now.Add(-time.Hour), oauth.ErrUsedBefore},
		{"again at its end, when the assertion itself is refused", "a", expires, nil},
		{"again after that, and after the clock stepped back", "a", now, oauth.ErrUsedBefore},
	} {
		if got := memory.Use(step.key, expires, step.when); !errors.Is(got, step.want) {
			t.Errorf("%s: %v", step.name, got)
		}
	}
	half := expires.Add(time.Second / 2)
	first, again := memory.Use("c", half, now), memory.Use("c", half, half.Add(-1))
	if first != nil || !errors.Is(again, oauth.ErrUsedBefore) {
		t.Errorf("an end between two seconds: %v, then %v", first, again)
	}
	if err := memory.Use("d", now.Add(oauth.LongestProofLife), now); err != nil {
		t.Errorf("the longest life: %v", err)
	}
	if err := memory.Use("e", now.Add(oauth.LongestProofLife+1), now); !errors.Is(err, oauth.ErrNoRoom) {
		t.Errorf("a longer life: %v", err)
	}
}

// RFC 9449 §11.1: whatever comes, and however time passes, a key is used once until its end, and again afterwards. When the
// clock is set back, by two hours at most, what had not ended before is still known.
func TestReplayMemoryIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		memory, until, when, latest := oauth.NewReplayMemory(200_000), map[string]time.Time{}, now, now
		for range rapid.IntRange(1, 500).Draw(t, "uses") {
			when = when.Add(time.Duration(rapid.IntRange(0, 2000).Draw(t, "pass")) * time.Millisecond)
			if rapid.IntRange(0, 99).Draw(t, "set back") == 0 {
				when = when.Add(-time.Duration(rapid.IntRange(0, 3600).Draw(t, "by")) * time.Second)
			}
			if first := latest.Add(-oauth.LongestProofLife); when.Before(first) {
				when = first
			}
			if when.After(latest) {
				latest = when
			}
			key := strconv.Itoa(rapid.IntRange(0, 400).Draw(t, "key"))
			expires := when.Truncate(time.Second).Add(time.Duration(rapid.IntRange(1, 360).Draw(t, "life")) * time.Second)
			got := memory.Use(key, expires, when)
			switch end := until[key]; {
			case latest.Before(end) && !errors.Is(got, oauth.ErrUsedBefore), !when.Before(end) && got != nil:
				t.Fatalf("%s at %s, used until %s: %v", key, when, end, got)
			case got == nil:
				until[key] = expires
			}
		}
	})
}

// docs/protocol.md §6 slow-and-huge: bounded memory, and no flood makes it forget. What has no room is refused, and room is
// made when proofs end.
func TestReplayMemoryIsBounded(t *testing.T) {
	for _, size := range []int{1, 100, 20_000} {
		memory := oauth.NewReplayMemory(size)
		expires, used := now.Add(time.Minute), map[int]bool{}
		for i := range 3 * size {
			switch err := memory.Use(strconv.Itoa(i), expires, now.Add(time.Duration(i)*time.Millisecond/2)); {
			case err == nil:
				used[i] = true
			case !errors.Is(err, oauth.ErrNoRoom):
				t.Fatalf("%d of %d: %v", i, size, err)
			}
		}
		if len(used) > size+size/10 || len(used) < size-size/10 {
			t.Errorf("%d of %d are remembered", len(used), size)
		}
		for i := range 3 * size {
			if err := memory.Use(strconv.Itoa(i), expires, expires.Add(-1)); used[i] != errors.Is(err, oauth.ErrUsedBefore) {
				t.Fatalf("%d of %d was used: %v. In its last moment: %v", i, size, used[i], err)
			}
		}
		again := 0
		for i := range size {
			if memory.Use(strconv.Itoa(i), expires.Add(time.Minute), expires) == nil {
				again++
			}
		}
		if again < size-size/10 {
			t.Errorf("after their end there is room for %d of %d", again, size)
		}
	}
}

// After hours in which nobody came, the first who comes finds room: what ended long ago does not seem to be new.
func TestReplayMemoryAfterAQuietTime(t *testing.T) {
	const size = 10_000
	for quiet := time.Hour; quiet < 12*time.Hour; quiet += 25 * time.Minute {
		memory := oauth.NewReplayMemory(size)
		for i := range 2 * size {
			_ = memory.Use(strconv.Itoa(i), now.Add(5*time.Minute), now)
		}
		later := now.Add(quiet)
		for i := range size / 2 {
			if err := memory.Use(strconv.Itoa(i), later.Add(time.Minute), later); err != nil {
				t.Fatalf("%d, %s later: %v", i, quiet, err)
			}
		}
	}
}

// docs/protocol.md §6 parallel-redemption: of many at once, one; also while the memory grows, and is tidied.
func TestReplayMemoryConcurrently(t *testing.T) {
	const proofs, uses = 3000, 8
	memory := oauth.NewReplayMemory(100_000)
	var used [proofs]atomic.Int32
	var wg sync.WaitGroup
	for range uses {
		wg.Go(func() {
			for i := range proofs {
				if memory.Use(strconv.Itoa(i), now.Add(time.Hour), now.Add(time.Duration(i)*50*time.Millisecond)) == nil {
					used[i].Add(1)
				}
			}
		})
	}
	wg.Wait()
	for i := range used {
		if used[i].Load() != 1 {
			t.Errorf("%d was used %d times", i, used[i].Load())
		}
	}
}

// docs/performance.md, the memory of a million phones: two proofs each, none forgotten, at most 11 bytes for each, and
// given back within a minute of their end.
func TestReplayMemoryOfAMillionPhones(t *testing.T) {
	const proofs, bytesEach = 2 * manyPhones, 11
	memory, life := oauth.NewReplayMemory(2*proofs), 5*time.Minute
	at := func(i int) time.Time { return now.Add(time.Duration(i) * life / proofs) } // at an even rate: the first one ends after the last
	before := heap()
	for i := range proofs {
		if err := memory.Use(strconv.Itoa(i), at(i).Add(life+time.Second), at(i)); err != nil {
			t.Fatalf("%d: %v", i, err)
		}
	}
	each := float64(heap()-before) / proofs
	if t.Logf("%.1f bytes for each", each); each > bytesEach {
		t.Errorf("more than %d", bytesEach)
	}
	for i := 0; i < proofs; i += 1001 {
		if err := memory.Use(strconv.Itoa(i), at(i).Add(life+time.Second), at(proofs)); !errors.Is(err, oauth.ErrUsedBefore) {
			t.Fatalf("%d, played again: %v", i, err)
		}
	}
	later := at(proofs).Add(life + 2*time.Second)
	for i := range 61 {
		if err := memory.Use(fmt.Sprint("later ", i), later.Add(life), later.Add(time.Duration(i)*time.Second)); err != nil {
			t.Fatal(err)
		}
	}
	if left := heap() - before; left > 1<<20 {
		t.Errorf("%d bytes are left", left)
	}
	runtime.KeepAlive(memory)
}

// heap is what is reachable, in bytes.
func heap() int64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return int64(stats.HeapAlloc) // less than 2^63
}

// At each use there are two million others.
func BenchmarkReplayMemory(b *testing.B) {
	const others = 2_000_000
	memory := oauth.NewReplayMemory(oauth.ProofsPerCore)
	keys := make([]string, others)
	for i := range keys {
		keys[i] = "assertion\x00Tzj2nQyVwGtaBnRc9yXKvg\x00" + strconv.Itoa(i)
		_ = memory.Use(keys[i], now.Add(time.Hour), now)
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		_ = memory.Use(keys[i%others], now.Add(time.Hour), now)
	}
}
