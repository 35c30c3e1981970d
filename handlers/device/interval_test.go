package device_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"testing"
	"time"

	"countersign/handlers/handlerstest"
	"countersign/handlers/web"
	"countersign/models"
	"countersign/oauth"
)

// told is the interval in a device authorization response (RFC 8628 §3.2).
func told(t *testing.T, answer handlerstest.Answer) time.Duration {
	t.Helper()
	seconds := answer.Number("interval")
	if seconds != float64(int(seconds)) {
		t.Fatalf("the interval is no whole number: %s", answer.Text)
	}
	return time.Duration(seconds) * time.Second
}

// busy is a server that is meant to be asked once a second, with 20 requests that poll at the interval that they were
// told, 10 seconds.
func busy(t *testing.T) (s *handlerstest.Server, phone *handlerstest.Phone, codes []handlerstest.Codes) {
	t.Helper()
	s = handlerstest.Start(t, handlerstest.Config{
		Policy: models.Policy{Interval: 10 * time.Second}, More: func(c *web.Config) { c.PollRate = 1 },
	})
	phone = s.Phone()
	for range 20 {
		codes = append(codes, phone.Ask(map[string]string{"login_hint": string(rune('a'+len(codes))) + "@example.org"}))
	}
	everybodyPolls(t, s, phone, codes, 10)
	return s, phone, codes
}

// everybodyPolls polls for some rounds, 10 seconds each: nobody is slowed down.
func everybodyPolls(t *testing.T, s *handlerstest.Server, phone *handlerstest.Phone, codes []handlerstest.Codes, rounds int) {
	t.Helper()
	for range rounds {
		for _, each := range codes {
			refused(t, phone.Poll(each.DeviceCode), oauth.ErrAuthorizationPending)
		}
		s.Clock.Advance(10 * time.Second)
	}
}

// RFC 8628 §3.2, §3.5, docs/protocol.md §6 waiting-herd: the more poll, the longer a new phone is told to wait, and that
// is what it is held to. Who waits already is held to what they were told themselves.
func TestIntervalGrowsWithTheLoad(t *testing.T) {
	s, phone, codes := busy(t)
	if got := told(t, codes[0].Answer); got != 10*time.Second {
		t.Errorf("the first was told %s", got)
	}
	late := phone.Ask(nil)
	interval := told(t, late.Answer)
	if interval < 19*time.Second || interval > 22*time.Second {
		t.Fatalf("20 phones poll every 10 s, once a second is meant, and a new one is told %s", interval)
	}
	refused(t, phone.Poll(late.DeviceCode), oauth.ErrAuthorizationPending)
	s.Clock.Advance(10 * time.Second)
	refused(t, phone.Poll(late.DeviceCode), oauth.ErrSlowDown) // for it that is too fast
	everybodyPolls(t, s, phone, codes, 3)                      // for them it is not
	s.Clock.Advance(interval)
	refused(t, phone.Poll(late.DeviceCode), oauth.ErrAuthorizationPending)
}

// Polls that are too fast, of another client or of no request at all do not make others wait: only who keeps the pace
// counts. When they are gone, so is the load.
func TestOnlySteadyPollersCount(t *testing.T) {
	s, phone, codes := busy(t)
	before := told(t, phone.Ask(nil).Answer)
	stranger := s.Phone()
	for range 40 {
		refused(t, stranger.Poll(codes[0].DeviceCode), oauth.ErrInvalidGrant)
		phone.Poll(codes[0].DeviceCode)
	}
	refused(t, phone.Poll(codes[0].DeviceCode), oauth.ErrSlowDown)
	if got := told(t, phone.Ask(nil).Answer); got > before+time.Second {
		t.Errorf("%s became %s", before, got)
	}
	s.Clock.Advance(time.Hour)
	if got := told(t, phone.Ask(nil).Answer); got != 10*time.Second {
		t.Errorf("after an hour without a poll: %s", got)
	}
}

// Another process knows nothing of these polls, and its phones are held to what they were told all the same.
func TestIntervalAtAnotherProcess(t *testing.T) {
	s, phone, _ := busy(t)
	late := phone.Ask(nil)
	host := s.Another()
	poll := func() handlerstest.Answer {
		request := phone.NewRequest(handlerstest.Request{Path: oauth.PathToken, Form: map[string]string{
			"grant_type": oauth.GrantTypeDeviceCode, "device_code": late.DeviceCode}})
		request.URL.Host = host
		return s.Do(request)
	}
	refused(t, poll(), oauth.ErrAuthorizationPending)
	s.Clock.Advance(10 * time.Second)
	refused(t, poll(), oauth.ErrSlowDown)
}

// A server that load plays no part for promises what its operator said.
func TestIntervalWithoutAPollRate(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{
		Policy: models.Policy{Interval: 10 * time.Second}, More: func(c *web.Config) { c.PollRate = -1 },
	})
	phone := s.Phone()
	codes := phone.Ask(nil)
	for range 40 {
		refused(t, phone.Poll(codes.DeviceCode), oauth.ErrAuthorizationPending)
		s.Clock.Advance(10 * time.Second)
	}
	if got := told(t, phone.Ask(nil).Answer); got != 10*time.Second {
		t.Errorf("told %s", got)
	}
}

// patient is a client that waits for the whole interval after a challenge for a nonce as well, as openid-client does, which
// ends its polling at a second challenge in a row (RFC 9449 §8).
type patient struct {
	t     *testing.T
	phone *handlerstest.Phone
	nonce string
}

// poll reports whether it was challenged.
func (p *patient) poll(deviceCode string) bool {
	p.t.Helper()
	answer := p.phone.PollRaw(deviceCode, withNonce(p.nonce))
	if next := nonceOf(p.t, answer); next != "" {
		p.nonce = next
	}
	if answer.Code() != oauth.ErrUseDPoPNonce {
		refused(p.t, answer, oauth.ErrAuthorizationPending)
	}
	return answer.Code() == oauth.ErrUseDPoPNonce
}

// RFC 9449 §8, docs/protocol.md §6 waiting-herd: at the longest interval, begun at any moment of a nonce's time and with
// timers that are late, no client gets two challenges for a nonce in a row.
func TestLongestIntervalIsWithinANoncesLife(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{Policy: models.Policy{Interval: oauth.LongestPollInterval, DPoPNonceRequired: true}})
	begin := s.Clock.Now().Truncate(oauth.NonceInterval)
	for _, late := range []time.Duration{0, 50 * time.Millisecond, 10 * time.Second, 59 * time.Second} {
		for _, phase := range []time.Duration{0, 1, time.Minute, 4 * time.Minute, oauth.NonceInterval - time.Second, oauth.NonceInterval - 1} {
			begin = begin.Add(24 * time.Hour)
			s.Clock.Advance(begin.Add(phase).Sub(s.Clock.Now()))
			phone := s.Phone()
			deviceCode, _, _ := askWithNonce(t, phone)
			client := patient{t: t, phone: phone}
			if !client.poll(deviceCode) {
				t.Fatal("a proof without a nonce was accepted")
			}
			for range 4 {
				s.Clock.Advance(oauth.LongestPollInterval + late)
				if client.poll(deviceCode) {
					t.Errorf("begun %s into a nonce's time, %s late each time: challenged again", phase, late)
				}
			}
		}
	}
}

// The reference phone keeps to the longest interval for days, and is challenged once.
func TestTheReferencePhoneAtTheLongestInterval(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{Policy: models.Policy{Interval: oauth.LongestPollInterval, DPoPNonceRequired: true}})
	s.Clock.Advance(oauth.NonceInterval - time.Millisecond) // each wait ends where a nonce does
	phone, wire := s.DeviceClient(), &refusals{}
	phone.HTTP = &http.Client{Transport: wire}
	register(t, phone)
	ask(t, phone)
	if got := phone.State.Authorization.Interval; got != 300 {
		t.Fatalf("told %d s", got)
	}
	polls := 0
	phone.Wait = func(ctx context.Context, length time.Duration) error {
		if polls++; polls == 200 {
			s.Approve(t, phone.State.Authorization.UserCode.Reveal())
		}
		s.Clock.Advance(length + time.Millisecond)
		return ctx.Err()
	}
	wire.codes = map[string]int{}
	if err := phone.WaitForTokens(t.Context()); err != nil {
		t.Fatal(err)
	}
	nonces, slowed, pending := wire.codes[oauth.ErrUseDPoPNonce], wire.codes[oauth.ErrSlowDown], wire.codes[oauth.ErrAuthorizationPending]
	if polls != 200 || nonces > 1 || slowed > 0 || pending != 199 {
		t.Errorf("%d polls were answered %v", polls, wire.codes)
	}
}

// refusals counts errors by their code.
type refusals struct{ codes map[string]int }

func (r *refusals) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := http.DefaultTransport.RoundTrip(request)
	if err != nil || response.StatusCode != http.StatusBadRequest || r.codes == nil {
		return response, err
	}
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return response, err
	}
	var told struct{ Error string }
	if err := json.Unmarshal(body, &told); err != nil {
		return response, err
	}
	r.codes[told.Error]++
	response.Body = io.NopCloser(bytes.NewReader(body))
	return response, nil
}
