package counter_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"countersign/audit"
	"countersign/handlers/handlerstest"
	"countersign/models"
	"countersign/views"
)

// docs/protocol.md §6 record-harvest: a customer's record is opened by an act that is an event about that account; its
// address alone shows nothing of it, in no other session and after 15 minutes without an act.
func TestRecordIsOpenedByAnAct(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	s.AddAccount("Arno Example", "arno@example.org", "K-1002")
	b, path := s.BrowserOf(t, s.Operator("Olga Operator")), views.AccountPath(s.Account.ID)
	person := []string{"Anna Example", "1984", "anna@example.org"}
	since := s.LastEvent()
	saysNothingOf(t, b.Get(path).Wants(http.StatusOK, "This record is not open"), person)
	found := b.Get(views.PathCounter).Form(views.PathSearch).Set("identifier", "K-10").Submit().Says("2 accounts found")
	wantEvents(t, s, since, audit.AccountSearched)
	found.Form(views.OpenRecordPath(s.Account.ID)).Submit().Wants(http.StatusOK, "Anna Example")
	wantEvents(t, s, since, audit.AccountSearched, audit.AccountOpened)
	b.Get(path).Wants(http.StatusOK, "Anna Example")
	saysNothingOf(t, s.BrowserOf(t, s.Operator("Olga Operator")).Get(path), person)
	s.Clock.Advance(15 * time.Minute)
	saysNothingOf(t, b.Get(path).Wants(http.StatusOK, "This record is not open"), person)
	since = s.LastEvent()
	b.Get(views.PathCounter).Form(views.PathSearch).Set("identifier", "K-1001").Submit().Wants(http.StatusOK, "Anna Example")
	wantEvents(t, s, since, audit.AccountSearched, audit.AccountOpened)
}

// More records within an hour than are usual are one alert; more than are allowed are
// refused with words and one line in the log, in any session of that person, for a supervisor as well.
func TestRecordsOpenedAreCounted(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{Policy: models.Policy{OpenedRecordsAlert: 2, OpenedRecordsLimit: 4}})
	for i := range 6 {
		_, err := s.Store.ImportAccounts(t.Context(), []models.ImportedAccount{{
			Line: 2, Identifiers: []string{fmt.Sprintf("K-20%d", i)}, FullName: fmt.Sprintf("Person %d", i), Status: models.AccountActive,
		}}, audit.Actor{System: "command"})
		if err != nil {
			t.Fatal(err)
		}
	}
	s.Clock.Advance(time.Hour)
	since := s.LastEvent()
	search := func(i int) *handlerstest.Page {
		b := s.BrowserOf(t, s.Operator("Olga Operator"))
		return b.Get(views.PathCounter).Form(views.PathSearch).Set("identifier", fmt.Sprintf("K-20%d", i)).Submit()
	}
	for i := range 4 {
		search(i).Wants(http.StatusOK, fmt.Sprintf("Person %d", i))
	}
	search(4).Wants(http.StatusTooManyRequests, "Too many customers’ records opened")
	if n := strings.Count(s.Log(), "too many records opened within an hour"); n != 1 {
		t.Errorf("%d lines in the log", n)
	}
	events := s.Events(since)
	count := func(kind audit.Type) int {
		return len(slices.DeleteFunc(slices.Clone(events), func(event audit.Type) bool { return event != kind }))
	}
	if count(audit.AccountOpened) != 4 || count(audit.OpenedRecordsUnusual) != 1 || count(audit.DecisionRefused) != 1 {
		t.Errorf("events %v", events)
	}
	super := s.BrowserOf(t, s.Supervisor("Sara Supervisor"))
	for i := range 5 {
		want := http.StatusOK
		if i == 4 {
			want = http.StatusTooManyRequests
		}
		page := super.Get(views.PathReviewEvents).Form(views.PathReviewAccounts).Set("identifier", fmt.Sprintf("K-20%d", i)).Submit()
		if page.Status != want {
			t.Errorf("the supervisor's look no. %d is answered %d", i+1, page.Status)
		}
	}
	s.Clock.Advance(time.Hour)
	search(5).Wants(http.StatusOK, "Person 5")
}

// Where the setting says so, an account is found by a whole identifier alone.
func TestNoPrefixSearch(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{Policy: models.Policy{NoPrefixSearch: true}})
	b := s.BrowserOf(t, s.Operator("Olga Operator"))
	b.Get(views.PathCounter).Form(views.PathSearch).Set("identifier", "K-10").Submit().Says("No account has this identifier.")
	b.Get(views.PathCounter).Form(views.PathSearch).Set("identifier", "K-1001").Submit().Wants(http.StatusOK, "Anna Example")
}
