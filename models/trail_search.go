package models

import (
	"context"

	"countersign/audit"
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
	behind, err := s.catchUp(ctx, searched())
	if err != nil {
		return FoundTrail{}, err
	}
	found, err := audit.Search(s.reading(ctx), filter)
	if err != nil {
		return FoundTrail{}, err
	}
	rows, err := s.named(ctx, found.Entries)
	return FoundTrail{Rows: rows, Further: found.Further, Behind: behind}, err
}

// TrailNames are the names of what a filter asks for, "" for what it does not ask for or what has none.
type TrailNames struct{ Staff, Account, Client, Software, Counter string }

// TrailNames finds them.
func (s *Store) TrailNames(ctx context.Context, filter audit.Filter) (names TrailNames, err error) {
	for _, one := range []struct {
		query, id string
		name      *string
	}{
		{staffNames, filter.StaffID, &names.Staff}, {accountNames, filter.AccountID, &names.Account},
		{clientNames, filter.ClientID, &names.Client}, {softwareNames, filter.SoftwareID, &names.Software},
		{counterNames, filter.CounterID, &names.Counter},
	} {
		found := map[string]string{one.id: ""}
		if err := s.fillNames(ctx, one.query, found); err != nil {
			return names, err
		}
		*one.name = found[one.id]
	}
	return names, nil
}
