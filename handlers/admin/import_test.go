package admin_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"countersign/handlers/handlerstest"
	"countersign/models/modelstest"
	"countersign/views"
)

// A second file waits for its import until the first one has ended, and an operator cannot see how far it is.
func TestOneImportAtATime(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	s.Clock.Advance(25 * time.Hour)
	if err := s.Store.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	b, other := s.BrowserOf(t, s.Administrator("Ada Administrator")), s.BrowserOf(t, s.Administrator("Ben Administrator"))
	b.Get(views.PathImportProgress).Wants(http.StatusOK, "Import accounts").Says("Nothing was imported within a day.")
	for i, browser := range []*handlerstest.Browser{b, other} {
		upload(t, s, browser, csvHeader+strings.Repeat("x", i+1)+",Person,,,\n")
	}
	b.Get(views.PathAccountsImport).Form(views.PathImportConfirm).Submit().Says("The file is being imported")
	refused := other.Get(views.PathAccountsImport).Form(views.PathImportConfirm).Submit()
	if got := refused.Errors(); len(got) != 1 || !strings.HasPrefix(got[0], "Another import is under way. Nothing was done") {
		t.Errorf("errors %q", got)
	}
	modelstest.FinishImport(t.Context(), t, s.Store)
	s.Clock.Advance(time.Second)
	refused.Form(views.PathImportConfirm).Submit().Says("The file is being imported")
	modelstest.FinishImport(t.Context(), t, s.Store)
	s.BrowserOf(t, s.Operator("Olga Operator")).Get(views.PathImportProgress).Wants(http.StatusForbidden, "")
}

// A card that is scanned into the box is neither searched, kept nor shown.
func TestAdministratorScansACard(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	b := s.BrowserOf(t, s.Administrator("Ada Administrator"))
	since := s.LastEvent()
	for _, typed := range []string{handlerstest.Licence("LINDQVIST", "ANNA", "02291984", "05312031"), "P<UTOLINDQVIST<<ANNA", "DCSLINDQVIST"} {
		page := b.Get(views.PathAccounts).Form(views.PathAccounts).Set("identifier", typed).Submit().
			Wants(http.StatusOK, "Accounts").Says("That is an ID document, and no account identifier.")
		if page.Form(views.PathAccounts).Value("identifier") != "" || strings.Contains(page.Source, "LINDQVIST") {
			t.Errorf("%q is shown", typed)
		}
	}
	if events := s.Events(since); len(events) > 0 || strings.Contains(s.Log(), "LINDQVIST") {
		t.Errorf("events %v, or the log has it", events)
	}
}

// Lines that were left out are named, and the trail says it.
func TestImportNamesWhatItLeftOut(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	b := s.BrowserOf(t, s.Administrator("Ada Administrator"))
	s.Clock.Advance(time.Second)
	upload(t, s, b, csvHeader+"anna@example.org;K-1001,Anna Other,1984-02-29,,\nnew@example.org,New Person,,,\n")
	b.Get(views.PathAccountsImport).Form(views.PathImportConfirm).Submit().Says("0 of 2 lines.")
	b.Open(views.AccountSettingsPath(s.Account.ID))
	b.Post(views.SuspendPath(s.Account.ID), map[string][]string{"reason": {"under review"}}).Says("The account is suspended.")
	modelstest.FinishImport(t.Context(), t, s.Store)
	b.Get(views.PathImportProgress).Says("1 added, 0 changed, 0 unchanged.", "changed their accounts meanwhile: 1.", "Their numbers: 2.")
	s.BrowserOf(t, s.Supervisor("Sam Supervisor")).Get(views.PathReviewEvents).Says("1 added or changed", "without some lines")
}

// The file to begin with is one to save, and is taken as it is.
func TestAccountsSample(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	b := s.BrowserOf(t, s.Administrator("Ada Administrator"))
	sample := b.Get(views.PathAccountsSample)
	if got := sample.Header.Get("Content-Disposition"); got != `attachment; filename="accounts.csv"` {
		t.Errorf("Content-Disposition %q", got)
	}
	upload(t, s, b, sample.Source)
	b.Get(views.PathAccountsImport).Says("The file has 3 lines: 3 added")
}
