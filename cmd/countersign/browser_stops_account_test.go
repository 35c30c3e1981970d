package main

import (
	"context"
	"net/url"
	"strings"
	"time"

	"countersign/audit/term"
	"countersign/views"
)

// severalDevices is the account whose devices the tour looks at.
const severalDevices = "C-100277"

// connected lets an operator connect one more phone to an account, and returns the visit.
func (w *tour) connected(hint, name string) (visit string) {
	w.t.Helper()
	b, phone, visit := w.decide(hint, name)
	evaluate[any](b, `document.querySelectorAll("[name=looked]").forEach(box => { box.checked = true }), null`)
	b.submit("[action$='/approve']", nil)
	if err := phone.Poll(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
	return visit
}

// bindingStops are an account's devices, for the operator of its visit and for a
// supervisor, until all are cut off.
func bindingStops() []stop {
	reason := url.Values{"reason": {views.RecallReasons(context.Background())[0].Value}}
	account := ""
	operators := func(form string, values url.Values) func(*tour) (*tab, int64) {
		return func(w *tour) (*tab, int64) { return w.as(demoOperator), w.as(demoOperator).submit(form, values) }
	}
	return []stop{
		{"devices, of an account that is not matched", 403, func(w *tour) (*tab, int64) {
			w.later(13 * time.Hour) // the limits let no more phones ask in the same minute
			b := w.as(demoOperator)
			account = b.search(severalDevices)
			return b, b.open(views.BindingsPath(account))
		}},
		{"devices, none yet", 200, func(w *tour) (*tab, int64) {
			b, _, _ := w.decide(severalDevices, "")
			return b, b.open(views.BindingsPath(account))
		}},
		{"devices, with a long name", 200, func(w *tour) (*tab, int64) {
			b := w.as(demoOperator)
			b.open(views.PathCounter)
			b.click("#work a", "Continue")
			b.submit("[action$='/release']", nil)
			w.connected(severalDevices, strings.Repeat("W", 64))
			w.connected(severalDevices, "هاتف رنا")
			w.decide(severalDevices, "María's phone")
			return b, b.open(views.BindingsPath(account))
		}},
		{"one device", 200, func(w *tour) (*tab, int64) { return w.as(demoOperator), w.as(demoOperator).click("tbody a", "") }},
		{"one device, another label", 200, operators("[action$='/label']", url.Values{"label": {strings.Repeat("kitchen tablet ", 4)}})},
		{"one device, cut off without a reason", 200, operators("[action$='/revoke']", nil)},
		{"one device, cut off", 200, operators("[action$='/revoke']", reason)},
		{"counter, with visits and receipts", 200, func(w *tour) (*tab, int64) {
			other := w.operatorAt(colleague, demoCounter)
			phone := w.ask("C-100351", "Noa's phone", "")
			if err := other.Search(w.t.Context(), "C-100351"); err != nil {
				w.t.Fatal(err)
			}
			if err := other.Match(w.t.Context(), codeOf(phone)); err != nil {
				w.t.Fatal(err)
			}
			return at(demoOperator, views.PathCounter)(w)
		}},
		{"all devices, question", 200, func(w *tour) (*tab, int64) {
			return w.as(demoOperator), w.as(demoOperator).open(views.EndAllPath(account))
		}},
		{"all devices, without a reason", 200, operators("[action$='/end']", nil)},
		{"devices, for a supervisor", 200, func(w *tour) (*tab, int64) {
			return w.as(supervisor), w.as(supervisor).post(views.ReviewOpenRecordPath(account))
		}},
		{"all devices, question to a supervisor", 200, func(w *tour) (*tab, int64) {
			return w.as(supervisor), w.as(supervisor).open(views.ReviewEndAllPath(account))
		}},
		{"all devices, cut off", 200, func(w *tour) (*tab, int64) {
			return w.as(supervisor), w.as(supervisor).submit("[action$='/end']", reason)
		}},
		{"all devices, nothing left", 200, func(w *tour) (*tab, int64) {
			return w.as(supervisor), w.as(supervisor).open(views.ReviewEndAllPath(account))
		}},
	}
}

// receiptStops are a receipt's later faces, by its own address.
func receiptStops() []stop {
	declined := ""
	return []stop{
		{"declined as suspicious", 200, func(w *tour) (*tab, int64) {
			b, _, visit := w.decide("C-100252", "Małgorzata's phone")
			declined = visit
			return b, b.submit("[action$='/decline']", url.Values{"reason": {string(term.DeclineSuspicious)}})
		}},
		{"receipt of what is declined", 200, func(w *tour) (*tab, int64) {
			return w.as(demoOperator), w.as(demoOperator).open(views.ReceiptPath(declined))
		}},
		{"receipt, recalled without a reason", 200, func(w *tour) (*tab, int64) {
			b, _, _ := w.decide("C-100259", "Téléphone")
			b.submit("[action$='/approve']", nil)
			return b, b.submit("[action$='/recall']", nil)
		}},
		{"receipt, recalled", 200, func(w *tour) (*tab, int64) {
			return w.as(demoOperator),
				w.as(demoOperator).submit("[action$='/recall']", url.Values{"reason": {views.RecallReasons(context.Background())[0].Value}})
		}},
		{"audit trail, with an alert", 200, at(supervisor, views.PathReviewEvents)},
		{"overview of today", 200, at(supervisor, views.PathOverview+"?days=0")},
		{"overview of days before", 200, at(supervisor, views.PathOverview)},
	}
}

// notMeStops are what the link of a notice leads to.
func notMeStops() []stop {
	link := ""
	confirm := func(w *tour) (*tab, int64) {
		return w.as(notSignedIn), w.as(notSignedIn).submit("[action^='/not-me']", nil)
	}
	leadsTo := func(bring func(*tour) (visit string)) func(*tour) (*tab, int64) {
		return func(w *tour) (*tab, int64) {
			link = w.linkOf(bring(w))
			return at(notSignedIn, link)(w)
		}
	}
	return []stop{
		{"not me, what waits", 200, leadsTo(func(w *tour) string {
			b := w.as(demoOperator)
			phone := w.ask("C-100281", strings.Repeat("W", 64), "")
			b.search("C-100281")
			return b.match(codeOf(phone))
		})},
		{"not me, what waited", 200, confirm},
		{"not me, what is approved", 200, leadsTo(func(w *tour) string {
			b, _, visit := w.decide("C-100306", "โทรศัพท์")
			b.submit("[action$='/approve']", nil)
			return visit
		})},
		{"not me, what is connected", 200, leadsTo(func(w *tour) string { return w.connected("C-100270", "健一の携帯") })},
		{"not me, what was connected", 200, confirm},
		{"not me, a link that is none", 404, func(w *tour) (*tab, int64) { return at(notSignedIn, link+"A")(w) }},
	}
}

// linkOf is the address in the notice about a request.
func (w *tour) linkOf(visit string) string {
	w.t.Helper()
	for {
		due, more, err := w.store.NextNotice(w.t.Context())
		if err != nil || !more {
			w.t.Fatalf("no notice is about %s (%v)", visit, err)
		}
		if id := due.DeviceAuthorizationID; id != nil && *id == visit && due.Link != "" {
			return views.NotMePath(due.Link)
		}
	}
}
