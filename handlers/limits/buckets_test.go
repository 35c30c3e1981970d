package limits_test

import (
	"runtime"
	"strconv"
	"testing"
	"time"

	"countersign/handlers/limits"

	"golang.org/x/time/rate"
	"pgregory.net/rapid"
)

// A bucket gives what golang.org/x/time/rate gives, for any key and at any time.
func TestBucketsAreTokenBuckets(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		every := time.Duration(rapid.IntRange(1, 8).Draw(t, "every")) * time.Second
		size := limits.Rate{Burst: rapid.IntRange(1, 5).Draw(t, "burst"), Every: every}
		buckets, known, now := limits.NewBuckets("codes", limits.Default, size, limits.Rate{}), map[string]*rate.Limiter{}, noon
		for range rapid.IntRange(1, 200).Draw(t, "steps") {
			now = now.Add(time.Duration(rapid.IntRange(0, 3000).Draw(t, "pass")) * time.Millisecond)
			key := rapid.StringMatching("[a-d]").Draw(t, "key")
			if known[key] == nil {
				known[key] = rate.NewLimiter(rate.Every(size.Every), size.Burst)
			}
			var got, want time.Duration
			switch rapid.SampledFrom([]string{"take", "wait", "give back"}).Draw(t, "step") {
			case "take":
				got = buckets.Take(key, now)
				place := known[key].ReserveN(now, 1)
				if want = place.DelayFrom(now); want > 0 {
					place.CancelAt(now)
				}
			case "wait":
				got = buckets.Wait(key, now)
				want = max(0, time.Duration((1-known[key].TokensAt(now))*float64(size.Every)))
			case "give back":
				buckets.GiveBack(key, now)
				known[key].AllowN(now, -1)
			}
			if (got - want).Abs() > time.Microsecond {
				t.Fatalf("%s at %s: %v, want %v", key, now, got, want)
			}
		}
	})
}

// docs/performance.md: 50,000 keys of one kind are 4 MB at most.
func TestBucketsAreSmall(t *testing.T) {
	before := heap()
	b := limits.NewBuckets("codes", limits.Default, limits.Rate{Burst: 60, Every: time.Hour}, limits.Rate{})
	for i := range 100_000 {
		b.Take("client within a network "+strconv.Itoa(i), noon)
	}
	if size := heap() - before; size > 4_000_000 {
		t.Errorf("%d bytes", size)
	} else {
		t.Logf("%d bytes", size)
	}
	runtime.KeepAlive(b)
}

// docs/performance.md: a million phones that poll once in five minutes leave buckets for those of the last moments.
func TestSteadyPhonesLeaveNoBuckets(t *testing.T) {
	const phones, often = 200_000, 5 * time.Minute
	before := heap()
	l := limits.New(limits.Default, nil)
	for i := range phones {
		now := noon.Add(time.Duration(i) * often / 1_000_000)
		if l.FailedOfClient.Wait(strconv.Itoa(i), now) != 0 || l.Client.Take(strconv.Itoa(i), now) != 0 {
			t.Fatal("a steady phone is limited")
		}
	}
	if size := heap() - before; size > 256<<10 {
		t.Errorf("%d bytes", size)
	}
	runtime.KeepAlive(l)
}

// A clock that is set back gives nobody places, and takes nobody's time.
func TestBucketsWhenTheClockIsSetBack(t *testing.T) {
	b := limits.NewBuckets("codes", limits.Default, limits.Rate{Burst: 2, Every: time.Minute}, limits.Rate{})
	taken(b, "a", 2, noon)
	back := noon.Add(-time.Hour)
	if wait := b.Take("a", back); wait != time.Minute {
		t.Errorf("set back by an hour: wait %v", wait)
	}
	if wait := b.Take("a", back.Add(time.Minute)); wait != 0 {
		t.Errorf("a minute later: wait %v", wait)
	}
	if wait := b.Take("b", back.Add(time.Minute-time.Millisecond)); wait != 0 {
		t.Errorf("another key: wait %v", wait)
	}
}

// heap is what is reachable, in bytes.
func heap() int64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return int64(stats.HeapAlloc) // less than 2^63
}
