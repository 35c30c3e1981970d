package device_test

import (
	"encoding/json"
	"io"
	"net/http"
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

// docs/protocol.md §6 lost-answer, docs/architecture.md §4.8: the connection breaks after the commit, at
// every byte of the answer. As long as no token was used the same code is good for the next
// answer, which breaks one byte later; the last one arrives, and its tokens are the only ones.
func TestAnswerCutThroughout(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	cut := s.Cut()
	through := cut.HTTP()
	whole, cuts := 0, 0
	for after := -1; after < 0 || after <= whole; {
		phone := s.Phone()
		codes := phone.Ask(nil)
		binding := s.Approve(t, codes.UserCode).Binding
		const within = 18 // intervals of the ten minutes, and one more for the answer that arrives
		for range within {
			if cut.After(after); arrives(t, through, phone, codes) != (after < 0 || after == whole) {
				t.Fatalf("cut after %d of %d bytes: whether the answer arrives", after, whole)
			}
			whole = max(whole, cut.Sent())
			s.Clock.Advance(s.Interval())
			if after++; after > whole {
				break
			}
			cuts++
		}
		granted := readTokens(t, phone.Poll(codes.DeviceCode))
		var who struct{ Binding string }
		decode(t, phone.WhoAmI(granted.Access).Succeeded(t, http.StatusOK).Text, &who)
		if who.Binding != binding.ID {
			t.Fatalf("up to %d bytes: connected to binding %s, want %s", after, who.Binding, binding.ID)
		}
		oneTokenSet(t, s, binding)
	}
	if cuts <= whole || whole < 500 {
		t.Errorf("%d cuts of an answer of %d bytes", cuts, whole)
	}
}

// arrives says whether a phone gets the whole answer to a poll that way.
func arrives(t *testing.T, through *http.Client, phone *handlerstest.Phone, codes handlerstest.Codes) bool {
	t.Helper()
	response, err := through.Do(phone.NewRequest(handlerstest.Request{Path: oauth.PathToken,
		Form: map[string]string{"grant_type": oauth.GrantTypeDeviceCode, "device_code": codes.DeviceCode}}))
	if err != nil {
		return false
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if response.StatusCode != http.StatusOK {
		t.Fatalf("answered %d %s", response.StatusCode, body)
	}
	return err == nil && json.Valid(body)
}

// The reference phone ends connected by itself, wherever the answer breaks: it sees an
// answer of which nothing came, half of the head, half of the body, all but the last byte.
func TestReferencePhoneGetsOverACutAnswer(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	cut := s.Cut()
	connectThrough(t, s, cut, -1)
	whole := cut.Sent()
	lost := 0
	for _, after := range []int{0, 1, 9, 16, 17, whole / 4, whole / 3, whole / 2, whole - 200, whole - 2, whole - 1, whole} {
		before := s.LastEvent()
		phone, binding := connectThrough(t, s, cut, after)
		if got := callWhoAmI(t, s, phone); got[2] != binding.ID {
			t.Errorf("cut after %d bytes: connected to binding %s, want %s", after, got[2], binding.ID)
		}
		oneTokenSet(t, s, binding)
		lost += givenAgain(s.Events(before))
	}
	if lost != 11 {
		t.Errorf("%d of 11 answers were lost", lost)
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

// docs/protocol.md §6 lost-answer: after a cut another key gets nothing, and a replay past the time for lost
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
