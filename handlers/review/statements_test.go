package review_test

import (
	"errors"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"countersign/audit"
	"countersign/audit/term"
	"countersign/handlers/handlerstest"
	"countersign/models"
	"countersign/oauth"
	"countersign/views"
)

// countStatements counts what the server asks its database.
func countStatements(t *testing.T, s *handlerstest.Server) *atomic.Int64 {
	t.Helper()
	var asked atomic.Int64
	s.Store.Watch(func(string, []any) { asked.Add(1) })
	return &asked
}

// A supervisor's page asks the database as often for many rows as for few.
func TestPagesAskAsOftenForManyRows(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	asked := countStatements(t, s)
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

// The trail asks as often for many locked accounts as for one, and says of each since when, and who tried.
func TestTrailAsksAsOftenForManyLockedAccounts(t *testing.T) {
	handlerstest.Each(t, func(t *testing.T, s *handlerstest.Server) {
		asked, olga := countStatements(t, s), s.Operator("Olga Operator")
		code, err := oauth.ParseUserCode("BBBB-BBBB")
		if err != nil {
			t.Fatal(err)
		}
		lock := func(account string) {
			t.Helper()
			var locked *models.MatchLockedError
			for !errors.As(err, &locked) {
				if _, err = s.Store.Match(t.Context(), olga.SessionID, account, code); err == nil {
					t.Fatal("the code is no wrong one")
				}
			}
			err = nil
		}
		sara := s.BrowserOf(t, s.Supervisor("Sara Supervisor"))
		ask := func(title string) int64 {
			t.Helper()
			sara.Get(views.PathReviewEvents).Says(title)
			before := asked.Load()
			sara.Get(views.PathReviewEvents)
			return asked.Load() - before
		}
		lock(s.Account.ID)
		one := ask("1 account is locked after wrong codes")
		for _, name := range []string{"Bo Example", "Cy Example"} {
			s.Clock.Advance(time.Minute)
			lock(s.AddAccount(name, name).ID)
		}
		if three := ask("3 accounts are locked after wrong codes"); three > one {
			t.Errorf("%d statements for three, and %d for one", three, one)
		}
		page := sara.Get(views.PathReviewEvents).
			Says("C. E. since 4 May 2026 at 11:02", "B. E. since 4 May 2026 at 11:01", "A. E. since 4 May 2026 at 11:00")
		for _, tried := range []string{"11:00", "11:01", "11:02"} {
			if n := strings.Count(page.Text(), "Olga Operator at Market Square, 4 May 2026 at "+tried); n == 0 {
				t.Errorf("nobody is said to have tried at %s", tried)
			}
		}
	})
}
