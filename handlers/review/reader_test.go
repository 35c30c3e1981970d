package review_test

import (
	"net/http"
	"net/url"
	"slices"
	"testing"

	"countersign/audit"
	"countersign/handlers/handlerstest"
	"countersign/views"
)

// An event’s page names no fact that the event lacks, in any language, and a sentence of the story tells the device in its case.
func TestEventPageHasNoEmptyFact(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	s.Approve(t, s.Phone().Ask(nil).UserCode)
	b := s.BrowserOf(t, s.Supervisor("Sara Supervisor"))
	b.Post(views.PathLanguage, url.Values{"language": {"de"}, "return_to": {views.PathReviewEvents}})
	b.Get(views.EntryPath(entryOf(t, s, audit.DeviceBindingApproved).Seq)).Wants(http.StatusOK, "Gerät freigegeben").SaysNot("Dokument gelesen")
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
