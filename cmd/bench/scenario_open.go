package main

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// openRates are the parts of the new build's closed loop that are asked for in an open loop.
var openRates = []float64{0.25, 0.50, 0.75}

// slowestOf is the part of a server's own closed loop above which it is not asked in an open loop: its queue would only grow.
const slowestOf = 0.95

// runOpen lets arrivals come by a clock, as phones do, and not when another one is answered. First a closed loop says how many
// a second each server answers; then the rates are parts of the new build's, the same for all servers. One that cannot answer
// a rate does not take part in its row.
func runOpen(ctx context.Context, b *bench) ([]*row, error) {
	count := b.number(500)
	all, stop, err := b.start(ctx, count*(len(openRates)+1)*b.options.rounds+count, false)
	if err != nil {
		return nil, err
	}
	o := open{bench: b, count: count, phones: map[*contender][]phone{}, issued: map[*contender]int{}}
	for _, c := range all {
		if o.phones[c], err = b.register(ctx, c, count); err == nil {
			err = b.askAll(ctx, o.phones[c], 0)
		}
		if err != nil {
			return nil, withStop(err, stop)
		}
	}
	polls, err := o.rates(ctx, all, "pending poll", o.poll)
	if err != nil {
		return nil, withStop(err, stop)
	}
	issues, err := o.rates(ctx, all, "issue", o.issue)
	return append(polls, issues...), withStop(err, stop)
}

type open struct {
	*bench
	count  int // phones
	phones map[*contender][]phone
	issued map[*contender]int // accounts that codes were asked for
}

// looped does the steps in a loop of one kind and returns how long each took.
type looped func(step func(ctx context.Context, i int) error) ([]time.Duration, error)

// rates measures a step in a closed loop, then at each rate.
func (o *open) rates(
	ctx context.Context, all []*contender, name string, do func(ctx context.Context, c *contender, r *row, loop looped) error,
) ([]*row, error) {
	closed := &row{name: name + ", closed loop"}
	perSecond := map[*contender]float64{}
	for range o.options.rounds {
		for _, c := range all {
			err := do(ctx, c, closed, func(step func(ctx context.Context, i int) error) ([]time.Duration, error) {
				begin := time.Now()
				took, err := o.load.each(ctx, o.count, step)
				perSecond[c] += float64(o.count) / time.Since(begin).Seconds() / float64(o.options.rounds)
				return took, err
			})
			if err != nil {
				return nil, err
			}
		}
	}
	rows := []*row{closed}
	for _, part := range openRates {
		rate := part * perSecond[all[0]]
		r := &row{name: fmt.Sprintf("%s, %.0f a second, %.0f %% of it", name, rate, 100*part)}
		able := slices.DeleteFunc(slices.Clone(all), func(c *contender) bool { return rate > slowestOf*perSecond[c] && c != all[0] })
		for range o.options.rounds {
			for _, c := range able {
				err := do(ctx, c, r, func(step func(ctx context.Context, i int) error) ([]time.Duration, error) {
					return o.load.atRate(ctx, o.count, rate, step)
				})
				if err != nil {
					return nil, err
				}
			}
		}
		rows = append(rows, r)
	}
	return rows, nil
}

// poll has each phone poll once, none so early that it is told to slow down.
func (o *open) poll(ctx context.Context, c *contender, r *row, loop looped) error {
	if err := pause(ctx, time.Until(c.pollAfter)); err != nil {
		return err
	}
	defer func() { c.pollAfter = time.Now().Add(pollInterval) }()
	phones := o.phones[c]
	return o.measureLoop(c, r, func() ([]time.Duration, error) {
		return loop(func(ctx context.Context, i int) error { return phones[i].pendingPoll(ctx) })
	})
}

// issue has each phone ask for codes, for an account that nobody asked for.
func (o *open) issue(ctx context.Context, c *contender, r *row, loop looped) error {
	o.issued[c] += o.count
	from, phones := o.issued[c], o.phones[c]
	return o.measureLoop(c, r, func() ([]time.Duration, error) {
		return loop(func(ctx context.Context, i int) error { return phones[i].ask(ctx, from+i) })
	})
}
