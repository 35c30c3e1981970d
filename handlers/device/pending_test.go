package device_test

import (
	"net/http"
	"net/netip"
	"testing"
	"time"

	"countersign/audit/term"
	"countersign/handlers/handlerstest"
	"countersign/oauth"
)

// docs/decisions/0011: of a phone three requests wait for an identifier. The fourth ends the
// oldest, which hears expired_token; an identifier of nobody is treated alike, and what
// another phone has asked stays.
func TestFourthRequestIsHeardByTheOldest(t *testing.T) {
	for name, hint := range map[string]string{"an account": "anna@example.org", "nobody": "nobody@example.org"} {
		t.Run(name, func(t *testing.T) {
			s := handlerstest.Start(t, handlerstest.Config{})
			phone, other := s.Phone(), s.Phone()
			others := other.Ask(map[string]string{"login_hint": hint})
			var codes []handlerstest.Codes
			for range 4 {
				s.Clock.Advance(time.Second)
				codes = append(codes, phone.Ask(map[string]string{"login_hint": hint}))
			}
			refused(t, phone.Poll(codes[0].DeviceCode), oauth.ErrExpiredToken)
			for _, waiting := range codes[1:] {
				refused(t, phone.Poll(waiting.DeviceCode), oauth.ErrAuthorizationPending)
			}
			refused(t, other.Poll(others.DeviceCode), oauth.ErrAuthorizationPending)
		})
	}
}

// RFC 10027, detect and remediate: a decline as suspicious denies the phone's other requests
// for the account at its very next poll, and ends what it holds of the account, in
// introspection too. The owner's own phone, in another network, goes on.
func TestSuspiciousDeclineIsHeardAtOnce(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{TrustedProxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
	owner, stranger := s.Phone(), s.Phone()
	from := func(phone *handlerstest.Phone, address string) handlerstest.Codes {
		answer := phone.AskRaw(handlerstest.Request{Header: http.Header{"X-Forwarded-For": {address}}}).Succeeded(t, http.StatusOK)
		return handlerstest.Codes{DeviceCode: answer.String("device_code"), UserCode: answer.String("user_code")}
	}
	held := from(stranger, "203.0.113.7")
	s.Approve(t, held.UserCode)
	tokens := readTokens(t, stranger.Poll(held.DeviceCode))
	declined, sibling, owners := from(stranger, "203.0.113.7"), from(stranger, "203.0.113.7"), from(owner, "198.51.100.9")

	operator := s.Operator("Olga Operator")
	matched := s.Match(t, operator, declined.UserCode)
	if err := s.Store.Decline(t.Context(), operator.SessionID, matched.ID, term.DeclineSuspicious); err != nil {
		t.Fatal(err)
	}
	refused(t, stranger.Poll(declined.DeviceCode), oauth.ErrAccessDenied)
	refused(t, stranger.Poll(sibling.DeviceCode), oauth.ErrAccessDenied)
	inactive(t, stranger.Introspect(tokens.Refresh))
	inactive(t, stranger.Introspect(tokens.Access))
	dead(t, stranger, tokens.Access)
	refused(t, stranger.Refresh(tokens.Refresh, nil), oauth.ErrInvalidGrant)
	refused(t, owner.Poll(owners.DeviceCode), oauth.ErrAuthorizationPending)
	s.Approve(t, owners.UserCode)
	readTokens(t, owner.Poll(owners.DeviceCode))
}
