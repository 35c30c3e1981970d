package oauth

import (
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"
)

// slowDownStep is what each slow_down adds to an interval (RFC 8628 §3.5).
const slowDownStep = 5 * time.Second

// Pacer remembers how fast each device code is polled. Its memory is this process's own, bounded in number and in
// time, and may be lost: a pending poll must never write to the database, and a lost pace costs one early poll.
type Pacer struct {
	ttl time.Duration

	mu    sync.Mutex // guards paces
	paces *simplelru.LRU[string, pace]
}

type pace struct {
	last   time.Time
	raised time.Duration // what slow_down has added so far
}

// NewPacer keeps the paces of at most size keys (1 or more), each until ttl after its last poll.
func NewPacer(size int, ttl time.Duration) *Pacer {
	return &Pacer{ttl: ttl, paces: newLRU[pace](size)}
}

// Poll records a poll of key at now and says whether it came too soon after the last one, given the interval that the
// device authorization response promised. The first poll never does. One tenth of the interval is allowed for jitter.
// Each poll that is too fast raises that key's interval by 5 seconds for good (RFC 8628 §3.5).
func (p *Pacer) Poll(key string, interval time.Duration, now time.Time) (tooFast bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	was, known := p.paces.Get(key)
	if !known || now.Sub(was.last) >= p.ttl {
		p.paces.Add(key, pace{last: now})
		return false
	}
	due := interval + was.raised
	tooFast = now.Sub(was.last) < due-due/10
	if tooFast {
		was.raised += slowDownStep
	}
	p.paces.Add(key, pace{last: now, raised: was.raised})
	return tooFast
}

// newLRU is a least-recently-used memory of at least one entry.
func newLRU[V any](size int) *simplelru.LRU[string, V] {
	lru, err := simplelru.NewLRU[string, V](max(size, 1), nil)
	if err != nil {
		panic(err) // unreachable: the only refusal is a size below 1
	}
	return lru
}
