package device_test

import (
	"net/http"
	"slices"
	"testing"

	"countersign/audit"
	"countersign/handlers/handlerstest"
	"countersign/oauth"
)

// tokens is what a redemption or refresh gave.
type tokens struct {
	Access, Refresh string
	answer          handlerstest.Answer
}

func readTokens(t *testing.T, answer handlerstest.Answer) tokens {
	t.Helper()
	answer.Succeeded(t, http.StatusOK)
	if answer.String("access_token") == "" || answer.String("token_type") != "DPoP" {
		t.Fatalf("no DPoP-bound access token in %s", answer.Text)
	}
	return tokens{answer.String("access_token"), answer.String("refresh_token"), answer}
}

// connect takes a phone through a whole visit.
func connect(t *testing.T, s *handlerstest.Server, phone *handlerstest.Phone) tokens {
	t.Helper()
	codes := phone.Ask(nil)
	s.Approve(t, codes.UserCode)
	return readTokens(t, phone.Poll(codes.DeviceCode))
}

func refused(t *testing.T, answer handlerstest.Answer, code string) {
	t.Helper()
	answer.Refused(t, http.StatusBadRequest, code)
}

func notAuthenticated(t *testing.T, answer handlerstest.Answer) {
	t.Helper()
	answer.Refused(t, http.StatusUnauthorized, oauth.ErrInvalidClient)
}

// alive and dead say whether the sample API takes the token.
func alive(t *testing.T, phone *handlerstest.Phone, accessToken string) {
	t.Helper()
	phone.WhoAmI(accessToken).Succeeded(t, http.StatusOK)
}

func dead(t *testing.T, phone *handlerstest.Phone, accessToken string) {
	t.Helper()
	phone.WhoAmI(accessToken).Refused(t, http.StatusUnauthorized, oauth.ErrInvalidToken)
}

func inactive(t *testing.T, answer handlerstest.Answer) {
	t.Helper()
	answer.Succeeded(t, http.StatusOK)
	if answer.Text != "{\"active\":false}\n" {
		t.Errorf(`answered %s, want only {"active":false}`, answer.Text)
	}
}

// TestAVisit is the main job over HTTP: the reference phone registers, asks, waits for
// the counter, redeems, calls, refreshes and disconnects.
func TestAVisit(t *testing.T) {
	handlerstest.Each(t, func(t *testing.T, s *handlerstest.Server) {
		phone := s.DeviceClient()
		ctx := t.Context()
		began := s.LastEvent()
		register(t, phone)
		ask(t, phone)
		s.Unchanged(t, "a pending poll", func() {
			if err := phone.Poll(ctx); err == nil {
				t.Fatal("a request that nobody decided was redeemed")
			}
		})
		approval := s.Approve(t, phone.State.Authorization.UserCode.Reveal())
		if err := phone.WaitForTokens(ctx); err != nil {
			t.Fatal(err)
		}
		if got := callWhoAmI(t, s, phone); got != [3]string{s.Account.ID, phone.State.ClientID, approval.Binding.ID} {
			t.Errorf("the token speaks for %v", got)
		}
		s.Clock.Advance(s.Store.Policy().AccessTokenLifetime)
		if callWhoAmI(t, s, phone)[0] != s.Account.ID {
			t.Error("the phone could not refresh")
		}
		if err := phone.Revoke(ctx); err != nil {
			t.Fatal(err)
		}
		wantTrail(t, s, began)
	})
}

// wantTrail demands the events of that visit, each once, in a trail that verifies.
func wantTrail(t *testing.T, s *handlerstest.Server, began int64) {
	t.Helper()
	want := []audit.Type{audit.ClientRegistered, audit.DeviceAuthorizationRequested, audit.StaffSignedIn, audit.CounterOpened,
		audit.CodeMatched, audit.IdentityProofed, audit.DeviceBindingApproved, audit.DeviceBindingRedeemed, audit.DeviceBindingRevoked}
	if got := s.Events(began); !slices.Equal(got, want) {
		t.Errorf("events are %v, want %v", got, want)
	}
	report, err := s.Store.VerifyTrail(t.Context())
	if err != nil || report.First != nil {
		t.Errorf("the trail does not verify: %v, %v", err, report.First)
	}
}
