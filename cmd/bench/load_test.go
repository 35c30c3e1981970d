package main

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// In an open loop all are asked for although none is answered, and what waits for its turn counts from the moment at which it
// was meant to begin.
func TestAnOpenLoopDoesNotWaitForAnswers(t *testing.T) {
	const count, perSecond = 50, 1000
	var asked atomic.Int64
	all := make(chan struct{})
	var oneAtATime sync.Mutex
	took, err := newLoad(1).atRate(t.Context(), count, perSecond, func(ctx context.Context, _ int) error {
		if asked.Add(1) == count {
			close(all)
		}
		select {
		case <-all:
		case <-ctx.Done():
		}
		oneAtATime.Lock()
		defer oneAtATime.Unlock()
		return ctx.Err()
	})
	if err != nil || len(took) != count {
		t.Fatalf("%d answers, %v", len(took), err)
	}
	if first, least := took[0], (count-1)*time.Second/perSecond; first < least {
		t.Errorf("the first waited for the last, %s at least, and is said to have taken %s", least, first)
	}
}

// One that fails ends an open loop.
func TestAnOpenLoopEndsWithAnError(t *testing.T) {
	failed := errors.New("refused")
	var asked atomic.Int64
	_, err := newLoad(1).atRate(t.Context(), 1_000_000, 1000, func(context.Context, int) error {
		asked.Add(1)
		return failed
	})
	if !errors.Is(err, failed) || asked.Load() == 1_000_000 {
		t.Errorf("%d asked, %v", asked.Load(), err)
	}
}
