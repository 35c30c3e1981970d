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
			if err := pause(ctx, pollInterval); err != nil { // nobody is told to slow down
				return nil, withStop(err, stop)
			}
			err := b.measure(ctx, c, polls, count, func(ctx context.Context, i int) error { return phones[c][i].pendingPoll(ctx) })
			if err != nil {
				return nil, withStop(err, stop)
			}
		}
	}
	return []*row{polls}, stop()
}
