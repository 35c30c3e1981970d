package device_test

import (
	"testing"
	"time"

	"countersign/audit"
	"countersign/handlers/handlerstest"
	"countersign/models"
	"countersign/oauth"
	"countersign/oauth/deviceclient"
)

// connectThrough is a whole visit of the reference phone whose first token answer breaks
// after so many bytes; negative: not at all.
func connectThrough(t *testing.T, s *handlerstest.Server, cut *handlerstest.Cut, after int) (*deviceclient.Client, models.Binding) {
	t.Helper()
	phone := s.DeviceClient()
	phone.HTTP = cut.HTTP()
	register(t, phone)
	ask(t, phone)
	binding := s.Approve(t, phone.State.Authorization.UserCode.Reveal()).Binding
	cut.After(after)
	if err := phone.WaitForTokens(t.Context()); err != nil {
		t.Fatalf("cut after %d bytes: %v", after, err)
	}
	return phone, binding
}

// Row 15 of attacks.md, design section 4.8: the connection breaks after the commit, at
// any place of the answer: every byte where it begins and ends, every 13th between. The phone ends connected all the same, with exactly one binding
// and one token set.
func TestAnswerCutThroughout(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	cut := s.Cut()
	connectThrough(t, s, cut, -1)
	whole := cut.Sent()
	if whole < 500 {
		t.Fatalf("an answer of %d bytes", whole)
	}
	lost := 0
	for after := 0; after <= whole+1; after++ {
		const step = 13 // and every byte where the answer begins and ends
		if after > 16 && after < whole-16 && after%step != 0 {
			continue
		}
		before := s.LastEvent()
		phone, binding := connectThrough(t, s, cut, after)
		if got := callWhoAmI(t, s, phone); got[2] != binding.ID {
			t.Errorf("cut after %d bytes: connected to binding %s, want %s", after, got[2], binding.ID)
		}
		oneTokenSet(t, s, binding)
		lost += givenAgain(s.Events(before))
	}
	if lost < 60 {
		t.Errorf("only %d answers were lost", lost)
	}
}

// givenAgain is how many answers were given once more.
func givenAgain(events []audit.Type) int {
	redeemed := -1
	for _, event := range events {
		if event == audit.DeviceBindingRedeemed {
			redeemed++
		}
	}
	return redeemed
}

// oneTokenSet demands that the binding of the visit stands, alone, with one refresh token.
func oneTokenSet(t *testing.T, s *handlerstest.Server, binding models.Binding) {
	t.Helper()
	var bindings, tokens int64
	err := s.Store.Reader().Raw(`SELECT count(*) FROM bindings WHERE client_id = ? AND revoked_at = 0`, binding.ClientID).Scan(&bindings).Error
	if err != nil {
		t.Fatal(err)
	}
	err = s.Store.Reader().Raw(`SELECT count(*) FROM refresh_tokens WHERE client_id = ?`, binding.ClientID).Scan(&tokens).Error
	if err != nil || bindings != 1 || tokens != 1 {
		t.Errorf("%d bindings and %d refresh tokens, %v", bindings, tokens, err)
	}
}

// Row 15: after a cut another key gets nothing, and a replay past the time for lost
// answers ends what there is.
func TestCutAnswerIsForItsKeyAndItsTime(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	cut := s.Cut()
	phone := s.Phone()
	codes := phone.Ask(nil)
	s.Approve(t, codes.UserCode)
	request := phone.NewRequest(handlerstest.Request{Path: oauth.PathToken,
		Form: map[string]string{"grant_type": oauth.GrantTypeDeviceCode, "device_code": codes.DeviceCode}})
	cut.After(0)
	if response, err := cut.HTTP().Do(request); err == nil {
		response.Body.Close()
		t.Fatal("the connection was not cut")
	}
	s.Clock.Advance(s.Interval())
	other := handlerstest.Request{Proof: handlerstest.Forge{Key: handlerstest.NewKey()}}
	refused(t, phone.PollRaw(codes.DeviceCode, other), oauth.ErrInvalidGrant)
	granted := readTokens(t, phone.Poll(codes.DeviceCode))
	s.Clock.Advance(10 * time.Minute)
	refused(t, phone.Poll(codes.DeviceCode), oauth.ErrInvalidGrant)
	inactive(t, phone.Introspect(granted.Refresh))
	refused(t, phone.Refresh(granted.Refresh, nil), oauth.ErrInvalidGrant)
}
