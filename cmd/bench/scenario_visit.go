package main

import (
	"context"
	"fmt"

	"countersign/views"
)

// visitsPerRound is how often each operator does a whole visit before the next server's turn.
const visitsPerRound = 2

// runVisit has each operator do each step of a visit, all operators at the same time and
// none ahead of the others, and their phones redeem and refresh.
func runVisit(ctx context.Context, b *bench) ([]*row, error) {
	count := b.options.workers
	visits := b.options.rounds * visitsPerRound
	all, stop, err := b.start(ctx, visits*count, false)
	if err != nil {
		return nil, err
	}
	staff := map[*contender][]*operator{}
	for _, c := range all {
		if staff[c], err = b.operators(ctx, c, count); err != nil {
			return nil, withStop(err, stop)
		}
	}
	steps := []*row{{name: "search"}, {name: "match"}, {name: "proof"}, {name: "approve"}, {name: "redeem"}, {name: "refresh"}}
	for round := range b.options.rounds {
		for _, c := range all {
			for i := range visitsPerRound {
				if err := b.visit(ctx, c, staff[c], steps, (round*visitsPerRound+i)*count); err != nil {
					return nil, withStop(err, stop)
				}
			}
		}
	}
	return append([]*row{sum("visit", steps[:4]...)}, steps...), stop()
}

// visit is one visit of each operator, with accounts from the number on that had none yet.
func (b *bench) visit(ctx context.Context, c *contender, staff []*operator, steps []*row, from int) error {
	phones, err := b.register(ctx, c, len(staff))
	if err == nil {
		err = b.askAll(ctx, phones, from)
	}
	if err != nil {
		return err
	}
	for i, do := range []func(ctx context.Context, i int) error{
		func(ctx context.Context, i int) error { return staff[i].search(ctx, from+i) },
		func(ctx context.Context, i int) error { return staff[i].match(ctx, phones[i]) },
		func(ctx context.Context, i int) error { return staff[i].proof(ctx, fmt.Sprintf("QX%07dZ", from+i)) },
		func(ctx context.Context, i int) error { return staff[i].approve(ctx) },
		func(ctx context.Context, i int) error { return phones[i].Poll(ctx) },
		func(ctx context.Context, i int) error { return phones[i].Refresh(ctx) },
	} {
		if err := b.measure(ctx, c, steps[i], len(staff), do); err != nil {
			return err
		}
	}
	// The next search begins on the console's own page.
	_, err = b.load.each(ctx, len(staff), func(ctx context.Context, i int) error { return staff[i].open(ctx, views.PathCounter) })
	return err
}
