package main

import (
	"net/http"
	"net/url"
	"path"
	"strings"

	"countersign/models"
	"countersign/oauth"
	"countersign/oauth/deviceclient"
	"countersign/views"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/fetch"
	"github.com/chromedp/chromedp"
)

const leaving = "Amara Diallo, leaving" // a browser of hers that signs out

// twoForAppointments lets one scope of the demonstration need a second person.
func twoForAppointments(p *models.Policy) { p.TwoPersonScopes = oauth.Scope{"appointments"} }

// decideWithTwo brings a request that needs a second person to the page to decide on, and
// returns the visit.
func (w *tour) decideWithTwo(b *tab, hint string) (visit string) {
	w.t.Helper()
	phone := w.phone(quaysideHealth, deviceclient.Request{LoginHint: hint, InstanceName: "A phone", Scope: "profile appointments"})
	b.search(hint)
	visit = b.match(codeOf(phone))
	b.proof(goodDocument())
	return visit
}

// question is the path of the one question that waits for a second person.
func (b *tab) question() string {
	b.t.Helper()
	b.open(views.SecondApprovalListPath)
	b.click("tbody button", "Look")
	return b.path()
}

// decideAgain opens once more the page on which the operator decides.
func decideAgain(w *tour) (*tab, int64) {
	b := w.as(demoOperator)
	return b, b.open(b.path())
}

// askSecondApproval asks for a second person.
func askSecondApproval(w *tour) (*tab, int64) {
	return w.as(demoOperator), w.as(demoOperator).submit("[action$='/second']", nil)
}

// answerSecondApproval answers the one question that waits.
func answerSecondApproval(form string, values url.Values) func(*tour) (*tab, int64) {
	return func(w *tour) (*tab, int64) {
		b := w.as(supervisor)
		b.question()
		return b, b.submit("[action$='"+form+"']", values)
	}
}

// secondPersonStops are the pages on which a second person is asked, up to the closed record.
func secondPersonStops() []stop {
	return []stop{
		{"second person, nobody waits", 200, at(supervisor, views.SecondApprovalListPath)},
		{"decide, a second person is needed", 200, func(w *tour) (*tab, int64) {
			b := w.as(demoOperator)
			w.decideWithTwo(b, "C-100248")
			return b, b.open(b.path())
		}},
		{"decide, a second person is asked", 200, askSecondApproval},
		{"second person, one waits", 200, at(supervisor, views.SecondApprovalListPath)},
		{"second person, one's own", 200, func(w *tour) (*tab, int64) {
			b := newTab(w.t, w.issuer)
			b.atCounter(demoOperator, demoCounter)
			return b, b.open(views.SecondApprovalListPath)
		}},
		{"second person, elsewhere", 200, func(w *tour) (*tab, int64) {
			b := newTab(w.t, w.issuer)
			b.atCounter(colleague, quayside)
			return b, b.open(views.SecondApprovalListPath)
		}},
		{"second person, the record is closed", 200, func(w *tour) (*tab, int64) {
			b := w.as(supervisor)
			b.open(views.SecondApprovalListPath)
			action := evaluate[string](b, `document.querySelector("tbody form").action`)
			return b, b.open(strings.TrimSuffix(strings.TrimPrefix(action, b.home), "/look"))
		}},
	}
}

// secondAnswerStops are the open record and its answers, and the page to decide beside them.
func secondAnswerStops() []stop {
	last := "" // the question that was answered
	return []stop{
		{"second person, the record", 200, func(w *tour) (*tab, int64) {
			b := w.as(supervisor)
			last = b.question()
			return b, b.open(last)
		}},
		{"second person, one's own record", 200, func(w *tour) (*tab, int64) {
			b := newTab(w.t, w.issuer)
			b.atCounter(demoOperator, demoCounter)
			return b, b.open(last)
		}},
		{"decide, somebody looks", 200, decideAgain},
		{"second person, returned without a reason", 200, answerSecondApproval("/return", nil)},
		{"second person, returned", 200, answerSecondApproval("/return", url.Values{"reason": {"look again"}})},
		{"second person, the record when it is returned", 200, func(w *tour) (*tab, int64) {
			return w.as(supervisor), w.as(supervisor).open(last)
		}},
		{"decide, the second person returned it", 200, decideAgain},
		{"second person, agreed", 200, func(w *tour) (*tab, int64) {
			askSecondApproval(w)
			return answerSecondApproval("/agree", nil)(w)
		}},
		{"decide, the second person agrees", 200, decideAgain},
		{"second person, there is nothing to say any more", 409, func(w *tour) (*tab, int64) {
			b := w.as(supervisor)
			return b, b.post(last + "/agree")
		}},
		{"approving without the second person", 409, func(w *tour) (*tab, int64) {
			b := w.as(demoOperator)
			visit := w.decideWithTwo(b, "C-100235")
			return b, b.post(views.ApprovePath(visit))
		}},
	}
}

// stepUpStops are the pages of a fresh sign-in before an approval.
func stepUpStops() []stop {
	return []stop{
		{"confirm that it is you", 200, func(w *tour) (*tab, int64) {
			b, _, visit := w.decide("C-100241", "Hương's phone")
			return b, b.open(views.PathStepUp + "?" + url.Values{"return_to": {views.DecidePath(visit)}}.Encode())
		}},
		{"confirm, at the provider", 200, func(w *tour) (*tab, int64) {
			w.advance(1) // so that no sign-in is fresh enough for max_age=0
			b := w.as(demoOperator)
			b.submit("[action='"+views.PathStepUp+"']", nil)
			address := evaluate[string](b, `location.pathname + location.search`)
			return b, b.open(address + "&max_age=0")
		}},
		{"confirmed by somebody else", 403,
			func(w *tour) (*tab, int64) { return w.as(demoOperator), w.as(demoOperator).click("button", colleague) }},
		{"confirmed", 200, func(w *tour) (*tab, int64) {
			b := w.as(demoOperator)
			b.click("main a", "Back to the visit")
			visit := path.Base(path.Dir(b.path()))
			b.open(views.PathStepUp + "?" + url.Values{"return_to": {views.DecidePath(visit)}}.Encode())
			b.submit("[action='"+views.PathStepUp+"']", nil)
			return b, b.click("button", demoOperator)
		}},
	}
}

// stayHere answers the path with nothing new (204), so that a page that leads there by
// itself stays. It ends with leadOn.
func (b *tab) stayHere(path string) {
	b.t.Helper()
	paused := chromedp.Events(b.ctx, fetch.RequestPaused)
	go func() {
		for event, err := range paused {
			if err != nil {
				return // the tab is closed
			}
			_ = command(b, fetch.FulfillRequest, fetch.FulfillRequestParams{RequestID: event.RequestID, ResponseCode: http.StatusNoContent})
		}
	}()
	b.must(command(b, fetch.Enable, fetch.EnableParams{Patterns: []*fetch.RequestPattern{{URLPattern: b.home + path + "*"}}}))
}

// leadOn lets everything arrive again.
func (b *tab) leadOn() {
	b.t.Helper()
	b.must(command(b, fetch.Disable, cdp.Empty{}))
}
