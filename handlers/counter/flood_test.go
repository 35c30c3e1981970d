package counter_test

import (
	"net/http"
	"strings"
	"testing"

	"countersign/audit"
	"countersign/handlers/handlerstest"
	"countersign/oauth"
	"countersign/views"
)

// docs/protocol.md §6 strangers-request: a flood of requests for an account leaves the operator a short list
// that says so, and the owner's code matches although its request is not on it.
func TestFloodLeavesAShortList(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	owner := s.Phone().Ask(nil)
	for range 12 {
		s.Phone().Ask(nil)
	}
	b := s.BrowserOf(t, s.Operator("Olga Operator"))
	b.Open(views.AccountPath(s.Account.ID)).Wants(http.StatusOK, "Anna Example").
		Says("3 requests wait for this account", "10 more requests", "are not shown")
	match(b, s, owner.UserCode)
}

// docs/protocol.md §6 flood-then-decline: the page says beforehand what a decline as suspicious takes along, and the operator
// of a visit ends all that waits for the account, shown or not, but for the visit itself.
func TestEndAllThatWaits(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	var flood []*handlerstest.Phone
	var codes []handlerstest.Codes
	for range 6 {
		phone := s.Phone()
		flood, codes = append(flood, phone), append(codes, phone.Ask(nil))
	}
	b := s.BrowserOf(t, s.Operator("Olga Operator"))
	b.Post(views.EndWaitingPath(s.Account.ID), nil).Wants(http.StatusForbidden, "This account has no visit with you now")
	proof, visit := match(b, s, s.Phone().Ask(nil).UserCode)
	if b.Get(views.BindingsPath(s.Account.ID)).HasForm(views.EndWaitingPath(s.Account.ID)) {
		t.Error("what waits can be ended before the document is checked")
	}
	prove(proof, visit)
	b.Get(views.DecidePath(visit)).
		Says("As suspicious, it also ends what this device, or its network, has asked for this account. Further requests: 6.")
	page := b.Get(views.BindingsPath(s.Account.ID)).
		Says("Requests that wait for this account: 6.", "Being handled now, and not ended with them: 1.")
	since := s.LastEvent()
	page.Form(views.EndWaitingPath(s.Account.ID)).Submit().Wants(http.StatusOK, "Devices of Anna Example").
		Says("All that waited for this account has ended")
	wantEvents(t, s, since, audit.WaitingRequestsEnded)
	for i, phone := range flood {
		answer := phone.Poll(codes[i].DeviceCode)
		answer.Refused(t, http.StatusBadRequest, oauth.ErrAccessDenied)
		if strings.Contains(answer.Text, "reason") {
			t.Errorf("the phone is told more: %s", answer.Text)
		}
	}
	page.Form(views.EndWaitingPath(s.Account.ID)).Submit().Says("There was nothing left to end.")
	b.Get(views.AccountPath(s.Account.ID)).Says("together with other requests for this account")
	b.Get(views.DecidePath(visit)).SaysNot("Further requests:").Form(views.ApprovePath(visit)).Submit().Wants(http.StatusOK, "")
}
