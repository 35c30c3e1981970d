package models

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"countersign/audit"

	"gorm.io/gorm"
)

// NewCounter is a counter to be set up. Networks are CIDRs; none means "from anywhere".
type NewCounter struct {
	Name, Address, Hours, TimeZone string
	Networks                       []string
}

// AddCounter sets up a counter. Errors: ErrExists (the name is taken), or what is
// wrong with the time zone or a network.
func (s *Store) AddCounter(ctx context.Context, c NewCounter) (Counter, error) {
	row := Counter{Name: c.Name, Address: c.Address, Hours: c.Hours, TimeZone: c.TimeZone, Networks: strings.Join(c.Networks, " ")}
	if _, err := time.LoadLocation(c.TimeZone); err != nil || c.TimeZone == "" {
		return row, fmt.Errorf("counter %q: unknown time zone %q", c.Name, c.TimeZone)
	}
	for _, network := range c.Networks {
		if _, err := netip.ParsePrefix(network); err != nil {
			return row, fmt.Errorf("counter %q: %q is not a network such as 192.0.2.0/24", c.Name, network)
		}
	}
	err := s.write(ctx, func(tx *tx) (err error) {
		if row.ID, err = newID(s.rand); err != nil {
			return err
		}
		row.CreatedAt = tx.now
		if err := tx.Create(&row).Error; errors.Is(err, gorm.ErrDuplicatedKey) {
			return ErrExists
		} else if err != nil {
			return err
		}
		_, err = tx.record(audit.Event{Type: audit.CounterAdded, Facts: audit.Facts{
			Actor: &audit.Actor{System: "command"}, Counter: row.ID,
		}})
		return err
	})
	return row, err
}

// Counters lists the counters in use, by name.
func (s *Store) Counters(ctx context.Context) ([]Counter, error) {
	var rows []Counter
	err := s.reading(ctx).Where("closed_at = 0").Order("name").Find(&rows).Error
	return rows, err
}

// Counter finds one counter, in use or not. Error: ErrNotFound.
func (s *Store) Counter(ctx context.Context, id string) (Counter, error) {
	var row Counter
	err := s.reading(ctx).Where("id = ?", id).First(&row).Error
	return row, lost(err)
}

// Allows says whether the counter may be used from the address.
func (c Counter) Allows(address netip.Addr) bool {
	networks := strings.Fields(c.Networks)
	for _, network := range networks {
		if prefix, err := netip.ParsePrefix(network); err == nil && prefix.Contains(address.Unmap()) {
			return true
		}
	}
	return len(networks) == 0
}

// Location is the counter's time zone.
func (c Counter) Location() *time.Location {
	if zone, err := time.LoadLocation(c.TimeZone); err == nil {
		return zone
	}
	return time.UTC
}
