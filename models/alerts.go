package models

import (
	"context"
	"slices"

	"countersign/audit"

	"gorm.io/gorm"
)

// alertsShown bounds Alerts.
const alertsShown = 20

// alertTypes are the events that a supervisor should look at without being asked.
func alertTypes() []audit.Type {
	return []audit.Type{
		audit.SuspicionReported, audit.SpentCodeEntered, audit.WrongKeyUsed, audit.ForeignTokenPresented, audit.RedemptionReplayed, audit.ApprovalRateUnusual,
		audit.DeviceRepudiated, audit.SecondApprovalRefused,
	}
}

// OpenAlerts are the alerts that no supervisor has looked at.
type OpenAlerts struct {
	Newest []TrailRow // at most 20, newest first
	Count  int        // all of them
}

// Alerts lists what supervisors should look at. An alert stays open until one of them
// says that they have; it never ends by itself. All alerts are events of the trail.
func (s *Store) Alerts(ctx context.Context) (OpenAlerts, error) {
	open := func() *gorm.DB {
		return s.reading(ctx).Model(&audit.Entry{}).Where("type IN ? AND NOT EXISTS (SELECT 1 FROM alert_acknowledgements AS a WHERE a.event_id = audit_events.jti)", alertTypes())
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

// LookedAt is who looked at an alert, when, and what they noted.
type LookedAt struct {
	EventID string
	Name    string
	At      Instant
	Note    string
}

// addLookedAt says of the alerts among the rows who has looked at them.
func (s *Store) addLookedAt(ctx context.Context, rows []TrailRow) error {
	var ids []string
	for _, row := range rows {
		if slices.Contains(alertTypes(), row.Event.Type) {
			ids = append(ids, row.ID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	var all []LookedAt
	err := s.reading(ctx).Raw(`SELECT a.event_id, staff.name, a.created_at AS at, a.note
		FROM alert_acknowledgements AS a JOIN staff ON staff.id = a.staff_id WHERE a.event_id IN ?`, ids).Scan(&all).Error
	for i := range rows {
		at := slices.IndexFunc(all, func(l LookedAt) bool { return l.EventID == rows[i].ID })
		if at >= 0 {
			rows[i].LookedAt = &all[at]
		}
	}
	return err
}
