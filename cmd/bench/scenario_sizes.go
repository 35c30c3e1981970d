package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// phonesOfSizes ask for the codes whose size is measured.
const phonesOfSizes = 100

// runSizes fills the trail with the entries of visits (see runReading), then lets ever more requests wait, each asked for by a
// phone, and tells how many bytes a table with its indexes grew by for each: of the file's pages on SQLite, of
// pg_total_relation_size on PostgreSQL. There are no costs to be told. It is of the new build only.
func runSizes(ctx context.Context, b *bench) ([]*row, error) {
	size := b.number(leastMany)
	all, stop, err := b.start(ctx, size/phonesOfSizes+1+b.options.workers, false)
	if err != nil {
		return nil, err
	}
	c := all[0]
	from, err := b.fillTrail(ctx, c, 0)
	had := 0
	for _, size := range decades(size) {
		if err == nil {
			err = b.grows(ctx, c, "an event of a visit", had, size, func() error { return moreTrail(ctx, c, from, size-had) })
			had = size
		}
	}
	var phones []phone
	if err == nil {
		phones, err = b.register(ctx, c, phonesOfSizes)
	}
	had = 0
	for _, size := range decades(size) {
		if err == nil {
			err = b.grows(ctx, c, "a waiting request with its event", had, size, func() error { return b.askFrom(ctx, phones, had, size) })
			had = size
		}
	}
	return nil, withStop(err, stop)
}

// askFrom has phones ask for codes in turns, each time for an account that this phone has not asked for.
func (b *bench) askFrom(ctx context.Context, phones []phone, from, to int) error {
	_, err := b.load.each(ctx, len(phones), func(ctx context.Context, i int) error {
		for n := from + i; n < to; n += len(phones) {
			if err := phones[i].ask(ctx, b.options.workers+n/len(phones)); err != nil {
				return err
			}
		}
		return nil
	})
	return err
}

// grows tells what each of so many takes that are added.
func (b *bench) grows(ctx context.Context, c *contender, what string, from, to int, add func() error) error {
	before, err := sizes(ctx, c)
	if err == nil {
		err = add()
	}
	if err == nil {
		err = c.sequenced(ctx)
	}
	if err != nil {
		return err
	}
	after, err := sizes(ctx, c)
	if err != nil {
		return err
	}
	grown := map[string]int64{}
	var log, total int64
	for table, size := range after {
		if size > before[table] {
			grown[table] = size - before[table]
			total += grown[table]
			if ofTheLog(table) {
				log += grown[table]
			}
		}
	}
	each := func(bytes int64) int64 { return bytes / int64(to-from) }
	b.say("  %s, %d to %d: %d bytes, of these in the log %d", what, from, to, each(total), each(log))
	for _, table := range slices.SortedFunc(maps.Keys(grown), func(x, y string) int { return int(grown[y] - grown[x]) }) {
		if each(grown[table]) > 0 {
			b.say("    %-30s %6d", table, each(grown[table]))
		}
	}
	return nil
}

// ofTheLog reports whether a table is of events: their own, or what is made of them.
func ofTheLog(table string) bool {
	return strings.HasPrefix(table, "audit_") || strings.HasPrefix(table, "log_") || strings.HasPrefix(table, "event_")
}

// sizes are the bytes of each table with its indexes.
func sizes(ctx context.Context, c *contender) (all map[string]int64, err error) {
	database, err := openDatabase(c.database)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, database.Close()) }()
	if path, is := strings.CutPrefix(c.database, "sqlite:"); is {
		return sizesOfSQLite(ctx, database, path)
	}
	return sizesIn(ctx, database, `SELECT relname, pg_total_relation_size(oid) FROM pg_class
		WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace`, func(size int64) (int64, error) { return size, nil })
}

// sizesOfSQLite moves what is in the write-ahead log to its place and counts pages.
func sizesOfSQLite(ctx context.Context, database *sql.DB, path string) (map[string]int64, error) {
	if _, err := database.ExecContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)"); err != nil {
		return nil, err
	}
	file, err := openPages(path)
	if err != nil {
		return nil, err
	}
	return sizesIn(ctx, database, "SELECT tbl_name, rootpage FROM sqlite_master WHERE rootpage > 0", func(root int64) (int64, error) {
		pages, err := file.count(int(root))
		return int64(pages) * int64(file.pageSize), err
	})
}

// sizesIn adds up what a query finds of each table, once it is made bytes.
func sizesIn(ctx context.Context, database *sql.DB, query string, bytesOf func(int64) (int64, error)) (map[string]int64, error) {
	rows, err := database.QueryContext(ctx, query)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	all := map[string]int64{}
	for rows.Next() {
		var table string
		var found int64
		if err := rows.Scan(&table, &found); err != nil {
			return nil, err
		}
		bytes, err := bytesOf(found)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", table, err)
		}
		all[table] += bytes
	}
	return all, rows.Err()
}
