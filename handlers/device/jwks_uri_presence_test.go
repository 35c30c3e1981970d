package device_test

import (
	"net/http"
	"testing"
	"time"

	"countersign/handlers/handlerstest"
	"countersign/views"
)

// docs/presence-proof.md, judging it: a proof is held to the key that is at jwks_uri now.
// One that was replaced there proves nothing, and where the address does not answer a
// strange signature costs no try.
func TestPresenceFollowsJWKSURI(t *testing.T) {
	host := startKeyHost(t)
	s, old, fresh := trusting(t, host), handlerstest.NewKey(), handlerstest.NewKey()
	host.holds(old)
	phone := s.PhoneOf(s.Register(at(host.URL)).Succeeded(t, http.StatusCreated), old)
	codes := phone.Ask(nil)
	withdrawn := *phone
	phone.Key = fresh
	b := s.BrowserOf(t, s.Operator("Olga Operator"))
	enter := func(by *handlerstest.Phone) *handlerstest.Page {
		return b.Open(views.AccountPath(s.Account.ID)).Form(views.MatchPath(s.Account.ID)).Set("user_code", by.Presence(codes)).Submit()
	}
	search := func(by *handlerstest.Phone) *handlerstest.Page {
		return b.Get(views.PathCounter).Form(views.PathSearch).Set("identifier", by.Presence(codes)).Submit()
	}
	s.Clock.Advance(48 * time.Hour)
	b = s.BrowserOf(t, s.Operator("Olga Operator"))
	host.fails()
	search(phone).Says("could not be checked right now")
	for range 7 {
		enter(phone).Says("could not be checked right now", "No try was used.")
	}
	host.holds(fresh)
	s.Clock.Advance(time.Minute)
	enter(phone).Wants(http.StatusOK, "Check the ID document") // by the new key, which nobody had used here yet
	enter(&withdrawn).Says("Not the code for this account. 5 tries left.")
	search(&withdrawn).Says("No waiting request has this QR code")
	host.holds()
	s.Clock.Advance(25 * time.Hour)
	b = s.BrowserOf(t, s.Operator("Olga Operator"))
	enter(phone).Says("Not the code for this account. 4 tries left.")
}
