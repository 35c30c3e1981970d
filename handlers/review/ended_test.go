package review_test

import (
	"net/http"
	"testing"
	"time"

	"countersign/handlers/handlerstest"
	"countersign/models"
	"countersign/views"
)

// docs/decisions/0039-ended-by-the-clock.md: pages and the API say of a binding that ended by the clock when and why, in the
// second in which it ends and not before.
func TestEndByTheClockIsSaidEverywhere(t *testing.T) {
	for name, test := range map[string]struct {
		policy                 models.Policy
		list, receipt, request string
	}{
		"unused": {models.Policy{RefreshTokenIdle: 5 * time.Minute, RefreshTokenLifetime: time.Hour}, "ended on 4 May 2026 at 11:05, not used",
			"The connection ended on 4 May 2026 at 11:05: the device was not used for long.", "Ended, not used"},
		"absolute": {models.Policy{RefreshTokenIdle: 6 * time.Minute, RefreshTokenLifetime: 5 * time.Minute},
			"ended on 4 May 2026 at 11:05, its time was over", "The connection ended on 4 May 2026 at 11:05: its time was over.",
			"Ended, its time was over"},
	} {
		t.Run(name, func(t *testing.T) {
			s := handlerstest.Start(t, handlerstest.Config{Policy: test.policy})
			phone := s.Phone()
			codes := phone.Ask(nil)
			binding := s.Approve(t, codes.UserCode).Binding
			request := binding.DeviceAuthorizationID
			supervisor, operator := s.BrowserOf(t, s.Supervisor("Sara Supervisor")), s.BrowserOf(t, s.Operator("Otto Other"))
			operator.Open(views.ReceiptPath(request)).Says("Open the app on the device").SaysNot("The device connected on")
			tokens := phone.Poll(codes.DeviceCode).Succeeded(t, http.StatusOK)
			list, page := views.ReviewBindingsPath(s.Account.ID), views.ReviewRequestPath(request)

			s.Clock.Advance(5*time.Minute - time.Second)
			supervisor.Open(list).Says("connected").SaysNot("ended on")
			supervisor.Get(page).Says("In use", "Connected")
			operator.Open(views.ReceiptPath(request)).Wants(http.StatusOK, "Device approved").
				Says("The device connected on 4 May 2026 at 11:00.").SaysNot("Open the app on the device")
			if got := phone.Introspect(tokens.String("refresh_token")).Succeeded(t, http.StatusOK).JSON["active"]; got != true {
				t.Errorf("a second before the end its refresh token is active: %v", got)
			}

			s.Clock.Advance(time.Second)
			supervisor.Get(list).Says(test.list).SaysNot("Disconnect all of them")
			if supervisor.Get(page).Says(test.request, "On 4 May 2026 at 11:05").SaysNot("In use").
				HasForm(views.RevokePath(binding.ID)) {
				t.Error("there is something to revoke")
			}
			operator.Open(views.ReceiptPath(request)).Wants(http.StatusOK, "Connection ended").Says(test.receipt)
			if got := phone.WhoAmI(tokens.String("access_token")).Status; got != http.StatusUnauthorized {
				t.Errorf("the API answers %d", got)
			}
			for _, token := range []string{"access_token", "refresh_token"} {
				if got := phone.Introspect(tokens.String(token)).Succeeded(t, http.StatusOK).JSON["active"]; got != false {
					t.Errorf("the %s is active: %v", token, got)
				}
			}
		})
	}
}
