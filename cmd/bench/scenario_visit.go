package main

import (
	"context"
	"fmt"

	"countersign/views"
)

// visitsPerRound is how often each operator does a whole visit before the next server's turn. More than 120 in one run, 30 rounds,
// would be more records than an operator may open in an hour.
const visitsPerRound = 4

const (
	operatorSteps = 4                 // of a visit: search, match, proof, approve
	visitSteps    = operatorSteps + 2 // and its phone's: redeem, refresh
)

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
			if err := b.visits(ctx, c, staff[c], steps, round*visitsPerRound*count, visitsPerRound); err != nil {
				return nil, withStop(err, stop)
			}
		}
	}
	return append([]*row{sum("visit", steps[:operatorSteps]...)}, steps...), stop()
}

// visits is so many visits of each operator, with accounts from the number on that had none yet, and then what all their phones do,
// as many at once as the load has workers.
func (b *bench) visits(ctx context.Context, c *contender, staff []*operator, steps []*row, from, times int) error {
	count := len(staff)
	phones, err := b.register(ctx, c, times*count)
	if err == nil {
		err = b.askAll(ctx, phones, from)
	}
	for i := 0; err == nil && i < len(phones); i += count {
		err = b.visit(ctx, c, staff, phones[i:i+count], steps, from+i)
	}
	for i, do := range []func(ctx context.Context, i int) error{
		func(ctx context.Context, i int) error { return phones[i].Poll(ctx) },
		func(ctx context.Context, i int) error { return phones[i].Refresh(ctx) },
	} {
		if err == nil {
			err = b.measure(ctx, c, steps[operatorSteps+i], len(phones), do)
		}
	}
	return err
}

// visit is one visit of each operator.
func (b *bench) visit(ctx context.Context, c *contender, staff []*operator, phones []phone, steps []*row, from int) error {
	for i, do := range []func(ctx context.Context, i int) error{
		func(ctx context.Context, i int) error { return staff[i].search(ctx, from+i) },
		func(ctx context.Context, i int) error { return staff[i].match(ctx, phones[i]) },
		func(ctx context.Context, i int) error { return staff[i].proof(ctx, fmt.Sprintf("QX%07dZ", from+i)) },
		func(ctx context.Context, i int) error { return staff[i].approve(ctx) },
	} {
		if err := b.measure(ctx, c, steps[i], len(staff), do); err != nil {
			return err
		}
	}
	// The next search begins on the console's own page.
	_, err := b.load.each(ctx, len(staff), func(ctx context.Context, i int) error { return staff[i].open(ctx, views.PathCounter) })
	return err
}
