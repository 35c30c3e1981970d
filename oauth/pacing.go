package oauth

import (
	"math"
	"sync/atomic"
	"time"
)

// slowDownStep is what each slow_down adds to an interval (RFC 8628 §3.5).
const slowDownStep = 5 * time.Second

// Pacer remembers how fast each device code is polled. Its memory is this process's own, bounded in number and in
// time, and may be lost: a pending poll must never write to the database, and a lost pace costs one early poll.
//
// Times are kept to the millisecond, in favour of whoever polls. A device code takes about 15 bytes. What is known of one
// that was never told to slow down is of no use after its interval, and its memory is used again.
type Pacer struct {
	ttl     time.Duration
	paces   *flat[pace]
	longest atomic.Int64 // the longest interval that was ever asked about, in milliseconds
}

// pace is when a key was polled last, in milliseconds modulo 2^32 (50 days). The mark is how often slow_down has raised its
// interval.
type pace uint32

const (
	longestTTL = 14 * 24 * time.Hour // well within what a pace can tell
	mostRaised = markMask            // times: 22 hours
)

// NewPacer keeps the paces of at most size keys (1 or more), each until ttl after its last poll, 14 days at most. Of more
// keys than that, it forgets those first that were not polled for longest.
func NewPacer(size int, ttl time.Duration) *Pacer {
	p := &Pacer{ttl: min(ttl, longestTTL)}
	p.paces = newFlat(size, p.ttl, p.isOver)
	return p
}

// Poll records a poll of key at now and says whether it came too soon after the last one, given the interval that the
// device authorization response promised. The first poll never does. One tenth of the interval is allowed for jitter.
// Each poll that is too fast raises that key's interval by 5 seconds for good (RFC 8628 §3.5).
func (p *Pacer) Poll(key string, interval time.Duration, now time.Time) (tooFast bool) {
	p.sawInterval(interval)
	shard, hash := p.paces.shard(key, now)
	defer shard.mu.Unlock()
	at, known := p.paces.find(shard, hash, now.UnixMilli())
	if !known {
		p.begin(shard, at, hash, now)
		return false
	}
	raised := shard.words[at].mark()
	due := interval + time.Duration(raised)*slowDownStep
	if tooFast = shard.values[at].since(now.UnixMilli())+time.Duration(now.Nanosecond())%time.Millisecond < due-due/10; tooFast {
		raised = min(raised+1, mostRaised)
	}
	shard.put(at, hash.marked(raised), paceAt(now))
	return tooFast
}

// begin records the first poll of a key. Where there is no room, those are forgotten that were not polled for longest.
func (p *Pacer) begin(shard *flatShard[pace], at int, hash word, now time.Time) {
	if p.paces.add(shard, at, hash, paceAt(now), now.UnixMilli()) {
		return
	}
	shard.forget(func(pace pace) int64 { return int64(pace.since(now.UnixMilli())) })
	at, _ = p.paces.find(shard, hash, now.UnixMilli())
	p.paces.add(shard, at, hash, paceAt(now), now.UnixMilli())
}

// isOver reports whether a poll at now would be answered as if the pace were not known.
func (p *Pacer) isOver(raised word, pace pace, now int64) bool {
	since := pace.since(now)
	return since >= p.ttl || raised.mark() == 0 && since >= time.Duration(p.longest.Load())*time.Millisecond
}

func (p *Pacer) sawInterval(interval time.Duration) {
	for longest := p.longest.Load(); interval.Milliseconds()+1 > longest; longest = p.longest.Load() {
		p.longest.CompareAndSwap(longest, interval.Milliseconds()+1)
	}
}

func paceAt(t time.Time) pace { return pace(t.UnixMilli() & math.MaxUint32) } // cut on purpose

// since is the time from the last poll until now, in milliseconds since 1970. It is negative after the clock stepped back.
func (p pace) since(now int64) time.Duration {
	return time.Duration(int32(uint32(now&math.MaxUint32)-uint32(p))) * time.Millisecond // modulo 2^32
}
