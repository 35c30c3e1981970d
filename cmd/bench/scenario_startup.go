package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// startLimit is what a start may take.
const startLimit = time.Second

// leastMany is the least of the sizes that a number of rows is reached by.
const leastMany = 10_000

// decades are leastMany, ten times as many, and so on, below the number, then the number.
func decades(number int) (sizes []int) {
	for size := leastMany; size < number; size *= 10 {
		sizes = append(sizes, size)
	}
	return append(sizes, number)
}

// runStartup ends the server and starts it again, with ever more waiting requests and as many events in its database, and an
// extended log: what is there when a server is updated. It is of the new build only; the trail of an earlier one has other columns.
func runStartup(ctx context.Context, b *bench) ([]*row, error) {
	all, stop, err := b.start(ctx, b.options.workers+1, false)
	if err != nil {
		return nil, err
	}
	c := all[0]
	phones, err := b.register(ctx, c, 1)
	if err == nil {
		err = b.askAll(ctx, phones, b.options.workers) // not of a visit: so many of one account would be in its way
	}
	if err != nil {
		return nil, withStop(err, stop)
	}
	var rows []*row
	var from originals
	had := 0
	for _, size := range decades(b.number(100_000)) {
		err := addLike(ctx, c.database, "device_authorizations", "client_id", phones[0].State.ClientID, size-had)
		if err == nil && had == 0 {
			from, err = b.fillTrail(ctx, c, size)
		} else if err == nil {
			err = moreTrail(ctx, c, from, size-had)
		}
		r := &row{name: fmt.Sprintf("start, %d requests and events", size)}
		if err == nil {
			err = b.starts(ctx, c, r)
		}
		if err != nil {
			return nil, withStop(err, stop)
		}
		r.holdTo(startLimit)
		rows, had = append(rows, r), size
	}
	return rows, stop()
}

// sequenced waits until the log's newest checkpoint is of all entries: what was added past the program takes a while.
func (c *contender) sequenced(ctx context.Context) (err error) {
	database, err := openDatabase(c.database)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, database.Close()) }()
	var last int64
	for since := time.Now(); time.Since(since) < patience; {
		var size, entries sql.NullInt64
		err := database.QueryRowContext(ctx, "SELECT (SELECT max(size) FROM log_checkpoints), (SELECT max(seq) FROM audit_events)").
			Scan(&size, &entries)
		if err != nil || size.Int64 >= entries.Int64 {
			return err
		}
		if size.Int64 > last {
			last, since = size.Int64, time.Now()
		}
		if err := pause(ctx, 100*time.Millisecond); err != nil {
			return err
		}
	}
	return fmt.Errorf("the log stays at %d entries\n%s", last, c.said)
}

// starts starts the server anew in each round and adds to the row what it took until it said that it is ready: it listens no
// earlier, so that is its first answer too.
func (b *bench) starts(ctx context.Context, c *contender, r *row) error {
	for range b.options.rounds {
		took, err := c.again(ctx)
		if err != nil {
			return err
		}
		used, err := c.read(false)
		if err != nil {
			return err
		}
		resident, err := residentOf(c.process.Process.Pid)
		if err != nil {
			return err
		}
		r.add(c.name, measured{times: 1, requests: 1, server: used, took: []time.Duration{took}, resident: resident})
	}
	return nil
}
