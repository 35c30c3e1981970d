package device_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"countersign/handlers/handlerstest"
	"countersign/handlers/web"
	"countersign/oauth"
)

// RFC 9449 §11.1, docs/decisions/0060-used-proofs.md: while as many proofs are remembered as may be, none is forgotten. What
// comes then is refused, changes nothing, is no failure of the client's, and says when to come again.
func TestNoProofIsForgottenForAnother(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{More: func(c *web.Config) { c.UsedProofs = 4 }})
	phone, another := s.Phone(), s.Phone()
	codes := phone.Ask(nil)
	pending := phone.NewRequest(handlerstest.Request{Path: oauth.PathToken,
		Form: map[string]string{"grant_type": oauth.GrantTypeDeviceCode, "device_code": codes.DeviceCode}})
	refused(t, s.Do(pending), oauth.ErrAuthorizationPending)
	s.Approve(t, codes.UserCode)
	s.Unchanged(t, "requests without room for their proofs", func() {
		for range 100 {
			later(t, phone.Poll(codes.DeviceCode))
			later(t, another.AskRaw(handlerstest.Request{}))
		}
		notAuthenticated(t, s.Do(again(pending)))
	})
	if told := strings.Count(s.Log(), "as many used proofs are remembered as may be"); told != 1 {
		t.Errorf("the log says so %d times", told)
	}

	s.Clock.Advance(5 * time.Minute)
	tokens := readTokens(t, phone.Poll(codes.DeviceCode))
	alive(t, phone, tokens.Access)
	alive(t, phone, tokens.Access)
	later(t, phone.WhoAmI(tokens.Access))
}

// later demands 503 with whole seconds, which phones go on after (docs/protocol.md §3).
func later(t *testing.T, answer handlerstest.Answer) {
	t.Helper()
	answer.Refused(t, http.StatusServiceUnavailable, oauth.ErrTemporarilyUnavailable)
	if after := answer.Header.Get("Retry-After"); after != "60" {
		t.Errorf("Retry-After is %q", after)
	}
}
