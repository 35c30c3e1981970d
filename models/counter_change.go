package models

import (
	"context"
	"errors"
	"slices"
	"strings"

	"countersign/audit"

	"gorm.io/gorm"
)

// ChangeCounter gives a counter another name, place, hours, time zone and networks. What
// is the same is no change, and no event. Errors: as AddCounter, and ErrNotFound.
func (s *Store) ChangeCounter(ctx context.Context, id string, c NewCounter) error {
	_, _, err := s.changeCounter(ctx, c.SessionID, id, func(Counter) NewCounter { return c })
	return err
}

// CounterAmendment is what is to change of a counter; nil stays as it is. No networks mean
// "from anywhere".
type CounterAmendment struct {
	Name, Address, Hours, TimeZone *string
	Networks                       *[]string
}

// Of is the counter as it is to be.
func (a CounterAmendment) Of(c Counter) NewCounter {
	n := NewCounter{Name: c.Name, Address: c.Address, Hours: c.Hours, TimeZone: c.TimeZone, Networks: strings.Fields(c.Networks)}
	for _, field := range []struct{ have, want *string }{
		{&n.Name, a.Name}, {&n.Address, a.Address}, {&n.Hours, a.Hours}, {&n.TimeZone, a.TimeZone},
	} {
		if field.want != nil {
			*field.have = *field.want
		}
	}
	if a.Networks != nil {
		n.Networks = *a.Networks
	}
	return n
}

// AmendCounter changes some of a counter, for the command, and says what the counter is now
// and which fields have changed. Errors: as ChangeCounter.
func (s *Store) AmendCounter(ctx context.Context, id string, a CounterAmendment) (Counter, []string, error) {
	return s.changeCounter(ctx, "", id, a.Of)
}

func (s *Store) changeCounter(
	ctx context.Context, sessionID, id string, wanted func(Counter) NewCounter,
) (row Counter, changes []string, err error) {
	err = s.write(ctx, func(tx *tx) error {
		facts, err := tx.administrator(sessionID)
		if err != nil {
			return err
		}
		var before Counter
		if err := tx.forUpdate().Where("id = ?", id).First(&before).Error; err != nil {
			return notFound(err)
		}
		if row, err = wanted(before).row(); err != nil {
			return err
		}
		row.ID, row.CreatedAt, row.ClosedAt = id, before.CreatedAt, before.ClosedAt
		if changes = row.changes(before); len(changes) == 0 {
			return nil
		}
		err = tx.Model(&Counter{}).Where("id = ?", id).Updates(map[string]any{
			"name": row.Name, "address": row.Address, "hours": row.Hours, "time_zone": row.TimeZone, "networks": row.Networks,
		}).Error
		if errors.Is(err, gorm.ErrDuplicatedKey) {
			return ErrExists
		} else if err != nil {
			return err
		}
		facts.Counter, facts.Reason = id, strings.Join(changes, " ")
		_, err = tx.record(audit.Event{Type: audit.CounterChanged, Facts: facts, Details: row.details(before)})
		return err
	})
	return row, changes, err
}

// changes names the fields that are not as before.
func (c Counter) changes(before Counter) []string {
	var list []string
	for _, field := range []struct{ name, now, before string }{
		{CounterName, c.Name, before.Name}, {CounterAddress, c.Address, before.Address}, {CounterHours, c.Hours, before.Hours},
		{CounterTimeZone, c.TimeZone, before.TimeZone}, {CounterNetworks, c.Networks, before.Networks},
	} {
		if field.now != field.before {
			list = append(list, field.name)
		}
	}
	return list
}

// details are the values of these fields, before and now.
func (c Counter) details(before Counter) []audit.Detail {
	return slices.Concat(
		changed(audit.DetailName, before.Name, c.Name), changed(audit.DetailPlace, before.Address, c.Address),
		changed(audit.DetailHours, before.Hours, c.Hours), changed(audit.DetailTimeZone, before.TimeZone, c.TimeZone),
		changed(audit.DetailNetworks, before.Networks, c.Networks))
}

// CloseCounter takes a counter out of use. The sessions that worked there lose it at
// once: whatever they were handling there is not decided any more. A counter that is
// closed already is no error. sessionID "" is the command. Errors: ErrNotFound, ErrSessionEnded, ErrNotAllowed.
func (s *Store) CloseCounter(ctx context.Context, sessionID, id string) error {
	return s.setCounterClosed(ctx, sessionID, id, true)
}

// ReopenCounter puts it into use again. Errors: as CloseCounter.
func (s *Store) ReopenCounter(ctx context.Context, sessionID, id string) error {
	return s.setCounterClosed(ctx, sessionID, id, false)
}

func (s *Store) setCounterClosed(ctx context.Context, sessionID, id string, closed bool) error {
	return s.write(ctx, func(tx *tx) error {
		facts, err := tx.administrator(sessionID)
		if err != nil {
			return err
		}
		var counter Counter
		if err := tx.forUpdate().Where("id = ?", id).First(&counter).Error; err != nil {
			return notFound(err)
		}
		if closed == (counter.ClosedAt != 0) {
			return nil
		}
		facts.Counter = id
		event := audit.Event{Type: audit.CounterReopened, Facts: facts}
		at := Instant(0)
		if closed {
			at, event.Type = tx.now, audit.CounterClosed
			left := tx.Model(&StaffSession{}).Where("counter_id = ? AND ended_at IS NULL", id).Update("counter_id", nil)
			if left.Error != nil {
				return left.Error
			}
			count := int(left.RowsAffected)
			event.Facts.Count = &count
		}
		if err := tx.Model(&Counter{}).Where("id = ?", id).Update("closed_at", at).Error; err != nil {
			return err
		}
		_, err = tx.record(event)
		return err
	})
}

// AddCounter sets up a counter. Errors: ErrExists (the name is taken), *CounterError,
// ErrSessionEnded, ErrNotAllowed.
func (s *Store) AddCounter(ctx context.Context, c NewCounter) (Counter, error) {
	row, err := c.row()
	if err != nil {
		return row, err
	}
	err = s.write(ctx, func(tx *tx) error {
		facts, err := tx.administrator(c.SessionID)
		if err != nil {
			return err
		}
		if row.ID, err = newID(s.rand); err != nil {
			return err
		}
		row.CreatedAt = tx.now
		if err := tx.Create(&row).Error; errors.Is(err, gorm.ErrDuplicatedKey) {
			return ErrExists
		} else if err != nil {
			return err
		}
		facts.Counter = row.ID
		_, err = tx.record(audit.Event{Type: audit.CounterAdded, Facts: facts})
		return err
	})
	return row, err
}
