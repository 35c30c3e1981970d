package models

import (
	"context"
	"net/netip"
	"strings"
	"time"

	"countersign/models/hours"
	"countersign/models/zones"

	"gorm.io/gorm"
)

// Counters lists the counters in use, by name.
func (s *Store) Counters(ctx context.Context) ([]Counter, error) {
	var rows []Counter
	err := s.reading(ctx).Where("closed_at = 0").Order("name").Find(&rows).Error
	return rows, err
}

// AllCounters lists the closed ones too, after those in use.
func (s *Store) AllCounters(ctx context.Context) ([]Counter, error) {
	var rows []Counter
	err := s.reading(ctx).Order("CASE WHEN closed_at = 0 THEN 0 ELSE 1 END, name").Find(&rows).Error
	return rows, err
}

// Counter finds one counter, in use or not. Error: ErrNotFound.
func (s *Store) Counter(ctx context.Context, id string) (Counter, error) {
	var row Counter
	err := s.reading(ctx).Where("id = ?", id).First(&row).Error
	return row, notFound(err)
}

// Allows reports whether the counter may be used from the address.
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
	if zone, err := zones.Load(c.TimeZone); err == nil {
		return zone
	}
	return time.UTC
}

// OpeningHours are the counter's as data; false where its hours are words, or none.
func (c Counter) OpeningHours() (hours.Hours, bool) {
	h, err := hours.Parse(c.Hours)
	return h, err == nil
}

// mayOpen reports whether a counter is in use and this member of staff may work there: an
// administrator's word on either counts from the next step on, whatever was opened before.
func (t *tx) mayOpen(staffID, counterID string) (bool, error) {
	var count int64
	err := openTo(t.DB, staffID).Where("counters.id = ?", counterID).Count(&count).Error
	return count > 0, err
}

// openToStaff is the condition that one of counters is in use and the one of staff may open it: any, unless they are limited to some.
const openToStaff = `counters.closed_at = 0 AND (NOT EXISTS (SELECT 1 FROM staff_counters AS few WHERE few.staff_id = staff.id)
	OR EXISTS (SELECT 1 FROM staff_counters AS one WHERE one.staff_id = staff.id AND one.counter_id = counters.id))`

// openTo are the counters that a member of staff may open.
func openTo(db *gorm.DB, staffID string) *gorm.DB {
	return db.Model(&Counter{}).Joins("JOIN staff ON staff.id = ?", staffID).Where(openToStaff)
}

// CountersFor lists the counters that somebody of the staff may open, by name.
func (s *Store) CountersFor(ctx context.Context, staffID string) ([]Counter, error) {
	var rows []Counter
	err := openTo(s.reading(ctx), staffID).Order("counters.name").Find(&rows).Error
	return rows, err
}
