package limits

import (
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"
)

// Turns is a limit by network in which whoever was refused, and comes back no earlier than
// they were told, goes before whoever comes for the first time:
//
//  1. Who comes for the first time needs a place of first. Without one they are told to
//     come back in 10 s.
//  2. Who comes back needs a place of back, which no first-comer can take. Without one
//     they are promised the next that will be free, in the order in which they came back,
//     and told exactly when that is.
//  3. Who comes back after that has their place.
//
// So a flood of callers that never wait leaves every place of back to those that do. A
// flood that waits as well is served in the same order as everybody. A nil Turns limits
// nothing. Not safe for use by several goroutines: a Limits guards it.
type Turns struct {
	what        string
	first, back *Networks
	tickets     *simplelru.LRU[string, ticket]
}

// ticket is what is remembered of a caller that was refused.
type ticket struct {
	at       time.Time // when they may come back
	promised bool      // a place of back is taken for them
}

const (
	patience       = 10 * time.Second // of a first-comer; the same for all, so that they come back in their order
	longestPromise = time.Hour        // a longer queue is not joined
	ticketLife     = 10 * time.Minute // after its time
)

// newTurns returns nil when limits are off.
func newTurns(what string, first, back *Networks) *Turns {
	if first == nil {
		return nil
	}
	tickets, err := simplelru.NewLRU[string, ticket](maxKeys, nil)
	if err != nil {
		panic(err) // unreachable: the only refusal is a size below 1
	}
	return &Turns{what: what, first: first, back: back, tickets: tickets}
}

// Turn is what a request needs that may have to wait for its turn.
type Turn struct {
	Of      *Turns
	Network string  // "" when it cannot be told
	Who     string  // known again by this when they come back: a key, a client; "": they are not
	Besides []Place // places that it needs whatever its turn
}

// Taken is what TakeTurn took, to be given back.
type Taken struct {
	places []Place
	of     *Turns
	key    string
	ticket *ticket
}

// TakeTurn takes every place that the turn needs, or none but a promised one. When it
// takes none, it returns what there is too much of, and how long to wait: whole seconds.
func (l *Limits) TakeTurn(turn Turn, now time.Time) (taken Taken, what string, wait time.Duration) {
	l.together.Lock()
	defer l.together.Unlock()
	if what, wait = longest(turn.Besides, now); wait > 0 {
		return Taken{}, what, wait
	}
	taken = Taken{places: turn.Besides}
	if turn.Of != nil {
		places, wait := turn.Of.places(turn, now, &taken)
		if wait > 0 {
			return Taken{}, turn.Of.what, wait
		}
		taken.places = append(places, taken.places...)
	}
	takeAll(taken.places, now)
	return taken, "", 0
}

// GiveBackTurn undoes one TakeTurn: who had a ticket has it again.
func (l *Limits) GiveBackTurn(taken Taken, now time.Time) {
	l.together.Lock()
	defer l.together.Unlock()
	if taken.ticket != nil {
		taken.of.tickets.Add(taken.key, *taken.ticket)
	}
	l.GiveBack(taken.places, now)
}

// places returns the places for a request whose turn it is, and notes in taken the ticket
// that it used up. Otherwise it returns how long to wait, and remembers that.
func (t *Turns) places(turn Turn, now time.Time, taken *Taken) ([]Place, time.Duration) {
	key := turn.Network + " " + turn.Who
	mine, waited := t.tickets.Get(key)
	waited = waited && turn.Who != "" && now.Before(mine.at.Add(ticketLife))
	use := func(places []Place) ([]Place, time.Duration) {
		if waited {
			taken.of, taken.key, taken.ticket = t, key, &mine
			t.tickets.Remove(key)
		}
		return places, 0
	}
	come := waited && !now.Before(mine.at)
	if come && mine.promised {
		return use(nil)
	}
	first := t.first.Places(turn.Network)
	_, wait := longest(first, now)
	switch {
	case waited && mine.promised:
		return nil, mine.at.Sub(now)
	case wait == 0:
		return use(first)
	case waited && !come:
		return nil, mine.at.Sub(now)
	case come:
		back := t.back.Places(turn.Network)
		if _, wait = longest(back, now); wait == 0 {
			return use(back)
		}
		return nil, t.promise(key, back, wholeSeconds(wait), now)
	}
	if turn.Who == "" {
		return nil, wait
	}
	t.tickets.Add(key, ticket{at: now.Add(patience)})
	return nil, patience
}

// promise takes the next places that will be free, and returns how long until then. A
// queue that is too long is not joined, but asked about again.
func (t *Turns) promise(key string, back []Place, wait time.Duration, now time.Time) time.Duration {
	if wait > longestPromise {
		t.tickets.Add(key, ticket{at: now.Add(ticketLife)})
		return ticketLife
	}
	for _, place := range back {
		place.Of.promise(place.Key, now)
	}
	t.tickets.Add(key, ticket{at: now.Add(wait), promised: true})
	return wait
}

// wholeSeconds rounds up: Retry-After has no fractions (RFC 9110 §10.2.3).
func wholeSeconds(wait time.Duration) time.Duration {
	return (wait + time.Second - 1).Truncate(time.Second)
}
