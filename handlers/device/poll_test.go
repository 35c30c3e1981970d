package device_test

import (
	"context"
	"net/http"
	"slices"
	"testing"
	"time"

	"countersign/audit"
	"countersign/handlers/handlerstest"
	"countersign/models"
	"countersign/oauth"
)

// docs/protocol.md §6 pending-status, RFC 8628 §3.5: pending is HTTP 400. A pending poll
// writes nothing at all (docs/architecture.md §4.5).
func TestPendingPollIs400AndWritesNothing(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	phone := s.Phone()
	codes := phone.Ask(nil)
	s.Unchanged(t, "a pending poll", func() {
		refused(t, phone.Poll(codes.DeviceCode), oauth.ErrAuthorizationPending)
	})
	s.Unchanged(t, "a poll that is too fast", func() {
		refused(t, phone.Poll(codes.DeviceCode), oauth.ErrSlowDown)
	})
	operator := s.Operator("Olga Operator")
	s.Match(t, operator, codes.UserCode)
	s.Clock.Advance(time.Minute)
	s.Unchanged(t, "a poll of a matched request", func() {
		refused(t, phone.Poll(codes.DeviceCode), oauth.ErrAuthorizationPending)
	})
}

// docs/protocol.md §6 another-client, RFC 8628 §3.5: another client's code is as unknown as one
// that never was, and the owner can still redeem.
func TestAnotherClientsCodeIsUnknown(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	owner, thief := s.Phone(), s.Phone()
	// Without a proof the code is bound to no key, so that nothing but its client guards it.
	asked := owner.AskRaw(handlerstest.Request{NoProof: true, Form: map[string]string{"scope": "profile"}}).Succeeded(t, http.StatusOK)
	codes := handlerstest.Codes{DeviceCode: asked.String("device_code"), UserCode: asked.String("user_code"), Answer: asked}
	unknown := thief.Poll("a-code-that-never-was")
	refused(t, unknown, oauth.ErrInvalidGrant)
	for _, state := range []string{"pending", "approved"} {
		if state == "approved" {
			s.Approve(t, codes.UserCode)
		}
		s.Unchanged(t, "the thief's poll", func() {
			answer := thief.Poll(codes.DeviceCode)
			refused(t, answer, oauth.ErrInvalidGrant)
			if answer.Text != unknown.Text {
				t.Errorf("%s: the thief learns something: %s", state, answer.Text)
			}
		})
	}
	granted := readTokens(t, owner.Poll(codes.DeviceCode))
	if got := granted.answer.String("scope"); got != "profile" {
		t.Errorf("the owner got %q", got)
	}
}

// docs/protocol.md §6 decline-is-heard: after a decline the very next poll is access_denied, and stays so.
func TestDeclinedIsDeniedAtOnce(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	phone := s.Phone()
	codes := phone.Ask(nil)
	refused(t, phone.Poll(codes.DeviceCode), oauth.ErrAuthorizationPending)
	s.Decline(t, codes.UserCode)
	for range 2 { // without a wait between them
		s.Unchanged(t, "a poll after the decline", func() {
			refused(t, phone.Poll(codes.DeviceCode), oauth.ErrAccessDenied)
		})
	}
}

// A recalled approval is denied too, also when the pending window has ended since.
func TestRecalledIsDenied(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	phone := s.Phone()
	codes := phone.Ask(nil)
	s.Clock.Advance(6 * 24 * time.Hour)
	approval := s.Approve(t, codes.UserCode)
	supervisor := s.Supervisor("Sara Supervisor")
	if err := s.Store.Recall(t.Context(), supervisor.SessionID, approval.Binding.DeviceAuthorizationID, "operator_error"); err != nil {
		t.Fatal(err)
	}
	refused(t, phone.Poll(codes.DeviceCode), oauth.ErrAccessDenied)
	s.Clock.Advance(2 * 24 * time.Hour)
	refused(t, phone.Poll(codes.DeviceCode), oauth.ErrAccessDenied)
}

// docs/protocol.md §6 steady-poller, RFC 8628 §3.5: a poller with a tenth of jitter is never
// told to slow down.
func TestSteadyPollerIsNeverSlowedDown(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	phone := s.Phone()
	codes := phone.Ask(nil)
	interval := s.Interval()
	for i := range 60 {
		refused(t, phone.Poll(codes.DeviceCode), oauth.ErrAuthorizationPending)
		jitter := []time.Duration{-interval / 10, 0, interval / 10, -interval / 10, -interval / 20}[i%5]
		s.Clock.Advance(interval + jitter)
	}
}

// docs/protocol.md §6 steady-poller: slow_down adds 5 seconds for good, each time; a phone that honours it is
// pending again; a fast poller still collects what was approved.
func TestFastPollerSlowsDownAndStillCollects(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	phone := s.Phone()
	codes := phone.Ask(nil)
	refused(t, phone.Poll(codes.DeviceCode), oauth.ErrAuthorizationPending) // the first is never too fast
	interval := s.Interval()
	for range 2 {
		s.Clock.Advance(time.Second)
		refused(t, phone.Poll(codes.DeviceCode), oauth.ErrSlowDown)
		interval += 5 * time.Second
	}
	s.Clock.Advance(s.Interval()) // the old interval is too fast now
	refused(t, phone.Poll(codes.DeviceCode), oauth.ErrSlowDown)
	interval += 5 * time.Second
	for range 3 {
		s.Clock.Advance(interval)
		refused(t, phone.Poll(codes.DeviceCode), oauth.ErrAuthorizationPending)
	}
	s.Clock.Advance(time.Second)
	refused(t, phone.Poll(codes.DeviceCode), oauth.ErrSlowDown)
	s.Approve(t, codes.UserCode)
	readTokens(t, phone.Poll(codes.DeviceCode))
}

// One request's pace is not another's, and another client cannot slow one down.
func TestPaceIsOfTheRequest(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	owner, other := s.Phone(), s.Phone()
	codes, second := owner.Ask(nil), owner.Ask(nil)
	for range 3 {
		refused(t, other.Poll(codes.DeviceCode), oauth.ErrInvalidGrant)
	}
	refused(t, owner.Poll(codes.DeviceCode), oauth.ErrAuthorizationPending)
	refused(t, owner.Poll(second.DeviceCode), oauth.ErrAuthorizationPending)
}

// docs/protocol.md §6 window-over, docs/architecture.md §3: the pending window at its end −1 s, 0 and
// +1 s. Approved in the last second, it still redeems.
func TestPendingWindowEnds(t *testing.T) {
	for _, c := range []struct {
		name string
		at   time.Duration
		code string
	}{
		{"one second before", -time.Second, oauth.ErrAuthorizationPending},
		{"at the end", 0, oauth.ErrExpiredToken},
		{"one second after", time.Second, oauth.ErrExpiredToken},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := handlerstest.Start(t, handlerstest.Config{})
			phone := s.Phone()
			codes := phone.Ask(nil)
			s.Clock.Advance(s.Store.Policy().PendingWindow + c.at)
			refused(t, phone.Poll(codes.DeviceCode), c.code)
			if c.at < 0 {
				s.Approve(t, codes.UserCode)
				s.Clock.Advance(2 * time.Second)
				readTokens(t, phone.Poll(codes.DeviceCode))
				return
			}
			code, _ := oauth.ParseUserCode(codes.UserCode)
			_, err := s.Store.Match(t.Context(), s.Operator("Olga Operator").SessionID, s.Account.ID, code)
			if err == nil {
				t.Error("an expired request was matched")
			}
		})
	}
}

// docs/protocol.md §6 window-over: the redemption window at its end −1 s, 0 and +1 s.
func TestRedemptionWindowEnds(t *testing.T) {
	for _, c := range []struct {
		name string
		at   time.Duration
		code string // "" means tokens
	}{
		{"one second before", -time.Second, ""},
		{"at the end", 0, oauth.ErrExpiredToken},
		{"one second after", time.Second, oauth.ErrExpiredToken},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := handlerstest.Start(t, handlerstest.Config{})
			phone := s.Phone()
			codes := phone.Ask(nil)
			s.Clock.Advance(6 * 24 * time.Hour)
			s.Approve(t, codes.UserCode)
			s.Clock.Advance(s.Store.Policy().RedemptionWindow + c.at)
			answer := phone.Poll(codes.DeviceCode)
			if c.code == "" {
				readTokens(t, answer)
				return
			}
			refused(t, answer, c.code)
		})
	}
}

// RFC 6749 §5.2, RFC 8628 §3.5, RFC 8707 §2.
func TestTokenRequests(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	phone := s.Phone()
	codes := phone.Ask(nil)
	s.Approve(t, codes.UserCode)
	for name, c := range map[string]struct {
		form map[string]string
		code string
	}{
		"no grant_type":          {map[string]string{"grant_type": ""}, oauth.ErrInvalidRequest},
		"password":               {map[string]string{"grant_type": "password"}, oauth.ErrUnsupportedGrantType},
		"client_credentials":     {map[string]string{"grant_type": "client_credentials"}, oauth.ErrUnsupportedGrantType},
		"authorization_code":     {map[string]string{"grant_type": "authorization_code"}, oauth.ErrUnsupportedGrantType},
		"no device_code":         {map[string]string{"device_code": ""}, oauth.ErrInvalidRequest},
		"the user code":          {map[string]string{"device_code": codes.UserCode}, oauth.ErrInvalidGrant},
		"another resource":       {map[string]string{"resource": "https://elsewhere.example"}, oauth.ErrInvalidTarget},
		"no refresh_token":       {map[string]string{"grant_type": "refresh_token"}, oauth.ErrInvalidRequest},
		"an unknown one":         {map[string]string{"grant_type": "refresh_token", "refresh_token": "x"}, oauth.ErrInvalidGrant},
		"a malformed scope then": {map[string]string{"grant_type": "refresh_token", "refresh_token": "x", "scope": "\""}, oauth.ErrInvalidScope},
	} {
		t.Run(name, func(t *testing.T) {
			s.Unchanged(t, "the request", func() {
				refused(t, phone.PollRaw(codes.DeviceCode, handlerstest.Request{Form: c.form}), c.code)
			})
		})
	}
	granted := readTokens(t, phone.PollRaw(codes.DeviceCode, handlerstest.Request{Form: map[string]string{"resource": s.Issuer + "/api"}}))
	want := []string{"access_token", "expires_in", "refresh_token", "scope", "token_type"}
	if !slices.Equal(granted.answer.Members(), want) {
		t.Errorf("members are %v, want %v", granted.answer.Members(), want)
	}
}

// RFC 9449 §5: a token request without a proof is refused, with nothing changed.
func TestTokenRequestNeedsAProof(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	phone := s.Phone()
	codes := phone.Ask(nil)
	s.Approve(t, codes.UserCode)
	s.Unchanged(t, "the request", func() {
		refused(t, phone.PollRaw(codes.DeviceCode, handlerstest.Request{NoProof: true}), oauth.ErrInvalidDPoPProof)
	})
	readTokens(t, phone.Poll(codes.DeviceCode))
}

// docs/protocol.md §6 missing-lifetime and RFC 6749 §5.2: a client that registered only the
// device grant gets no refresh token and may not refresh.
func TestClientWithoutTheRefreshGrant(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	phone := s.Phone()
	key := handlerstest.NewKey()
	answer := s.Register(handlerstest.Metadata(key).With(handlerstest.Object{"grant_types": []string{oauth.GrantTypeDeviceCode}})).
		Succeeded(t, http.StatusCreated)
	other := *phone
	other.ClientID, other.Key, other.DPoP = answer.String("client_id"), key, key
	granted := connect(t, s, &other)
	if granted.Refresh != "" {
		t.Error("it got a refresh token")
	}
	refused(t, other.Refresh("x", nil), oauth.ErrUnauthorizedClient)
}

// A redemption is one event in the trail, a poll none.
func TestEventsOfARedemption(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	phone := s.Phone()
	codes := phone.Ask(nil)
	s.Approve(t, codes.UserCode)
	before := s.LastEvent()
	readTokens(t, phone.Poll(codes.DeviceCode))
	if got := s.Events(before); !slices.Equal(got, []audit.Type{audit.DeviceBindingRedeemed}) {
		t.Errorf("events are %v", got)
	}
}

func revokeBinding(t *testing.T, s *handlerstest.Server, binding models.Binding) {
	t.Helper()
	supervisor := s.Supervisor("Sara Supervisor")
	if err := s.Store.RevokeBinding(context.Background(), supervisor.SessionID, binding.ID, "device_lost"); err != nil {
		t.Fatal(err)
	}
}
