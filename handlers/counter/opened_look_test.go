package counter_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"countersign/audit"
	"countersign/handlers/handlerstest"
	"countersign/models"
	"countersign/views"
)

// docs/protocol.md §6 record-harvest: whoever looks opens the record, from wherever: a second person, a supervisor from an
// alert, by a receipt or a search, an operator from a receipt, an administrator. Each is one press, one event and one of
// those that are counted.
func TestLooksCountAlike(t *testing.T) {
	v, decide := beginSecondVisit(t)
	decide.Form(views.AskSecondApprovalPath(v.visit)).Submit()
	page := views.ReviewRequestPath(v.visit)
	for name, look := range map[string]func(handlerstest.Staff) *handlerstest.Page{
		"a second person": func(who handlerstest.Staff) *handlerstest.Page {
			list := v.BrowserOf(t, who).Get(views.SecondApprovalListPath)
			return list.Form(views.LookSecondApprovalPath(questionOf(t, list))).Submit()
		},
		"out of the trail": func(who handlerstest.Staff) *handlerstest.Page {
			return v.BrowserOf(t, who).Get(views.PathReviewEvents).Form(views.OpenRequestPath(v.visit)).Submit()
		},
		"by its address": func(who handlerstest.Staff) *handlerstest.Page { return v.BrowserOf(t, who).Open(page) },
	} {
		who := v.Supervisor("Sara " + name)
		since := v.LastEvent()
		look(who).Says("Anna Example")
		got := v.Events(since)
		if got[0] != audit.AccountOpened || name != "a second person" && len(got) != 1 {
			t.Errorf("%s: events %v", name, got)
		}
	}
	ada := v.BrowserOf(t, v.Administrator("Ada"))
	since := v.LastEvent()
	ada.Open(views.AccountSettingsPath(v.Account.ID)).Wants(http.StatusOK, "Anna Example")
	wantEvents(t, v.Server, since, audit.AccountOpened)
}

// A look as a second person, and one out of the trail, count together, and are refused beyond the limit.
func TestLooksAreLimited(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{Policy: models.Policy{OpenedRecordsLimit: 1}})
	s.Clock.Advance(time.Hour) // the account of Start was opened, too
	other := s.AddAccount("Arno Example", "arno@example.org")
	request := s.ApproveFor(t, s.Operator("Olga Operator"), s.Account.ID, s.Phone().Ask(nil).UserCode).Binding.DeviceAuthorizationID
	super := s.BrowserOf(t, s.Supervisor("Sara Supervisor"))
	super.Post(views.ReviewOpenRecordPath(other.ID), nil).Wants(http.StatusOK, "Devices of Arno Example")
	since := s.LastEvent()
	super.Post(views.OpenRequestPath(request), nil).Wants(http.StatusTooManyRequests, "Too many customers’ records opened")
	super.Get(views.ReviewRequestPath(request)).Wants(http.StatusOK, "This record is not open").SaysNot("Anna")
	wantEvents(t, s, since, audit.DecisionRefused)
	ada := s.BrowserOf(t, s.Administrator("Ada"))
	ada.Post(views.AdminOpenRecordPath(other.ID), nil).Wants(http.StatusOK, "Arno Example")
	ada.Post(views.AdminOpenRecordPath(s.Account.ID), nil).Wants(http.StatusTooManyRequests, "Too many customers’ records opened")
}

// Beyond what may be listed, whole identifiers are found all the same; the page and one line in the log say so.
func TestTooManyListed(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{Policy: models.Policy{OpenedRecordsLimit: 1}})
	for i := range 8 {
		_, err := s.Store.ImportAccounts(t.Context(), []models.ImportedAccount{{
			Line: 2, Identifiers: []string{fmt.Sprintf("K-20%d", i)}, FullName: fmt.Sprintf("Person %d", i), Status: models.AccountActive,
		}}, audit.Actor{System: "command"})
		if err != nil {
			t.Fatal(err)
		}
	}
	b := s.BrowserOf(t, s.Operator("Olga Operator"))
	search := func(typed string) *handlerstest.Page {
		return b.Get(views.PathCounter).Form(views.PathSearch).Set("identifier", typed).Submit()
	}
	search("K-2").Says("5 accounts found", "K-204 P. 4.", "There are more.").SaysNot("K-205", "Person")
	search("K-2").Wants(http.StatusTooManyRequests, "Too many accounts listed").Says("Search by a whole identifier, or wait 60 minutes.").
		SaysNot("K-20")
	if n := strings.Count(s.Log(), "too many records opened within an hour"); n != 1 {
		t.Errorf("%d lines in the log", n)
	}
	search("K-205").Wants(http.StatusOK, "Person 5")
}

// A code is matched on a record that is open: where it is not, trying one opens it, and counts. Nobody reads records by
// asking for codes themselves and matching them.
func TestMatchOpensTheRecord(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{Policy: models.Policy{OpenedRecordsLimit: 1}})
	s.Clock.Advance(time.Hour) // the account of Start was opened, too
	other := s.AddAccount("Arno Example", "arno@example.org")
	b := s.BrowserOf(t, s.Operator("Olga Operator"))
	since := s.LastEvent()
	codes := s.Phone().Ask(nil)
	b.Post(views.MatchPath(s.Account.ID), url.Values{"user_code": {codes.UserCode}}).Wants(http.StatusOK, "Check the ID document")
	wantEvents(t, s, since, audit.ClientRegistered, audit.DeviceAuthorizationRequested, audit.AccountOpened, audit.CodeMatched)
	codes = s.Phone().Ask(map[string]string{"login_hint": "arno@example.org"})
	b.Post(views.MatchPath(other.ID), url.Values{"user_code": {codes.UserCode}}).
		Wants(http.StatusTooManyRequests, "Too many customers’ records opened").SaysNot("Arno")
}

// A request that waits is declined by whoever has its account open, since the receipt names the person.
func TestDeclineNeedsAnOpenRecord(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	s.Phone().Ask(nil)
	account, err := s.Store.Account(t.Context(), s.Account.ID)
	if err != nil {
		t.Fatal(err)
	}
	path := views.DeclinePath(account.Requests[0].ID)
	b := s.BrowserOf(t, s.Operator("Olga Operator"))
	s.Unchanged(t, "a decline of a record that is not open", func() {
		b.Post(path, url.Values{"reason": {"other"}}).Wants(http.StatusOK, "This record is not open").SaysNot("Anna")
	})
	b.Open(path).Form(path).Set("reason", "other").Submit().Wants(http.StatusOK, "Request declined").Says("Anna Example")
}
