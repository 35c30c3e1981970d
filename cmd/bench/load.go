package main

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// load asks for many things at once, in a closed loop: each worker asks for the next when
// it has its answer.
type load struct {
	workers   int
	transport *countingTransport
}

func newLoad(workers int) *load {
	inner := &http.Transport{MaxIdleConnsPerHost: 2 * workers, MaxIdleConns: 0, IdleConnTimeout: time.Minute, DisableCompression: true}
	return &load{workers: workers, transport: &countingTransport{inner: inner}}
}

// each does the task for 0 … count-1 and tells how long each took, in no order. The first
// error ends it.
func (l *load) each(ctx context.Context, count int, task func(ctx context.Context, i int) error) ([]time.Duration, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var next atomic.Int64
	var workers sync.WaitGroup
	took := make([]time.Duration, count)
	for range min(l.workers, count) {
		workers.Go(func() {
			for i := int(next.Add(1)) - 1; i < count && ctx.Err() == nil; i = int(next.Add(1)) - 1 {
				begin := time.Now()
				if err := task(ctx, i); err != nil {
					cancel(err)
				}
				took[i] = time.Since(begin)
			}
		})
	}
	workers.Wait()
	if err := context.Cause(ctx); err != nil && !errors.Is(err, context.Canceled) {
		return nil, err
	}
	return took, ctx.Err()
}

// atRate does the task for 0 … count-1, each at its moment, so many a second, whether or not those before have ended: an open
// loop. It returns how long each took from the moment at which it was meant to begin, so that what waits behind a slow answer
// counts as slow too. The first error ends it.
func (l *load) atRate(
	ctx context.Context, count int, perSecond float64, task func(ctx context.Context, i int) error,
) ([]time.Duration, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var asked sync.WaitGroup
	took := make([]time.Duration, count)
	begin := time.Now()
	for i := range count {
		meant := begin.Add(time.Duration(float64(i) / perSecond * float64(time.Second)))
		if pause(ctx, time.Until(meant)) != nil {
			break
		}
		asked.Go(func() {
			if err := task(ctx, i); err != nil {
				cancel(err)
			}
			took[i] = time.Since(meant)
		})
	}
	asked.Wait()
	if err := context.Cause(ctx); err != nil {
		return nil, err
	}
	return took, nil
}

// countingTransport keeps connections open and counts the requests on them.
type countingTransport struct {
	inner    *http.Transport
	requests atomic.Int64
}

// RoundTrip is part of http.RoundTripper.
func (t *countingTransport) RoundTrip(request *http.Request) (*http.Response, error) {
	t.requests.Add(1)
	return t.inner.RoundTrip(request)
}
