package models

import (
	"context"

	"countersign/audit"

	"gorm.io/gorm"
)

// OpenAlerts are the alerts that no supervisor has looked at.
type OpenAlerts struct {
	Newest []TrailRow // at most 20, newest first
	Count  int        // all of them
}

// Alerts lists what supervisors should look at. An alert stays open until one of them
// says that they have; it never ends by itself. All alerts are events of the trail.
func (s *Store) Alerts(ctx context.Context) (OpenAlerts, error) {
	open := func() *gorm.DB {
		return s.reading(ctx).Model(&audit.Entry{}).Where("type IN ? AND "+alertIsOpen, audit.AlertTypes())
	}
	var count int64
	if err := open().Count(&count).Error; err != nil {
		return OpenAlerts{}, err
	}
	var entries []audit.Entry
	if err := open().Order("seq DESC").Limit(alertsShown).Find(&entries).Error; err != nil {
		return OpenAlerts{}, err
	}
	rows, err := s.named(ctx, entries)
	return OpenAlerts{rows, int(count)}, err
}

// alertIsOpen is the condition that no supervisor has looked at an event.
const alertIsOpen = "NOT EXISTS (SELECT 1 FROM alert_acknowledgements AS a WHERE a.event_id = audit_events.jti)"

// alertsShown bounds Alerts.
const alertsShown = 20
