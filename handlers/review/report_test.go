package review_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"countersign/audit"
	"countersign/handlers/handlerstest"
	"countersign/views"
)

// leadsTo is the first link of the page that begins so.
func leadsTo(t *testing.T, page *handlerstest.Page, begin string) string {
	t.Helper()
	at := slices.IndexFunc(page.Links(), func(link string) bool { return strings.HasPrefix(link, begin) })
	if at < 0 {
		t.Fatalf("%s has no link to %s", page.URL, begin)
	}
	return page.Links()[at]
}

// docs/protocol.md §9: what happened to one account is one page, newest first, a page at a time, by initials until somebody opens
// the record; what was no account is not found.
func TestStory(t *testing.T) {
	handlerstest.Each(t, func(t *testing.T, s *handlerstest.Server) {
		id := s.Approve(t, s.Phone().Ask(nil).UserCode).Binding.DeviceAuthorizationID
		b := s.BrowserOf(t, s.Supervisor("Sara Supervisor"))
		story := b.Get(views.StoryPath(s.Account.ID)).Wants(http.StatusOK, "Story of the account A. E.").SaysNot("Anna", "Signing key created")
		text := story.Text()
		approved := strings.Index(text, "Device approved, by Olga Operator at Market Square.")
		asked := strings.Index(text, "Request made, by the device.")
		if approved < 0 || asked < approved {
			t.Errorf("the newest does not come first: %s", text)
		}
		b.Get(leadsTo(t, story, "/review/staff/")).Wants(http.StatusOK, "Olga Operator on 4 May 2026")
		b.Get(leadsTo(t, story, "/review/counters/")).Wants(http.StatusOK, "Market Square").Says("Week 19: 4 May 2026 to 10 May 2026")
		story.Form(views.ReviewOpenRecordPath(s.Account.ID)).Submit()
		b.Get(views.StoryPath(s.Account.ID)).Wants(http.StatusOK, "Story of the account Anna Example").Says("Devices of this account")
		b.Get(views.StoryPath("nobody")).Wants(http.StatusNotFound, "")
		for range 60 {
			s.Clock.Advance(20 * time.Minute) // longer than a record stays open
			b = s.BrowserOf(t, s.Supervisor("Sara Supervisor"))
			b.Post(views.OpenRequestPath(id), nil)
		}
		page := b.Get(views.StoryPath(s.Account.ID))
		older := b.Get(leadsTo(t, page, views.StoryPath(s.Account.ID)+"?before=")).Says("Request made", "Back to the newest")
		if first := strings.Count(page.Source, `class="when"`); first != 50 || strings.Contains(page.Text(), "Request made") {
			t.Errorf("%d on the first page", first)
		}
		b.Get(views.StoryPath(s.Account.ID) + "?before=1").Says("Nothing is on record before this.")
		older.SaysNot("Older events")
	})
}

// docs/protocol.md §9: one operator's day: what they did, how long each step took, and what they did beside their visits.
func TestStaffDay(t *testing.T) {
	handlerstest.Each(t, func(t *testing.T, s *handlerstest.Server) {
		code, other := s.Phone().Ask(nil).UserCode, s.Phone().Ask(nil).UserCode
		olga := s.Operator("Olga Operator")
		matched := s.Match(t, olga, code)
		s.Clock.Advance(80 * time.Second)
		if err := s.Store.Proof(t.Context(), olga.SessionID, matched.ID, handlerstest.Proof()); err != nil {
			t.Fatal(err)
		}
		s.Clock.Advance(40 * time.Second)
		shown, err := s.Store.Shown(t.Context(), matched.ID)
		if err == nil {
			_, err = s.Store.Approve(t.Context(), olga.SessionID, matched.ID, shown)
		}
		if err != nil {
			t.Fatal(err)
		}
		s.Decline(t, other)
		s.AddAccount("Bela Beispiel", "bela@example.com")
		s.BrowserOf(t, olga).Post(views.PathSearch, map[string][]string{"identifier": {"bela@example.com"}}) // opens the record
		b := s.BrowserOf(t, s.Supervisor("Sara Supervisor"))
		day := views.StaffDayPath(olga.StaffID, "2026-05-04")
		page := b.Get(day).Wants(http.StatusOK, "Olga Operator on 4 May 2026").Says("By the clock of Market Square",
			"Approved", "1 min 20 s", "40 s", "2 min 0 s", "Declined: ", "Records opened without a visit", "B. B.", "Staff signed in",
			"Counter opened").SaysNot("Anna", "Bela", "Signing key")
		if got := strings.Count(rows(page), "<tr>"); got != 2 {
			t.Errorf("%d visits, want 2", got)
		}
		counted := b.Get(leadsTo(t, page, views.PathReviewEvents+"?from=2026-05-04&staff="+olga.StaffID+"&type=device-binding-approved"))
		if counted.Says("Who: Olga Operator", "From: 2026-05-04"); strings.Count(rows(counted), "<tr>") != 1 {
			t.Error("the number leads to others than it counts")
		}
		counted.Says("A day of Olga Operator")
		b.Get(leadsTo(t, page, views.StoryPath(s.Account.ID))).Wants(http.StatusOK, "Story of the account A. E.")
		b.Get(views.StaffDayPath(olga.StaffID, "2026-05-03")).Wants(http.StatusOK, "Olga Operator on 3 May 2026").
			Says("Nothing is on record for this day.")
		if slices.Contains(page.Links(), views.StaffDayPath(olga.StaffID, "2026-05-05")) {
			t.Error("leads to tomorrow")
		}
		for _, address := range []string{views.StaffDayPath(olga.StaffID, "yesterday"), views.StaffDayPath(olga.StaffID, "")} {
			b.Get(address).Wants(http.StatusOK, "Olga Operator on 4 May 2026")
		}
		b.Get(views.StaffDayOf(olga.StaffID, 1)).Wants(http.StatusOK, "Olga Operator on 4 May 2026")
		b.Get(views.StaffDayOf(olga.StaffID, 99999)).Wants(http.StatusNotFound, "")
		b.Get(views.StaffDayPath("nobody", "")).Wants(http.StatusNotFound, "")
	})
}

// docs/protocol.md §9: one counter's week in numbers, each of which leads to what it counts.
func TestCounterWeek(t *testing.T) {
	handlerstest.Each(t, func(t *testing.T, s *handlerstest.Server) {
		s.Approve(t, s.Phone().Ask(nil).UserCode)
		s.Clock.Advance(24 * time.Hour)
		s.Decline(t, s.Phone().Ask(nil).UserCode)
		b := s.BrowserOf(t, s.Supervisor("Sara Supervisor"))
		page := b.Get(views.CounterWeekPath(s.Counter.ID, "2026-W19")).Wants(http.StatusOK, "Market Square").
			Says("Week 19: 4 May 2026 to 10 May 2026", "4 May 2026", "10 May 2026", "Decisions by operator and day", "Olga Operator",
				"Declined, by reason", "The customer left", "Monday, 4 May 2026", "Sun 10 May")
		page.Form(views.CounterWeekPath(s.Counter.ID, "")).Set("day", "2026-05-03").Submit().Says("Week 18: 27 April 2026 to 3 May 2026")
		day := b.Get(leadsTo(t, page, "/review/staff/")).Wants(http.StatusOK, "Olga Operator on 4 May 2026")
		if !strings.HasSuffix(day.URL.RawQuery, "day=2026-05-04") {
			t.Errorf("leads to %s", day.URL)
		}
		declined := b.Get(leadsTo(t, page, views.PathReviewEvents+"?counter="+s.Counter.ID+"&from=2026-05-04&reason="))
		if declined.Says("Event: Request declined", "Counter: Market Square"); strings.Count(rows(declined), "<tr>") != 1 {
			t.Error("the reason leads to others than it counts")
		}
		declined.Says("A week at Market Square")
		b.Get(views.CounterWeekPath(s.Counter.ID, "2026-W18")).Says("Week 18: 27 April 2026 to 3 May 2026").SaysNot("Olga", "Declined, by reason")
		if slices.Contains(page.Links(), views.CounterWeekPath(s.Counter.ID, "2026-W20")) {
			t.Error("leads to next week")
		}
		for _, week := range []string{"", "2026-W54", "2026-W00", "2026-19", "x", "2026-W1"} {
			b.Get(views.CounterWeekPath(s.Counter.ID, week)).Says("Week 19")
		}
		b.Get(views.CounterWeekPath(s.Counter.ID, "2020-W53")).Says("Week 53: 28 December 2020 to 3 January 2021")
		b.Get(views.CounterWeekOf(s.Counter.ID, 1)).Says("Week 19")
		b.Get(views.CounterWeekPath("nowhere", "")).Wants(http.StatusNotFound, "")
	})
}

// The names in the list of alerts lead on: to the day of who caused it, to the story of the account, to the counter's week.
func TestAlertLeadsOn(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	olga := s.Operator("Olga Operator")
	matched := s.Match(t, olga, s.Phone().Ask(nil).UserCode)
	if err := s.Store.Decline(t.Context(), olga.SessionID, matched.ID, "suspicious"); err != nil {
		t.Fatal(err)
	}
	alert := entryOf(t, s, audit.SuspicionReported)
	page := s.BrowserOf(t, s.Supervisor("Sara Supervisor")).Get(views.PathReviewEvents)
	for _, link := range []string{
		views.EntryPath(alert.Seq), views.StaffDayOf(olga.StaffID, alert.Seq), views.StoryPath(s.Account.ID),
		views.CounterWeekOf(s.Counter.ID, alert.Seq),
	} {
		if !slices.Contains(page.Links(), link) {
			t.Errorf("no link to %s", link)
		}
	}
}
