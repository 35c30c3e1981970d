package main

import (
	"context"
	"errors"
	"time"
)

// pause waits, or ends early with the context's error.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// withStop adds what went wrong at the end.
func withStop(err error, stop func() error) error { return errors.Join(err, stop()) }
