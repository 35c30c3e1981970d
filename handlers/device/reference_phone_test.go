package device_test

import (
	"encoding/json"
	"net/http"
	"testing"

	"countersign/handlers/handlerstest"
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
