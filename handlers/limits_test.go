package handlers_test

import (
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"testing"
	"time"

	"countersign/handlers/handlerstest"
	"countersign/handlers/limits"
	"countersign/models"
	"countersign/oauth"
	"countersign/views"
)

func limited(t *testing.T, config handlerstest.Config) *handlerstest.Server {
	t.Helper()
	if config.Limits == "" {
		config.Limits = limits.Default
	}
	return handlerstest.Start(t, config)
}

// waits demands 429 with Retry-After, and returns how long to wait.
func waits(t *testing.T, answer handlerstest.Answer) time.Duration {
	t.Helper()
	seconds, err := strconv.Atoi(answer.Header.Get("Retry-After"))
	if answer.Status != http.StatusTooManyRequests || err != nil || seconds < 1 {
		t.Fatalf("answered %d %s, Retry-After %q", answer.Status, answer.Text, answer.Header.Get("Retry-After"))
	}
	return time.Duration(seconds) * time.Second
}

// docs/protocol.md §6 slow-and-huge: of 10,000 registrations from one address no more are taken than the
// limit allows; the others leave no row, and are told when to come back.
func TestManyRegistrationsFromOneAddress(t *testing.T) {
	s := limited(t, handlerstest.Config{})
	key := handlerstest.NewKey()
	taken, before := 0, s.Snapshot()
	var last handlerstest.Answer
	for i := range 10_000 {
		if last = s.Register(handlerstest.Metadata(key)); last.Status == http.StatusTooManyRequests {
			continue
		}
		last.Succeeded(t, http.StatusCreated)
		taken++
		key = handlerstest.NewKey()
		if i > 1000 {
			t.Fatal("there is no limit")
		}
	}
	if taken == 0 || taken > 100 {
		t.Errorf("%d registrations were taken", taken)
	}
	last.Refused(t, http.StatusTooManyRequests, oauth.ErrTemporarilyUnavailable)
	if changed := s.Snapshot().Changed(before); len(changed) > 4 {
		t.Errorf("changed %v", changed)
	}
	s.Unchanged(t, "one more", func() { s.Register(handlerstest.Metadata(key)) })
	s.Clock.Advance(waits(t, last))
	s.Register(handlerstest.Metadata(key)).Succeeded(t, http.StatusCreated)
}

// docs/protocol.md §6 forged-address: a stranger's X-Forwarded-For changes no key of a limiter; a trusted
// proxy's does, and the addresses of one IPv6 /64 are one.
func TestForwardedForChangesNoLimit(t *testing.T) {
	register := func(s *handlerstest.Server, i int) handlerstest.Answer {
		return s.RegisterFrom(fmt.Sprintf("2001:db8::%x", i+1), handlerstest.Metadata(handlerstest.NewKey()))
	}
	for name, proxies := range map[string][]netip.Prefix{"a stranger": nil, "a proxy, one /64": {netip.MustParsePrefix("127.0.0.0/8")}} {
		t.Run(name, func(t *testing.T) {
			s := limited(t, handlerstest.Config{TrustedProxies: proxies})
			for i := range 100 {
				if register(s, i).Status == http.StatusTooManyRequests {
					return
				}
			}
			t.Error("the header gets round the limit")
		})
	}
	s := limited(t, handlerstest.Config{TrustedProxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
	for i := range 100 {
		s.RegisterFrom(fmt.Sprintf("2001:db8:0:%x::1", i+1), handlerstest.Metadata(handlerstest.NewKey())).Succeeded(t, http.StatusCreated)
	}
}

// docs/protocol.md §6 untold-address: clients of whom the proxy does not say where they are share no bucket: none keeps
// another out.
func TestUntoldAddressesShareNoBucket(t *testing.T) {
	s := limited(t, handlerstest.Config{TrustedProxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
	for range 100 {
		s.RegisterFrom("unknown", handlerstest.Metadata(handlerstest.NewKey())).Succeeded(t, http.StatusCreated)
	}
}

// unknownClient is a request with an assertion of a client that is not registered.
func unknownClient() handlerstest.Request {
	return handlerstest.Request{Assertion: handlerstest.Forge{Broken: true, Claims: handlerstest.Object{"iss": "nobody", "sub": "nobody"}},
		Form: map[string]string{"client_id": ""}}
}

// docs/protocol.md §6 steady-poller: a phone that asks at its interval is never limited, for a week, while a
// stranger in its network has used up every limit of it; and a phone that asks much too
// fast is told slow_down, and still collects.
func TestSteadyPhoneIsNeverLimited(t *testing.T) {
	s := limited(t, handlerstest.Config{})
	phone, stranger := s.Phone(), s.Phone()
	codes := phone.Ask(nil)
	for range 200 {
		for range 40 {
			stranger.PollRaw("x", unknownClient())
		}
		s.Clock.Advance(s.Interval())
		phone.Poll(codes.DeviceCode).Refused(t, http.StatusBadRequest, oauth.ErrAuthorizationPending)
	}
	for range 80 {
		stranger.PollRaw("x", unknownClient())
	}
	waits(t, stranger.PollRaw("x", unknownClient()))
	s.Clock.Advance(s.Interval())
	for range 100 {
		phone.Poll(codes.DeviceCode)
	}
	phone.Poll("unknown").Refused(t, http.StatusBadRequest, oauth.ErrSlowDown)
	s.Approve(t, codes.UserCode)
	phone.Poll(codes.DeviceCode).Succeeded(t, http.StatusOK)
	answer := phone.Introspect("x")
	answer.Refused(t, http.StatusTooManyRequests, oauth.ErrTemporarilyUnavailable)
	waits(t, answer)
}

// docs/protocol.md §6 steady-poller, slow-and-huge: a stranger's failures close the network to what names no client of
// ours, and to no phone: neither to a new one, nor to one that comes back on day 6, nor to
// another phone of the stranger's. What one client fails counts for it alone, and stops it
// in time. A request without an assertion costs nothing and counts nowhere.
func TestStrangerInTheNetworkLocksNoPhoneOut(t *testing.T) {
	for _, level := range []limits.Level{limits.Default, limits.Strict} {
		t.Run(string(level), func(t *testing.T) {
			s := limited(t, handlerstest.Config{Limits: level})
			back, fresh, stranger := s.Phone(), s.Phone(), s.Phone()
			codes := back.Ask(nil)
			s.Approve(t, codes.UserCode)
			s.Clock.Advance(6*24*time.Hour - time.Hour)
			nothing := handlerstest.Request{Form: map[string]string{"client_assertion": "", "client_assertion_type": "", "client_id": ""}}
			for range 100 {
				stranger.PollRaw("x", nothing).Refused(t, http.StatusUnauthorized, oauth.ErrInvalidClient)
			}
			stranger.PollRaw("x", unknownClient()).Refused(t, http.StatusUnauthorized, oauth.ErrInvalidClient)
			for range 100 {
				stranger.PollRaw("x", unknownClient())
			}
			wait := waits(t, stranger.PollRaw("x", unknownClient()))
			waits(t, stranger.PollRaw("x", nothing))
			fresh.Ask(nil)
			for range 100 {
				stranger.PollRaw("x", handlerstest.Request{Assertion: handlerstest.Forge{Broken: true}})
			}
			waits(t, stranger.Poll("x"))
			fresh.Ask(nil)
			back.Poll(codes.DeviceCode).Succeeded(t, http.StatusOK)
			s.Clock.Advance(wait)
			stranger.PollRaw("x", unknownClient()).Refused(t, http.StatusUnauthorized, oauth.ErrInvalidClient)
			stranger.Poll("x").Refused(t, http.StatusBadRequest, oauth.ErrInvalidGrant)
		})
	}
}

// RFC 9449 §8: a phone that waits exactly as long as Retry-After says gets through,
// though by then it needs a new nonce: asking for that takes no place.
func TestWaitingPhoneGetsThroughWithItsNonce(t *testing.T) {
	for _, level := range []limits.Level{limits.Default, limits.Strict} {
		t.Run(string(level), func(t *testing.T) {
			s := limited(t, handlerstest.Config{Limits: level, Policy: models.Policy{DPoPNonceRequired: true}})
			phone, nonce := s.Phone(), ""
			for range 30 {
				ask := func() handlerstest.Answer {
					answer := phone.AskRaw(handlerstest.Request{Proof: handlerstest.Forge{Claims: handlerstest.Object{"nonce": nonce}}})
					if given := answer.Header.Get(oauth.HeaderDPoPNonce); given != "" {
						nonce = given
					}
					return answer
				}
				answer := ask()
				if answer.Status == http.StatusTooManyRequests {
					s.Clock.Advance(waits(t, answer))
					answer = ask()
				}
				if answer.Code() == oauth.ErrUseDPoPNonce {
					answer = ask()
				}
				answer.Succeeded(t, http.StatusOK)
			}
		})
	}
}

// Who is refused by one limit spends nothing at the others: a phone in a full network has
// its own place still when the network has one.
func TestRefusedRequestTakesNoPlace(t *testing.T) {
	s := limited(t, handlerstest.Config{})
	phone := s.Phone()
	hint := func(i int) handlerstest.Request {
		return handlerstest.Request{Form: map[string]string{"login_hint": fmt.Sprintf("a%d@example.org", i)}}
	}
	for i := range 120 {
		if i%10 == 0 {
			phone = s.Phone()
		}
		phone.AskRaw(hint(i)).Succeeded(t, http.StatusOK)
	}
	phone = s.Phone()
	wait := waits(t, phone.AskRaw(hint(0)))
	for range 20 {
		waits(t, phone.AskRaw(hint(0)))
	}
	s.Clock.Advance(wait)
	phone.AskRaw(hint(0)).Succeeded(t, http.StatusOK)
}

// Requests are limited by client and by identifier within a network, alike for
// identifiers that name an account and that name none.
func TestRequestsAreLimited(t *testing.T) {
	s := limited(t, handlerstest.Config{})
	var counts []int
	for _, hint := range []string{"anna@example.org", "nobody@example.org"} {
		count := 0
		for range 10 {
			phone := s.Phone()
			for range 8 {
				answer := phone.AskRaw(handlerstest.Request{Form: map[string]string{"login_hint": hint}})
				if answer.Status == http.StatusTooManyRequests {
					waits(t, answer)
					break
				}
				count++
			}
		}
		counts = append(counts, count)
	}
	if counts[0] != counts[1] || counts[0] > 40 {
		t.Errorf("%v requests were answered", counts)
	}
	phone := s.Phone()
	for i := range 20 {
		answer := phone.AskRaw(handlerstest.Request{Form: map[string]string{"login_hint": fmt.Sprintf("a%d@example.org", i)}})
		if answer.Status == http.StatusTooManyRequests {
			return
		}
	}
	t.Error("one client asks for any number of identifiers")
}

// docs/decisions/0011-pending-requests.md: strangers in the owner's network who go on asking
// for the owner's identifier keep no phone out that asks for the first time, whether the
// identifier names an account or not. A second request has to wait like the strangers', and
// when the first one is over the next is a first one again.
func TestStrangersKeepNoFirstRequestOut(t *testing.T) {
	for _, level := range []limits.Level{limits.Default, limits.Strict} {
		for _, name := range []string{"anna@example.org", "nobody@example.org"} {
			t.Run(string(level)+", "+name, func(t *testing.T) {
				s := limited(t, handlerstest.Config{Limits: level})
				hint := handlerstest.Request{Form: map[string]string{"login_hint": name}}
				fill := func(phones []*handlerstest.Phone) {
					for range 10 {
						for _, phone := range phones {
							phone.AskRaw(hint)
						}
					}
				}
				var strangers []*handlerstest.Phone
				for range 3 {
					strangers = append(strangers, s.Phone())
				}
				fill(strangers)
				s.Clock.Advance(11 * time.Minute) // the strangers' own rates and the network's have a place again
				fill(strangers)
				s.Clock.Advance(time.Minute)
				owner := s.Phone()
				fill(strangers)
				owner.AskRaw(hint).Succeeded(t, http.StatusOK)
				waits(t, owner.AskRaw(handlerstest.Request{Form: map[string]string{"login_hint": " " + name}}))
				owner.AskRaw(handlerstest.Request{Form: map[string]string{"login_hint": "other@example.org"}}).Succeeded(t, http.StatusOK)
			})
		}
	}
}

// docs/protocol.md §6 limiter-reset: what is entered at the counter is limited by operator and by network;
// a new cookie is the same operator, and a code's spelling makes no difference.
func TestCounterIsLimited(t *testing.T) {
	s := limited(t, handlerstest.Config{})
	olga := s.BrowserOf(t, s.Operator("Olga Operator"))
	other := s.BrowserOf(t, s.Operator("Otto Operator"))
	until := func(name string, most int, do func(i int) *handlerstest.Page) {
		t.Helper()
		for i := range most {
			if page := do(i); page.Status == http.StatusTooManyRequests {
				page.Says("Too many", "Nothing was changed.", "Wait")
				return
			}
		}
		t.Errorf("%s: no limit", name)
	}
	until("searches", 100, func(i int) *handlerstest.Page {
		return olga.Post(views.PathSearch, url.Values{"identifier": {"nobody"}})
	})
	if page := other.Post(views.PathSearch, url.Values{"identifier": {"nobody"}}); page.Status == http.StatusTooManyRequests {
		t.Error("one operator's searches limit another's")
	}
	olga = s.BrowserOf(t, s.Operator("Olga Operator")) // a new cookie
	if page := olga.Post(views.PathSearch, url.Values{"identifier": {"nobody"}}); page.Status != http.StatusTooManyRequests {
		t.Error("a new cookie sets the count back")
	}
	until("codes", 200, func(i int) *handlerstest.Page {
		browser := []*handlerstest.Browser{olga, other}[i%2]
		return browser.Post(views.MatchPath(s.Account.ID), url.Values{"user_code": {[]string{"bcdf-ghjk", "BCDFGHJK"}[i%2]}})
	})
}
