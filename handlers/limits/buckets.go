package limits

import (
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"
	"golang.org/x/time/rate"
)

// Rate is the size of a bucket, and the time after which one place in it is free again.
type Rate struct {
	Burst int
	Every time.Duration
}

// Buckets is one kind of limit: a token bucket for each key. A nil Buckets limits
// nothing. Safe for use by several goroutines.
type Buckets struct {
	what string
	rate Rate

	mu    sync.Mutex // guards byKey
	byKey *simplelru.LRU[string, *rate.Limiter]
}

// maxKeys bounds the memory of one kind of limit: the bucket that was used least
// recently is forgotten first. A sender with more networks than this is not limited.
const maxKeys = 50_000

// NewBuckets returns nil, which limits nothing, when limits are off. What says in plain
// words what there is too much of: "searches".
func NewBuckets(what string, level Level, normal, strict Rate) *Buckets {
	b := &Buckets{what: what, rate: normal}
	switch level {
	case Off:
		return nil
	case Strict:
		b.rate = strict
	}
	lru, err := simplelru.NewLRU[string, *rate.Limiter](maxKeys, nil)
	if err != nil {
		panic(err) // unreachable: the only refusal is a size below 1
	}
	b.byKey = lru
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
	place := b.bucket(key).ReserveN(now, 1)
	if wait = place.DelayFrom(now); wait > 0 {
		place.CancelAt(now)
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
	missing := 1 - b.bucket(key).TokensAt(now)
	return max(0, time.Duration(missing*float64(b.rate.Every)))
}

// promise takes the place that will be free next, although it is not free yet.
func (b *Buckets) promise(key string, now time.Time) {
	if b == nil || key == "" {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.bucket(key).ReserveN(now, 1)
}

// GiveBack undoes one Take. The bucket holds no more than its size for that.
func (b *Buckets) GiveBack(key string, now time.Time) {
	if b == nil || key == "" {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.bucket(key).AllowN(now, -1)
}

func (b *Buckets) bucket(key string) *rate.Limiter {
	bucket, known := b.byKey.Get(key)
	if !known {
		bucket = rate.NewLimiter(rate.Every(b.rate.Every), b.rate.Burst)
		b.byKey.Add(key, bucket)
	}
	return bucket
}
