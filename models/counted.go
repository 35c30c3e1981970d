package models

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"countersign/audit"
	"countersign/audit/term"
)

// Stranger is somebody whom nobody has let in yet, as far as the trail is concerned.
type Stranger struct {
	Address string
	Counted bool // there were so many events from there that this act is counted instead (docs/decisions/0035-counted-events.md)
}

// hourSettles is how long after its end an hour is told: a transaction that began in it may not have ended, and the clock of
// another process may be behind ours. What comes later still is told by an event of its own.
const hourSettles = 2 * sweepMargin

// countedEvents is a row of counted_events.
type countedEvents struct {
	Hour  Instant
	Type  string
	Count int
}

// TableName keeps gorm from making up another one.
func (countedEvents) TableName() string { return "counted_events" }

// slots keeps two transactions of one process from writing the same row of counted_events, so that none waits for another:
// each that counts has a number of its own until it has ended.
type slots struct {
	mu      sync.Mutex // guards the rest
	process string     // of this process's rows; made by the first one that counts
	free    []int
	made    int
}

// countedSlot is what a transaction that counts has of slots.
type countedSlot struct {
	process string
	number  int
}

// slotOf returns the transaction's slot; write gives it back.
func (s *Store) slotOf(t *tx) (*countedSlot, error) {
	if t.slot != nil {
		return t.slot, nil
	}
	s.slots.mu.Lock()
	defer s.slots.mu.Unlock()
	if s.slots.process == "" {
		id, err := newID(s.rand)
		if err != nil {
			return nil, err
		}
		s.slots.process = id
	}
	if len(s.slots.free) == 0 {
		s.slots.free = append(s.slots.free, s.slots.made)
		s.slots.made++
	}
	last := len(s.slots.free) - 1
	t.slot = &countedSlot{s.slots.process, s.slots.free[last]}
	s.slots.free = s.slots.free[:last]
	return t.slot, nil
}

func (s *Store) freeSlot(t *tx) {
	if t == nil || t.slot == nil {
		return
	}
	s.slots.mu.Lock()
	defer s.slots.mu.Unlock()
	s.slots.free = append(s.slots.free, t.slot.number)
}

// countedHour is what the row of something keeps that a stranger makes: the beginning of this hour, 0 when the making has an
// event of its own.
func (t *tx) countedHour(counted bool) Instant {
	if !counted {
		return 0
	}
	return hourOf(t.now)
}

// hourOf returns the beginning of the hour, as UTC has it.
func hourOf(now Instant) Instant { return At(now.Time().Truncate(time.Hour)) }

// recordOrCount records a stranger's act: by its event, or by one more in the count of the hour, 0 being none.
func (t *tx) recordOrCount(event audit.Event, hour Instant) error {
	if hour == 0 {
		_, err := t.record(event)
		return err
	}
	return t.count(event.Type, hour, 1)
}

// count adds to the count of an hour.
func (t *tx) count(kind audit.Type, hour Instant, acts int) error {
	slot, err := t.store.slotOf(t)
	if err != nil {
		return err
	}
	_, err = t.do(`INSERT INTO counted_events (process, slot, hour, type, count) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (hour, process, slot, type) DO UPDATE SET count = counted_events.count + excluded.count`,
		slot.process, slot.number, hour, string(kind), acts)
	return err
}

// gathersFor is how long refused sign-ins are gathered.
const gathersFor = 10 * time.Second

// gathered are refused sign-ins beyond the rate, by hour, that the database does not know yet. No limit holds them, so that
// each of them writing would let anybody keep the database busy. They leave nothing else behind; a process that dies loses
// those of its last seconds, or of the minutes since its last sweep.
type gathered struct {
	mu      sync.Mutex // guards the rest
	byHour  map[Instant]int
	written Instant // when the last ones were
}

// gather counts a refused sign-in, and writes what has been gathered once in a while.
func (s *Store) gather(ctx context.Context) error {
	now := At(s.now())
	s.gathered.mu.Lock()
	if s.gathered.byHour == nil {
		s.gathered.byHour = map[Instant]int{}
	}
	s.gathered.byHour[hourOf(now)]++
	due := now >= s.gathered.written.Add(gathersFor)
	if due {
		s.gathered.written = now // the next one need not try at the same time
	}
	s.gathered.mu.Unlock()
	if !due {
		return nil
	}
	return s.writeGathered(ctx)
}

// writeGathered writes them in one transaction; when that fails they stay gathered.
func (s *Store) writeGathered(ctx context.Context) error {
	s.gathered.mu.Lock()
	byHour := s.gathered.byHour
	s.gathered.byHour = map[Instant]int{}
	s.gathered.mu.Unlock()
	if len(byHour) == 0 {
		return nil
	}
	err := s.write(ctx, func(tx *tx) error {
		for _, hour := range slices.Sorted(maps.Keys(byHour)) {
			if err := tx.count(audit.StaffSignInRefused, hour, byHour[hour]); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		s.gathered.mu.Lock()
		defer s.gathered.mu.Unlock()
		for hour, acts := range byHour {
			s.gathered.byHour[hour] += acts
		}
	}
	return err
}

// tellCounted writes one event of each type for every hour that is over, and forgets its rows, in one transaction: of two
// processes that do it at once, the second finds nothing. A row that another transaction adds meanwhile is left for the next
// time.
func (s *Store) tellCounted(ctx context.Context) error {
	if err := s.writeGathered(ctx); err != nil {
		return err
	}
	return s.write(ctx, func(tx *tx) error {
		if err := tx.oneAtATime("counted events"); err != nil {
			return err
		}
		var rows []countedEvents
		err := tx.Raw("DELETE FROM counted_events WHERE hour <= ? RETURNING hour, type, count", tx.now.Add(-time.Hour-hourSettles)).
			Scan(&rows).Error
		if err != nil {
			return err
		}
		for _, told := range sums(rows) {
			_, err := tx.record(audit.Event{Type: audit.EventsCounted, Facts: audit.Facts{
				Actor: &audit.Actor{System: string(term.SystemSweep)}, Reason: told.Type, Count: &told.Count,
				Before: told.Hour.Add(time.Hour).secondsPointer(),
			}})
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// sums adds up the counts of each hour and type, in this order.
func sums(rows []countedEvents) []countedEvents {
	slices.SortFunc(rows, func(a, b countedEvents) int { return cmp.Or(cmp.Compare(a.Hour, b.Hour), cmp.Compare(a.Type, b.Type)) })
	var all []countedEvents
	for _, row := range rows {
		if last := len(all) - 1; last >= 0 && all[last].Hour == row.Hour && all[last].Type == row.Type {
			all[last].Count += row.Count
			continue
		}
		all = append(all, row)
	}
	return all
}

// making adds to the facts of an event about a request how this was made, when that was counted. It reads the client.
func (t *tx) making(d DeviceAuthorization, facts *audit.Facts) error {
	if d.CountedHour == 0 {
		return nil
	}
	client, err := rowOf[Client](t, "WHERE id = $1", d.ClientID)
	if err != nil {
		return err
	}
	facts.RequestedAt, facts.RequestedFrom, facts.RegisteredAt = d.CreatedAt.secondsPointer(), d.Address, client.registered()
	return nil
}

// makingInFull is making with what was asked for, for events that do not say so themselves.
func (t *tx) makingInFull(d DeviceAuthorization, facts *audit.Facts) error {
	if d.CountedHour != 0 {
		facts.Scope, facts.Resource = d.Scope, d.Resources
	}
	return t.making(d, facts)
}

// registered is when the client registered, for events; nil when its registration has an event of its own.
func (c Client) registered() *int64 {
	if c.CountedHour == 0 {
		return nil
	}
	return c.CreatedAt.secondsPointer()
}
