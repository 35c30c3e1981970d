package models

import (
	"cmp"
	"context"
	"slices"
	"time"

	"countersign/audit"

	"gorm.io/gorm"
)

// OverviewRange says what an overview is of. Both moments are full hours of UTC.
type OverviewRange struct {
	From, Until time.Time
	CounterID   string // "" is everywhere
}

// Overview is what happened within a range, in numbers. None of them is about one account.
type Overview struct {
	Counts   map[audit.Measure]map[string]int64 // by measure and word
	Hours    map[int64]int64                    // visits, by the hour (audit.HourOf)
	Counters []CounterCounts                    // where there was a visit or a code was entered, by name; of all counters
	Staff    []StaffCounts                      // who entered wrong codes, by name
	Since    Instant                            // when the oldest event happened; zero: there is none
	Behind   bool                               // the newest events are not counted yet: there were too many to do so first
}

// CounterCounts are a counter's.
type CounterCounts struct {
	ID, Name      string
	Visits        int64
	Codes, Failed int64 // codes that were entered, and those among them that did not match
}

// StaffCounts are one operator's.
type StaffCounts struct {
	ID, Name      string
	Codes, Failed int64
}

// Overview adds up what happened. What has happened since somebody asked is counted first, as much as is done within a second.
func (s *Store) Overview(ctx context.Context, asked OverviewRange) (o Overview, err error) {
	if o.Behind, err = s.catchUp(ctx, tallied()); err != nil {
		return o, err
	}
	r := audit.TallyRange{From: audit.HourOf(asked.From), Until: audit.HourOf(asked.Until), CounterID: asked.CounterID}
	db := s.reading(ctx)
	if err := o.addWords(db, r); err != nil {
		return o, err
	}
	if o.Counters, err = s.counterCounts(ctx, r); err != nil {
		return o, err
	}
	if o.Staff, err = s.staffCounts(ctx, r); err != nil {
		return o, err
	}
	err = db.Raw("SELECT occurred_at FROM audit_events WHERE seq = 1").Scan(&o.Since).Error
	return o, err
}

// Count is how often something was counted.
func (o Overview) Count(m audit.Measure, word string) int64 { return o.Counts[m][word] }

func (o *Overview) addWords(db *gorm.DB, r audit.TallyRange) error {
	words, err := audit.TallyWords(db, r)
	if err != nil {
		return err
	}
	hours, err := audit.TallyHours(db, r)
	if err != nil {
		return err
	}
	o.Counts, o.Hours = map[audit.Measure]map[string]int64{}, map[int64]int64{}
	for _, m := range audit.Measures() {
		o.Counts[m] = map[string]int64{}
	}
	for _, sum := range words {
		o.Counts[sum.Measure][sum.Word] = sum.Count
	}
	for _, sum := range hours {
		o.Hours[sum.Hour] = sum.Count
	}
	return nil
}

func (s *Store) counterCounts(ctx context.Context, r audit.TallyRange) ([]CounterCounts, error) {
	counters, err := s.AllCounters(ctx)
	if err != nil {
		return nil, err
	}
	all := make([]CounterCounts, len(counters))
	ids, byID := make([]string, len(counters)), map[string]*CounterCounts{}
	for i, counter := range counters {
		all[i] = CounterCounts{ID: counter.ID, Name: counter.Name}
		ids[i], byID[counter.ID] = counter.ID, &all[i]
	}
	sums, err := audit.TallyCounters(s.reading(ctx), r, ids)
	if err != nil {
		return nil, err
	}
	for _, sum := range sums {
		byID[sum.CounterID].add(sum)
	}
	all = slices.DeleteFunc(all, func(c CounterCounts) bool { return c.Visits+c.Codes == 0 })
	slices.SortStableFunc(all, func(a, b CounterCounts) int { return cmp.Compare(a.Name, b.Name) })
	return all, nil
}

func (c *CounterCounts) add(sum audit.TallySum) {
	if sum.Measure == audit.MeasureVisits {
		c.Visits += sum.Count
		return
	}
	c.Codes, c.Failed = sum.Count, sum.Failed
}

// staffCounts are of who entered wrong codes.
func (s *Store) staffCounts(ctx context.Context, r audit.TallyRange) (all []StaffCounts, err error) {
	sums, err := audit.TallyStaff(s.reading(ctx), r)
	if err != nil {
		return nil, err
	}
	names := map[string]string{}
	sums = slices.DeleteFunc(sums, func(sum audit.TallySum) bool { return sum.Failed == 0 })
	for _, sum := range sums {
		names[sum.StaffID] = ""
	}
	if err := s.fillNames(ctx, staffNames, names); err != nil {
		return nil, err
	}
	for _, sum := range sums {
		all = append(all, StaffCounts{ID: sum.StaffID, Name: names[sum.StaffID], Codes: sum.Count, Failed: sum.Failed})
	}
	slices.SortFunc(all, func(a, b StaffCounts) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID)) })
	return all, nil
}
