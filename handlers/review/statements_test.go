package review_test

import (
	"net/http"
	"sync/atomic"
	"testing"

	"countersign/audit"
	"countersign/audit/term"
	"countersign/handlers/handlerstest"
	"countersign/views"

	"gorm.io/gorm"
)

// A supervisor's page asks the database as often for many rows as for few.
func TestPagesAskAsOftenForManyRows(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	var asked atomic.Int64
	count := func(*gorm.DB) { asked.Add(1) }
	callbacks := s.Store.Reader().Callback()
	for _, err := range []error{
		callbacks.Query().Register("test:count", count), callbacks.Row().Register("test:count", count),
		callbacks.Raw().Register("test:count", count),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	olga := s.Operator("Olga Operator")
	visit := func(reason term.Decline) {
		t.Helper()
		matched := s.Match(t, olga, s.Phone().Ask(nil).UserCode)
		if err := s.Store.Proof(t.Context(), olga.SessionID, matched.ID, handlerstest.Proof()); err != nil {
			t.Fatal(err)
		}
		if err := s.Store.Decline(t.Context(), olga.SessionID, matched.ID, reason); err != nil {
			t.Fatal(err)
		}
	}
	visit("suspicious")
	first := entryOf(t, s, audit.DeviceAuthorizationDeclined)
	sara := s.BrowserOf(t, s.Supervisor("Sara Supervisor"))
	sara.Open(views.ReviewRequestPath(first.DeviceAuthorizationID))
	pages := []string{
		views.PathReviewEvents, views.PathReviewEvents + "?staff=" + olga.StaffID, views.PathOverview + "?days=0", views.StoryPath(s.Account.ID),
		views.StaffDayPath(olga.StaffID, ""), views.CounterWeekPath(s.Counter.ID, ""), views.EntryPath(first.Seq),
		views.ReviewRequestPath(first.DeviceAuthorizationID), views.AlertCountPath,
	}
	ask := func(page string) int64 {
		sara.Get(page).Wants(http.StatusOK, "") // what came since is made searchable
		before := asked.Load()
		sara.Get(page)
		return asked.Load() - before
	}
	few := map[string]int64{}
	for _, page := range pages {
		few[page] = ask(page)
	}
	for range 4 {
		visit("suspicious")
		visit("other")
	}
	for _, page := range pages {
		if many := ask(page); many > few[page] || many == 0 {
			t.Errorf("%s asks %d times, and %d for few rows", page, many, few[page])
		}
	}
}
