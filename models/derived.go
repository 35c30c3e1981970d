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
	what   string                                         // becomes of the events in it, for people
	filled func(*gorm.DB) (filled, last int64, err error) // up to which event, and which is the last
	fill   func(*gorm.DB) (more bool, err error)
}

// allDerived are the tables beside the trail.
func allDerived() []derived { return []derived{searched(), tallied()} }

func searched() derived {
	return derived{"events made searchable", audit.SearchFilled, audit.FillSearch}
}
func tallied() derived { return derived{"events counted", audit.TalliesFilled, audit.FillTallies} }

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
	filled, last, err := table.filled(d.read.WithContext(ctx))
	if err != nil || filled >= last {
		return false, err
	}
	tell(ctx, table.what, filled, last)
	more = true
	err = d.write.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		more, err = table.fill(tx)
		return err
	})
	if err == nil && !more {
		tell(ctx, table.what, last, last)
	}
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
// with the number of the last event that was looked at, and so is who hears of the context's work (Telling).
func (d *Database) Reindex(ctx context.Context, told func(seq int64)) (mended int, err error) {
	mended, err = d.mendAll(ctx, audit.MendSearch, func(ctx context.Context, last, all int64) {
		tell(ctx, "events looked at", max(0, last), max(all, last))
		told(last)
	})
	if err != nil {
		return mended, fmt.Errorf("reindex: %w", err)
	}
	counted, err := d.mendAll(ctx, audit.MendTallies, func(ctx context.Context, segment, all int64) {
		tell(ctx, "events counted anew", min(audit.LastOfSegment(max(0, segment)), all), all)
	})
	if err != nil {
		return mended, fmt.Errorf("count anew: %w", err)
	}
	return mended + counted, d.fillDerived(ctx)
}

// mendAll mends what comes after one place and the next, each in a transaction of its own, until there is nothing more. told hears
// of each place, with the number of the last event that there was at the beginning.
func (d *Database) mendAll(
	ctx context.Context, mend func(tx *gorm.DB, after int64) (last int64, mended int, err error),
	told func(ctx context.Context, last, all int64),
) (mended int, err error) {
	_, all, err := audit.SearchFilled(d.read.WithContext(ctx))
	if err != nil {
		return 0, err
	}
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
		if told(ctx, last, all); last == after && wrong == 0 {
			return mended, nil
		}
	}
}
