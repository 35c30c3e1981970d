package limits

import (
	"sync"
	"time"
)

// Rate is the size of a bucket, and the time after which one place in it is free again.
type Rate struct {
	Burst int
	Every time.Duration
}

// Buckets is one kind of limit: a token bucket for each key. A nil Buckets limits
// nothing. Safe for use by several goroutines.
//
// Of a bucket it is known when all of it will be free again: each place that is taken
// puts that off by Rate.Every. A bucket that is all free is like one that nobody has used,
// and takes no memory once another needs some.
type Buckets struct {
	what string
	rate Rate

	mu     sync.Mutex // guards the rest
	byKey  recent
	latest int64 // the newest time that was seen, in nanoseconds since 1970, and what is added to the caller's
	ahead  int64
}

// NewBuckets returns nil, which limits nothing, when limits are off. What says in plain
// words what there is too much of: "searches".
func NewBuckets(what string, level Level, normal, strict Rate) *Buckets {
	b := &Buckets{what: what, rate: normal, byKey: newRecent()}
	switch level {
	case Off:
		return nil
	case Strict:
		b.rate = strict
	}
	return b
}

// What says in plain words what there is too much of, "" for a nil Buckets.
func (b *Buckets) What() string {
	if b == nil {
		return ""
	}
	return b.what
}

// Take takes one place of the key's bucket and returns 0. Of a full bucket it takes
// nothing, and returns how long until a place is free. The key "" is nobody's and has no bucket.
func (b *Buckets) Take(key string, now time.Time) (wait time.Duration) {
	if b == nil || key == "" {
		return 0
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	at := b.time(now)
	if wait = b.wait(b.byKey.find(key), at); wait == 0 {
		b.take(key, at)
	}
	return wait
}

// Wait returns how long until the key's bucket has a free place, and takes none.
func (b *Buckets) Wait(key string, now time.Time) time.Duration {
	if b == nil || key == "" {
		return 0
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.wait(b.byKey.find(key), b.time(now))
}

// promise takes the place that will be free next, although it is not free yet.
func (b *Buckets) promise(key string, now time.Time) {
	if b == nil || key == "" {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.take(key, b.time(now))
}

// GiveBack undoes one Take. The bucket holds no more than its size for that.
func (b *Buckets) GiveBack(key string, now time.Time) {
	if b == nil || key == "" {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.time(now)
	if bucket := b.byKey.find(key); bucket != nil {
		bucket.free -= int64(b.rate.Every)
	}
}

// take takes a place whether one is free or not. The caller holds mu.
func (b *Buckets) take(key string, at int64) {
	bucket := b.byKey.find(key)
	if bucket == nil {
		bucket = b.byKey.add(key, at)
	}
	bucket.free = max(bucket.free, at) + int64(b.rate.Every)
}

// wait is how long until a place is free. The caller holds mu.
func (b *Buckets) wait(bucket *bucket, at int64) time.Duration {
	if bucket == nil {
		return 0
	}
	taken, all := time.Duration(max(bucket.free-at, 0)), b.rate.Every*time.Duration(b.rate.Burst)
	return max(0, taken+b.rate.Every-all)
}

// time is now, in a time that never goes back. Callers may be late by a second, from when they looked at the clock; a
// clock that was set back by more goes on from there, and nobody waits for that. The caller holds mu.
func (b *Buckets) time(now time.Time) int64 {
	at := now.UnixNano() + b.ahead
	if at < b.latest-int64(time.Second) {
		b.ahead += b.latest - at
	}
	b.latest = max(b.latest, at)
	return b.latest
}
