package oauth_test

import (
	"fmt"
	"runtime"
	"strconv"
	"sync"
	"testing"
	"time"

	"countersign/oauth"
)

const interval = 30 * time.Second

// RFC 8628 §3.5: slow_down raises the interval by 5 seconds, for this and all later polls.
// docs/protocol.md §6 steady-poller: the first poll never gets it.
func TestPacer(t *testing.T) {
	for name, polls := range map[string][]struct {
		after   time.Duration // the poll before
		tooFast bool
	}{
		"the first poll":         {{0, false}},
		"at the interval":        {{0, false}, {30 * time.Second, false}, {30 * time.Second, false}},
		"at nine tenths":         {{0, false}, {27 * time.Second, false}, {27 * time.Second, false}},
		"just under nine tenths": {{0, false}, {27*time.Second - time.Nanosecond, true}},
		"twice at once":          {{0, false}, {0, true}},
		"raised for good": {{0, false}, {time.Second, true}, {30 * time.Second, true}, {36 * time.Second, false},
			{31 * time.Second, true}},
		"cumulative":                {{0, false}, {1, true}, {1, true}, {1, true}, {40 * time.Second, true}, {45 * time.Second, false}},
		"obeying is enough":         {{0, false}, {1, true}, {35 * time.Second, false}, {35 * time.Second, false}, {32 * time.Second, false}},
		"a clock that steps back":   {{0, false}, {-time.Hour, true}, {35 * time.Second, false}},
		"forgotten after its time":  {{0, false}, {1, true}, {time.Hour, false}, {27 * time.Second, false}},
		"a week at a slower rhythm": {{0, false}, {50 * time.Minute, false}, {50 * time.Minute, false}},
		"after a month":             {{0, false}, {1, true}, {30 * 24 * time.Hour, false}},
	} {
		t.Run(name, func(t *testing.T) {
			pacer := oauth.NewPacer(10, time.Hour)
			when := now
			for i, poll := range polls {
				when = when.Add(poll.after)
				if got := pacer.Poll("a", interval, when); got != poll.tooFast {
					t.Fatalf("poll %d: too fast is %v", i+1, got)
				}
			}
		})
	}
}

// RFC 8628 §3.5, docs/protocol.md §6 steady-poller: a steady poller with ±10 % jitter is never slowed down.
func TestPacerToleratesJitter(t *testing.T) {
	pacer := oauth.NewPacer(10, time.Hour)
	when := now
	for i := range 2000 {
		jitter := time.Duration((i*7919)%6001-3000) * time.Millisecond // −3 s … +3 s
		when = when.Add(interval + jitter)
		if pacer.Poll("a", interval, when) {
			t.Fatalf("slowed down at poll %d", i)
		}
	}
}

func TestPacerKeepsKeysApart(t *testing.T) {
	pacer := oauth.NewPacer(10, time.Hour)
	pacer.Poll("a", interval, now)
	if pacer.Poll("b", interval, now) {
		t.Error("b pays for a")
	}
	if !pacer.Poll("a", interval, now) {
		t.Error("a is not slowed down")
	}
}

// docs/protocol.md §6 slow-and-huge: bounded memory. What is forgotten costs one early poll, nothing else.
func TestPacerIsBounded(t *testing.T) {
	pacer := oauth.NewPacer(2, time.Hour)
	for i := range 1000 {
		pacer.Poll(fmt.Sprint(i), interval, now.Add(time.Duration(i)*time.Millisecond))
	}
	later := now.Add(time.Second)
	if pacer.Poll("0", interval, later) {
		t.Error("0 should have been forgotten")
	}
	if !pacer.Poll("999", interval, later) {
		t.Error("999 should be known")
	}
	if oauth.NewPacer(0, time.Hour).Poll("a", interval, now) {
		t.Error("a pacer of no size")
	}
}

// docs/performance.md, the memory of a million phones: at most 16 bytes for a request, and nothing once it may be polled
// again.
func TestPacerOfAMillionPhones(t *testing.T) {
	const phones, bytesEach, often = manyPhones, 16, 300 * time.Second
	pacer := oauth.NewPacer(2*phones, 7*24*time.Hour)
	at := func(i int) time.Time { return now.Add(time.Duration(i) * often / phones) }
	before := heap()
	for i := range 2 * phones {
		if pacer.Poll(strconv.Itoa(i%phones), often, at(i)) {
			t.Fatalf("poll %d was too fast", i)
		}
	}
	each := float64(heap()-before) / phones
	if t.Logf("%.1f bytes for each", each); each > bytesEach {
		t.Errorf("more than %d", bytesEach)
	}
	for i := 0; i < phones; i += 1001 {
		if !pacer.Poll(strconv.Itoa(i), often, at(phones+i).Add(often-often/10-time.Millisecond)) {
			t.Fatalf("%d was forgotten", i)
		}
	}
	slowedDown, later := phones/1001+1, at(3*phones)
	for i := range 61 {
		pacer.Poll("another", often, later.Add(time.Duration(i)*time.Second))
	}
	if left := heap() - before; left > int64(1<<20+slowedDown*bytesEach) {
		t.Errorf("%d bytes are left", left)
	}
	runtime.KeepAlive(pacer)
}

// RFC 8628 §3.5: whoever was told to slow down is not forgotten before the time, however many others poll.
func TestPacerForgetsTheOldestFirst(t *testing.T) {
	pacer := oauth.NewPacer(20_000, time.Hour)
	for i := range 60_000 {
		pacer.Poll(strconv.Itoa(i), interval, now.Add(time.Duration(i)*time.Microsecond*100))
	}
	end := now.Add(6 * time.Second)
	for i := 50_000; i < 60_000; i++ {
		if !pacer.Poll(strconv.Itoa(i), interval, end) {
			t.Fatalf("%d should be known", i)
		}
	}
}

func TestPacerConcurrently(t *testing.T) {
	pacer := oauth.NewPacer(100, time.Hour)
	var wg sync.WaitGroup
	var mu sync.Mutex
	calm := 0
	for range 50 {
		wg.Go(func() {
			if !pacer.Poll("a", interval, now) {
				mu.Lock()
				calm++
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if calm != 1 {
		t.Errorf("%d polls at one moment were slow enough, want 1", calm)
	}
}
