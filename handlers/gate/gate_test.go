package gate_test

import (
	"context"
	"testing"
	"time"

	"countersign/handlers/gate"
)

// patience is a clock of the queue that the test lets run out; begun tells of each that waits.
type patience struct {
	begun chan time.Duration
	over  chan time.Time
}

func newPatience() patience {
	return patience{begun: make(chan time.Duration, 10), over: make(chan time.Time)}
}

func (p patience) after(length time.Duration) <-chan time.Time {
	p.begun <- length
	return p.over
}

// As many as there are places work at once, as many as the queue is long wait, and the next is turned away at once.
func TestGate(t *testing.T) {
	clock := newPatience()
	g := gate.New(gate.Size{AtWork: 2, Waiting: 1, Patience: time.Minute}, clock.after)
	for range 2 {
		if !g.Enter(t.Context()) {
			t.Fatal("a free place was refused")
		}
	}
	waited := make(chan bool)
	go func() { waited <- g.Enter(t.Context()) }()
	if got := <-clock.begun; got != time.Minute {
		t.Errorf("one waits for %s", got)
	}
	if g.Enter(t.Context()) {
		t.Error("somebody found a place where there is none")
	}
	g.Leave()
	if !<-waited {
		t.Error("who waited has not got the free place")
	}
	g.Leave()
	g.Leave()
	if !g.Enter(t.Context()) {
		t.Error("a place was lost")
	}
}

// Who has waited long enough, or whose request has ended, goes away and leaves the queue to others.
func TestGateEndsWaiting(t *testing.T) {
	for name, end := range map[string]func(clock patience, cancel context.CancelFunc){
		"patience": func(clock patience, _ context.CancelFunc) { clock.over <- time.Time{} },
		"gone":     func(_ patience, cancel context.CancelFunc) { cancel() },
	} {
		t.Run(name, func(t *testing.T) {
			clock := newPatience()
			g := gate.New(gate.Size{AtWork: 1, Waiting: 1, Patience: time.Minute}, clock.after)
			g.Enter(t.Context())
			for range 3 { // the queue has room again each time
				ctx, cancel := context.WithCancel(t.Context())
				waited := make(chan bool)
				go func() { waited <- g.Enter(ctx) }()
				<-clock.begun
				end(clock, cancel)
				if <-waited {
					t.Fatal("it has a place")
				}
				cancel()
			}
			g.Leave()
			if !g.Enter(t.Context()) {
				t.Error("the place was lost")
			}
		})
	}
}

// Who left for a while comes back past a full queue, and a gate that is not there lets everybody in.
func TestGateReturn(t *testing.T) {
	g := gate.New(gate.Size{AtWork: 1}, time.After)
	g.Enter(t.Context())
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if g.Return(gone) {
		t.Error("it came back where there is no place")
	}
	back := make(chan bool)
	go func() { back <- g.Return(t.Context()) }()
	g.Leave()
	if !<-back {
		t.Error("it did not come back")
	}
	var none *gate.Gate
	if !none.Enter(t.Context()) || !none.Return(t.Context()) {
		t.Error("no gate, and nobody may pass")
	}
	none.Leave()
}
