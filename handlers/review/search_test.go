package review_test

import (
	"net/http"
	"strings"
	"testing"

	"countersign/audit"
	"countersign/handlers/handlerstest"
	"countersign/views"
)

// A card that is scanned into the box is neither searched, kept nor shown.
func TestSupervisorScansACard(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	b := s.BrowserOf(t, s.Supervisor("Sara Supervisor"))
	since := s.LastEvent()
	for _, typed := range []string{handlerstest.Licence("LINDQVIST", "ANNA", "02291984", "05312031"), "P<UTOLINDQVIST<<ANNA", "DCSLINDQVIST"} {
		page := b.Get(views.PathReviewEvents).Form(views.PathReviewAccounts).Set("identifier", typed).Submit().
			Wants(http.StatusOK, "Audit trail").Says("That is an ID document, and no account identifier.").SaysNot("No account has this identifier.")
		if page.Form(views.PathReviewAccounts).Value("identifier") != "" || strings.Contains(page.Source, "LINDQVIST") {
			t.Errorf("%q is shown", typed)
		}
	}
	if events := s.Events(since); len(events) > 0 || strings.Contains(s.Log(), "LINDQVIST") {
		t.Errorf("events %v, or the log has it", events)
	}
}

// A customer who has no device left has nothing that could be matched: a supervisor finds
// the account by its identifier, exactly, and it is on record (docs/decisions/0024). What
// was typed is in no address, event or log, and stays in the box when nobody has it.
func TestSupervisorFindsAnAccount(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	s.Approve(t, s.Phone().Ask(map[string]string{"instance_name": "Anna's phone"}).UserCode)
	b := s.BrowserOf(t, s.Supervisor("Sara Supervisor"))
	since := s.LastEvent()
	search := func(typed string) *handlerstest.Page {
		t.Helper()
		return b.Get(views.PathReviewEvents).Form(views.PathReviewAccounts).Set("identifier", typed).Submit()
	}
	for _, typed := range []string{"K-1009", "K-10", "K", ""} {
		page := search(typed).Wants(http.StatusOK, "Audit trail").Says("No account has this identifier.")
		if got := page.Form(views.PathReviewAccounts).Value("identifier"); got != typed {
			t.Errorf("the box has %q, want %q", got, typed)
		}
	}
	b.Get(views.PathReviewEvents).SaysNot("No account has this identifier.")
	page := search(" k-1001 ").Wants(http.StatusOK, "Devices of Anna Example").Says("Anna's phone")
	if page.URL.Path != views.ReviewBindingsPath(s.Account.ID) {
		t.Errorf("the search leads to %s", page.URL)
	}
	events := s.Events(since)
	for _, event := range events {
		if event != audit.AccountSearched && event != audit.AccountOpened {
			t.Errorf("events %q", events)
		}
	}
	if len(events) == 0 || strings.Contains(strings.ToLower(s.Log()), "k-1001") {
		t.Errorf("%d searches on record; the log must not have what was typed", len(events))
	}
	operator := s.BrowserOf(t, s.Operator("Olga Operator"))
	operator.Post(views.PathReviewAccounts, nil).Wants(http.StatusForbidden, "Your role does not allow this")
}
