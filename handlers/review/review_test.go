package review_test

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
	"countersign/views"
)

func TestEventsTellNames(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	phone := s.Phone()
	approval := s.Approve(t, phone.Ask(nil).UserCode)
	sara := s.Supervisor("Sara Supervisor")
	page := s.BrowserOf(t, sara).Get(views.PathReviewEvents).Wants(http.StatusOK, "Audit trail")
	page.Says("Device approved", "Olga Operator", "Market Square", "A. E.", "Pocket Bank", "The device",
		"Countersign (start)", "4 May 2026 11:00:00", "code only", "exact search, 1 found")
	text := page.Text()
	for _, id := range []string{sara.StaffID, sara.SessionID, s.Account.ID, phone.ClientID, s.Counter.ID, approval.Binding.ID} {
		if strings.Contains(text, id) {
			t.Errorf("a person reads the identifier %s", id)
		}
	}
	if first, last := strings.Index(text, "Staff signed in"), strings.LastIndex(text, "Signing key created"); first > last {
		t.Error("the newest event does not come first")
	}
	page.SaysNot("Anna")
	s.BrowserOf(t, sara).Get(views.PathReviewEvents).Form(views.OpenRequestPath(approval.Binding.DeviceAuthorizationID)).Submit().
		Wants(http.StatusOK, "Request of Anna Example") // one press
	page = s.BrowserOf(t, sara).Get(views.PathReviewEvents).Says("Anna Example")
	if !slices.Contains(page.Links(), views.ReviewRequestPath(approval.Binding.DeviceAuthorizationID)) {
		t.Error("no way to the request")
	}
}

func TestEventsFilterAndPages(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	for range 60 {
		s.Supervisor("Sara Supervisor")
	}
	b := s.BrowserOf(t, s.Supervisor("Sara Supervisor"))
	first := b.Get(views.PathReviewEvents)
	second := b.Get(older(t, first))
	if strings.Count(first.Source, "<tr>") != 51 || strings.Count(second.Source, "<tr>") < 10 {
		t.Errorf("pages of %d and %d rows", strings.Count(first.Source, "<tr>")-1, strings.Count(second.Source, "<tr>")-1)
	}
	second.Says("Signing key created", "Back to the newest")

	form := first.Form(views.PathReviewEvents).Set("type", string(audit.CounterOpened))
	filtered := form.Submit().Wants(http.StatusOK, "Audit trail").Says("Event: Counter opened", "remove this filter")
	if strings.Contains(rows(filtered), "Staff signed in") {
		t.Error("the filter lets other events through")
	}
	if !slices.Contains(filtered.Links(), views.PathReviewEvents) {
		t.Error("the filter cannot be removed")
	}
	signedIn := b.Get(views.PathReviewEvents + "?type=staff-signed-in")
	next := b.Get(older(t, signedIn)).Says("Event: Staff signed in")
	if strings.Contains(rows(next), "Signing key created") {
		t.Error("the filter is lost on the next page")
	}
	for _, query := range []string{"?type=nonsense", "?before=x", "?before=-1", "?before=99999999999999999999"} {
		b.Get(views.PathReviewEvents+query).Wants(http.StatusOK, "Audit trail").Says("Staff signed in")
	}
	b.Get(views.PathReviewEvents + "?before=1").Says("Nothing has happened yet.")
}

func older(t *testing.T, page *handlerstest.Page) string {
	t.Helper()
	for _, link := range page.Links() {
		if strings.Contains(link, "before=") {
			return link
		}
	}
	t.Fatalf("%s leads to no older events", page.URL)
	return ""
}

// rows is the part of the page with the events.
func rows(page *handlerstest.Page) string {
	_, table, _ := strings.Cut(page.Source, "<tbody>")
	return table
}

// A supervisor takes an approval back before the device uses it.
func TestRecall(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	phone := s.Phone()
	codes := phone.Ask(nil)
	id := s.Approve(t, codes.UserCode).Binding.DeviceAuthorizationID
	b := s.BrowserOf(t, s.Supervisor("Sara Supervisor"))
	page := b.Open(views.ReviewRequestPath(id)).Wants(http.StatusOK, "Request of Anna Example").
		Says("Approved", "by Olga Operator; not redeemed yet", "ending 0T47", "Not redeemed yet", "What happened, oldest first").SaysNot("L01X00")
	page.Form(views.RecallPath(id)).Submit().Wants(http.StatusOK, "Request of").Says("Choose a reason.")
	since := s.LastEvent()
	page.Form(views.RecallPath(id)).Set("reason", "operator_error").Submit().Wants(http.StatusOK, "Request of").
		Says("The approval is taken back", "It was approved by mistake", "Taken back")
	if got := s.Events(since); !slices.Equal(got, []audit.Type{audit.DeviceBindingRecalled, audit.DeviceBindingRevoked}) {
		t.Errorf("events %q", got)
	}
	phone.Poll(codes.DeviceCode).Refused(t, http.StatusBadRequest, "access_denied")
	b.Post(views.RecallPath(id), url.Values{"reason": {"other"}}).Wants(http.StatusConflict, "The approval was taken back")
	s.BrowserOf(t, s.Operator("Olga Operator")).Open(views.ReceiptPath(id)).Wants(http.StatusOK, "Approval taken back").
		Says("Taken back on 4 May 2026 at 11:00")
}

// A customer names the number of a receipt, and a supervisor finds the request by it.
func TestReceiptNumberLeadsToTheRequest(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	request := s.Approve(t, s.Phone().Ask(nil).UserCode).Binding.DeviceAuthorizationID
	entry, err := s.Store.DecisionEntry(t.Context(), request)
	if err != nil {
		t.Fatal(err)
	}
	b := s.BrowserOf(t, s.Supervisor("Sara Supervisor"))
	trail := b.Get(views.PathReviewEvents).Says(fmt.Sprintf("Entry %d Device approved", entry.Seq))
	lookUp := func(number string) *handlerstest.Page {
		return b.Get(views.PathReviewEvents).Form(views.PathReviewReceipts).Set("receipt", number).Submit()
	}
	printed := fmt.Sprintf("%04d-%04d", entry.Seq/10000, entry.Seq%10000)
	s.BrowserOf(t, s.Operator("Olga Operator")).Open(views.ReceiptPath(request)).
		Says("Receipt "+printed, "A supervisor can disconnect the device.")
	for _, number := range []string{printed, fmt.Sprint(entry.Seq), " " + printed + " "} {
		page := lookUp(number).Wants(http.StatusOK, "Request of Anna Example")
		if page.URL.Path != views.ReviewRequestPath(request) {
			t.Errorf("%q leads to %s", number, page.URL.Path)
		}
	}
	// The number of another entry, of none, and what is no number.
	for _, number := range []string{fmt.Sprint(entry.Seq - 1), fmt.Sprint(entry.Seq + 1), "9999-9999", "0", "-", "x", "99999999999999999999"} {
		page := lookUp(number).Wants(http.StatusOK, "Audit trail").Says("No receipt has this number.")
		if page.URL.Path != views.PathReviewEvents {
			t.Errorf("%q leads to %s", number, page.URL.Path)
		}
		if kept := page.Form(views.PathReviewReceipts).Value("receipt"); kept != number {
			t.Errorf("%q is kept as %q", number, kept)
		}
	}
	if !trail.HasForm(views.PathReviewEvents) {
		t.Error("the trail has no form")
	}
}

// After the device has redeemed, the binding is revoked instead.
func TestRevoke(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	phone := s.Phone()
	codes := phone.Ask(nil)
	binding := s.Approve(t, codes.UserCode).Binding
	token := phone.Poll(codes.DeviceCode).Succeeded(t, http.StatusOK).String("access_token")
	phone.WhoAmI(token).Succeeded(t, http.StatusOK)

	b := s.BrowserOf(t, s.Supervisor("Sara Supervisor"))
	page := b.Open(views.ReviewRequestPath(binding.DeviceAuthorizationID)).Says("Connected", "In use")
	if page.HasForm(views.RecallPath(binding.DeviceAuthorizationID)) {
		t.Error("a redeemed approval is offered to be recalled")
	}
	b.Post(views.RecallPath(binding.DeviceAuthorizationID), url.Values{"reason": {"other"}}).
		Wants(http.StatusConflict, "The device has used the approval already").Says("Disconnect the device instead")
	page.Form(views.RevokePath(binding.ID)).Submit().Wants(http.StatusOK, "Request of")
	page.Form(views.RevokePath(binding.ID)).Set("reason", "device_lost").Submit().Wants(http.StatusOK, "Request of").
		Says("The device is disconnected", "The device is lost or stolen")
	if answer := phone.WhoAmI(token); answer.Status != http.StatusUnauthorized {
		t.Errorf("the token still works: %d", answer.Status)
	}
	page.Form(views.RevokePath(binding.ID)).Set("reason", "other").Submit().Wants(http.StatusConflict, "The device is disconnected already")
	b.Post(views.RevokePath("nonsense"), url.Values{"reason": {"other"}}).Wants(http.StatusNotFound, "")
}

// The page of a request at every stage of its life.
func TestRequestStates(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	sara := s.Supervisor("Sara Supervisor")
	b := s.BrowserOf(t, sara)
	codes := s.Phone().Ask(map[string]string{"instance_name": "Anna's phone"})
	account, err := s.Store.Account(t.Context(), s.Account.ID)
	if err != nil {
		t.Fatal(err)
	}
	page := views.ReviewRequestPath(account.Requests[0].ID)
	b.Open(page).Says("Waiting", "Until 11 May 2026 at 11:00", "The device says: Anna's phone", "No check was recorded")
	s.Match(t, s.Operator("Olga Operator"), codes.UserCode)
	b.Open(page).Says("Code matched", "Being handled by Olga Operator at Market Square until 4 May 2026 at 11:15")
	s.Clock.Advance(20 * time.Minute)
	b.Open(page).Says("Waiting")
	s.Clock.Advance(7 * 24 * time.Hour)
	b = s.BrowserOf(t, s.Supervisor("Sara Supervisor"))
	b.Open(page).Says("Expired", "On 11 May 2026 at 11:00")
	b.Open(views.ReviewRequestPath("nonsense")).Wants(http.StatusNotFound, "")
}

// A request whose identifier names no account belongs to nobody, and supervisors see so.
func TestRequestOfNobody(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	s.Phone().Ask(map[string]string{"login_hint": "stranger@example.org"})
	b := s.BrowserOf(t, s.Supervisor("Sara Supervisor"))
	events := b.Get(views.PathReviewEvents + "?type=device-authorization-requested").SaysNot("stranger@example.org")
	for _, link := range events.Links() {
		if strings.HasPrefix(link, "/review/device-authorizations/") {
			b.Get(link).Wants(http.StatusOK, "Request of nobody").SaysNot("stranger@example.org")
			return
		}
	}
	t.Error("the event leads to no request")
}

// Supervisors read the counters' time; where counters differ, UTC, and it says so.
func TestTimeZone(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	b := s.BrowserOf(t, s.Supervisor("Sara Supervisor"))
	b.Get(views.PathReviewEvents).Says("4 May 2026 11:00:00").SaysNot("UTC")
	if _, err := s.Store.AddCounter(t.Context(), models.NewCounter{Name: "Far away", TimeZone: "Asia/Tokyo"}); err != nil {
		t.Fatal(err)
	}
	b.Get(views.PathReviewEvents).Says("4 May 2026 09:00:00 UTC")
}

// draft-richer-oauth-instance-00 §2: a supervisor edits the label; what the device
// calls itself stays beside it, and the trail says that it happened, not what was written.
func TestLabelIsEdited(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	codes := s.Phone().Ask(map[string]string{"instance_name": "Anna's phone"})
	binding := s.Approve(t, codes.UserCode).Binding
	b := s.BrowserOf(t, s.Supervisor("Sara Supervisor"))
	page := b.Open(views.ReviewRequestPath(binding.DeviceAuthorizationID)).Wants(http.StatusOK, "Request of")
	form := page.Form(views.LabelPath(binding.ID))
	if form.Value("label") != "Anna's phone" {
		t.Errorf("the label begins as %q", form.Value("label"))
	}
	since := s.LastEvent()
	page = form.Set("label", "Anna's old phone").Submit().Wants(http.StatusOK, "Request of").
		Says("The label is saved", "Anna's old phone", "The device says: Anna's phone", "Device renamed")
	if got := s.Events(since); !slices.Equal(got, []audit.Type{audit.DeviceBindingRelabelled}) {
		t.Errorf("events are %v", got)
	}
	for _, label := range []string{"", "  ", strings.Repeat("x", 65), "a\u202eb"} {
		page.Form(views.LabelPath(binding.ID)).Set("label", label).Submit().Says("Write a label of 1 to 64 characters")
	}
	if strings.Contains(s.Snapshot()["audit_events"], "old phone") {
		t.Error("the label is in the trail")
	}
	b.Post(views.LabelPath("nothing"), url.Values{"label": {"x"}}).Wants(http.StatusNotFound, "")
}
