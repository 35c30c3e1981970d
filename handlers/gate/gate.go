// Package gate bounds how much of one kind is at work at once, so that no kind takes the processors and the database's
// connections from another. Which requests are of a kind is settled in handlers/web (admission.go).
package gate

import (
	"context"
	"time"
)

// Size is how much a gate lets in.
type Size struct {
	AtWork   int           // at once
	Waiting  int           // for a place at work, in the order in which they came; more are turned away
	Patience time.Duration // how long one waits at most
}

// Gate is a bounded number of places at work, and a bounded queue for them. A nil Gate lets everybody in. Safe for use by
// several goroutines. Make it with New.
type Gate struct {
	size          Size
	working, line chan struct{} // an element for each that works or waits
	after         func(time.Duration) <-chan time.Time
}

// New returns an empty gate. After is time.After, or what a test has in its place.
func New(size Size, after func(time.Duration) <-chan time.Time) *Gate {
	return &Gate{size: size, working: make(chan struct{}, size.AtWork), line: make(chan struct{}, size.Waiting), after: after}
}

// Size returns what New was given.
func (g *Gate) Size() Size { return g.size }

// Working returns how many are at work now.
func (g *Gate) Working() int { return len(g.working) }

// Enter takes a place at work, for which it waits where it has to. It returns false when the queue is full, after the
// gate's patience, and at the end of ctx: then nothing is taken. Who entered leaves.
func (g *Gate) Enter(ctx context.Context) bool {
	if g == nil {
		return true
	}
	select {
	case g.working <- struct{}{}:
		return true
	default:
	}
	select {
	case g.line <- struct{}{}:
	default:
		return false
	}
	defer func() { <-g.line }()
	select {
	case g.working <- struct{}{}:
		return true
	case <-g.after(g.size.Patience):
	case <-ctx.Done():
	}
	return false
}

// Return takes a place again for who left it only to wait for something else: no queue is too long for it. It returns
// false at the end of ctx.
func (g *Gate) Return(ctx context.Context) bool {
	if g == nil {
		return true
	}
	select {
	case g.working <- struct{}{}:
		return true
	case <-ctx.Done():
		return false
	}
}

// Leave gives one place back.
func (g *Gate) Leave() {
	if g != nil {
		<-g.working
	}
}
