package models

import (
	"context"
	"slices"

	"countersign/audit"

	"gorm.io/gorm/clause"
)

// OpenAlerts are the alerts that no supervisor has closed.
type OpenAlerts struct {
	Newest []Alert // at most 20, newest first
	Count  int     // all of them; AlertsCounted stands for as many or more
}

// Alert is an alert in the queue.
type Alert struct {
	TrailRow
	TakenBy   string // staff.id; "" for nobody
	TakenName string
	TakenAt   Instant
}

// Bounds of OpenAlerts.
const (
	alertsShown   = 20
	AlertsCounted = 100
)

// isOpen is the condition that an alert of the queue is open: a program of before the queue leaves its row there.
const isOpen = "NOT EXISTS (SELECT 1 FROM alert_acknowledgements AS a WHERE a.event_id = open_alerts.event_id)"

// alertIsOpen is the same of the alert's event.
const alertIsOpen = "NOT EXISTS (SELECT 1 FROM alert_acknowledgements AS a WHERE a.event_id = audit_events.jti)"

// Alerts lists what supervisors should look at. An alert stays open until one of them closes it; it never ends by itself.
// All alerts are events of the trail.
func (s *Store) Alerts(ctx context.Context) (OpenAlerts, error) {
	count, err := s.AlertCount(ctx)
	if err != nil {
		return OpenAlerts{}, err
	}
	var open []OpenAlert
	err = s.reading(ctx).Where(isOpen).Order("seq DESC").Limit(alertsShown).Find(&open).Error
	if err != nil || len(open) == 0 {
		return OpenAlerts{Count: count}, err
	}
	newest, err := s.queued(ctx, open)
	return OpenAlerts{newest, count}, err
}

// AlertCount counts the open alerts, as far as to AlertsCounted: every page of a supervisor asks.
func (s *Store) AlertCount(ctx context.Context) (count int, err error) {
	err = s.reader(ctx).ask("SELECT count(*) FROM (SELECT 1 FROM open_alerts WHERE "+isOpen+" ORDER BY seq DESC LIMIT $1) AS open",
		[]any{AlertsCounted}, &count)
	return count, err
}

// queued gives open alerts their events and names, in their order.
func (s *Store) queued(ctx context.Context, open []OpenAlert) ([]Alert, error) {
	var sequence []int64
	takers := map[string]string{}
	for _, alert := range open {
		sequence = append(sequence, alert.Seq)
		takers[alert.TakenBy] = ""
	}
	var entries []audit.Entry
	if err := s.reading(ctx).Where("seq IN ?", sequence).Find(&entries).Error; err != nil {
		return nil, err
	}
	if err := s.fillNames(ctx, "SELECT id, name FROM staff WHERE id IN ?", takers); err != nil {
		return nil, err
	}
	rows, err := s.named(ctx, entries)
	var list []Alert
	for _, alert := range open {
		if at := slices.IndexFunc(rows, func(r TrailRow) bool { return r.Seq == alert.Seq }); at >= 0 {
			list = append(list, Alert{rows[at], alert.TakenBy, takers[alert.TakenBy], alert.TakenAt})
		}
	}
	return list, err
}

// queue puts an alert into the queue, and on its way to supervisors who look at no page.
func (t *tx) queue(entry audit.Entry) error {
	if err := t.Create(&OpenAlert{Seq: entry.Seq, EventID: entry.ID}).Error; err != nil {
		return err
	}
	return t.sendAlert(entry)
}

// Bounds of adoptAlerts: how many of the newest events it looks at, and how many alerts it moves at once.
const (
	alertsAdopted = 100_000
	alertsMoved   = 500
)

// adoptAlerts puts into the queue what a program of before the queue raised while both were running, and takes out what it
// closed. It looks without the write lock, which nobody waits for where there is nothing to move.
func (s *Store) adoptAlerts(ctx context.Context) error {
	var raised, closed []OpenAlert
	err := s.reading(ctx).Raw(`SELECT seq, jti AS event_id FROM audit_events
		WHERE type IN ? AND seq > (SELECT coalesce(max(seq), 0) FROM audit_events) - ? AND `+alertIsOpen+`
			AND NOT EXISTS (SELECT 1 FROM open_alerts AS o WHERE o.seq = audit_events.seq) LIMIT ?`,
		audit.AlertTypes(), alertsAdopted, alertsMoved).Scan(&raised).Error
	if err != nil {
		return err
	}
	err = s.reading(ctx).Raw(`SELECT o.seq, o.event_id FROM alert_acknowledgements AS a CROSS JOIN open_alerts AS o
		WHERE a.closing = '' AND a.created_at > 0 AND o.event_id = a.event_id LIMIT ?`, alertsMoved).Scan(&closed).Error
	if err != nil {
		return err
	}
	if len(raised)+len(closed) == 0 {
		return nil
	}
	return s.write(ctx, func(tx *tx) error {
		if len(raised) > 0 {
			if err := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&raised).Error; err != nil {
				return err
			}
		}
		if len(closed) == 0 {
			return nil
		}
		return tx.Delete(&closed).Error
	})
}
