package review_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"countersign/audit"
	"countersign/handlers/handlerstest"
	"countersign/models"
	"countersign/views"
)

// An event’s page names no fact that the event lacks, in any language, and a sentence of the story tells the device in its case.
func TestEventPageHasNoEmptyFact(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	s.Approve(t, s.Phone().Ask(nil).UserCode)
	b := s.BrowserOf(t, s.Supervisor("Sara Supervisor"))
	b.Post(views.PathLanguage, url.Values{"language": {"de"}, "return_to": {views.PathReviewEvents}})
	approved := entryOf(t, s, audit.DeviceBindingApproved)
	b.Get(views.EntryPath(approved.Seq)).Wants(http.StatusOK, "Gerät freigegeben").SaysNot("Dokument gelesen")
	b.Get(views.EntryPath(entryOf(t, s, audit.IdentityProofed).Seq)).Says("Dokument gelesen")
	b.Get(views.StoryPath(s.Account.ID)).Says("Anfrage gestellt, vom Gerät.", "Gerät freigegeben, von Olga Operator an Market Square.")
}

// Each name in the list of what happened to a request leads to the page about it.
func TestNamesOfARequestsEventsLeadOn(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	id := s.Approve(t, s.Phone().Ask(nil).UserCode).Binding.DeviceAuthorizationID
	approved := entryOf(t, s, audit.DeviceBindingApproved)
	page := s.BrowserOf(t, s.Supervisor("Sara Supervisor")).Open(views.ReviewRequestPath(id))
	for _, link := range []string{
		views.StaffDayOf(approved.StaffID, approved.Seq), views.CounterWeekOf(s.Counter.ID, approved.Seq),
		views.StoryPath(s.Account.ID), views.PathReviewEvents + "?client=" + approved.ClientID,
	} {
		if !slices.Contains(page.Links(), link) {
			t.Errorf("no link to %s", link)
		}
	}
}

// Where counters have several time zones, pages about one of them count its own days, say so, and lead to the same days of the
// trail; pages about all are in UTC, and say that.
func TestNumbersLeadToTheSameDayOfTheSameClock(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	if _, err := s.Store.AddCounter(t.Context(), models.NewCounter{Name: "Overseas", TimeZone: "America/New_York"}); err != nil {
		t.Fatal(err)
	}
	s.Clock.Advance(13*time.Hour + 30*time.Minute) // 22:30 UTC, half past midnight at Market Square
	s.Approve(t, s.Phone().Ask(nil).UserCode)
	approved := entryOf(t, s, audit.DeviceBindingApproved)
	b := s.BrowserOf(t, s.Supervisor("Sara Supervisor"))
	for _, address := range []string{
		views.CounterWeekPath(s.Counter.ID, ""), views.StaffDayPath(approved.StaffID, "2026-05-05"),
		views.PathOverview + "?days=0&counter=" + s.Counter.ID,
	} {
		page := b.Get(address).Wants(http.StatusOK, "").Says("By the clock of Market Square", "5 May 2026")
		link := page.Links()[slices.IndexFunc(page.Links(), func(l string) bool { return strings.Contains(l, "type=device-binding-approved") })]
		trail := b.Get(link).Says("From: 2026-05-05", "Clock of: Market Square", "5 May 2026 00:30:00").SaysNot("UTC")
		if got := strings.Count(rows(trail), "<tr>"); got != 1 {
			t.Errorf("%s leads to %d events, want 1", address, got)
		}
		if !slices.Contains(trail.Links(), strings.Replace(strings.Replace(link, "clock="+s.Counter.ID+"&", "", 1), "?&", "?", 1)) {
			t.Error("the clock cannot be taken away")
		}
		file := trail.Form(views.PathReviewExport+"?"+trail.URL.RawQuery).Set("format", "csv").Submit()
		if strings.Count(file.Source, "Device approved") != 1 {
			t.Errorf("the export is of another day: %s", file.Source)
		}
	}
	b.Get(views.PathOverview+"?days=0").Says("4 May 2026", "Times are UTC", "Approved 1")
	b.Get(views.PathReviewEvents + "?clock=nowhere").Says("4 May 2026 22:30:00 UTC").SaysNot("Clock of")
}

// What is to come leads nowhere.
func TestDaysToComeAreNoLinks(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	page := s.BrowserOf(t, s.Supervisor("Sara Supervisor")).Get(views.CounterWeekPath(s.Counter.ID, "2026-W19")).Says("5 May 2026")
	if !strings.Contains(strings.Join(page.Links(), " "), "from=2026-05-04&until=2026-05-04") ||
		strings.Contains(strings.Join(page.Links(), " "), "from=2026-05-05") {
		t.Error(page.Links())
	}
}
