package main

import (
	"context"
	"fmt"

	"countersign/oauth/deviceclient"
)

// mostMeasured is how many phones are measured beside the many that wait.
const mostMeasured = 200

// runWaiting measures polls, issues and searches with next to nothing in the database and then with ever more waiting requests of
// one phone, ten times as many each time: what grows with their number shows. With many, those who poll are phones whose requests
// are anywhere among the many. At last the server is started anew.
func runWaiting(ctx context.Context, b *bench) ([]*row, error) {
	sizes := append([]int{0}, decades(b.number(10_000))...)
	count := min(sizes[len(sizes)-1], mostMeasured)
	perPass := count * b.options.rounds
	all, stop, err := b.start(ctx, len(sizes)*perPass+count, true)
	if err != nil {
		return nil, err
	}
	w := waiting{bench: b, count: count, phones: map[*contender][]phone{}, waiting: map[*contender][]phone{},
		staff: map[*contender][]*operator{}}
	for _, c := range all {
		if err := w.prepare(ctx, c, len(sizes)*perPass); err != nil {
			return nil, withStop(err, stop)
		}
	}
	var rows []*row
	for pass, more := range sizes {
		steps, err := w.pass(ctx, all, more, pass*perPass)
		if err != nil {
			return nil, withStop(err, stop)
		}
		if rows = append(rows, steps...); pass > 1 {
			b.sayGrowth(steps, rows[len(steps):])
		}
	}
	started := &row{name: fmt.Sprintf("start, %d wait", w.had)}
	for _, c := range all {
		if c.name == bareLimit {
			continue
		}
		if err := b.starts(ctx, c, started); err != nil {
			return nil, withStop(err, stop)
		}
	}
	started.holdTo(startLimit)
	return append(rows, started), stop()
}

// sayGrowth compares the new build's CPU for steps with what it was for the first ones, and for those that the limit does too,
// how that stands to the limit's: a machine that got slower meanwhile is slower for both.
func (b *bench) sayGrowth(steps, first []*row) {
	for i, r := range steps {
		grown, limit := quotient(r.of[newBuild], first[i].of[newBuild]), quotient(r.of[bareLimit], first[i].of[bareLimit])
		said := fmt.Sprintf("%.2f", grown)
		if limit > 0 {
			said += fmt.Sprintf(", and %.2f of the limit's %.2f", grown/limit, limit)
		}
		b.say("  %s / %s: %s", r.name, first[i].name, said)
	}
}

type waiting struct {
	*bench
	count   int // phones that are measured
	had     int // requests that were added
	phones  map[*contender][]phone
	waiting map[*contender][]phone // of these those that poll
	staff   map[*contender][]*operator
}

// prepare lets the phones wait and signs the operators in.
func (w *waiting) prepare(ctx context.Context, c *contender, firstAccount int) (err error) {
	if w.phones[c], err = w.register(ctx, c, w.count); err != nil {
		return err
	}
	if err := w.askAll(ctx, w.phones[c], firstAccount); err != nil {
		return err
	}
	if w.waiting[c] = w.phones[c]; c.name == bareLimit {
		return nil
	}
	w.staff[c], err = w.operators(ctx, c, w.load.workers)
	return err
}

// pass lets so many requests wait and does each step in turns, with accounts from the number on.
func (w *waiting) pass(ctx context.Context, all []*contender, size, account int) (steps []*row, err error) {
	for _, c := range all {
		if size > w.had && c.name != bareLimit { // whose read by key is what it is
			if err := w.more(ctx, c, size-w.had); err != nil {
				return nil, err
			}
		}
	}
	w.had = size
	settleDisk()
	for _, step := range []string{"pending poll", "issue", "search"} {
		steps = append(steps, &row{name: fmt.Sprintf("%s, %d wait", step, w.count+size)})
	}
	for round := range w.options.rounds {
		for _, c := range all {
			if err := w.round(ctx, c, steps, account+round*w.count); err != nil {
				return nil, err
			}
		}
	}
	return steps, nil
}

// more adds so many requests, a few of which are then polled once, so that those who poll know the server and its nonce.
func (w *waiting) more(ctx context.Context, c *contender, requests int) error {
	like, err := w.addWaiting(ctx, c, w.phones[c][0], requests, min(w.count, requests))
	if err != nil {
		return err
	}
	w.waiting[c] = nil
	for _, p := range like { // which share what they know
		w.waiting[c] = append(w.waiting[c], phone{&deviceclient.Client{Issuer: p.Issuer, HTTP: p.HTTP, State: p.State}})
	}
	return w.pollAll(ctx, c, &row{}, w.waiting[c])
}

// round polls, issues for accounts from the number on, and searches for them.
func (w *waiting) round(ctx context.Context, c *contender, steps []*row, account int) error {
	phones, staff := w.phones[c], w.staff[c]
	if err := w.pollAll(ctx, c, steps[0], w.waiting[c]); err != nil {
		return err
	}
	err := w.measure(ctx, c, steps[1], len(phones), func(ctx context.Context, i int) error { return phones[i].ask(ctx, account+i) })
	if err != nil || c.name == bareLimit {
		return err
	}
	return w.measure(ctx, c, steps[2], len(staff), func(ctx context.Context, i int) error { return staff[i].searchAnew(ctx, account+i) })
}
