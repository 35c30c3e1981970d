package main

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"
)

// lockProbe is the pause between two looks at the lock: what is measured is too long by as much, and what is shorter is not seen.
const lockProbe = 200 * time.Microsecond

// runLock imports a file of new accounts, and then one that changes each of them, and tells how long SQLite's write lock was
// held at a time: p50, p99, and the longest time as a row of its own. PostgreSQL has no such lock.
func runLock(ctx context.Context, b *bench) ([]*row, error) {
	if b.options.database != "sqlite:" {
		return nil, nil
	}
	lines := b.number(20_000)
	all, stop, err := b.start(ctx, 1, false)
	if err != nil {
		return nil, err
	}
	var rows []*row
	for _, c := range all {
		if c.name != newBuild {
			continue
		}
		fresh := bytes.ReplaceAll(accountsFile(lines), []byte("K-"), []byte("L-"))
		for _, file := range []struct {
			name    string
			content []byte
		}{{"new accounts", fresh}, {"accounts changed", changedAccounts(fresh)}} {
			held, err := c.lockedBy(ctx, file.content)
			if err != nil {
				return nil, withStop(err, stop)
			}
			rows = append(rows, heldRow(fmt.Sprintf("lock held, %d %s", lines, file.name), held))
			rows = append(rows, heldRow(fmt.Sprintf("lock held, %d %s, the longest", lines, file.name), []time.Duration{slices.Max(held)}))
		}
	}
	return rows, stop()
}

func heldRow(name string, held []time.Duration) *row {
	r := &row{name: name}
	r.add(newBuild, measured{times: len(held), server: notRead, took: held})
	return r
}

// changedAccounts gives each account of a file another name, date of birth, contact and identifier, which are events each.
func changedAccounts(file []byte) []byte {
	var changed strings.Builder
	for i, line := range strings.Split(strings.TrimSpace(string(file)), "\n") {
		if identifier, _, _ := strings.Cut(line, ","); i > 0 {
			line = fmt.Sprintf("%s;other-%d,Another Holder,1972-03-09,holder-%d@example.org,suspended", identifier, i, i)
		}
		changed.WriteString(line + "\n")
	}
	return []byte(changed.String())
}

// lockedBy imports a file with the program's command, and returns how long others could not write meanwhile, each time.
func (c *contender) lockedBy(ctx context.Context, file []byte) (held []time.Duration, err error) {
	database, err := openDatabase(c.database)
	if err != nil {
		return nil, err
	}
	defer func() { _ = database.Close() }()
	probe, err := database.Conn(ctx)
	if err != nil {
		return nil, err
	}
	if _, err := probe.ExecContext(ctx, "PRAGMA busy_timeout = 0"); err != nil {
		return nil, err
	}
	ended, err := c.startImport(ctx, file)
	if err != nil {
		return nil, err
	}
	began, locked := time.Time{}, false
	for {
		switch free := isFree(ctx, probe); {
		case !free && !locked:
			began, locked = time.Now(), true
		case free && locked:
			held, locked = append(held, time.Since(began)), false
		}
		select {
		case err := <-ended:
			return append(held, 0), err // a short import may never have been seen
		case <-time.After(lockProbe):
		}
	}
}

// isFree reports whether the write lock can be had at once, and gives it back.
func isFree(ctx context.Context, probe *sql.Conn) bool {
	if _, err := probe.ExecContext(ctx, "BEGIN IMMEDIATE"); err != nil {
		return false
	}
	_, err := probe.ExecContext(ctx, "ROLLBACK")
	return err == nil
}
