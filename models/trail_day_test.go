package models_test

import (
	"errors"
	"testing"
	"time"

	"countersign/audit"
	"countersign/models"
	"countersign/models/modelstest"
)

// What a day and a week count is what the entries say: of each person, each type and each reason, within the time alone.
func TestDayAndWeekCountWhatTheTrailSays(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		entries := busyTrail(t, env) // over 18 hours
		first, last := time.UnixMilli(entries[0].OccurredAt), time.UnixMilli(entries[len(entries)-1].OccurredAt)
		bounds := []time.Time{first, first.Add(4 * time.Hour), first.Add(10 * time.Hour), last.Add(time.Millisecond)}
		counters, staff := map[string]bool{}, map[string]bool{}
		for _, entry := range entries {
			counters[entry.CounterID], staff[entry.StaffID] = true, true
		}
		for counter := range counters {
			if counter == "" {
				continue
			}
			week, err := env.CounterWeek(env.Context, counter, bounds)
			if err != nil || !week.Whole || week.Behind || len(week.Days) != 3 {
				t.Fatalf("%+v, %v", week, err)
			}
			for day, counts := range week.Days {
				agree(t, counts, entries, func(e audit.Entry) bool {
					return e.CounterID == counter && e.OccurredAt >= bounds[day].UnixMilli() && e.OccurredAt < bounds[day+1].UnixMilli()
				})
			}
		}
		for person := range staff {
			if person == "" {
				continue
			}
			day, err := env.StaffDay(env.Context, person, bounds[1], bounds[3])
			if err != nil || !day.Whole || !day.Listed() || day.Staff.Name == "" {
				t.Fatalf("%+v, %v", day, err)
			}
			sum := agree(t, day.Counts, entries, func(e audit.Entry) bool {
				return e.StaffID == person && e.OccurredAt >= bounds[1].UnixMilli()
			})
			if len(day.Rows) != sum {
				t.Errorf("%d rows of %d", len(day.Rows), sum)
			}
			counter, err := env.StaffCounter(env.Context, person)
			if (err != nil || !counters[counter.ID]) && !errors.Is(err, models.ErrNotFound) {
				t.Errorf("%+v, %v", counter, err)
			}
		}
		if _, err := env.StaffDay(env.Context, "nobody", first, last); !errors.Is(err, models.ErrNotFound) {
			t.Error(err)
		}
		if _, err := env.CounterWeek(env.Context, "nowhere", bounds); !errors.Is(err, models.ErrNotFound) {
			t.Error(err)
		}
	})
}

// agree holds counts against the entries that they are of, and returns how many these are.
func agree(t *testing.T, counts []audit.Count, entries []audit.Entry, of func(audit.Entry) bool) (sum int) {
	t.Helper()
	want := map[audit.Count]int64{}
	for _, entry := range entries {
		event, err := entry.Decode()
		if err != nil {
			t.Fatal(err)
		}
		if of(entry) {
			sum++
			want[audit.Count{StaffID: entry.StaffID, Type: event.Type, Reason: event.Facts.Reason}]++
		}
	}
	for _, count := range counts {
		number := count.Count
		if count.Count = 0; want[count] != number {
			t.Errorf("%+v: %d, want %d", count, number, want[count])
		}
		delete(want, count)
	}
	if len(want) > 0 {
		t.Errorf("not counted: %v", want)
	}
	return sum
}

// A day with more than one search looks at is said to be cut, and so are its numbers.
func TestCountsAreBounded(t *testing.T) {
	env := modelstest.SQLite(t, models.Policy{})
	busyTrail(t, env)
	if _, err := env.SearchTrail(env.Context, audit.Filter{Type: audit.CodeMatched}); err != nil {
		t.Fatal(err)
	}
	counts, whole, err := audit.Counts(env.Reader(), audit.Filter{Type: audit.CodeMatched, Examine: 2})
	sum := int64(0)
	for _, count := range counts {
		sum += count.Count
	}
	if err != nil || whole || sum != 2 {
		t.Errorf("%d counted, whole %t, %v", sum, whole, err)
	}
}
