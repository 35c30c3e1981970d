package admin_test

import (
	"database/sql"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"testing"
	"time"

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
	act("set-aside", nil).Wants(http.StatusOK, "Put all of these aside?").
		Says("How many 1", "Refused for good", "by webhook", "A device asks to be connected").SaysNot("put aside.", "This one")
	seen("1") // nothing has happened yet
	act("set-aside", url.Values{"notice": {id}}).Says("1 notice is put aside.").SaysNot("Refused for good")
	act("resend", url.Values{"notice": {id}}).Says("There was none any more.")
	for _, wrong := range []url.Values{{"cause": {"x"}}, {"way": {"x"}}, {"act": {"x"}}} {
		act("resend", wrong).Wants(http.StatusNotFound, "")
	}
	s.BrowserOf(t, s.Supervisor("Sara Supervisor")).Get(views.PathUndelivered).Wants(http.StatusForbidden, "Your role does not allow this")
}

// All of a cause are put aside after a second look, which tells how many and which, and only what it showed: what is given up while an
// administrator looks stays.
func TestAGroupIsPutAsideAfterASecondLook(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{Policy: models.Policy{NoticeChannels: models.Channels()}})
	refuse := func() {
		t.Helper()
		due, ok, err := s.Store.NextNotice(t.Context(), models.ChannelWebhook)
		if err != nil || !ok {
			t.Fatal(ok, err)
		}
		if _, _, err = s.Store.FailedNotice(t.Context(), due.Notice, models.FailedAttempt{Refused: true}); err != nil {
			t.Fatal(err)
		}
	}
	s.Phone().Ask(nil)
	refuse()
	s.Clock.Advance(2 * time.Hour) // more often an account is not told what strangers do
	s.Phone().Ask(nil)
	admin := s.BrowserOf(t, s.Administrator("Ada Administrator"))
	group := views.UndeliveredGroup{Way: "webhook", Cause: "refused"}
	list := admin.Get(views.PathUndelivered)
	if !slices.Contains(list.Links(), group.AskPath()) {
		t.Fatalf("no way to put them aside: %v", list.Links())
	}
	before := s.LastEvent()
	asked := admin.Get(group.AskPath()).Wants(http.StatusOK, "Put all of these aside?").
		Says("How many 1", "Refused for good", "by webhook", "they leave this list for good", "Leave them where they are")
	s.WantEvents(t, before)
	s.Clock.Advance(time.Minute)
	refuse()
	asked.Form(views.PathUndelivered).Submit().Wants(http.StatusOK, "Messages not delivered").
		Says("1 notice is put aside.", "Refused for good")
	admin.Get(group.AskPath()).Says("How many 1").Form(views.PathUndelivered).Submit().SaysNot("Refused for good")
	admin.Get(group.AskPath()).Wants(http.StatusOK, "Messages not delivered").Says("Every notice that was to be sent has been sent")
}

// Notices of a way that is not set up any more are not sent again, and stay; the page says so.
func TestNothingIsSentAgainByAWayThatIsNotSetUp(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{Policy: models.Policy{NoticeChannels: []models.Channel{models.ChannelWebhook}}})
	s.Phone().Ask(nil)
	due, ok, err := s.Store.NextNotice(t.Context(), models.ChannelWebhook)
	if err != nil || !ok {
		t.Fatal(ok, err)
	}
	if _, _, err = s.Store.FailedNotice(t.Context(), due.Notice, models.FailedAttempt{Refused: true}); err != nil {
		t.Fatal(err)
	}
	database, err := sql.Open("sqlite3", "file:"+s.File+"?_busy_timeout=5000")
	if err == nil {
		_, err = database.ExecContext(t.Context(), "UPDATE notices SET channel = 'mail'")
	}
	if err := errors.Join(err, database.Close()); err != nil {
		t.Fatal(err)
	}
	admin := s.BrowserOf(t, s.Administrator("Ada Administrator"))
	admin.Get(views.PathUndelivered).Says("Refused for good", "Not set up: nothing is sent again").SaysNot("Send again")
	before := s.LastEvent()
	for _, one := range []string{"", due.ID} {
		form := url.Values{"act": {"resend"}, "way": {"mail"}, "cause": {"refused"}, "notice": {one}}
		admin.Post(views.PathUndelivered, form).Wants(http.StatusOK, "Messages not delivered").
			Says("This way is not set up: nothing is sent again, and the notices stay here.", "Refused for good")
	}
	s.WantEvents(t, before)
}
