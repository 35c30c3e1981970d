package review_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"countersign/handlers/handlerstest"
	"countersign/models"
	"countersign/views"
)

// A supervisor sees what happened, each figure leads to its events, and other days say that there is nothing.
func TestSupervisorSeesTheDay(t *testing.T) {
	handlerstest.Each(t, func(t *testing.T, s *handlerstest.Server) {
		s.Approve(t, s.Phone().Ask(nil).UserCode) // by Olga Operator, at Market Square, at 11:00
		b := s.BrowserOf(t, s.Supervisor("Sara Supervisor"))
		today := b.Get(views.PathOverview+"?days=0").Wants(http.StatusOK, "Overview").
			Says("4 May 2026", "Visits by hour", "Visits by counter", "Code matched", "Approved", "Code only", "None in this time.")
		for _, row := range []string{
			"Market Square 1", "Requested 1", "Code matched 1", "ID document checked 1", "Approved 1", "Connected 0", "Code only 1",
		} {
			if !strings.Contains(today.Text(), row) {
				t.Errorf("the page does not say %q: %s", row, today.Text())
			}
		}
		if !strings.Contains(today.Source, "Most in the hour from 11:00: 1") || strings.Contains(today.Source, "style=") {
			t.Error("the picture says nothing of its hour, or has a style of its own")
		}
		for _, link := range today.Links() {
			if address, err := url.Parse(link); err == nil && address.Path == views.PathReviewEvents && address.RawQuery != "" {
				b.Get(link).Wants(http.StatusOK, "Audit trail").Says("From: 2026-05-04", "Until: 2026-05-04").SaysNot("No event fits these filters.")
			}
		}
		counter := today.Form(views.PathOverview).Set("counter", s.Counter.ID).Submit().Wants(http.StatusOK, "Overview")
		counter.Says("Code matched 1", "4 May 2026").SaysNot("Visits by counter", "Requested 1")
		b.Get(leadsTo(t, counter, "/review/counters/")).Says("Week 19: 4 May 2026 to 10 May 2026")
		b.Get(views.PathOverview).Wants(http.StatusOK, "Overview").
			Says("3 May 2026", "There is nothing to show of these days: the trail begins on 4 May 2026")
		s.Clock.Advance(24 * time.Hour)
		b = s.BrowserOf(t, s.Supervisor("Sara Supervisor"))
		b.Get(views.PathOverview).Says("4 May 2026", "Code matched 1")
		b.Get(views.PathOverview+"?days=7").Says("28 April 2026 to 4 May 2026", "Code matched 1")
		b.Get(views.PathOverview + "?days=0").Says("5 May 2026").SaysNot("Code matched 1")
		b.Get(views.PathOverview+"?days=-3&counter=nowhere").Wants(http.StatusOK, "Overview").Says("Code matched 1")
		s.BrowserOf(t, s.Operator("Olga Operator")).Get(views.PathOverview).Wants(http.StatusForbidden, "Your role does not allow this")
		s.BrowserOf(t, s.Administrator("Ada Administrator")).Get(views.PathOverview).Wants(http.StatusForbidden, "Your role does not allow this")
	})
}

// Where the clock is not whole hours from UTC, hours begin at the half, and a day with the first of them.
func TestOverviewWhereHoursBeginAtTheHalf(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	s.Approve(t, s.Phone().Ask(nil).UserCode)
	admin := s.Administrator("Ada Administrator")
	if err := s.Store.ChangeCounter(t.Context(), s.Counter.ID, models.NewCounter{
		SessionID: admin.SessionID, Name: "Market Square", TimeZone: "Asia/Kolkata",
	}); err != nil {
		t.Fatal(err)
	}
	page := s.BrowserOf(t, s.Supervisor("Sara Supervisor")).Get(views.PathOverview+"?days=0").Wants(http.StatusOK, "Overview")
	if !strings.Contains(page.Source, "Most in the hour from 14:30: 1") {
		t.Errorf("the hour is not told: %s", page.Text())
	}
}
