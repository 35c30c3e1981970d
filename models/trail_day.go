package models

import (
	"context"
	"time"

	"countersign/audit"
)

// dayShown is how many events of one day StaffDay lists.
const dayShown = 500

// StaffDay is what one of the staff did within a day.
type StaffDay struct {
	Staff  Staff
	Rows   []TrailRow // newest first, at most dayShown
	Counts []audit.Count
	Whole  bool // Counts has all of the day, and not its newest events alone
	Behind bool // the newest events are not searched yet
}

// Listed reports whether Rows has all of the day.
func (d StaffDay) Listed() bool { return len(d.Rows) < dayShown && d.Whole }

// StaffDay finds what one of the staff did from one moment until before another. Error: ErrNotFound.
func (s *Store) StaffDay(ctx context.Context, staffID string, from, until time.Time) (StaffDay, error) {
	var day StaffDay
	if err := s.reading(ctx).Where("id = ?", staffID).First(&day.Staff).Error; err != nil {
		return day, notFound(err)
	}
	filter := audit.Filter{StaffID: staffID, From: from, Until: until, Limit: dayShown}
	found, err := s.SearchTrail(ctx, filter)
	if err != nil {
		return day, err
	}
	day.Rows, day.Behind = found.Rows, found.Behind
	day.Counts, day.Whole, err = audit.Counts(s.reading(ctx), filter)
	return day, err
}

// newestLooked is how many of somebody's newest events StaffCounter looks through.
const newestLooked = 200

// StaffCounter is the counter at which one of the staff worked last, by the time zone of which their days are told. Error:
// ErrNotFound, when there is none among their newest events.
func (s *Store) StaffCounter(ctx context.Context, staffID string) (Counter, error) {
	if _, err := s.catchUp(ctx, searched()); err != nil {
		return Counter{}, err
	}
	newest := s.reading(ctx).Table("audit_search").Select("seq, counter_id").
		Where("staff_id = ? AND staff_id <> ''", staffID).Order("seq DESC").Limit(newestLooked)
	var id string
	err := s.reading(ctx).Table("(?) AS newest", newest).Select("counter_id").Where("counter_id <> ''").Order("seq DESC").Limit(1).
		Scan(&id).Error
	if err != nil {
		return Counter{}, err
	}
	return s.Counter(ctx, id)
}

// EntryTime is when the event of an entry happened. Error: ErrNotFound.
func (s *Store) EntryTime(ctx context.Context, seq int64) (time.Time, error) {
	var entry audit.Entry
	err := s.reading(ctx).Select("occurred_at").Where("seq = ?", seq).First(&entry).Error
	return time.UnixMilli(entry.OccurredAt), notFound(err)
}

// CounterWeek is what happened at a counter within some days, in numbers.
type CounterWeek struct {
	Counter Counter
	Days    [][]audit.Count   // of each day
	Names   map[string]string // of the staff in Days, by identifier
	Whole   bool              // no day had more events than are counted
	Behind  bool              // the newest events are not searched yet
}

// CounterWeek counts what happened at a counter, day by day: each begins at one of the moments and ends before the next. Error:
// ErrNotFound.
func (s *Store) CounterWeek(ctx context.Context, counterID string, bounds []time.Time) (CounterWeek, error) {
	week := CounterWeek{Names: map[string]string{}, Whole: true}
	var err error
	if week.Counter, err = s.Counter(ctx, counterID); err != nil {
		return week, err
	}
	if week.Behind, err = s.catchUp(ctx, searched()); err != nil {
		return week, err
	}
	for i := range len(bounds) - 1 {
		counts, whole, err := audit.Counts(s.reading(ctx), audit.Filter{CounterID: counterID, From: bounds[i], Until: bounds[i+1]})
		if err != nil {
			return week, err
		}
		week.Days, week.Whole = append(week.Days, counts), week.Whole && whole
		for _, count := range counts {
			week.Names[count.StaffID] = ""
		}
	}
	return week, s.fillNames(ctx, staffNames, week.Names)
}
