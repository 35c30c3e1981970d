package counter_test

import (
	"net/http"
	"net/url"
	"slices"
	"testing"
	"time"

	"countersign/audit"
	"countersign/handlers/handlerstest"
	"countersign/models"
	"countersign/views"
)

// lostDevice is a server whose account has devices connected, and an operator who has found it: its holder has no device.
func lostDevice(t *testing.T, devices int) (*handlerstest.Server, *handlerstest.Browser) {
	t.Helper()
	s := handlerstest.Start(t, handlerstest.Config{})
	for range devices {
		s.Approve(t, s.Phone().Ask(map[string]string{"instance_name": "Anna's old phone"}).UserCode)
	}
	b := s.BrowserOf(t, s.Operator("Olga Operator"))
	b.Get(views.PathCounter).Form(views.PathSearch).Set("identifier", "K-1001").Submit().Wants(http.StatusOK, "Anna Example")
	return s, b
}

// docs/decisions/0024-after-the-visit.md: an operator whose customer lost the device reads who can disconnect it, asks with a
// reason, and reads who asked, when, and what came of it.
func TestLostDeviceIsAskedFor(t *testing.T) {
	s, b := lostDevice(t, 1)
	account, ask := views.AccountPath(s.Account.ID), views.AskDisconnectionPath(s.Account.ID)
	b.Get(account).Says("The customer lost a device", "No supervisor is signed in now").SaysNot("Anna's old phone")
	sara := s.BrowserOf(t, s.Supervisor("Sara Supervisor"))
	page := b.Get(account).Says("Supervisors who are signed in now:", "Sara Supervisor").SaysNot("No supervisor is signed in")
	s.Unchanged(t, "no reason", func() {
		if errs := page.Form(ask).Submit().Wants(http.StatusOK, "Anna Example").Errors(); !slices.Equal(errs, []string{"Choose a reason."}) {
			t.Errorf("errors %q", errs)
		}
	})
	since := s.LastEvent()
	asked := page.Form(ask).Set("reason", "device_lost").Submit().Wants(http.StatusOK, "Anna Example").
		Says("The supervisors are asked", "Asked by Olga Operator at Market Square on 4 May 2026 at 11:00: The device is lost or stolen",
			"No supervisor has answered yet", "Sara Supervisor")
	if asked.HasForm(ask) {
		t.Error("it can be asked again before anybody answers")
	}
	b.Post(ask, url.Values{"reason": {"device_lost"}}).Wants(http.StatusOK, "Anna Example").Says("This was asked already")
	wantEvents(t, s, since, audit.DisconnectionRequested)

	alerts, err := s.Store.Alerts(t.Context())
	if err != nil || alerts.Count != 1 {
		t.Fatalf("%d alerts, %v", alerts.Count, err)
	}
	s.Clock.Advance(2 * time.Minute)
	sara.Get(views.PathReviewEvents).Says("1 alert to look at", "Disconnection asked for", "The device is lost or stolen", "Market Square").
		Form(views.DisconnectPath(alerts.Newest[0].ID)).Submit().Wants(http.StatusOK, "Audit trail").
		Says("The device is disconnected", "Closed by Sara Supervisor").SaysNot("to look at")
	wantEvents(t, s, since, audit.DisconnectionRequested, audit.DeviceBindingRevoked, audit.AlertClosed)
	page = b.Get(account).Says("Asked by Olga Operator", "Disconnected on 4 May 2026 at 11:02").SaysNot("No supervisor has answered")
	if page.HasForm(ask) {
		t.Error("there is nothing left to ask for")
	}
	b.Post(ask, url.Values{"reason": {"device_lost"}}).Wants(http.StatusConflict, "The device is disconnected already")
	b.Post(views.PathLanguage, url.Values{"language": {"de"}, "return_to": {account}}).
		Says("Die Person hat ein Gerät verloren", "Getrennt am 4. Mai 2026, 11:02 Uhr")
}

// A supervisor who is not sure leaves the device connected; of several the supervisor chooses; the operator reads either.
func TestLostDeviceStaysConnected(t *testing.T) {
	s, b := lostDevice(t, 2)
	account, ask := views.AccountPath(s.Account.ID), views.AskDisconnectionPath(s.Account.ID)
	b.Get(account).Form(ask).Set("reason", "device_lost").Submit().Says("No supervisor has answered yet")
	alerts, err := s.Store.Alerts(t.Context())
	if err != nil || alerts.Count != 1 {
		t.Fatalf("%d alerts, %v", alerts.Count, err)
	}
	alert := alerts.Newest[0].ID
	sara := s.BrowserOf(t, s.Supervisor("Sara Supervisor"))
	page := sara.Get(views.PathReviewEvents).Says("Several devices are connected")
	if page.HasForm(views.DisconnectPath(alert)) {
		t.Error("one press would end one of several")
	}
	page.Form(views.ReviewOpenRecordPath(s.Account.ID)).Submit().Wants(http.StatusOK, "Devices of Anna Example")
	sara.Get(views.PathReviewEvents).Form(views.AlertPath(alert)).Set("note", "Called Anna").
		Set("closing", "nothing wrong").Submit().Says("The alert is out of the list")
	b.Get(account).Says("Sara Supervisor looked at it on 4 May 2026 at 11:00 and disconnected nothing").SaysNot("Called Anna")
	sara.Post(views.DisconnectPath(alert), nil).Wants(http.StatusNotFound, "There is nothing at this address")
}

// Of two supervisors the first counts, and the second hears of it. Who asked does not answer.
func TestLostDeviceIsAnsweredOnce(t *testing.T) {
	s, b := lostDevice(t, 1)
	b.Get(views.AccountPath(s.Account.ID)).Form(views.AskDisconnectionPath(s.Account.ID)).Set("reason", "device_lost").Submit()
	alerts, err := s.Store.Alerts(t.Context())
	if err != nil || alerts.Count != 1 {
		t.Fatalf("%d alerts, %v", alerts.Count, err)
	}
	press := views.DisconnectPath(alerts.Newest[0].ID)
	both := s.SignIn(models.Identity{Subject: "Olga Operator", Name: "Olga Operator",
		Roles: []models.Role{models.Operator, models.Supervisor}})
	own := s.BrowserOf(t, both)
	if own.Get(views.PathReviewEvents).Says("You caused it").HasForm(press) {
		t.Error("the form is there")
	}
	own.Post(press, nil).Wants(http.StatusForbidden, "You caused this alert")
	b.Post(press, nil).Wants(http.StatusForbidden, "Your role does not allow this")
	sara, stan := s.BrowserOf(t, s.Supervisor("Sara Supervisor")), s.BrowserOf(t, s.Supervisor("Stan Supervisor"))
	late := stan.Get(views.PathReviewEvents).Form(press)
	sara.Get(views.PathReviewEvents).Form(views.AlertPath(alerts.Newest[0].ID)).
		Set("closing", "passed on").Submit().Wants(http.StatusOK, "Audit trail")
	since := s.LastEvent()
	late.Submit().Wants(http.StatusOK, "Audit trail").Says("Somebody had answered already", "Nothing was disconnected now")
	wantEvents(t, s, since)
}

// Within a visit whose document is not checked the operator asks for the one device that the page shows; once it is checked
// they need to ask nobody. Who asks for what is not theirs to see is refused.
func TestLostDeviceWithinAVisit(t *testing.T) {
	s, b := lostDevice(t, 2)
	old := s.Approve(t, s.Phone().Ask(map[string]string{"instance_name": "Anna's lost phone"}).UserCode).Binding
	proof, visit := match(b, s, s.Phone().Ask(nil).UserCode)
	ask := views.AskBindingDisconnectionPath(old.ID)
	b.Get(views.BindingsPath(s.Account.ID)).Says("The customer lost a device")
	b.Get(views.BindingPath(old.ID)).Form(ask).Set("reason", "device_lost").Submit().Wants(http.StatusOK, "Anna's lost phone").
		Says("The supervisors are asked", "No supervisor has answered yet")
	alerts, err := s.Store.Alerts(t.Context())
	if err != nil || alerts.Count != 1 || alerts.Newest[0].Event.Facts.Binding != old.ID {
		t.Fatalf("alerts %+v, %v", alerts, err)
	}
	prove(proof, visit)
	page := b.Get(views.BindingPath(old.ID))
	if page.HasForm(ask) || !page.HasForm(views.BindingRevokePath(old.ID)) {
		t.Error("who may do it is told to ask")
	}
	other := s.BrowserOf(t, s.Operator("Otto Other"))
	s.Unchanged(t, "no reason", func() { other.Step(http.MethodPost, s.Endpoint(ask), nil) })
	other.Post(ask, url.Values{"reason": {"device_lost"}}).Wants(http.StatusForbidden, "This account has no visit with you now")
}

// docs/protocol.md §6 rogue-operator: nobody asks for their own account, and nobody fills the supervisors' list.
func TestLostDeviceLimits(t *testing.T) {
	s, b := lostDevice(t, 6)
	own := s.BrowserOf(t, s.SignIn(models.Identity{Subject: "anna", Name: "Anna Example", Identifiers: []string{"K-1001"},
		Roles: []models.Role{models.Operator}}))
	own.Get(views.PathOpenCounter).Form(views.PathOpenCounter).Set("counter", s.Counter.ID).Submit()
	own.Get(views.PathCounter).Form(views.PathSearch).Set("identifier", "K-1001").Submit().SaysNot("The customer lost a device")
	own.Post(views.AskDisconnectionPath(s.Account.ID), url.Values{"reason": {"device_lost"}}).
		Wants(http.StatusForbidden, "This is your own account")
	list, err := s.Store.Bindings(t.Context(), s.Supervisor("Sara Supervisor").SessionID, s.Account.ID)
	if err != nil || len(list.Bindings) != 6 {
		t.Fatalf("%d bindings, %v", len(list.Bindings), err)
	}
	for i, binding := range list.Bindings {
		page := b.Post(views.AskBindingDisconnectionPath(binding.ID), url.Values{"reason": {"device_lost"}})
		if i == 5 {
			page.Wants(http.StatusTooManyRequests, "Too many disconnections asked for").Says("Wait 60 minutes")
		}
	}
	if alerts, err := s.Store.Alerts(t.Context()); err != nil || alerts.Count != 5 {
		t.Errorf("%d alerts, %v", alerts.Count, err)
	}
}

// A supervisor at a counter asks nobody.
func TestSupervisorAtACounterAsksNobody(t *testing.T) {
	s, _ := lostDevice(t, 1)
	both := s.SignIn(models.Identity{Subject: "Bea Both", Name: "Bea Both", Roles: []models.Role{models.Operator, models.Supervisor}})
	b := s.BrowserOf(t, both)
	b.Get(views.PathOpenCounter).Form(views.PathOpenCounter).Set("counter", s.Counter.ID).Submit()
	page := b.Get(views.PathCounter).Form(views.PathSearch).Set("identifier", "K-1001").Submit().
		Wants(http.StatusOK, "Anna Example").Says("Disconnect it as a supervisor")
	if page.HasForm(views.AskDisconnectionPath(s.Account.ID)) {
		t.Error("they are to ask themselves")
	}
	b.Get(views.ReviewBindingsPath(s.Account.ID)).Wants(http.StatusOK, "Devices of Anna Example")
}
