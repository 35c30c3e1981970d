package handlers_test

import (
	"crypto"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"testing"
	"time"

	"countersign/handlers/handlerstest"
	"countersign/handlers/limits"
	"countersign/models"
	"countersign/views"
)

// docs/protocol.md §6 registration-flood: new keys come twice a second from one address and
// never wait. Twenty phones behind the same address obey Retry-After, and are in within a
// minute.
func TestHonestPhonesRegisterDuringAFlood(t *testing.T) {
	s := limited(t, handlerstest.Config{})
	register := func(key crypto.Signer) handlerstest.Answer { return s.Register(handlerstest.Metadata(key)) }
	for range 60 {
		register(handlerstest.NewKey())
	}
	type phone struct {
		key  crypto.Signer
		next time.Time
	}
	var waiting []phone
	begin := s.Clock.Now()
	for range 20 {
		waiting = append(waiting, phone{handlerstest.NewKey(), begin})
	}
	for len(waiting) > 0 && s.Clock.Now().Before(begin.Add(time.Minute)) {
		var still []phone
		for _, p := range waiting {
			if !s.Clock.Now().Before(p.next) {
				answer := register(p.key)
				if answer.Status == http.StatusCreated {
					continue
				}
				p.next = s.Clock.Now().Add(waits(t, answer))
			}
			still = append(still, p)
		}
		waiting = still
		register(handlerstest.NewKey())
		s.Clock.Advance(time.Second / 2)
	}
	if len(waiting) > 1 {
		t.Errorf("%d of 20 phones are not in after a minute", len(waiting))
	}
}

// docs/protocol.md §6 many-networks: 300 networks of one /48 get as many registrations as a
// /48 is allowed, and another network is not touched by it.
func TestRegistrationsFromManyNetworks(t *testing.T) {
	s := limited(t, handlerstest.Config{TrustedProxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
	in := 0
	for i := range 1200 {
		address := fmt.Sprintf("2001:db8:7:%x::%x", 0x80*(i%300), i+1)
		if s.RegisterFrom(address, handlerstest.Metadata(handlerstest.NewKey())).Status == http.StatusCreated {
			in++
		}
	}
	if in == 0 || in > 16*30 {
		t.Errorf("%d registrations from one /48", in)
	}
	s.RegisterFrom("2001:db8:8::1", handlerstest.Metadata(handlerstest.NewKey())).Succeeded(t, http.StatusCreated)
}

// docs/protocol.md §6 staff-behind-a-stranger: whatever a stranger does behind the address of
// the staff, as nobody, with made-up cookies or as a phone, takes no place of theirs, nor of
// a phone that is registered.
func TestStrangersSpendNoPlaceOfStaffOrPhones(t *testing.T) {
	s := limited(t, handlerstest.Config{})
	phone, stranger := s.Phone(), s.Phone()
	olga := s.BrowserOf(t, s.Operator("Olga Operator"))
	nobody := s.BrowserOf(t, handlerstest.Staff{Cookie: "made up"})
	for range 300 {
		s.Register(handlerstest.Metadata(handlerstest.NewKey()))
		stranger.PollRaw("x", unknownClient())
		stranger.PollRaw("x", handlerstest.Request{Assertion: handlerstest.Forge{Broken: true}})
		nobody.Step(http.MethodPost, s.Endpoint(views.PathSearch), url.Values{"identifier": {"nobody"}})
		nobody.Step(http.MethodPost, s.Endpoint(views.MatchPath(s.Account.ID)), url.Values{"user_code": {"BCDF-GHJK"}})
		nobody.Step(http.MethodPost, s.Endpoint(views.PathSignIn), nil)
	}
	codes := phone.Ask(nil)
	phone.Poll(codes.DeviceCode)
	olga.Post(views.PathSearch, url.Values{"identifier": {"nobody"}}).Says("No account has this identifier")
	olga.Post(views.MatchPath(s.Account.ID), url.Values{"user_code": {codes.UserCode}}).Says("ID document")
}

// Operators limit nobody but themselves, also at one counter.
func TestCodesAreLimitedByOperator(t *testing.T) {
	s := limited(t, handlerstest.Config{Limits: limits.Strict})
	olga, otto := s.BrowserOf(t, s.Operator("Olga Operator")), s.BrowserOf(t, s.Operator("Otto Operator"))
	enter := func(b *handlerstest.Browser) *handlerstest.Page {
		return b.Post(views.MatchPath(s.Account.ID), url.Values{"user_code": {""}})
	}
	for range 30 {
		if page := enter(olga); page.Status == http.StatusTooManyRequests {
			t.Fatal("too early")
		}
	}
	enter(olga).Wants(http.StatusTooManyRequests, "Too many codes")
	if page := enter(otto); page.Status == http.StatusTooManyRequests {
		t.Error("one operator's codes limit another's")
	}
}

// Where registering takes an initial access token, strangers who have none keep nobody out
// who has one; the token's holder cannot try without end either.
func TestInitialTokenWaitsForNoStranger(t *testing.T) {
	s := limited(t, handlerstest.Config{Policy: models.Policy{Registration: models.RegistrationByToken}})
	_, token, err := s.Store.AddRegistrationToken(t.Context(), models.NewRegistrationToken{
		SessionID: s.Administrator("Ada Administrator").SessionID, Note: "Anna's phone", Lifetime: time.Hour,
	})
	if err != nil {
		t.Fatal(err)
	}
	for range 100 {
		s.Register(handlerstest.Metadata(handlerstest.NewKey()))
		s.RegisterWith(handlerstest.Metadata(handlerstest.NewKey()), "made up")
	}
	waits(t, s.RegisterWith(handlerstest.Metadata(handlerstest.NewKey()), "made up"))
	for i := range 100 {
		if answer := s.RegisterWith(handlerstest.Object{}, token); answer.Status == http.StatusTooManyRequests {
			if i == 0 {
				t.Error("the token's holder waits for strangers")
			}
			s.Clock.Advance(waits(t, answer))
			break
		} else if i == 99 {
			t.Error("a token's holder tries without end")
		}
	}
	s.RegisterWith(handlerstest.Metadata(handlerstest.NewKey()), token).Succeeded(t, http.StatusCreated)
}
