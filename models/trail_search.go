package models

import (
	"context"
	"errors"
	"fmt"

	"countersign/audit"

	"gorm.io/gorm"
)

// FoundTrail is what a search of the trail found.
type FoundTrail struct {
	Rows    []TrailRow // newest first
	Further int64      // see audit.Found
	Behind  bool       // the newest events are not searched yet: there were too many to prepare them first
}

// SearchTrail finds events by what a supervisor asks. What has happened since somebody searched is made searchable first, as
// much as is done within a second: a visit does not pay for it. While the database cannot be written, what was made searchable
// before is searched.
func (s *Store) SearchTrail(ctx context.Context, filter audit.Filter) (FoundTrail, error) {
	behind, err := s.fillSomeOfSearch(ctx)
	if outage, is := errors.AsType[*UnavailableError](s.unavailable(err)); is {
		s.log.WarnContext(ctx, "the newest events cannot be made searchable now", "error", outage)
	} else if err != nil {
		return FoundTrail{}, err
	}
	found, err := audit.Search(s.reading(ctx), filter)
	if err != nil {
		return FoundTrail{}, err
	}
	rows, err := s.named(ctx, found.Entries)
	return FoundTrail{Rows: rows, Further: found.Further, Behind: behind}, err
}

// fillSomeOfSearch makes a few thousand events searchable, and reports whether more wait.
func (d *Database) fillSomeOfSearch(ctx context.Context) (behind bool, err error) {
	const batches = 10
	for i := 0; i < batches; i++ {
		if behind, err = d.fillSearch(ctx); err != nil || !behind {
			return behind, err
		}
	}
	return behind, nil
}

// TrailNames are the names of what a filter asks for, "" for what it does not ask for or what has none.
type TrailNames struct{ Staff, Account, Client, Counter string }

// TrailNames finds them.
func (s *Store) TrailNames(ctx context.Context, filter audit.Filter) (names TrailNames, err error) {
	for _, one := range []struct {
		kind, id string
		name     *string
	}{
		{"staff", filter.StaffID, &names.Staff}, {"account", filter.AccountID, &names.Account},
		{"client", filter.ClientID, &names.Client}, {"counter", filter.CounterID, &names.Counter},
	} {
		found := map[string]string{one.id: ""}
		if err := s.fillNames(ctx, nameQueries()[one.kind], found); err != nil {
			return names, err
		}
		*one.name = found[one.id]
	}
	return names, nil
}

// fillSearch makes the next events searchable, and reports whether more wait. It looks before it writes.
func (d *Database) fillSearch(ctx context.Context) (more bool, err error) {
	behind, err := audit.SearchBehind(d.read.WithContext(ctx))
	if err != nil || !behind {
		return false, err
	}
	more = true
	err = d.write.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		more, err = audit.FillSearch(tx)
		return err
	})
	return more || err != nil, err
}

// fillAllOfSearch makes every event searchable that is not yet, a batch at a time: others write meanwhile.
func (d *Database) fillAllOfSearch(ctx context.Context) error {
	for {
		if more, err := d.fillSearch(ctx); err != nil || !more {
			return err
		}
	}
}

// Reindex makes the table that SearchTrail searches what it should be, a batch at a time, while others go on, and returns how
// many rows were wrong, missing or too many. told is called after each batch with the number of the last event that was
// looked at.
func (d *Database) Reindex(ctx context.Context, told func(seq int64)) (mended int, err error) {
	for last := audit.BeforeAll; ; {
		after, wrong := last, 0
		err := d.write.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
			last, wrong, err = audit.MendSearch(tx, after)
			return err
		})
		if err != nil {
			return mended, fmt.Errorf("reindex: %w", err)
		}
		mended += wrong
		if told(last); last == after && wrong == 0 {
			return mended, nil
		}
	}
}
