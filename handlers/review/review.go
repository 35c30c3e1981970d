// Package review is the supervisors' part of the console: the audit trail with names,
// the page of one request, and the ways back: recall before the device redeems, revoke
// after, unlock after too many wrong codes. What staff pages share is in handlers/console,
// what all handlers share in handlers/web; the route table is in handlers.
//
//	events.go    the trail, newest first, a page at a time (filter.go: what is asked of it; words.go, words_*.go: in words)
//	event.go     one entry: what it says, and whether it is what was written (event_verdict.go)
//	overview.go  what happened within some days, in plots (overview_plots.go: each of them)
//	story.go     what happened to one account
//	day.go       what one of the staff did on one day (day_visits.go: visit by visit)
//	week.go      what happened at one counter in one week, in numbers
//	opened.go    a supervisor opens a record; until then there are initials
//	request.go   one device authorization with everything known about it (request_seen.go: how its visit went)
//	receipt.go   from the number of a receipt to its request
//	recall.go    recall and revoke
//	alerts.go    what asks to be looked at, and who has looked (alert_words.go: what to do about it)
//	bindings.go  what an account has; cut all of it off
//	label.go     what a binding is called
//	search.go    from an identifier to the devices of its account
//	export.go    entries taken along (export_*.go: as JSON lines, or as a table; the command does so too)
//	unlock.go    codes may be entered for an account again
package review

import (
	"time"

	"countersign/handlers/console"
	"countersign/handlers/web"

	"github.com/labstack/echo/v4"
)

// Review answers the requests of supervisors. Make it with New.
type Review struct{ app *console.Pages }

// New makes the supervisors' part.
func New(app *web.App) *Review { return &Review{app: console.New(app)} }

// zone returns the time zone that a supervisor reads: that of the open counter, or else of
// all counters when they share one, or else UTC.
func (h *Review) zone(c echo.Context) (*time.Location, error) {
	if web.SessionOf(c).Counter != nil {
		return web.Zone(c), nil
	}
	counters, err := h.app.Store.Counters(c.Request().Context())
	if err != nil || len(counters) == 0 {
		return time.UTC, err
	}
	for _, counter := range counters[1:] {
		if counter.TimeZone != counters[0].TimeZone {
			return time.UTC, nil
		}
	}
	return counters[0].Location(), nil
}
