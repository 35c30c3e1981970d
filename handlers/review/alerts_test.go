package review_test

import (
	"net/http"
	"testing"

	"countersign/handlers/handlerstest"
	"countersign/models"
	"countersign/views"
)

// RFC 10027, detect and remediate: what supervisors should look at stands above the
// trail, by names, with the way to the request; without any there is no such list.
func TestAlertsStandAboveTheTrail(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	b := s.BrowserOf(t, s.Supervisor("Sara Supervisor"))
	b.Get(views.PathReviewEvents).SaysNot("in the last 14 days")
	operator := s.Operator("Olga Operator")
	matched := s.Match(t, operator, s.Phone().Ask(nil).UserCode)
	s.Phone().Ask(nil) // from the same network
	if err := s.Store.Decline(t.Context(), operator.SessionID, matched.ID, models.Suspicious); err != nil {
		t.Fatal(err)
	}
	page := b.Get(views.PathReviewEvents).Wants(http.StatusOK, "Audit trail").
		Says("1 alert in the last 14 days", "Suspicion reported", "Anna Example, Olga Operator", "1 more declined with it")
	if found := page.Links(); len(found) == 0 {
		t.Error("no way to the request")
	}
}
