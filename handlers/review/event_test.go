package review_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"countersign/audit"
	"countersign/handlers/handlerstest"
	"countersign/models"
	"countersign/views"
)

// entryOf is the newest entry of a type.
func entryOf(t *testing.T, s *handlerstest.Server, kind audit.Type) models.TrailRow {
	t.Helper()
	rows, err := s.Store.Trail(t.Context(), audit.Filter{Type: kind, Limit: 1})
	if err != nil || len(rows) != 1 {
		t.Fatalf("%d of %s, %v", len(rows), kind, err)
	}
	return rows[0]
}

// docs/protocol.md §12: an event has a page: facts by names that are links, the token in plain text, and a plain verdict. It
// opens no record: the account has its initials.
func TestEventPage(t *testing.T) {
	handlerstest.Each(t, func(t *testing.T, s *handlerstest.Server) {
		s.Approve(t, s.Phone().Ask(nil).UserCode) // by Olga Operator, at Market Square
		if _, err := s.Store.Sequence(t.Context()); err != nil {
			t.Fatal(err)
		}
		entry := entryOf(t, s, audit.DeviceBindingApproved)
		b := s.BrowserOf(t, s.Supervisor("Sara Supervisor"))
		trail := b.Get(views.PathReviewEvents)
		if !slices.Contains(trail.Links(), views.EntryPath(entry.Seq)) {
			t.Error("its row does not lead to it")
		}
		page := b.Get(views.EntryPath(entry.Seq)).Wants(http.StatusOK, "Device approved").Says(
			fmt.Sprintf("Entry %d", entry.Seq), "Verified: this is what was written", "which entry 1 named on 4 May 2026",
			fmt.Sprintf("It is number %d of the", entry.Seq), "Olga Operator", "Market Square", "A. E.", "Pocket Bank", "code only",
			`"typ": "secevent+jwt"`, `"jti": "`+entry.ID+`"`, entry.SET, "Event before, of this request").SaysNot("Anna", "Do not rely")
		for _, begin := range []string{
			"/review/staff/", "/review/counters/", views.StoryPath(s.Account.ID), views.PathReviewEvents + "?client=",
		} {
			leadsTo(t, page, begin)
		}
		request := entry.DeviceAuthorizationID
		if b.Get(views.EventPath(entry.ID)).Wants(http.StatusOK, "Device approved"); !page.HasForm(views.OpenRequestPath(request)) {
			t.Error("the request cannot be opened from here")
		}
		b.Open(views.ReviewRequestPath(request))
		page = b.Get(views.EntryPath(entry.Seq)).Says("Anna Example")
		if !slices.Contains(page.Links(), views.ReviewRequestPath(request)) {
			t.Error("the open request is no link")
		}
		before := page.Links()[slices.IndexFunc(page.Links(), func(l string) bool { return strings.HasPrefix(l, views.PathReviewEvents+"/") })]
		b.Get(before).Wants(http.StatusOK, "ID document checked").Says("Event after, of this request")
		s.Supervisor("Sam Supervisor")
		b.Get(views.EntryPath(s.LastEvent())).Wants(http.StatusOK, "Staff signed in").Says("It is too new for the newest checkpoint")
		for _, none := range []string{"0", "999999", "nothing", "%00"} {
			b.Get(views.PathReviewEvents+"/"+none).Wants(http.StatusNotFound, "")
		}
	})
}
