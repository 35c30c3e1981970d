package handlers_test

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"countersign/audit"
	"countersign/handlers/handlerstest"
	"countersign/handlers/web"
	"countersign/views"
)

// docs/protocol.md §6 trail-flood: a network's acts have as many events within an hour as the setting says, and the others are
// counted. Nothing is refused for it, another network has its own, and an hour later there are events again.
func TestStrangersBeyondTheRateHaveNoEventsOfTheirOwn(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{
		TrustedProxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, More: func(c *web.Config) { c.StrangerEvents = 60 },
	})
	register := func(from string) {
		t.Helper()
		s.RegisterFrom(from, handlerstest.Metadata(handlerstest.NewKey())).Succeeded(t, http.StatusCreated)
	}
	since := s.LastEvent()
	for range 10 {
		register("203.0.113.9")
	}
	s.WantEvents(t, since, slices.Repeat([]audit.Type{audit.ClientRegistered}, 3)...)
	since = s.LastEvent()
	register("198.51.100.7")
	s.WantEvents(t, since, audit.ClientRegistered)
	s.Clock.Advance(time.Hour + 15*time.Minute)
	since = s.LastEvent()
	register("203.0.113.9")
	if err := s.Store.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.WantEvents(t, since, audit.ClientRegistered, audit.EventsCounted)
	page := s.BrowserOf(t, s.Supervisor("Sam Supervisor")).Get(views.PathReviewEvents).Wants(http.StatusOK, "Audit trail")
	page.Says("Events counted", "7: Client registered")
}

// A supervisor is told of a request whose making has no entry, and when it was made.
func TestReviewSaysThatARequestWasCounted(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{More: func(c *web.Config) { c.StrangerEvents = 40 }})
	b := s.BrowserOf(t, s.Supervisor("Sam Supervisor"))
	seen := map[string]bool{}
	for i, counted := range []bool{false, true} {
		s.Phone().Ask(nil)
		var ids []string
		if err := s.Store.Reader().Raw("SELECT id FROM device_authorizations").Scan(&ids).Error; err != nil {
			t.Fatal(err)
		}
		for _, id := range ids {
			if seen[id] {
				continue
			}
			seen[id] = true
			page := b.Open(views.ReviewRequestPath(id)).Wants(http.StatusOK, "Request of Anna Example")
			if says := strings.Contains(page.Text(), "counted with others: there were too many for an entry of its own"); says != counted {
				t.Errorf("request %d: it says so: %t", i+1, says)
			}
		}
	}
}
