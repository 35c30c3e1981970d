package counter_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"countersign/handlers/handlerstest"
	"countersign/views"
)

// draft-richer-oauth-instance-00 §2: the operator who approved names the binding
// from the receipt; what the device calls itself stays beside it. Another operator sees
// the receipt, without the form, and is refused; what is to mend is kept.
func TestLabelIsEditedOnTheReceipt(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	operator := s.Operator("Olga Operator")
	binding := s.ApproveFor(t, operator, s.Account.ID, s.Phone().Ask(map[string]string{"instance_name": "Anna's phone"}).UserCode).Binding
	receipt, label := views.ReceiptPath(binding.DeviceAuthorizationID), views.ReceiptLabelPath(binding.DeviceAuthorizationID)
	b := s.BrowserOf(t, operator)
	page := b.Get(receipt).SaysNot(">Label</dt>")
	if began := page.Form(label).Value("label"); began != "Anna's phone" {
		t.Errorf("the label begins as %q", began)
	}
	page = page.Form(label).Set("label", "Blue phone").Submit().Wants(http.StatusOK, "Device approved").
		Says("The label is saved", "Blue phone", "Device calls itself Anna's phone")
	for _, unfit := range []string{"", strings.Repeat("x", 65), "a\u202eb"} {
		s.Unchanged(t, "an unfit label", func() {
			again := page.Form(label).Set("label", unfit).Submit().Wants(http.StatusOK, "Device approved").
				Says("Write a label of 1 to 64 characters")
			if kept := again.Form(label).Value("label"); kept != unfit {
				t.Errorf("kept %q, want %q", kept, unfit)
			}
			b.Get(receipt).SaysNot("Write a label")
		})
	}

	other := s.BrowserOf(t, s.Operator("Oskar Operator"))
	if other.Open(receipt).Says("Blue phone").HasForm(label) {
		t.Error("another operator is offered the form")
	}
	other.Post(label, url.Values{"label": {"Mine"}}).Wants(http.StatusForbidden, "Your role does not allow this")
	if err := s.Store.Recall(t.Context(), s.Supervisor("Sara Supervisor").
		SessionID, binding.DeviceAuthorizationID, "operator_error"); err != nil {
		t.Fatal(err)
	}
	if b.Get(receipt).Wants(http.StatusOK, "Approval taken back").HasForm(label) {
		t.Error("a binding that has ended is still offered a label")
	}
}
