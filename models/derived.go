package models

import (
	"context"
	"errors"
	"fmt"

	"countersign/audit"

	"gorm.io/gorm"
)

// derived is a table beside the trail that is made of its events later, some at a time.
type derived struct {
	behind func(*gorm.DB) (bool, error)
	fill   func(*gorm.DB) (more bool, err error)
}

// allDerived are the tables beside the trail.
func allDerived() []derived { return []derived{searched(), tallied()} }

func searched() derived { return derived{audit.SearchBehind, audit.FillSearch} }
func tallied() derived  { return derived{audit.TalliesBehind, audit.FillTallies} }

// catchUp makes what the next events say, as much as is done within a second, and reports whether more wait: who asks pays for it,
// and no visit does. While the database cannot be written, they wait.
func (s *Store) catchUp(ctx context.Context, table derived) (behind bool, err error) {
	const batches = 10
	behind = true
	for i := 0; behind && err == nil && i < batches; i++ {
		behind, err = s.fillNext(ctx, table)
	}
	if outage, is := errors.AsType[*UnavailableError](s.unavailable(err)); is {
		s.log.WarnContext(ctx, "what the newest events say cannot be asked now", "error", outage)
		return true, nil
	}
	return behind, err
}

// fillNext makes what the next events say, and reports whether more wait. It looks before it writes.
func (d *Database) fillNext(ctx context.Context, table derived) (more bool, err error) {
	behind, err := table.behind(d.read.WithContext(ctx))
	if err != nil || !behind {
		return false, err
	}
	more = true
	err = d.write.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		more, err = table.fill(tx)
		return err
	})
	return more || err != nil, err
}

// fillDerived makes what every event says that is not made yet, a batch at a time: others write meanwhile.
func (d *Database) fillDerived(ctx context.Context) error {
	for _, table := range allDerived() {
		for more := true; more; {
			var err error
			if more, err = d.fillNext(ctx, table); err != nil {
				return err
			}
		}
	}
	return nil
}

// Reindex makes the tables beside the trail, which SearchTrail searches and which Overview adds up, what they should be, a batch
// at a time, while others go on, and returns how many rows were wrong, missing or too many. told is called after each batch
// with the number of the last event that was looked at.
func (d *Database) Reindex(ctx context.Context, told func(seq int64)) (mended int, err error) {
	mended, err = d.mendAll(ctx, audit.MendSearch, told)
	if err != nil {
		return mended, fmt.Errorf("reindex: %w", err)
	}
	counted, err := d.mendAll(ctx, audit.MendTallies, func(int64) {})
	if err != nil {
		return mended, fmt.Errorf("count anew: %w", err)
	}
	return mended + counted, d.fillDerived(ctx)
}

// mendAll mends what comes after one place and the next, each in a transaction of its own, until there is nothing more.
func (d *Database) mendAll(
	ctx context.Context, mend func(tx *gorm.DB, after int64) (last int64, mended int, err error), told func(int64),
) (mended int, err error) {
	for last := audit.BeforeAll; ; {
		after, wrong := last, 0
		err := d.write.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
			last, wrong, err = mend(tx, after)
			return err
		})
		if err != nil {
			return mended, err
		}
		mended += wrong
		if told(last); last == after && wrong == 0 {
			return mended, nil
		}
	}
}
