package main

import (
	"context"
	"time"
)

// pollInterval is the shortest that a server can be told to ask for, and a little more.
const pollInterval = 1100 * time.Millisecond

// runPoll lets phones that wait for different accounts poll once in each round.
func runPoll(ctx context.Context, b *bench) ([]*row, error) {
	count := b.number(1000)
	all, stop, err := b.start(ctx, count, true)
	if err != nil {
		return nil, err
	}
	phones := map[*contender][]phone{}
	for _, c := range all {
		if phones[c], err = b.register(ctx, c, count); err == nil {
			err = b.askAll(ctx, phones[c], 0)
		}
		if err != nil {
			return nil, withStop(err, stop)
		}
	}
	polls := &row{name: "pending poll"}
	for range b.options.rounds {
		for _, c := range all {
			if err := b.pollAll(ctx, c, polls, phones[c]); err != nil {
				return nil, withStop(err, stop)
			}
		}
	}
	return []*row{polls}, stop()
}

// pollAll measures a poll of each phone, none of which is so early that it is told to slow
// down.
func (b *bench) pollAll(ctx context.Context, c *contender, polls *row, phones []phone) error {
	if err := pause(ctx, time.Until(c.pollAfter)); err != nil {
		return err
	}
	err := b.measure(ctx, c, polls, len(phones), func(ctx context.Context, i int) error { return phones[i].pendingPoll(ctx) })
	c.pollAfter = time.Now().Add(pollInterval)
	return err
}
