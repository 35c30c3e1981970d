package web

import (
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"
	"golang.org/x/time/rate"
)

// LimitLevel is how much a stranger, a phone or an operator may ask for in a while.
// The zero value is LimitsDefault.
type LimitLevel string

// The levels.
const (
	LimitsDefault LimitLevel = "default"
	LimitsStrict  LimitLevel = "strict" // for a deployment whose phones and offices are few
	LimitsOff     LimitLevel = "off"    // for a server that something else protects
)

// perLevel is a bucket's size and the time in which one place in it is free again.
type perLevel struct{ normal, strict limitRate }

type limitRate struct {
	burst int
	every time.Duration
}

// rates is one kind of limit: a token bucket a key. Its memory is this process's own and
// bounded; what several processes must agree on is counted in the database instead
// (models.WaitingPerPhone, models.Policy.WrongCodesPerOperator).
type rates struct {
	what string // in plain words
	rate limitRate

	mu      sync.Mutex // guards buckets
	buckets *simplelru.LRU[string, *rate.Limiter]
}

// limitedKeys bounds the memory of one kind of limit. Somebody who has more addresses
// than this needs no limit to be got round.
const limitedKeys = 50_000

// newRates is nil, which limits nothing, when limits are off.
func newRates(what string, level LimitLevel, per perLevel) *rates {
	r := &rates{what: what, rate: per.normal}
	switch level {
	case LimitsOff:
		return nil
	case LimitsStrict:
		r.rate = per.strict
	}
	lru, err := simplelru.NewLRU[string, *rate.Limiter](limitedKeys, nil)
	if err != nil {
		panic(err) // unreachable: the only refusal is a size below 1
	}
	r.buckets = lru
	return r
}

// take takes one place, and says how long to wait for one when there is none: 0 is "go
// on". Whoever is refused has taken nothing.
func (r *rates) take(key string, now time.Time) (wait time.Duration) {
	if r == nil {
		return 0
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	place := r.bucket(key).ReserveN(now, 1)
	if wait = place.DelayFrom(now); wait > 0 {
		place.CancelAt(now)
	}
	return wait
}

// wait says how long until there is a place, and takes none.
func (r *rates) wait(key string, now time.Time) time.Duration {
	if r == nil {
		return 0
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	missing := 1 - r.bucket(key).TokensAt(now)
	return max(0, time.Duration(missing*float64(r.rate.every)))
}

// giveBack undoes one take. The bucket holds no more than its size for that.
func (r *rates) giveBack(key string, now time.Time) {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.bucket(key).AllowN(now, -1)
}

func (r *rates) bucket(key string) *rate.Limiter {
	bucket, known := r.buckets.Get(key)
	if !known {
		bucket = rate.NewLimiter(rate.Every(r.rate.every), r.rate.burst)
		r.buckets.Add(key, bucket)
	}
	return bucket
}
