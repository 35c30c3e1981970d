package main

import (
	"context"
	"errors"
)

// runIssue lets phones ask for codes, each time for another account: a phone's requests for
// the same one would push each other out. What they send is prepared: throughput is compared.
func runIssue(ctx context.Context, b *bench) ([]*row, error) {
	count := b.number(200)
	all, stop, err := b.start(ctx, count*(b.options.rounds+1), true)
	if err != nil {
		return nil, err
	}
	phones := map[*contender][]phone{}
	for _, c := range all {
		if phones[c], err = b.register(ctx, c, count); err == nil {
			err = b.askAll(ctx, phones[c], count*b.options.rounds) // so that each has a nonce (RFC 9449 §8)
		}
		if err != nil {
			return nil, withStop(err, stop)
		}
	}
	issues := &row{name: "issue"}
	for round := range b.options.rounds {
		for _, c := range all {
			settleDisk() // what another server left to be written is not this one's wait
			asked, err := b.prepareAll(ctx, c, phones[c], func(ctx context.Context, p phone, i int) error { return p.ask(ctx, round*count+i) })
			if err == nil {
				err = errors.Join(b.measure(ctx, c, issues, count, asked.ask), asked.close())
			}
			if err != nil {
				return nil, withStop(err, stop)
			}
		}
	}
	return []*row{issues}, stop()
}
