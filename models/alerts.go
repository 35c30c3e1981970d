package models

import (
	"context"
	"time"

	"countersign/audit"
)

// Bounds of Alerts.
const (
	alertMemory = 14 * 24 * time.Hour
	alertsShown = 20
)

// alertTypes are the events that a supervisor should look at without being asked.
func alertTypes() []audit.Type {
	return []audit.Type{audit.SuspicionReported, audit.SpentCodeEntered, audit.WrongKeyUsed, audit.RedemptionReplayed}
}

// Alerts lists what supervisors should look at, newest first: at most 20 of the last 14
// days. They are events of the trail; nothing else is kept of them.
func (s *Store) Alerts(ctx context.Context) ([]TrailRow, error) {
	return s.Trail(ctx, audit.Filter{Types: alertTypes(), From: s.now().Add(-alertMemory), Limit: alertsShown})
}
