package main

import (
	"countersign/audit"
	"countersign/views"
)

// askStops are the pages that answer one question of a supervisor each. What is asked about happened at earlier stops.
func askStops() []stop {
	return []stop{
		{"event, approved", 200, func(w *tour) (*tab, int64) {
			b := w.as(supervisor)
			b.open(views.PathReviewEvents + "?type=" + string(audit.DeviceBindingApproved))
			return b, b.click("tbody td a", "Entry")
		}},
		{"event, of no request", 200, at(supervisor, views.EntryPath(1))},
	}
}
