package main

import (
	"context"
	"fmt"
	"time"
)

// actionLimit is what an operator's action, and a phone's request, may take, p95.
const actionLimit = 20 * time.Millisecond

const (
	eventsOfAccount = 50   // about eight visits
	mostAccounts    = 2000 // so that neither their import nor the copying takes longer than what is measured
)

// runAmong does visits, one action at a time, among so many events, and lets phones ask for codes and poll. Beside each step
// stands how its p95 compares with actionLimit; an operator's action is a form and the page that it leads to. How the trail is
// filled is said at runReading. It is of the new build only; the trail of an earlier one has other columns.
func runAmong(ctx context.Context, b *bench) ([]*row, error) {
	count := b.number(100_000)
	visits := b.options.rounds * visitsAmong * b.options.workers
	asked := b.options.workers + visits // the first account that phones ask for which wait
	all, stop, err := b.start(ctx, asked+visits+b.options.workers+min(count/eventsOfAccount, mostAccounts), false)
	if err != nil {
		return nil, err
	}
	a := among{bench: b, contender: all[0], steps: []*row{{name: "search"}, {name: "match"}, {name: "proof"}, {name: "approve"},
		{name: "redeem"}, {name: "refresh"}, {name: "issue"}, {name: "pending poll"}}}
	_, err = b.fillTrail(ctx, a.contender, count)
	if err == nil {
		err = a.prepare(ctx)
	}
	if err == nil {
		err = a.rounds(ctx, asked)
	}
	if err != nil {
		return nil, withStop(err, stop)
	}
	for _, r := range a.steps {
		r.name = fmt.Sprintf("%s among %d events", r.name, count)
		r.holdTo(actionLimit)
	}
	return a.steps, stop()
}

// visitsAmong is how often each operator does a whole visit in a round.
const visitsAmong = 2

type among struct {
	*bench
	contender *contender
	staff     []*operator
	phones    []phone
	steps     []*row // of a visit, then issue and pending poll
}

func (a *among) prepare(ctx context.Context) (err error) {
	if a.staff, err = a.operators(ctx, a.contender, a.options.workers); err == nil {
		a.phones, err = a.register(ctx, a.contender, a.options.workers)
	}
	if err == nil {
		err = a.askAll(ctx, a.phones, 0)
	}
	return err
}

// rounds does each step, one after the other, with accounts that had no visit in this run.
func (a *among) rounds(ctx context.Context, asked int) error {
	defer func(all *load) { a.load = all }(a.load)
	a.load = &load{workers: 1, transport: a.load.transport}
	count := len(a.staff)
	for i := range a.options.rounds * visitsAmong {
		if err := a.visits(ctx, a.contender, a.staff, a.steps[:visitSteps], (i+1)*count, 1); err != nil {
			return err
		}
		ask := func(ctx context.Context, n int) error { return a.phones[n].ask(ctx, asked+i*count+n) }
		if err := a.measure(ctx, a.contender, a.steps[visitSteps], count, ask); err != nil {
			return err
		}
		if err := a.pollAll(ctx, a.contender, a.steps[visitSteps+1], a.phones); err != nil {
			return err
		}
	}
	return nil
}
