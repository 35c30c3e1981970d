package main

import (
	"context"
	"fmt"
)

// mostMeasured is how many phones are measured beside the many that wait.
const mostMeasured = 200

// runWaiting measures polls, issues and searches with next to nothing in the database and
// then with many waiting requests of one phone: what grows with their number shows.
func runWaiting(ctx context.Context, b *bench) ([]*row, error) {
	many := b.number(10_000)
	count := min(many, mostMeasured)
	perPass := count * b.options.rounds
	all, stop, err := b.start(ctx, 2*perPass+count, false)
	if err != nil {
		return nil, err
	}
	w := waiting{bench: b, count: count, phones: map[*contender][]phone{}, staff: map[*contender][]*operator{}}
	for _, c := range all {
		if err := w.prepare(ctx, c, 2*perPass); err != nil {
			return nil, withStop(err, stop)
		}
	}
	var rows []*row
	for pass, more := range []int{0, many} {
		for _, c := range all {
			if more > 0 {
				if err := addLike(ctx, c.database, "device_authorizations", "client_id", w.phones[c][0].State.ClientID, more); err != nil {
					return nil, withStop(err, stop)
				}
			}
		}
		steps := w.steps(more)
		for round := range b.options.rounds {
			for _, c := range all {
				if err := w.round(ctx, c, steps, pass*perPass+round*count); err != nil {
					return nil, withStop(err, stop)
				}
			}
		}
		rows = append(rows, steps...)
	}
	return rows, stop()
}

type waiting struct {
	*bench
	count  int // phones that are measured
	phones map[*contender][]phone
	staff  map[*contender][]*operator
}

// prepare lets the phones wait and signs the operators in.
func (w waiting) prepare(ctx context.Context, c *contender, firstAccount int) (err error) {
	if w.phones[c], err = w.register(ctx, c, w.count); err != nil {
		return err
	}
	if err := w.askAll(ctx, w.phones[c], firstAccount); err != nil {
		return err
	}
	w.staff[c], err = w.operators(ctx, c, w.load.workers)
	return err
}

func (w waiting) steps(more int) (steps []*row) {
	for _, step := range []string{"pending poll", "issue", "search"} {
		steps = append(steps, &row{name: fmt.Sprintf("%s, %d wait", step, w.count+more)})
	}
	return steps
}

// round polls, issues for accounts from the number on, and searches for them.
func (w waiting) round(ctx context.Context, c *contender, steps []*row, account int) error {
	phones, staff := w.phones[c], w.staff[c]
	if err := w.pollAll(ctx, c, steps[0], phones); err != nil {
		return err
	}
	err := w.measure(ctx, c, steps[1], len(phones), func(ctx context.Context, i int) error { return phones[i].ask(ctx, account+i) })
	if err != nil {
		return err
	}
	return w.measure(ctx, c, steps[2], len(staff), func(ctx context.Context, i int) error { return staff[i].searchAnew(ctx, account+i) })
}
