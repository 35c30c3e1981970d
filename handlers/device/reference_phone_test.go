package device_test

import (
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"countersign/handlers/handlerstest"
	"countersign/models"
	"countersign/oauth"
	"countersign/oauth/deviceclient"
)

func register(t *testing.T, phone *deviceclient.Client) {
	t.Helper()
	err := phone.Register(t.Context(), deviceclient.Software{Name: "Pocket Bank", ID: "example.pocketbank", Version: "4.2"})
	if err != nil {
		t.Fatal(err)
	}
}

func ask(t *testing.T, phone *deviceclient.Client) {
	t.Helper()
	err := phone.RequestAuthorization(t.Context(), deviceclient.Request{LoginHint: "anna@example.org", InstanceName: "Anna's phone"})
	if err != nil {
		t.Fatal(err)
	}
}

// callWhoAmI is account, client and binding, as the API sees them.
func callWhoAmI(t *testing.T, s *handlerstest.Server, phone *deviceclient.Client) [3]string {
	t.Helper()
	response, err := phone.Call(t.Context(), http.MethodGet, s.Endpoint(oauth.PathWhoAmI))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var body struct {
		Account  string `json:"account"`
		ClientID string `json:"client_id"`
		Binding  string `json:"binding"`
	}
	if err := json.NewDecoder(response.Body).Decode(&body); err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("answered %d: %v", response.StatusCode, err)
	}
	return [3]string{body.Account, body.ClientID, body.Binding}
}

// The reference phone learns of every end by the code that RFC 8628 §3.5 gives it.
func TestTheReferencePhoneHearsHowItEnds(t *testing.T) {
	for _, end := range []struct {
		name, code string
		bring      func(s *handlerstest.Server, userCode string)
	}{
		{"declined", deviceclient.ErrAccessDenied, func(s *handlerstest.Server, userCode string) { s.Decline(t, userCode) }},
		{"expired", deviceclient.ErrExpiredToken, func(s *handlerstest.Server, _ string) { s.Clock.Advance(s.Store.Policy().PendingWindow) }},
	} {
		t.Run(end.name, func(t *testing.T) {
			s := handlerstest.Start(t, handlerstest.Config{})
			phone := s.DeviceClient()
			register(t, phone)
			ask(t, phone)
			end.bring(s, phone.State.Authorization.UserCode.Reveal())
			if got := deviceclient.ErrorCode(phone.WaitForTokens(t.Context())); got != end.code {
				t.Errorf("ended with %q, want %q", got, end.code)
			}
		})
	}
}

// RFC 9110 §6.6.1: a phone whose clock is hours wrong is refused for it, reads the server's Date and is connected all the
// same; what it shows at the counter is signed by that time too. The server keeps real time here, as its Date does.
func TestTheReferencePhoneWithAWrongClock(t *testing.T) {
	for name, off := range map[string]time.Duration{"slow": -3 * time.Hour, "fast": 26 * time.Hour} {
		t.Run(name, func(t *testing.T) {
			s := handlerstest.Start(t, handlerstest.Config{})
			s.Clock.Advance(time.Since(s.Clock.Now()))
			phone := s.DeviceClient()
			phone.Now = func() time.Time { return s.Clock.Now().Add(off) }
			register(t, phone)
			ask(t, phone)
			if got := phone.State.ClockOffset; (got + off).Abs() > time.Minute {
				t.Errorf("learned that it is %s off", got)
			}
			square, err := phone.Presence(phone.Now())
			if err != nil {
				t.Fatal(err)
			}
			matchBySquare(t, s, square.Reveal())
			if err := phone.Poll(t.Context()); deviceclient.ErrorCode(err) != deviceclient.ErrAuthorizationPending {
				t.Error(err)
			}
		})
	}
}

func matchBySquare(t *testing.T, s *handlerstest.Server, square string) {
	t.Helper()
	proof, err := oauth.ParsePresenceProof(square)
	if err == nil {
		_, err = s.Store.MatchPresence(t.Context(), s.Operator("Olga Operator").SessionID, s.Account.ID, proof, models.KeyKnown)
	}
	if err != nil {
		t.Error(err)
	}
}
