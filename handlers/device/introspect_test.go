package device_test

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"countersign/handlers/handlerstest"
	"countersign/oauth"
)

// RFC 7662 §2.2, RFC 9449 §6.2: a live token of the caller's own, with cnf.
func TestIntrospectOwnTokens(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	phone := s.Phone()
	granted := connect(t, s, phone)
	now := s.Clock.Now()

	access := phone.Introspect(granted.Access).Succeeded(t, http.StatusOK)
	wantMembers := []string{"active", "aud", "client_id", "cnf", "exp", "iat", "iss", "jti", "scope", "sub", "token_type"}
	if !slices.Equal(access.Members(), wantMembers) {
		t.Errorf("members are %v, want %v", access.Members(), wantMembers)
	}
	for member, want := range map[string]any{
		"active": true, "aud": s.Issuer + "/api", "client_id": phone.ClientID, "iss": s.Issuer, "sub": s.Account.ID,
		"token_type": "DPoP", "scope": handlerstest.AllScopes(),
		"iat": float64(now.Unix()), "exp": float64(now.Add(10 * time.Minute).Unix()),
	} {
		if access.JSON[member] != want {
			t.Errorf("%s is %v, want %v", member, access.JSON[member], want)
		}
	}
	refresh := phone.Introspect(granted.Refresh).Succeeded(t, http.StatusOK)
	if refresh.JSON["active"] != true || refresh.String("sub") != s.Account.ID || refresh.String("client_id") != phone.ClientID {
		t.Errorf("the refresh token is told as %s", refresh.Text)
	}
	for _, answer := range []handlerstest.Answer{access, refresh} {
		confirm, _ := answer.JSON["cnf"].(map[string]any)
		if confirm["jkt"] != handlerstest.Thumbprint(phone.DPoP) {
			t.Errorf("cnf is %v", answer.JSON["cnf"])
		}
	}
}

// RFC 7662 §2.2: whatever is not live and the caller's own is {"active":false}
// and nothing more.
func TestIntrospectInactive(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	phone, other := s.Phone(), s.Phone()
	granted := connect(t, s, phone)
	codes := phone.Ask(nil)
	for name, token := range map[string]string{
		"an unknown token": "x", "a device code": codes.DeviceCode, "a user code": codes.UserCode,
		"a tampered token": granted.Access + "x", "an assertion": phone.Assertion(handlerstest.Forge{}),
	} {
		t.Run(name, func(t *testing.T) { inactive(t, phone.Introspect(token)) })
	}
	inactive(t, other.Introspect(granted.Access))
	inactive(t, other.Introspect(granted.Refresh))
	refused(t, phone.Introspect(""), oauth.ErrInvalidRequest)
	s.Clock.Advance(10*time.Minute - time.Second)
	if answer := phone.Introspect(granted.Access); answer.JSON["active"] != true {
		t.Error("dead before its end")
	}
	s.Clock.Advance(time.Second)
	inactive(t, phone.Introspect(granted.Access))
}
