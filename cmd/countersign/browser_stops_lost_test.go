package main

import (
	"net/url"
	"time"

	"countersign/audit/term"
	"countersign/views"
)

// lostStops are an operator whose customer lost a device, and the supervisor who answers.
func lostStops() []stop {
	const lost = "C-100288"
	ask := func(reason term.Recall) func(*tour) (*tab, int64) {
		return func(w *tour) (*tab, int64) {
			b := w.as(demoOperator)
			b.open(b.path())
			evaluate[any](b, "document.getElementById('lost').open = true, null")
			return b, b.submit("[action$='/disconnection']", url.Values{"reason": {string(reason)}})
		}
	}
	return []stop{
		{"lost device, without a reason", 200, func(w *tour) (*tab, int64) {
			w.later(13 * time.Hour) // the limits let no more phones ask in the same minute
			w.connected(lost, "Old phone")
			w.as(supervisor)
			w.as(demoOperator).search(lost)
			return ask("")(w)
		}},
		{"lost device, asked for", 200, ask(term.RecallDeviceLost)},
		{"audit trail, with somebody who waits for an answer", 200, at(supervisor, views.PathReviewEvents)},
		{"audit trail, an alert taken", 200, func(w *tour) (*tab, int64) {
			return w.as(supervisor), w.as(supervisor).submit("[action$='/take']", nil)
		}},
		{"audit trail, an alert with a note", 200, func(w *tour) (*tab, int64) {
			b := w.as(supervisor)
			return b, b.submit(":has([name='closing'])", url.Values{"note": {"Called the customer"}})
		}},
		{"audit trail, answered", 200, func(w *tour) (*tab, int64) {
			return w.as(supervisor), w.as(supervisor).submit("[action$='/disconnect']", nil)
		}},
		{"lost device, disconnected", 200, func(w *tour) (*tab, int64) {
			b := w.as(demoOperator)
			return b, b.open(b.path())
		}},
	}
}
