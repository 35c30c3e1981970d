package modelstest

import (
	"sync"
	"time"
)

// Clock is a clock that moves only when a test moves it. Safe for concurrent use.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// NewClock stands at nine in the morning of 2 March 2026, UTC.
func NewClock() *Clock { return NewClockAt(time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC)) }

// NewClockAt stands at a time.
func NewClockAt(now time.Time) *Clock { return &Clock{now: now} }

// Now is what to inject.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Advance moves the clock on; a negative length moves it back.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// Set puts the clock to a time.
func (c *Clock) Set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = t
}
