package limits_test

import (
	"strconv"
	"testing"
	"time"

	"countersign/handlers/limits"
)

var noon = time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)

// taken counts how many of n places the key is given at once.
func taken(b *limits.Buckets, key string, n int, now time.Time) int {
	count := 0
	for range n {
		if b.Take(key, now) == 0 {
			count++
		}
	}
	return count
}

func TestBucketsByLevel(t *testing.T) {
	for _, test := range []struct {
		level  limits.Level
		atOnce int           // of 100
		wait   time.Duration // until the next one
	}{
		{limits.Default, 10, time.Minute},
		{"", 10, time.Minute},
		{limits.Strict, 3, time.Hour},
		{limits.Off, 100, 0},
	} {
		b := limits.NewBuckets("codes", test.level, limits.Rate{Burst: 10, Every: time.Minute}, limits.Rate{Burst: 3, Every: time.Hour})
		if got := taken(b, "a", 100, noon); got != test.atOnce {
			t.Errorf("%q: %d at once, want %d", test.level, got, test.atOnce)
		}
		if got := b.Wait("a", noon); got != test.wait {
			t.Errorf("%q: wait %v, want %v", test.level, got, test.wait)
		}
		if got := b.Take("a", noon.Add(test.wait)); got != 0 {
			t.Errorf("%q: after the wait %v more", test.level, got)
		}
	}
}

// A refused request takes nothing, another key has a bucket of its own, and what was
// given back is there again, but never more than the bucket's size.
func TestBuckets(t *testing.T) {
	b := limits.NewBuckets("codes", limits.Default, limits.Rate{Burst: 2, Every: time.Minute}, limits.Rate{})
	taken(b, "a", 50, noon)
	if got := taken(b, "a", 5, noon.Add(time.Minute)); got != 1 {
		t.Errorf("%d after a minute, want 1: a refusal has taken a place", got)
	}
	if got := taken(b, "b", 5, noon); got != 2 {
		t.Errorf("another key: %d, want 2", got)
	}
	for range 5 {
		b.GiveBack("b", noon)
	}
	if got := taken(b, "b", 5, noon); got != 2 {
		t.Errorf("given back: %d, want 2", got)
	}
}

// The memory is bounded: the key that was used least recently is forgotten.
func TestBucketsForgetKeys(t *testing.T) {
	b := limits.NewBuckets("codes", limits.Default, limits.Rate{Burst: 1, Every: time.Hour}, limits.Rate{})
	b.Take("first", noon)
	for i := range 49_999 {
		b.Take(strconv.Itoa(i), noon)
	}
	if b.Wait("first", noon) == 0 {
		t.Error("forgotten with 50,000 keys")
	}
	b.Take("one more", noon) // "0" goes: Wait has used "first"
	b.Take("and one more", noon)
	if b.Wait("0", noon) != 0 || b.Wait("first", noon) == 0 {
		t.Error("another key than the least recently used was forgotten")
	}
}

// Places in several buckets are taken together or not at all, and the longest wait is told.
func TestTakeTogether(t *testing.T) {
	l := limits.New(limits.Strict, nil)
	places := []limits.Place{{Of: l.Codes, Key: "n"}, {Of: l.RequestsOfClient, Key: "c"}}
	for i := range 5 {
		if what, wait := l.Take(places, noon); what != "" || wait != 0 {
			t.Fatalf("request %d: too many %s, wait %v", i, what, wait)
		}
	}
	for range 50 {
		if what, wait := l.Take(places, noon); what != "requests of this client" || wait != 10*time.Minute {
			t.Fatalf("too many %s, wait %v", what, wait)
		}
	}
	if got := taken(l.Codes, "n", 50, noon); got != 25 {
		t.Errorf("the operator has %d places left, want 25 of 30", got)
	}
	l.GiveBack(places, noon)
	if what, _ := l.Take(places, noon); what != "" {
		t.Errorf("given back, and too many %s", what)
	}
}

func TestOffLimitsNothing(t *testing.T) {
	l := limits.New(limits.Off, nil)
	for range 1000 {
		if what, wait := l.Take([]limits.Place{{Of: l.Codes, Key: "n"}}, noon); what != "" || wait != 0 {
			t.Fatalf("too many %s, wait %v", what, wait)
		}
	}
	l.GiveBack([]limits.Place{{Of: l.Codes, Key: "n"}}, noon)
}
