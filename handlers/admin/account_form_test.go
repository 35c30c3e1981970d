package admin_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"countersign/handlers/handlerstest"
	"countersign/views"
)

// One account is added and corrected by hand: checked as a line of a file is, what was typed is kept, and what changed meanwhile
// is not overwritten.
func TestAccountByHand(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	b := s.BrowserOf(t, s.Administrator("Ada Administrator"))
	b.Get(views.PathAccounts).Says("Add an account by hand")
	wrong := b.Get(views.PathNewAccount).Wants(http.StatusOK, "Add an account").Form(views.PathNewAccount).
		Set("identifiers", "C-9\nanna@example.org").Set("name", "New Person").Set("date_of_birth", "05/06/1980").Submit()
	if got := wrong.Errors(); len(got) != 1 || wrong.Form(views.PathNewAccount).Value("name") != "New Person" {
		t.Errorf("errors %q", got)
	}
	if !strings.Contains(wrong.Source, "C-9\nanna@example.org</textarea>") {
		t.Error("the identifiers are not kept, one a line")
	}
	if !strings.Contains(wrong.Source, "This date can be read in several ways. Write it like 1980-01-31.") ||
		strings.Contains(wrong.Source, "column") {
		t.Error("the form is told of a file's columns")
	}
	taken := wrong.Form(views.PathNewAccount).Set("identifiers", "C-9\nanna@example.org").Set("date_of_birth", "31.05.1980").Submit().
		Says("belongs to another account")
	taken.Form(views.PathNewAccount).Set("identifiers", "C-9").Submit().Says("The account is saved.")
	path := views.AccountRecordPath(s.Account.ID)
	b.Post(views.AdminOpenRecordPath(s.Account.ID), nil)
	stale := b.Get(path).Wants(http.StatusOK, "Correct the record of Anna Example").Form(path)
	b.Get(path).Form(path).Set("name", "Anna Sample").Submit().Says("The account is saved.", "Anna Sample")
	again := stale.Set("name", "Anna Third").Submit()
	if got := again.Errors(); !slices.Equal(got, []string{"Somebody else has changed something meanwhile. Nothing was done: look at it again."}) ||
		again.Form(path).Value("name") != "Anna Third" {
		t.Errorf("errors %q, name %q", got, again.Form(path).Value("name"))
	}
}
