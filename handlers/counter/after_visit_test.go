package counter_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"countersign/audit"
	"countersign/handlers/handlerstest"
	"countersign/models"
	"countersign/models/modelstest"
	"countersign/views"
)

// The devices of an account, for the operator of its visit: seen after the match, cut off
// after the check of the document, one or all, and no longer than the claim lasts.
func TestDevicesOfTheVisit(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	old := s.Approve(t, s.Phone().Ask(map[string]string{"instance_name": "Anna's old phone"}).UserCode).Binding
	s.Approve(t, s.Phone().Ask(map[string]string{"instance_name": "Anna's tablet"}).UserCode)
	b := s.BrowserOf(t, s.Operator("Otto Other"))
	b.Get(views.BindingsPath(s.Account.ID)).Wants(http.StatusForbidden, "This account has no visit with you now")
	b.Get(views.BindingPath(old.ID)).Wants(http.StatusForbidden, "This account has no visit with you now").SaysNot("Anna's old phone")

	proof, visit := match(b, s, s.Phone().Ask(nil).UserCode)
	if !slices.Contains(proof.Links(), views.BindingsPath(s.Account.ID)) {
		t.Error("the visit has no way to the devices")
	}
	page := b.Get(views.BindingsPath(s.Account.ID)).Wants(http.StatusOK, "Devices of Anna Example").
		Says("Check the ID document first", "Anna's old phone", "Anna's tablet", "never used", "may connect until 11 May 2026 at 11:00",
			"Market Square")
	if slices.Contains(page.Links(), views.EndAllPath(s.Account.ID)) ||
		b.Get(views.BindingPath(old.ID)).HasForm(views.BindingRevokePath(old.ID)) {
		t.Error("something can be cut off before the document is checked")
	}
	b.Post(views.EndAllPath(s.Account.ID), url.Values{"reason": {"device_lost"}}).
		Wants(http.StatusConflict, "The ID document is not checked yet")
	prove(proof, visit)

	one := b.Get(views.BindingPath(old.ID)).Wants(http.StatusOK, "Anna's old phone")
	one.Form(views.BindingRevokePath(old.ID)).Submit().Wants(http.StatusOK, "Anna's old phone").Says("Choose a reason.")
	one.Form(views.BindingLabelPath(old.ID)).Set("label", "Lost in March").Submit().Wants(http.StatusOK, "Lost in March").
		Says("The label is saved", "Anna's old phone")
	since := s.LastEvent()
	b.Get(views.BindingPath(old.ID)).Form(views.BindingRevokePath(old.ID)).Set("reason", "device_lost").Submit().
		Wants(http.StatusOK, "Devices of Anna Example").Says("The device is disconnected", "disconnected on 4 May 2026 at 11:00")
	wantEvents(t, s, since, audit.DeviceBindingRevoked)
	b.Post(views.BindingRevokePath(old.ID), url.Values{"reason": {"device_lost"}}).
		Wants(http.StatusConflict, "The device is disconnected already")

	since = s.LastEvent()
	all := b.Get(views.EndAllPath(s.Account.ID)).Wants(http.StatusOK, "Disconnect every device of Anna Example?").
		Says("Anna's tablet").SaysNot("Lost in March")
	wantEvents(t, s, since)
	all.Form(views.EndAllPath(s.Account.ID)).Submit().Wants(http.StatusOK, "Disconnect every device").Says("Choose a reason.")
	all.Form(views.EndAllPath(s.Account.ID)).Set("reason", "device_lost").Submit().Wants(http.StatusOK, "Devices of").
		Says("All devices of this account are disconnected")
	wantEvents(t, s, since, audit.DeviceBindingRevoked)
	all.Form(views.EndAllPath(s.Account.ID)).Set("reason", "device_lost").Submit().Says("There was nothing left to end.")
	s.Clock.Advance(15 * time.Minute)
	b.Get(views.BindingsPath(s.Account.ID)).Wants(http.StatusForbidden, "This account has no visit with you now")
}

// More time, with no script: the timer, and what was typed comes along; an hour after the
// match there is no more (WCAG 2.2.1).
func TestMoreTime(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	b := s.BrowserOf(t, s.Operator("Olga Operator"))
	page, visit := match(b, s, s.Phone().Ask(nil).UserCode)
	page.Says("Yours until 11:15")
	s.Clock.Advance(10 * time.Minute)
	extend := func(form url.Values) *handlerstest.Page { return b.Post(views.ExtendPath(visit), form) }
	page = extend(url.Values{"scan": {""}, "document_number": {documentNumber}, "document_issuer": {"NLD"}}).
		Wants(http.StatusOK, "Check the ID document").
		Says("You have more time.", "Yours until 11:25")
	form := page.Form(views.ProofPath(visit))
	if form.Value("document_number") != documentNumber || form.Value("document_issuer") != "NLD" {
		t.Error("what was typed is lost")
	}
	prove(page, visit)
	for range 4 {
		s.Clock.Advance(10 * time.Minute)
		extend(nil).Wants(http.StatusOK, "Check everything, then decide").Says("You have more time.")
	}
	s.Clock.Advance(9 * time.Minute)
	extend(nil).Wants(http.StatusOK, "Check everything").Says("There is no more time than this", "Yours until 12:00",
		"No longer than an hour after the match")
	s.Clock.Advance(time.Minute)
	extend(nil).Wants(http.StatusConflict, "This request has to be matched again")
}

// What the page where a visit begins tells of the counter: own visits to go on with, what
// colleagues handle with no customer's name, the last receipts with none either; and
// nobody who only waits.
func TestWorkAtTheCounter(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	ofAnother := s.AddAccount("Arno Example", "arno@example.org", "K-1002")
	b, other := s.BrowserOf(t, s.Operator("Olga Operator")), s.Operator("Otto Other")
	s.Phone().Ask(nil)
	b.Get(views.PathCounter).Says("No visit is open.").SaysNot("Anna", "Pocket Bank")
	s.MatchFor(t, other, ofAnother.ID, s.Phone().Ask(map[string]string{"login_hint": "arno@example.org"}).UserCode)
	b.Get(views.PathCounter).Says("A request of Pocket Bank is being handled by Otto Other until 11:15.").SaysNot("Arno", "No visit is open")
	proof, visit := match(b, s, s.Phone().Ask(nil).UserCode)
	start := b.Get(views.PathCounter).Says("Anna Example, Pocket Bank: yours until 11:15.")
	if !slices.Contains(start.Links(), views.ProofPath(visit)) {
		t.Error("no way to go on")
	}
	prove(proof, visit)
	if !slices.Contains(b.Get(views.PathCounter).Links(), views.DecidePath(visit)) {
		t.Error("no way to the decision")
	}
	b.Get(views.DecidePath(visit)).Form(views.ApprovePath(visit)).Submit()
	start = b.Get(views.PathCounter).Says("Your last receipts", "approved at 11:00, Pocket Bank").SaysNot("Anna")
	if !slices.Contains(start.Links(), views.ReceiptPath(visit)) {
		t.Error("no way to the receipt")
	}
}

// The receipt of a decline: its own address, the number by which a supervisor finds it; the
// part for the customer says neither for whom it was nor why.
func TestReceiptOfADecline(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	b := s.BrowserOf(t, s.Operator("Olga Operator"))
	_, visit := match(b, s, s.Phone().Ask(map[string]string{"instance_name": "Strange phone"}).UserCode)
	page := b.Get(views.DeclinePath(visit)).Form(views.DeclinePath(visit)).Set("reason", "suspicious").Submit()
	page.Wants(http.StatusOK, "Request declined").Says("Market Square", "4 May 2026 at 11:00", "Entry ", "You did not ask for this?",
		"start again",
		"For you, not on paper", "Anna Example", "Strange phone", "Suspicious", "Supervisors are alerted")
	customers := page.Article()
	if !strings.Contains(customers, "Market Square") {
		t.Errorf("the customer reads %q", customers)
	}
	for _, secret := range []string{"Anna", "Strange phone", "uspicious", "Olga"} {
		if strings.Contains(customers, secret) {
			t.Errorf("the customer reads %q", secret)
		}
	}
	entry, err := s.Store.DecisionEntry(t.Context(), visit)
	if err != nil {
		t.Fatal(err)
	}
	found := s.BrowserOf(t, s.Supervisor("Sara Supervisor")).Get(views.PathReviewEvents).
		Form(views.PathReviewReceipts).Set("receipt", fmt.Sprint(entry.Seq)).Submit()
	found.Wants(http.StatusOK, "Request of")
	b.Get(views.ReceiptPath("nothing")).Wants(http.StatusNotFound, "")
}

// The paper says as much of the reason as the device does (decisions 0015 and 0024).
func TestDeclineReceiptSaysWhatTheDeviceSays(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	b := s.BrowserOf(t, s.Operator("Olga Operator"))
	for reason, words := range map[string]string{"document_expired": "The document has expired", "wrong_person": ""} {
		_, visit := match(b, s, s.Phone().Ask(nil).UserCode)
		page := b.Get(views.DeclinePath(visit)).Says("The device says this too").Form(views.DeclinePath(visit)).Set("reason", reason).Submit()
		customers := page.Article()
		if says := strings.Contains(customers, "Reason"); says != (words != "") || !strings.Contains(customers, words) {
			t.Errorf("%s: the customer reads %q", reason, customers)
		}
	}
}

// docs/protocol.md §6 rogue-operator: an operator takes back their own approval a moment ago, at this counter;
// later only a supervisor can.
func TestRecallFromTheReceipt(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	operator := s.Operator("Olga Operator")
	phone := s.Phone()
	codes := phone.Ask(nil)
	id := s.ApproveFor(t, operator, s.Account.ID, codes.UserCode).Binding.DeviceAuthorizationID
	if s.BrowserOf(t, s.Operator("Otto Other")).Get(views.ReceiptPath(id)).HasForm(views.ReceiptRecallPath(id)) {
		t.Error("another operator is offered to recall it")
	}
	s.BrowserOf(t, s.Operator("Otto Other")).Post(views.ReceiptRecallPath(id), url.Values{"reason": {"other"}}).
		Wants(http.StatusForbidden, "Only a supervisor can take this approval back")
	b := s.BrowserOf(t, operator)
	receipt := b.Get(views.ReceiptPath(id))
	receipt.Form(views.ReceiptRecallPath(id)).Submit().Wants(http.StatusOK, "Device approved").Says("Choose a reason.")
	receipt.Form(views.ReceiptRecallPath(id)).Set("reason", "operator_error").Submit().Wants(http.StatusOK, "Approval taken back").
		Says("The approval is taken back.")
	phone.Poll(codes.DeviceCode).Refused(t, http.StatusBadRequest, "access_denied")
	late := s.ApproveFor(t, operator, s.Account.ID, s.Phone().Ask(nil).UserCode).Binding.DeviceAuthorizationID
	s.Clock.Advance(models.RecallByOperator)
	if b.Get(views.ReceiptPath(late)).HasForm(views.ReceiptRecallPath(late)) {
		t.Error("it is offered too late")
	}
}

// The conflict page names what ended a request: here, that its app was disabled.
func TestWhatEndedTheRequestIsNamed(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	b := s.BrowserOf(t, s.Operator("Olga Operator"))
	page, visit := match(b, s, s.Phone().Ask(nil).UserCode)
	decide := prove(page, visit)
	request, err := (&modelstest.Env{Store: s.Store}).DeviceAuthorization(t.Context(), visit)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Store.DisableClient(t.Context(), request.ClientID); err != nil {
		t.Fatal(err)
	}
	for _, page := range []*handlerstest.Page{decide.Form(views.ApprovePath(visit)).Submit(), b.Get(views.DecidePath(visit))} {
		page.Wants(http.StatusConflict, "The app on this device was disabled").SaysNot("another operator")
	}
}
