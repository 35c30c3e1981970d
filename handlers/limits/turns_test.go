package limits_test

import (
	"fmt"
	"testing"
	"time"

	"countersign/handlers/limits"
)

// caller asks from one network, and comes again as it was told unless it never waits.
type caller struct {
	who   string
	first time.Time // when it asks for the first time
	next  time.Time // zero: never again
	in    time.Duration
}

// crowd asks for turns on a clock.
type crowd struct {
	l       *limits.Limits
	callers []*caller
	served  []*caller
}

const served = -1 // a wait

func (w *crowd) ask(c *caller, network string, now time.Time) time.Duration {
	_, what, wait := w.l.TakeTurn(limits.Turn{Of: w.l.Registrations, Network: network, Who: c.who}, now)
	if what != "" {
		return wait
	}
	c.in, c.next = now.Sub(c.first)+1, time.Time{}
	w.served = append(w.served, c)
	return served
}

// run lets everybody ask when their time has come, in steps of half a second.
func (w *crowd) run(from time.Time, length time.Duration, network string, arrive func(now time.Time) []*caller) {
	for now := from; now.Before(from.Add(length)); now = now.Add(time.Second / 2) {
		w.callers = append(w.callers, arrive(now)...)
		for _, c := range w.callers {
			if c.next.IsZero() || now.Before(c.next) {
				continue
			}
			wait := w.ask(c, network, now)
			if waits := c.who[0] == 'p'; wait != served && waits {
				c.next = now.Add(wait)
			} else {
				c.next = time.Time{}
			}
		}
	}
}

func come(kind string, i int, now time.Time) *caller {
	return &caller{who: fmt.Sprintf("%s%d", kind, i), first: now, next: now}
}

// docs/protocol.md §6 registration-flood: against new keys twice a second from the same
// network that never wait, 20 patient phones are in within a minute, whenever they come and
// however long the flood has gone on.
func TestPatientPhonesGetInDespiteAFlood(t *testing.T) {
	for _, network := range []string{"203.0.113.7", "2001:db8::/64", ""} {
		for name, gap := range map[string]time.Duration{"at once": 0, "one in two seconds": 2 * time.Second} {
			w, flood, phones := &crowd{l: limits.New(limits.Default, nil)}, 0, []*caller{}
			begin := noon.Add(10 * time.Minute)
			w.run(noon, 15*time.Minute, network, func(now time.Time) []*caller {
				flood++
				arrived := []*caller{come("flood", flood, now)}
				for len(phones) < 20 && !now.Before(begin.Add(time.Duration(len(phones))*gap)) {
					phones = append(phones, come("phone", len(phones), now))
					arrived = append(arrived, phones[len(phones)-1])
				}
				return arrived
			})
			for _, phone := range phones {
				if phone.in == 0 || phone.in > time.Minute {
					t.Errorf("%q, %s: %s is in after %v", network, name, phone.who, phone.in)
				}
			}
			if len(phones) != 20 {
				t.Fatalf("%d phones", len(phones))
			}
		}
	}
}

// A flood that waits as it is told is served in the order in which all came: nobody is
// overtaken by more than the few who find a place that has just become free.
func TestWaitingFloodIsServedInOrder(t *testing.T) {
	w, n := &crowd{l: limits.New(limits.Default, nil)}, 0
	w.run(noon, 20*time.Minute, "203.0.113.7", func(now time.Time) []*caller {
		if n++; now.After(noon.Add(3 * time.Minute)) {
			return nil
		}
		return []*caller{come("p", n, now)}
	})
	if len(w.served) < 200 {
		t.Fatalf("%d are served in 20 minutes", len(w.served))
	}
	for i, c := range w.served {
		overtaken := 0
		for _, before := range w.served[:i] {
			if before.first.After(c.first) {
				overtaken++
			}
		}
		if overtaken > 3 { // one place a minute is for first-comers
			t.Errorf("%s was overtaken by %d", c.who, overtaken)
		}
	}
}

// Whoever is promised a place has it from that moment on, for ten minutes, and not before.
func TestPromisedPlace(t *testing.T) {
	l := limits.New(limits.Default, nil)
	ask := func(who string, now time.Time) time.Duration {
		_, _, wait := l.TakeTurn(limits.Turn{Of: l.Registrations, Network: "203.0.113.7", Who: who}, now)
		return wait
	}
	for i := range 30 {
		if wait := ask(fmt.Sprint("first", i), noon); wait != 0 {
			t.Fatalf("caller %d waits %v", i, wait)
		}
	}
	var waits []string
	for i := range 33 {
		waits = append(waits, fmt.Sprint("waits", i))
		if wait := ask(waits[i], noon); wait != 10*time.Second {
			t.Fatalf("caller %d is told %v", i, wait)
		}
	}
	if wait := ask(waits[0], noon.Add(9*time.Second)); wait != time.Second {
		t.Errorf("a second too early: %v", wait)
	}
	back := noon.Add(10 * time.Second)
	for i, who := range waits {
		want := time.Duration(max(0, i-29)) * 5 * time.Second
		if wait := ask(who, back); wait != want {
			t.Errorf("%s comes back and is told %v, want %v", who, wait, want)
		}
	}
	if wait := ask(waits[30], back.Add(4*time.Second)); wait != time.Second {
		t.Errorf("promised, a second too early: %v", wait)
	}
	for i, at := range map[int]time.Duration{30: 5 * time.Second, 31: time.Minute, 32: 10 * time.Minute} {
		if wait := ask(waits[i], back.Add(at)); wait != 0 {
			t.Errorf("%s comes for its place and is told %v", waits[i], wait)
		}
	}
}

// What was given back is there again: a promised place too.
func TestTurnGivenBack(t *testing.T) {
	l := limits.New(limits.Strict, nil)
	turn := limits.Turn{Of: l.RequestsOfNetwork, Network: "203.0.113.7", Who: "phone",
		Besides: []limits.Place{{Of: l.RequestsOfClient, Key: "phone"}}}
	for i := range 20 {
		l.TakeTurn(limits.Turn{Of: l.RequestsOfNetwork, Network: turn.Network, Who: fmt.Sprint(i)}, noon)
	}
	_, what, wait := l.TakeTurn(turn, noon)
	if what != "requests from this network" || wait != 10*time.Second {
		t.Fatalf("too many %q, wait %v", what, wait)
	}
	now := noon.Add(wait)
	for range 50 {
		taken, what, _ := l.TakeTurn(turn, now)
		if what != "" {
			t.Fatalf("too many %s", what)
		}
		l.GiveBackTurn(taken, now)
	}
}

// Without a name nobody is known again, and at the level off nobody waits.
func TestTurnsWithoutAName(t *testing.T) {
	l := limits.New(limits.Strict, nil)
	for i := range 100 {
		now := noon.Add(time.Duration(i) * time.Second)
		if _, what, _ := l.TakeTurn(limits.Turn{Of: l.Registrations, Network: "203.0.113.7"}, now); (what == "") != (i < 5) {
			t.Fatalf("caller %d: too many %q", i, what)
		}
	}
	off := limits.New(limits.Off, nil)
	for range 1000 {
		if _, what, _ := off.TakeTurn(limits.Turn{Of: off.Registrations, Network: "203.0.113.7", Who: "phone"}, noon); what != "" {
			t.Fatal("limited")
		}
	}
}

// A queue of more than an hour is not joined; whoever asks is told to ask again later.
func TestLongQueueIsNotJoined(t *testing.T) {
	l := limits.New(limits.Default, nil)
	longest := time.Duration(0)
	for round := range 2 {
		for i := range 2000 {
			now := noon.Add(time.Duration(round) * 10 * time.Second)
			_, _, wait := l.TakeTurn(limits.Turn{Of: l.Registrations, Network: "203.0.113.7", Who: fmt.Sprint(i)}, now)
			longest = max(longest, wait)
		}
	}
	if longest != time.Hour {
		t.Errorf("the longest wait that anybody was told is %v", longest)
	}
}
