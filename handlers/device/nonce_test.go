package device_test

import (
	"net/http"
	"testing"
	"time"

	"countersign/handlers/handlerstest"
	"countersign/models"
	"countersign/oauth"
)

// demanding is a server that wants its nonce in every DPoP proof.
func demanding(t *testing.T) *handlerstest.Server {
	t.Helper()
	return handlerstest.Start(t, handlerstest.Config{Policy: models.Policy{DPoPNonceRequired: true}})
}

// withNonce is a request whose proof has this nonce.
func withNonce(nonce string) handlerstest.Request {
	return handlerstest.Request{Proof: handlerstest.Forge{Claims: handlerstest.Object{"nonce": nonce}}}
}

// nonceOf is the one nonce that an answer hands out; "" when none.
func nonceOf(t *testing.T, answer handlerstest.Answer) string {
	t.Helper()
	values := answer.Header.Values(oauth.HeaderDPoPNonce)
	if len(values) > 1 {
		t.Fatalf("%d DPoP-Nonce headers", len(values))
	}
	return answer.Header.Get(oauth.HeaderDPoPNonce)
}

// wantsNonce demands 400 use_dpop_nonce with exactly one DPoP-Nonce, and returns that.
func wantsNonce(t *testing.T, answer handlerstest.Answer) string {
	t.Helper()
	refused(t, answer, oauth.ErrUseDPoPNonce)
	nonce := nonceOf(t, answer)
	if nonce == "" {
		t.Fatal("use_dpop_nonce without a nonce")
	}
	return nonce
}

// askWithNonce gets codes, bound to the phone's key.
func askWithNonce(t *testing.T, phone *handlerstest.Phone) (deviceCode, userCode, nonce string) {
	t.Helper()
	nonce = wantsNonce(t, phone.AskRaw(handlerstest.Request{}))
	answer := phone.AskRaw(withNonce(nonce)).Succeeded(t, http.StatusOK)
	return answer.String("device_code"), answer.String("user_code"), nonce
}

// RFC 9449 §8: the token endpoint, the device authorization endpoint and the
// refresh grant want the nonce, and nothing happens without it.
func TestNonceAtTheAuthorizationServer(t *testing.T) {
	s := demanding(t)
	phone := s.Phone()
	s.Unchanged(t, "a request without a nonce", func() { wantsNonce(t, phone.AskRaw(handlerstest.Request{})) })
	phone.AskRaw(handlerstest.Request{NoProof: true}).Succeeded(t, http.StatusOK) // no proof is no proof without a nonce
	deviceCode, userCode, nonce := askWithNonce(t, phone)
	s.Approve(t, userCode)
	s.Unchanged(t, "a redemption without a nonce", func() { wantsNonce(t, phone.Poll(deviceCode)) })
	granted := readTokens(t, phone.PollRaw(deviceCode, withNonce(nonce)))
	refresh := func(r handlerstest.Request) handlerstest.Answer {
		r.Path, r.Form = oauth.PathToken, map[string]string{"grant_type": oauth.GrantTypeRefreshToken, "refresh_token": granted.Refresh}
		return phone.Post(r)
	}
	s.Unchanged(t, "a refresh without a nonce", func() { wantsNonce(t, refresh(handlerstest.Request{})) })
	readTokens(t, refresh(withNonce(nonce)))
}

// RFC 9449 §8: once demanded the nonce is enforced: an old one, a foreign one and
// an invented one are refused, and so is a replay with a good one.
func TestWrongNonces(t *testing.T) {
	s := demanding(t)
	phone := s.Phone()
	deviceCode, _, nonce := askWithNonce(t, phone)
	foreign := wantsNonce(t, demanding(t).Phone().AskRaw(handlerstest.Request{}))
	for name, wrong := range map[string]string{"empty": "", "invented": "AAAAAAAAAAAAAAAAAAAAAA", "another server's": foreign,
		"cut off": nonce[1:]} {
		t.Run(name, func(t *testing.T) { wantsNonce(t, phone.PollRaw(deviceCode, withNonce(wrong))) })
	}
	s.Clock.Advance(oauth.NonceInterval + oauth.NonceLife)
	if fresh := wantsNonce(t, phone.PollRaw(deviceCode, withNonce(nonce))); fresh == nonce {
		t.Error("the nonce does not change")
	}
	once := withNonce(wantsNonce(t, phone.AskRaw(handlerstest.Request{})))
	once.Proof.Claims["jti"] = "once"
	phone.AskRaw(once).Succeeded(t, http.StatusOK)
	refused(t, phone.AskRaw(once), oauth.ErrInvalidDPoPProof)
}

// A bad proof is invalid_dpop_proof before anything is said of nonces: who cannot prove a
// key is handed none. Nor is one handed out where none is demanded.
func TestNonceIsHandedToWhoNeedsIt(t *testing.T) {
	s := demanding(t)
	phone := s.Phone()
	for name, forge := range forgedProofs(s) {
		t.Run(name, func(t *testing.T) {
			answer := phone.AskRaw(handlerstest.Request{Proof: forge})
			refused(t, answer, oauth.ErrInvalidDPoPProof)
			if nonceOf(t, answer) != "" {
				t.Error("a nonce was handed out")
			}
		})
	}
	easy := handlerstest.Start(t, handlerstest.Config{})
	other := easy.Phone()
	for _, request := range []handlerstest.Request{{}, withNonce("whatever")} {
		if answer := other.AskRaw(request).Succeeded(t, http.StatusOK); nonceOf(t, answer) != "" {
			t.Error("a nonce was handed out where none is demanded")
		}
	}
}

// RFC 9449 §8, RFC 8628 §3.5: a use_dpop_nonce retry is not a poll, however often it comes.
func TestNonceRetryIsNotAPoll(t *testing.T) {
	s := demanding(t)
	phone := s.Phone()
	deviceCode, _, nonce := askWithNonce(t, phone)
	for range 3 {
		for range 5 {
			wantsNonce(t, phone.Poll(deviceCode))
		}
		refused(t, phone.PollRaw(deviceCode, withNonce(nonce)), oauth.ErrAuthorizationPending)
		s.Clock.Advance(s.Interval())
	}
	refused(t, phone.PollRaw(deviceCode, withNonce(nonce)), oauth.ErrAuthorizationPending)
	wantsNonce(t, phone.Poll(deviceCode))
	refused(t, phone.PollRaw(deviceCode, withNonce(nonce)), oauth.ErrSlowDown) // two polls at once are two polls
}

// RFC 9449 §8.2: when the nonce changes the next answer hands out the new one,
// while the old one is still good: a pending answer, a successful one, and the API's.
func TestNewNonceIsHandedOut(t *testing.T) {
	s := demanding(t)
	phone := s.Phone()
	deviceCode, userCode, nonce := askWithNonce(t, phone)
	answer := phone.PollRaw(deviceCode, withNonce(nonce))
	refused(t, answer, oauth.ErrAuthorizationPending)
	if nonceOf(t, answer) != "" {
		t.Error("a nonce was handed out to a client that has it")
	}
	s.Clock.Advance(oauth.NonceInterval)
	answer = phone.PollRaw(deviceCode, withNonce(nonce))
	refused(t, answer, oauth.ErrAuthorizationPending)
	second := nonceOf(t, answer)
	if second == "" || second == nonce {
		t.Fatalf("the pending answer hands out %q", second)
	}
	s.Approve(t, userCode)
	s.Clock.Advance(oauth.NonceInterval)
	granted := readTokens(t, phone.PollRaw(deviceCode, withNonce(second)))
	third := nonceOf(t, granted.answer)
	if third == "" || third == second {
		t.Fatalf("the tokens come with %q", third)
	}
	s.Clock.Advance(oauth.NonceInterval)
	called := callWithNonce(s, phone, granted.Access, third).Succeeded(t, http.StatusOK)
	if fourth := nonceOf(t, called); fourth == "" || fourth == third {
		t.Errorf("the API hands out %q", fourth)
	}
}

func callWithNonce(s *handlerstest.Server, phone *handlerstest.Phone, token, nonce string) handlerstest.Answer {
	return call(s, "DPoP "+token, phone.Proof(http.MethodGet, oauth.PathWhoAmI, token, withNonce(nonce).Proof))
}

// RFC 9449 §9: a resource says 401 with WWW-Authenticate: DPoP
// error="use_dpop_nonce" and exactly one DPoP-Nonce.
func TestNonceAtTheResource(t *testing.T) {
	s := demanding(t)
	phone := s.Phone()
	deviceCode, userCode, nonce := askWithNonce(t, phone)
	s.Approve(t, userCode)
	token := readTokens(t, phone.PollRaw(deviceCode, withNonce(nonce))).Access
	s.Unchanged(t, "a call without a nonce", func() {
		answer := phone.WhoAmI(token)
		challenged(t, answer, oauth.ErrUseDPoPNonce)
		if nonceOf(t, answer) != nonce {
			t.Errorf("handed out %q", nonceOf(t, answer))
		}
	})
	callWithNonce(s, phone, token, nonce).Succeeded(t, http.StatusOK)
	challenged(t, callWithNonce(s, phone, token, "AAAAAAAAAAAAAAAAAAAAAA"), oauth.ErrUseDPoPNonce)
	bad := call(s, "DPoP "+token, phone.Proof(http.MethodGet, oauth.PathToken, token, handlerstest.Forge{}))
	challenged(t, bad, oauth.ErrInvalidDPoPProof)
}

// Every process knows the nonces of the others: they are derived from one key.
func TestNonceOfAnotherProcess(t *testing.T) {
	s := demanding(t)
	phone := s.Phone()
	elsewhere := func(r handlerstest.Request) *http.Request {
		r.Path, r.Form = oauth.PathDeviceAuthorization, map[string]string{"login_hint": "anna@example.org"}
		return phone.NewRequest(r)
	}
	first := elsewhere(handlerstest.Request{})
	host := s.Another()
	first.URL.Host = host
	nonce := wantsNonce(t, s.Do(first))
	phone.AskRaw(withNonce(nonce)).Succeeded(t, http.StatusOK)
	second := elsewhere(withNonce(wantsNonce(t, phone.AskRaw(handlerstest.Request{}))))
	second.URL.Host = host
	s.Do(second).Succeeded(t, http.StatusOK)
}

// counting counts the answers that want a nonce.
type counting struct{ wanted int }

func (c *counting) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := http.DefaultTransport.RoundTrip(request)
	if err == nil && response.Header.Get(oauth.HeaderDPoPNonce) != "" && response.StatusCode != http.StatusOK {
		c.wanted++
	}
	return response, err
}

// The reference phone goes through nonces that change under it: it is turned away once,
// at its first proof, and then always has the next nonce in time.
func TestTheReferencePhoneFollowsTheNonces(t *testing.T) {
	s := demanding(t)
	phone, wire := s.DeviceClient(), &counting{}
	phone.HTTP = &http.Client{Transport: wire}
	register(t, phone)
	ask(t, phone)
	if wire.wanted != 1 {
		t.Errorf("turned away %d times at first", wire.wanted)
	}
	end := s.Clock.Now().Add(4 * oauth.NonceInterval)
	for s.Clock.Now().Before(end) {
		if err := phone.Poll(t.Context()); err == nil || phone.State.Authorization == nil {
			t.Fatalf("the poll said %v", err)
		}
		s.Clock.Advance(s.Interval())
	}
	s.Approve(t, phone.State.Authorization.UserCode.Reveal())
	if err := phone.WaitForTokens(t.Context()); err != nil {
		t.Fatal(err)
	}
	callWhoAmI(t, s, phone)
	s.Clock.Advance(time.Hour) // every nonce that it knows is over, and its access token
	callWhoAmI(t, s, phone)
	// One at the start, one with each of three changes while pending (the fourth comes
	// with the tokens), one after an hour.
	if wire.wanted != 5 {
		t.Errorf("answers that are no success handed out a nonce %d times, want 5", wire.wanted)
	}
}
