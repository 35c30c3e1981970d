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
			return b, b.click("tbody td .sub a", "")
		}},
		{"visit, as it was", 200, func(w *tour) (*tab, int64) {
			return w.as(supervisor), w.as(supervisor).click("dd :is(a, button)", "Open the request")
		}},
		{"event, of no request", 200, at(supervisor, views.EntryPath(1))},
		{"operator's day", 200, approvedLink(`a[href^="/review/staff/"]`)},
		{"operator's day, nothing done", 200, func(w *tour) (*tab, int64) {
			return w.as(supervisor), w.as(supervisor).click("nav a", "Day before")
		}},
		{"account's story", 200, approvedLink(`dd a[href^="/review/accounts/"]`)},
		{"counter's week", 200, approvedLink(`a[href^="/review/counters/"]`)},
		{"trail of an app", 200, approvedLink(`dd a[href^="/review/events?app="]`)},
	}
}

// approvedLink goes on from the event of the newest approval.
func approvedLink(selector string) func(*tour) (*tab, int64) {
	return func(w *tour) (*tab, int64) {
		b := w.as(supervisor)
		b.open(views.PathReviewEvents + "?type=" + string(audit.DeviceBindingApproved))
		b.click("tbody td .sub a", "")
		return b, b.click(selector, "")
	}
}
