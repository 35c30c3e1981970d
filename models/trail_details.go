package models

import (
	"context"
	"maps"
	"slices"

	"countersign/audit"
)

// addDetails adds what lies beside the log of these rows: one reading for all of them.
func (s *Store) addDetails(ctx context.Context, rows []TrailRow) error {
	var seqs []int64
	for _, row := range rows {
		if len(row.Event.Facts.Details) > 0 {
			seqs = append(seqs, row.Seq)
		}
	}
	all, err := audit.DetailsOf(s.reading(ctx), seqs)
	if err != nil {
		return err
	}
	for i := range rows {
		rows[i].addDetails(all[rows[i].Seq])
	}
	return nil
}

// addDetails adds those that have the hash that the event states. What somebody with the database put there instead is not told.
func (r *TrailRow) addDetails(details []audit.DetailRow) {
	there := map[string]string{}
	for _, detail := range details {
		there[detail.Field] = ""
		if r.Event.Facts.Details[detail.Field] != detail.Hash() {
			r.Altered = append(r.Altered, detail.Field)
			continue
		}
		r.Details, there[detail.Field] = append(r.Details, detail), detail.After
	}
	if address := there[audit.DetailAddress]; address != "" {
		r.Event.Facts.Address = address
	}
	if address := there[audit.DetailRequestedFrom]; address != "" {
		r.Event.Facts.RequestedFrom = address
	}
	for _, field := range slices.Sorted(maps.Keys(r.Event.Facts.Details)) {
		if _, is := there[field]; !is {
			r.Gone = append(r.Gone, field)
		}
	}
}
