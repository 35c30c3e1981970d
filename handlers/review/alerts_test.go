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
func suspicious(t *testing.T) (*handlerstest.Server, models.Alert) {
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

// Each page of a supervisor says how many alerts are open, on its tab and in its title; the number alone is for the part that
// keeps itself up to date. Nobody else reads it.
func TestAlertsAreCountedOnEveryPage(t *testing.T) {
	s, alert := suspicious(t)
	b, operator := s.BrowserOf(t, s.Supervisor("Sara Supervisor")), s.BrowserOf(t, s.Operator("Otto Operator"))
	const says = "1 alert to look at"
	for _, path := range []string{views.PathReviewEvents, views.SecondApprovalListPath, views.PathScanner} {
		page := b.Get(path)
		if !strings.HasPrefix(page.Title(), "(1) ") || !strings.Contains(page.Source, says) {
			t.Errorf("%s is titled %q, or its tab does not count", path, page.Title())
		}
		if page := operator.Get(path); strings.HasPrefix(page.Title(), "(") || strings.Contains(page.Source, says) {
			t.Errorf("an operator's %s counts", path)
		}
	}
	if number := b.Get(views.AlertCountPath); !strings.Contains(number.Source, says) {
		t.Errorf("the number is %s", number.Source)
	}
	operator.Get(views.AlertCountPath).Wants(http.StatusForbidden, "")
	b.Post(views.AlertPath(alert.ID), url.Values{"closing": {"dealt with"}})
	for _, path := range []string{views.AlertCountPath, views.PathScanner} {
		if page := b.Get(path); strings.HasPrefix(page.Title(), "(") || strings.Contains(page.Source, says) {
			t.Errorf("%s counts what is closed", path)
		}
	}
}

// A supervisor closes an alert with a note: it goes out of the list, and stays in the trail with who, when and what came of it;
// the second supervisor hears that somebody was first. The note is shown inert.
func TestAlertIsClosed(t *testing.T) {
	s, alert := suspicious(t)
	first, second := s.BrowserOf(t, s.Supervisor("Sara Supervisor")), s.BrowserOf(t, s.Supervisor("Stan Supervisor"))
	form, late := first.Get(views.PathReviewEvents).Form(views.AlertPath(alert.ID)), second.Get(views.PathReviewEvents).
		Form(views.AlertPath(alert.ID))
	form.Set("note", "<b>Called</b> the customer").Set("closing", "nothing wrong").Submit().Wants(http.StatusOK, "Audit trail").
		Says("The alert is out of the list", "Closed by Sara Supervisor on 4 May 2026 11:00:00: Nothing was wrong",
			"Note: <b>Called</b> the customer (Sara Supervisor, 4 May 2026 11:00:00)", "Alert closed", "Note on an alert").
		SaysNot("to look at")
	late.Set("note", "Mine").Submit().Wants(http.StatusOK, "Audit trail").
		Says("Somebody had closed this alert already", "Closed by Sara Supervisor").SaysNot("Mine", "Stan Supervisor on")
	second.Post(views.AlertPath(alert.ID), url.Values{"closing": {"dealt with"}}).Says("Somebody had closed this alert already")
	second.Post(views.TakeAlertPath(alert.ID), nil).Says("Somebody had closed this alert already")
	first.Open(views.ReviewRequestPath(alert.DeviceAuthorizationID)).Says("Closed by Sara Supervisor", "Alert closed")
	if strings.Contains(s.Snapshot()["audit_events"]+s.Log(), "Called") {
		t.Error("the note is in the trail or in the log")
	}
	second.Post(views.AlertPath("nothing"), url.Values{"closing": {"dealt with"}}).Wants(http.StatusNotFound, "nothing at this address")
	second.Post(views.AlertPath(alert.ID), url.Values{"closing": {"whatever"}}).Wants(http.StatusBadRequest, "not in the list")
}

// One supervisor takes an alert and writes a note: the others see who has it, since when, and the note, and take it over.
func TestAlertIsTakenAndNoted(t *testing.T) {
	s, alert := suspicious(t)
	first, second := s.BrowserOf(t, s.Supervisor("Sara Supervisor")), s.BrowserOf(t, s.Supervisor("Stan Supervisor"))
	late := second.Get(views.PathReviewEvents).Form(views.TakeAlertPath(alert.ID))
	page := first.Get(views.PathReviewEvents).Form(views.TakeAlertPath(alert.ID)).Submit().
		Says("The alert is yours", "Yours since 4 May 2026 11:00:00")
	if page.HasForm(views.TakeAlertPath(alert.ID)) {
		t.Error("what is theirs is offered")
	}
	page.Form(views.AlertPath(alert.ID)).Set("note", "Calling the customer").Submit().
		Says("The note is kept. The alert stays open.", "1 alert to look at", "Calling the customer")
	late.Submit().Says("Somebody else has taken this alert meanwhile", "Sara Supervisor has it since 4 May 2026 11:00:00",
		"Note: Calling the customer (Sara Supervisor").Form(views.TakeAlertPath(alert.ID)).Submit().Says("Yours since", "Alert taken")
	first.Get(views.PathReviewEvents).Says("Stan Supervisor has it since").HasForm(views.TakeAlertPath(alert.ID))
}

// A note to mend is kept beside its alert, once, with what was chosen, and nothing is changed.
func TestNoteIsMended(t *testing.T) {
	s, alert := suspicious(t)
	b := s.BrowserOf(t, s.Supervisor("Sara Supervisor"))
	for _, c := range []struct{ note, closing, says string }{
		{strings.Repeat("x", oauth.MaxNote+1), "dealt with", "Write a note of at most 200 characters"},
		{"Call\u202eed", "", "Write a note of at most 200 characters"},
		{"", "", "Write a note, or choose what came of it."},
	} {
		s.Unchanged(t, "a note to mend", func() {
			page := b.Step(http.MethodPost, s.Endpoint(views.AlertPath(alert.ID)), url.Values{"note": {c.note}, "closing": {c.closing}})
			if page.Status != http.StatusSeeOther {
				t.Fatalf("answered %d", page.Status)
			}
			form := b.Get(page.Location).Says(c.says, "1 alert to look at").Form(views.AlertPath(alert.ID))
			if form.Value("note") != c.note || form.Value("closing") != c.closing {
				t.Errorf("kept %q, %q", form.Value("note"), form.Value("closing"))
			}
			b.Get(views.PathReviewEvents).SaysNot("Write a note")
		})
	}
	for range 20 {
		if err := s.Store.NoteAlert(t.Context(), s.Supervisor("Stan Supervisor").SessionID, alert.ID, "again"); err != nil {
			t.Fatal(err)
		}
	}
	b.Get(views.PathReviewEvents).Form(views.AlertPath(alert.ID)).Set("note", "One more").Submit().
		Says("This alert takes no more notes. You can close it without one.")
}

// docs/protocol.md §6 rogue-operator: a person who caused an alert is offered no way to take it away, and is
// refused when they try; so is an operator.
func TestOwnAlertIsNotLookedAt(t *testing.T) {
	s, alert := suspicious(t)
	both := s.SignIn(models.Identity{Subject: "Olga Operator", Name: "Olga Operator",
		Roles: []models.Role{models.Operator, models.Supervisor}})
	b := s.BrowserOf(t, both)
	page := b.Get(views.PathReviewEvents).Says("You caused it: another supervisor looks at it.")
	if page.HasForm(views.AlertPath(alert.ID)) {
		t.Error("the form is there")
	}
	for path, form := range map[string]url.Values{
		views.AlertPath(alert.ID): {"closing": {"nothing wrong"}}, views.TakeAlertPath(alert.ID): nil,
	} {
		b.Post(path, form).Wants(http.StatusForbidden, "You caused this alert")
	}
	b.Get(views.PathReviewEvents).Says("1 alert to look at", "it was an alert that they had caused")
	s.BrowserOf(t, s.Operator("Oskar Operator")).Post(views.AlertPath(alert.ID), nil).
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
