package admin_test

import (
	"net/http"
	"net/url"
	"testing"

	"countersign/handlers/handlerstest"
	"countersign/models"
	"countersign/views"
)

// An administrator sees why notices were given up and what was answered last, and sends them again or puts them aside: one, or all of
// a cause. Nobody else does.
func TestAdministratorSeesToUndeliveredNotices(t *testing.T) {
	policy := models.Policy{NoticeChannels: models.Channels()}
	s := handlerstest.Start(t, handlerstest.Config{Policy: policy})
	s.Phone().Ask(nil)
	refuse := func() (id string) {
		t.Helper()
		due, ok, err := s.Store.NextNotice(t.Context(), models.ChannelWebhook)
		if err != nil || !ok {
			t.Fatal(ok, err)
		}
		_, _, err = s.Store.FailedNotice(t.Context(), due.Notice, models.FailedAttempt{Refused: true, Answer: "the webhook answered 422"})
		if err != nil {
			t.Fatal(err)
		}
		return due.ID
	}
	admin := s.BrowserOf(t, s.Administrator("Ada Administrator"))
	admin.Get(views.PathUndelivered).Wants(http.StatusOK, "Messages not delivered").Says("Every notice that was to be sent has been sent")
	id := refuse()
	admin.Get(views.PathUndelivered).Wants(http.StatusOK, "Messages not delivered").
		Says("Refused for good", "by webhook", "the webhook answered 422", "Open the record", "A device asks to be connected")
	seen := func(number string) {
		t.Helper()
		admin.Get(views.PathState).Wants(http.StatusOK, "State of the server").
			Says("Given up, and nobody has seen to them: see Messages " + number)
	}
	seen("1")

	act := func(act string, more url.Values) *handlerstest.Page {
		t.Helper()
		form := url.Values{"act": {act}, "way": {"webhook"}, "cause": {"refused"}}
		for name, values := range more {
			form[name] = values
		}
		return admin.Post(views.PathUndelivered, form)
	}
	act("resend", nil).Says("1 notice is sent again.").SaysNot("Refused for good")
	seen("0")
	if again := refuse(); again != id {
		t.Errorf("sent again is %s", again)
	}
	act("set-aside", url.Values{"notice": {id}}).Says("1 notice is put aside.").SaysNot("Refused for good")
	act("resend", url.Values{"notice": {id}}).Says("There was none any more.")
	for _, wrong := range []url.Values{{"cause": {"x"}}, {"way": {"x"}}, {"act": {"x"}}} {
		act("resend", wrong).Wants(http.StatusNotFound, "")
	}
	s.BrowserOf(t, s.Supervisor("Sara Supervisor")).Get(views.PathUndelivered).Wants(http.StatusForbidden, "Your role does not allow this")
}
