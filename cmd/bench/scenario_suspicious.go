package main

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// oldBuildBears is how many waiting requests the old build still ends in one decline: it
// takes one update, one signature and one event for each.
const oldBuildBears = 2000

// runSuspicious declines a request as suspicious, alone and with many that wait beside it,
// of the same phone for the same account; and then once more while another phone asks for
// codes, to see how long the others wait for it.
func runSuspicious(ctx context.Context, b *bench) ([]*row, error) {
	const perRound = 4 // alone and beside many, each without and with another phone
	all, stop, err := b.start(ctx, b.options.rounds*perRound+1, false)
	if err != nil {
		return nil, err
	}
	d := declines{bench: b, other: b.options.rounds * perRound}
	for _, c := range all {
		staff, err := b.operators(ctx, c, 1)
		if err != nil {
			return nil, withStop(err, stop)
		}
		d.staff = append(d.staff, staff[0])
	}
	for round := range b.options.rounds {
		for i, c := range all {
			many := b.number(1000)
			if c.name == oldBuild {
				many = min(many, oldBuildBears)
			}
			for j, waiting := range []int{1, many} {
				account := round*perRound + 2*j
				if err := d.decline(ctx, c, d.staff[i], account, waiting); err != nil {
					return nil, withStop(err, stop)
				}
				if err := d.besideOthers(ctx, c, d.staff[i], account+1, waiting); err != nil {
					return nil, withStop(err, stop)
				}
			}
		}
	}
	return d.rows, stop()
}

type declines struct {
	*bench
	staff []*operator
	other int // the account of the other phone
	rows  []*row
}

// row is the one with the name.
func (d *declines) row(format string, args ...any) *row {
	name := fmt.Sprintf(format, args...)
	i := slices.IndexFunc(d.rows, func(r *row) bool { return r.name == name })
	if i < 0 {
		d.rows = append(d.rows, &row{name: name})
		i = len(d.rows) - 1
	}
	return d.rows[i]
}

func (d *declines) decline(ctx context.Context, c *contender, o *operator, account, waiting int) error {
	if err := d.prepare(ctx, c, o, account, waiting); err != nil {
		return err
	}
	return d.measure(ctx, c, d.row("decline, %d waiting", waiting), 1, func(ctx context.Context, _ int) error { return o.decline(ctx) })
}

// besideOthers measures another phone's requests for as long as the decline takes.
func (d *declines) besideOthers(ctx context.Context, c *contender, o *operator, account, waiting int) error {
	if err := d.prepare(ctx, c, o, account, waiting); err != nil {
		return err
	}
	others, err := d.register(ctx, c, 1)
	if err != nil {
		return err
	}
	declined := make(chan error, 1)
	go func() { declined <- o.decline(ctx) }()
	var took []time.Duration
	for {
		begin := time.Now()
		if err := others[0].ask(ctx, d.other); err != nil {
			return err
		}
		took = append(took, time.Since(begin))
		select {
		case err := <-declined:
			d.row("issue beside decline, %d waiting", waiting).add(c.name,
				measured{times: len(took), requests: int64(len(took)), took: took, server: notRead})
			return err
		default:
		}
	}
}

// prepare lets so many requests wait for the account and brings the operator to the page
// that offers the decline.
func (d *declines) prepare(ctx context.Context, c *contender, o *operator, account, waiting int) error {
	phones, err := d.register(ctx, c, 1)
	if err == nil {
		err = phones[0].ask(ctx, account)
	}
	if err == nil && waiting > 1 {
		err = addLike(ctx, c.database, "device_authorizations", "client_id", phones[0].State.ClientID, waiting-1)
	}
	if err == nil {
		err = o.searchAnew(ctx, account)
	}
	if err == nil {
		err = o.match(ctx, phones[0])
	}
	if err == nil {
		err = o.proof(ctx, fmt.Sprintf("QX%07dZ", account))
	}
	return err
}
