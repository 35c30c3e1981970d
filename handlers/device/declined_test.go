package device_test

import (
	"context"
	"testing"

	"countersign/audit/term"
	"countersign/handlers/handlerstest"
	"countersign/oauth"
	"countersign/oauth/deviceclient"
	"countersign/views"
)

// decline is a visit that ends with this reason, after the code was entered or before.
func decline(t *testing.T, s *handlerstest.Server, codes handlerstest.Codes, reason string, matched bool) {
	t.Helper()
	operator := s.Operator("Olga Operator")
	id := s.Match(t, operator, codes.UserCode).ID
	if !matched {
		if err := s.Store.Release(t.Context(), operator.SessionID, id); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Store.Decline(t.Context(), operator.SessionID, id, term.Decline(reason)); err != nil {
		t.Fatal(err)
	}
}

// A device whose code was entered hears what the customer hears at the counter anyway, so
// that they bring the right things next time. RFC 8628 §3.5 stays as it is: the
// code is access_denied, and the reason an extension of RFC 6749 §8.2 beside it.
func TestDeclineReasonIsTold(t *testing.T) {
	for reason, answer := range map[string]string{
		oauth.DocumentExpired:     `{"countersign_decline_reason":"document_expired","error":"access_denied","error_description":"the request was declined: the ID document has expired"}`,
		oauth.DocumentNotAccepted: `{"countersign_decline_reason":"document_not_accepted","error":"access_denied","error_description":"the request was declined: the ID document was not accepted"}`,
		oauth.CounterTrouble:      `{"countersign_decline_reason":"counter_trouble","error":"access_denied","error_description":"the request was declined: something at the counter did not work"}`,
	} {
		s := handlerstest.Start(t, handlerstest.Config{})
		phone := s.Phone()
		codes := phone.Ask(nil)
		decline(t, s, codes, reason, true)
		got := phone.Poll(codes.DeviceCode)
		refused(t, got, oauth.ErrAccessDenied)
		if got.Text != answer+"\n" {
			t.Errorf("%s: answered %s", reason, got.Text)
		}
	}
}

// RFC 10027: who asked may be the attacker. What was suspected, whom the counter saw and
// what differed cannot be told from a customer who changed their mind, byte for byte; nor
// does a device whose code nobody entered hear anything (decision 0015).
func TestDeclineReasonsThatAreNotTold(t *testing.T) {
	answers := map[string]string{}
	for name, end := range unspokenEnds(t.Context()) {
		s := handlerstest.Start(t, handlerstest.Config{})
		phone := s.Phone()
		codes := phone.Ask(nil)
		end(t, s, codes)
		got := phone.Poll(codes.DeviceCode)
		refused(t, got, oauth.ErrAccessDenied)
		answers[name] = got.Text
	}
	if len(answers) < 9 {
		t.Fatalf("only %d ends were tried", len(answers))
	}
	for name, got := range answers {
		if want := answers["customer_left"]; got != want {
			t.Errorf("%s is answered %s, a customer who left %s", name, got, want)
		}
	}
}

// unspokenEnds are all ways to a decline that no device is told the reason of.
func unspokenEnds(ctx context.Context) map[string]func(*testing.T, *handlerstest.Server, handlerstest.Codes) {
	type codes = handlerstest.Codes
	ends := map[string]func(*testing.T, *handlerstest.Server, codes){
		"a suspicion around": func(t *testing.T, s *handlerstest.Server, _ codes) {
			decline(t, s, s.Phone().Ask(nil), string(term.DeclineSuspicious), true) // of the same network
		},
		"a claim that was over": func(t *testing.T, s *handlerstest.Server, c codes) {
			operator := s.Operator("Olga Operator")
			id := s.Match(t, operator, c.UserCode).ID
			s.Clock.Advance(s.Store.Policy().ClaimLength)
			if err := s.Store.Decline(t.Context(), operator.SessionID, id, oauth.DocumentExpired); err != nil {
				t.Fatal(err)
			}
		},
		"a recall": func(t *testing.T, s *handlerstest.Server, c codes) {
			id := s.Approve(t, c.UserCode).Binding.DeviceAuthorizationID
			if err := s.Store.Recall(t.Context(), s.Supervisor("Sara Supervisor").SessionID, id, "operator_error"); err != nil {
				t.Fatal(err)
			}
		},
	}
	for _, choice := range views.DeclineReasons(ctx) {
		reason := choice.Value
		if oauth.IsToldReason(reason) {
			ends[reason+" from the list"] = func(t *testing.T, s *handlerstest.Server, c codes) { decline(t, s, c, reason, false) }
		} else {
			ends[reason] = func(t *testing.T, s *handlerstest.Server, c codes) { decline(t, s, c, reason, true) }
		}
	}
	return ends
}

// The console offers every reason that is told, and the reference phone has words for each.
func TestTheReferencePhoneHearsTheReason(t *testing.T) {
	for _, reason := range []string{deviceclient.DeclinedDocumentExpired, deviceclient.DeclinedDocumentNotAccepted,
		deviceclient.DeclinedCounterTrouble} {
		if choices := views.DeclineReasons(t.Context()); !oauth.IsToldReason(reason) || views.ChoiceLabel(choices, reason) == reason {
			t.Errorf("%s is not told, or cannot be chosen", reason)
		}
		s := handlerstest.Start(t, handlerstest.Config{})
		phone := s.DeviceClient()
		register(t, phone)
		ask(t, phone)
		decline(t, s, handlerstest.Codes{UserCode: phone.State.Authorization.UserCode.Reveal()}, reason, true)
		refusal, is := phone.WaitForTokens(t.Context()).(*deviceclient.Error)
		if !is || refusal.Code != deviceclient.ErrAccessDenied || refusal.DeclineReason != reason {
			t.Errorf("%s: heard %+v", reason, refusal)
		}
	}
}
