package review_test

import (
	"fmt"
	"net/http"
	"slices"
	"testing"

	"countersign/audit"
	"countersign/handlers/handlerstest"
	"countersign/models"
	"countersign/oauth"
	"countersign/views"
)

// docs/protocol.md §6 rogue-operator: a supervisor sees what an account has at any time, from the page of a
// request, and cuts all of it off at once, after a page that says what will end.
func TestSupervisorEndsAllOfAnAccount(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	phone := s.Phone()
	codes := phone.Ask(map[string]string{"instance_name": "Anna's phone"})
	binding := s.Approve(t, codes.UserCode).Binding
	s.Approve(t, s.Phone().Ask(map[string]string{"instance_name": "Anna's tablet"}).UserCode)
	token := phone.Poll(codes.DeviceCode).Succeeded(t, http.StatusOK).String("access_token")
	phone.WhoAmI(token).Succeeded(t, http.StatusOK)
	b := s.BrowserOf(t, s.Supervisor("Sara Supervisor"))
	list := views.ReviewBindingsPath(s.Account.ID)
	if !slices.Contains(b.Open(views.ReviewRequestPath(binding.DeviceAuthorizationID)).Links(), list) {
		t.Error("the page of a request has no way there")
	}
	page := b.Open(list).Wants(http.StatusOK, "Devices of Anna Example").
		Says("Anna's phone", "Anna's tablet", "Pocket Bank", "4 May 2026 at 11:00", "connected", "never used")
	for _, link := range []string{views.ReviewRequestPath(binding.DeviceAuthorizationID), views.ReviewEndAllPath(s.Account.ID)} {
		if !slices.Contains(page.Links(), link) {
			t.Errorf("no way to %s", link)
		}
	}
	since := s.LastEvent()
	all := b.Get(views.ReviewEndAllPath(s.Account.ID)).Wants(http.StatusOK, "Disconnect every device of Anna Example?").
		Says("Anna's phone", "Anna's tablet")
	phone.WhoAmI(token).Succeeded(t, http.StatusOK)
	all.Form(views.ReviewEndAllPath(s.Account.ID)).Set("reason", "device_lost").Submit().Wants(http.StatusOK, "Devices of Anna Example").
		Says("All devices of this account are disconnected")
	if got := s.Events(since); !slices.Equal(got, slices.Repeat([]audit.Type{audit.DeviceBindingRevoked}, 2)) {
		t.Errorf("events %v", got)
	}
	if got := phone.WhoAmI(token).Status; got != http.StatusUnauthorized {
		t.Errorf("the token is answered %d", got)
	}
	b.Post(views.ReviewOpenRecordPath("nothing"), nil).Wants(http.StatusNotFound, "")
}

// A supervisor ends all that waits for an account, without a visit; the trail says how many there were.
func TestSupervisorEndsAllThatWaits(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	s.Approve(t, s.Phone().Ask(nil).UserCode)
	phone := s.Phone()
	waiting := phone.Ask(nil)
	b := s.BrowserOf(t, s.Supervisor("Sara Supervisor"))
	b.Open(views.ReviewBindingsPath(s.Account.ID)).Says("Requests that wait for this account: 1.").
		Form(views.ReviewEndWaitingPath(s.Account.ID)).Submit().Wants(http.StatusOK, "Devices of Anna Example").
		Says("All that waited for this account has ended").SaysNot("Requests that wait for this account")
	phone.Poll(waiting.DeviceCode).Refused(t, http.StatusBadRequest, oauth.ErrAccessDenied)
	b.Get(views.PathReviewEvents).Says("Waiting requests ended", "1 request ended")

	account, err := s.Store.Account(t.Context(), s.Account.ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, request := range account.Requests { // the one that ended by the rule, and the one that was approved
		page, seq := b.Get(views.ReviewRequestPath(request.ID)).Wants(http.StatusOK, "Request of"), request.EndedBySeq
		place := fmt.Sprintf("%s?before=%d", views.PathReviewEvents, seq+1)
		if leads := slices.Contains(page.Links(), place); leads != request.Phase.Is(models.Declined) || leads != (seq != 0) {
			t.Errorf("%s, ended by event %d: leads there is %v", request.Phase, seq, leads)
		}
		if seq != 0 {
			page.Says("Waiting requests ended")
			b.Get(place).Says(fmt.Sprintf("Entry %d Waiting requests ended", seq))
		}
	}
}
