package review_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"countersign/audit/term"
	"countersign/handlers/handlerstest"
	"countersign/models"
	"countersign/oauth"
	"countersign/views"
)

// suspicious is a server with one alert: a request that an operator declined as
// suspicious, and another one from the same network with it.
func suspicious(t *testing.T) (*handlerstest.Server, models.TrailRow) {
	t.Helper()
	s := handlerstest.Start(t, handlerstest.Config{})
	operator := s.Operator("Olga Operator")
	matched := s.Match(t, operator, s.Phone().Ask(nil).UserCode)
	s.Phone().Ask(nil)
	if err := s.Store.Decline(t.Context(), operator.SessionID, matched.ID, term.DeclineSuspicious); err != nil {
		t.Fatal(err)
	}
	alerts, err := s.Store.Alerts(t.Context())
	if err != nil || alerts.Count != 1 {
		t.Fatalf("%d alerts, %v", alerts.Count, err)
	}
	return s, alerts.Newest[0]
}

// RFC 10027, detect and remediate: what supervisors should look at stands above the
// trail, by names, with the way to the request; without any there is no such list.
func TestAlertsStandAboveTheTrail(t *testing.T) {
	quiet := handlerstest.Start(t, handlerstest.Config{})
	quiet.BrowserOf(t, quiet.Supervisor("Sara Supervisor")).Get(views.PathReviewEvents).SaysNot("to look at")
	s, alert := suspicious(t)
	page := s.BrowserOf(t, s.Supervisor("Sara Supervisor")).Get(views.PathReviewEvents).Wants(http.StatusOK, "Audit trail").
		Says("1 alert to look at", "Suspicion reported", "A. E., Olga Operator", "1 more declined with it")
	page.SaysNot("Anna").Form(views.OpenRequestPath(alert.DeviceAuthorizationID)).Submit().Wants(http.StatusOK, "Request of Anna Example")
}

// A supervisor looks at an alert with a note: it goes out of the list, and stays in the
// trail with who and when; the second supervisor hears that somebody was first. The note
// is shown inert.
func TestAlertIsLookedAt(t *testing.T) {
	s, alert := suspicious(t)
	first, second := s.BrowserOf(t, s.Supervisor("Sara Supervisor")), s.BrowserOf(t, s.Supervisor("Stan Supervisor"))
	form, late := first.Get(views.PathReviewEvents).Form(views.LookedAtPath(alert.ID)), second.Get(views.PathReviewEvents).
		Form(views.LookedAtPath(alert.ID))
	form.Set("note", "<b>Called</b> the customer").Submit().Wants(http.StatusOK, "Audit trail").
		Says("The alert is out of the list", "Looked at by Sara Supervisor on 4 May 2026 11:00:00", "Note: <b>Called</b> the customer",
			"Alert looked at").
		SaysNot("to look at")
	late.Set("note", "Mine").Submit().Wants(http.StatusOK, "Audit trail").
		Says("Somebody had looked at this alert already", "Looked at by Sara Supervisor").SaysNot("Mine", "Stan Supervisor on")
	first.Open(views.ReviewRequestPath(alert.DeviceAuthorizationID)).Says("Looked at by Sara Supervisor", "Alert looked at")
	if strings.Contains(s.Snapshot()["audit_events"]+s.Log(), "Called") {
		t.Error("the note is in the trail or in the log")
	}
	second.Post(views.LookedAtPath("nothing"), nil).Wants(http.StatusNotFound, "nothing at this address")
}

// A note to mend is kept beside its alert, once, and nothing is changed.
func TestNoteIsMended(t *testing.T) {
	s, alert := suspicious(t)
	b := s.BrowserOf(t, s.Supervisor("Sara Supervisor"))
	for _, note := range []string{strings.Repeat("x", oauth.MaxNote+1), "Call\u202eed"} {
		s.Unchanged(t, "a note to mend", func() {
			page := b.Step(http.MethodPost, s.Endpoint(views.LookedAtPath(alert.ID)), url.Values{"note": {note}})
			if page.Status != http.StatusSeeOther {
				t.Fatalf("answered %d", page.Status)
			}
			page = b.Get(page.Location).Says("Write a note of at most 200 characters", "1 alert to look at")
			if kept := page.Form(views.LookedAtPath(alert.ID)).Value("note"); kept != note || len(page.Errors()) != 1 {
				t.Errorf("kept %q, errors %q", kept, page.Errors())
			}
			b.Get(views.PathReviewEvents).SaysNot("Write a note")
		})
	}
}

// docs/protocol.md §6 rogue-operator: a person who caused an alert is offered no way to take it away, and is
// refused when they try; so is an operator.
func TestOwnAlertIsNotLookedAt(t *testing.T) {
	s, alert := suspicious(t)
	both := s.SignIn(models.Identity{Subject: "Olga Operator", Name: "Olga Operator",
		Roles: []models.Role{models.Operator, models.Supervisor}})
	b := s.BrowserOf(t, both)
	page := b.Get(views.PathReviewEvents).Says("You caused it: another supervisor looks at it.")
	if page.HasForm(views.LookedAtPath(alert.ID)) {
		t.Error("the form is there")
	}
	b.Post(views.LookedAtPath(alert.ID), nil).Wants(http.StatusForbidden, "You caused this alert")
	b.Get(views.PathReviewEvents).Says("1 alert to look at", "it was an alert that they had caused")
	s.BrowserOf(t, s.Operator("Oskar Operator")).Post(views.LookedAtPath(alert.ID), nil).
		Wants(http.StatusForbidden, "Your role does not allow this")
}

// docs/protocol.md §6 rogue-operator: unusually many approvals stand above the trail with who made them.
func TestUnusualApprovalRateIsShown(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{Policy: models.Policy{ApprovalAlert: 1}})
	operator := s.Operator("Olga Operator")
	for range 2 {
		s.ApproveFor(t, operator, s.Account.ID, s.Phone().Ask(nil).UserCode)
	}
	s.BrowserOf(t, s.Supervisor("Sara Supervisor")).Get(views.PathReviewEvents).
		Says("1 alert to look at", "Unusually many approvals", "–, Olga Operator", "2 approvals within an hour")
}

// What the match rested on stands with a decline as with an approval: in the trail and on
// the request's page.
func TestDeclineShowsPresence(t *testing.T) {
	s, alert := suspicious(t)
	b := s.BrowserOf(t, s.Supervisor("Sara Supervisor"))
	b.Get(views.PathReviewEvents).Says("(matched: code only)")
	b.Open(views.ReviewRequestPath(alert.DeviceAuthorizationID)).Says("Declined", "Presence", "code only", "(matched: code only)")
}
