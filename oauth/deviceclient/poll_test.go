package deviceclient_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"testing/iotest"
	"time"

	"countersign/oauth/deviceclient"
)

// seconds turns waits into whole seconds.
func seconds(waits []time.Duration) []int {
	var all []int
	for _, d := range waits {
		all = append(all, int(d/time.Second))
	}
	return all
}

func TestPace(t *testing.T) { // RFC 8628 §3.5
	down := reply{status: http.StatusInternalServerError, body: "oops"}
	drop := reply{drop: true}
	for name, test := range map[string]struct {
		script []reply
		waits  []int // seconds before each poll, without jitter
	}{
		"steady":                           {[]reply{pending, pending, granted}, []int{30, 30, 30}},
		"slow_down adds 5 s for good":      {[]reply{slowDown, pending, slowDown, pending, granted}, []int{30, 35, 35, 40, 40}},
		"5xx backs off, then back to pace": {[]reply{down, down, pending, granted}, []int{30, 60, 120, 30}},
		"dropped connections back off":     {[]reply{drop, drop, drop, granted}, []int{30, 60, 120, 150}},
		"back-off is bounded": {[]reply{down, down, down, down, down, down, down, granted},
			[]int{30, 60, 120, 150, 150, 150, 150, 150}},
		"slow_down outlives a failure": {[]reply{slowDown, down, pending, granted}, []int{30, 35, 70, 35}},
		"Retry-After on 429, seconds":  {[]reply{{status: 429, header: map[string]string{"Retry-After": "300"}}, granted}, []int{30, 300}},
		"Retry-After on 503, a date": {[]reply{{status: 503, header: map[string]string{"Retry-After": "Mon, 09 Nov 2026 14:10:30 GMT"}},
			granted}, []int{30, 300}},
		"a short Retry-After changes nothing": {[]reply{{status: 429, header: map[string]string{"Retry-After": "1"}}, granted}, []int{30, 60}},
		"429 without it backs off":            {[]reply{{status: 429}, granted}, []int{30, 60}},
		"a nonce is not a poll, RFC 9449 §8": {[]reply{pending,
			{status: 400, body: `{"error":"use_dpop_nonce"}`, header: map[string]string{"DPoP-Nonce": "n-1"}}, pending, granted}, []int{30, 30, 30}},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPeer(t)
			p.script["/token"] = test.script
			ph := waiting(t, p)
			must(t, ph.WaitForTokens(t.Context()))
			got := seconds(ph.waits)
			if len(got) != len(test.waits) {
				t.Fatalf("waited %v, want %v", got, test.waits)
			}
			for i, want := range test.waits {
				if got[i] < want || float64(got[i]) > 1.2*float64(want) {
					t.Errorf("waited %v, want %v and at most a fifth more", got, test.waits)
				}
			}
			if ph.State.Tokens.AccessToken.Reveal() != accessOne || ph.State.Authorization != nil {
				t.Error("not connected")
			}
		})
	}
}

func TestPaceIsExactWhileTheServerAnswers(t *testing.T) {
	p := newPeer(t)
	p.script["/token"] = []reply{pending, slowDown, pending, granted}
	ph := waiting(t, p)
	must(t, ph.WaitForTokens(t.Context()))
	if got := seconds(ph.waits); !slices.Equal(got, []int{30, 30, 35, 35}) {
		t.Error(got)
	}
}

// An answer with tokens that got lost is given again for max(10 minutes, four
// intervals) after the redemption (docs/architecture.md §4.8). However long the network was
// gone before, three more questions fit into that time, so that a second loss or a
// slow_down does no harm either.
func TestLostAnswerIsAskedForInTime(t *testing.T) {
	drop := reply{drop: true}
	for _, interval := range []int{1, 5, 30, 150, 170, 180, 600, 3600} {
		p := newPeer(t)
		p.script["/device_authorization"] = []reply{{status: 200,
			body: fmt.Sprintf(`{"device_code":"%s","user_code":"%s","verification_uri":"%s/device","expires_in":604800,"interval":%d}`,
				deviceCode, userCode, p.server.URL, interval)}}
		p.script["/token"] = append(slices.Repeat([]reply{drop}, 20), granted)
		ph := waiting(t, p)
		must(t, ph.WaitForTokens(t.Context()))
		window := max(10*time.Minute, time.Duration(4*interval)*time.Second)
		for i, wait := range ph.waits {
			if 3*wait >= window {
				t.Errorf("interval %d s: poll %d came after %s, the answer is given again for %s only", interval, i+1, wait, window)
			}
		}
	}
}

func TestDefaultIntervalIsFive(t *testing.T) { // RFC 8628 §3.2
	p := newPeer(t)
	p.script["/device_authorization"] = []reply{{status: 200, body: `{"device_code":"` + deviceCode +
		`","user_code":"A","verification_uri":"https://a.example/","expires_in":60}`}}
	p.script["/token"] = []reply{pending, granted}
	ph := waiting(t, p)
	must(t, ph.WaitForTokens(t.Context()))
	if got := seconds(ph.waits); !slices.Equal(got, []int{5, 5}) {
		t.Error(got)
	}
}

func TestTimeOutsBackOff(t *testing.T) {
	p := newPeer(t)
	p.script["/token"] = []reply{{hang: time.Minute, status: 200}, granted}
	ph := waiting(t, p)
	ph.HTTP = &http.Client{Timeout: 200 * time.Millisecond}
	var causes []error
	ph.Note = func(_ context.Context, pause deviceclient.PollPause) { causes = append(causes, pause.Cause) }
	must(t, ph.WaitForTokens(t.Context()))
	unreachable, ok := errors.AsType[*deviceclient.UnreachableError](causes[1])
	if !ok || !unreachable.Timeout() {
		t.Errorf("cause %v", causes[1])
	}
	if got := seconds(ph.waits); got[1] < 60 {
		t.Error(got)
	}
}

func TestGoesOnPastExpiresIn(t *testing.T) {
	p := newPeer(t)
	p.script["/token"] = []reply{pending, pending, granted}
	ph := waiting(t, p)
	ph.clock = start.Add(13 * 24 * time.Hour)
	must(t, ph.WaitForTokens(t.Context()))
	if len(p.requests("/token")) != 3 {
		t.Error("did not ask on")
	}
}

func TestTheServerEndsIt(t *testing.T) {
	for code, gone := range map[string]bool{
		"access_denied": true, "expired_token": true, "invalid_grant": true,
		"invalid_client": false, "invalid_request": false, "invalid_dpop_proof": false, "something_new": false,
	} {
		t.Run(code, func(t *testing.T) {
			p := newPeer(t)
			p.script["/token"] = []reply{pending, protocolError(code)}
			ph := waiting(t, p)
			wantCode(t, ph.WaitForTokens(t.Context()), code)
			if got := ph.State.Authorization == nil; got != gone {
				t.Errorf("request forgotten: %t", got)
			}
			if len(p.requests("/token")) != 2 {
				t.Error("asked again after the end")
			}
			if last := ph.saves[len(ph.saves)-1]; (last.Authorization == nil) != gone {
				t.Error("not saved")
			}
		})
	}
}

// RFC 8628 §3.5: only the server ends a request. What is no OAuth error comes from something in
// its place, a proxy or a hotel's sign-in page, and the phone asks on.
func TestAnswersThatAreNone(t *testing.T) {
	for name, odd := range map[string]reply{
		"a page": {status: 404, body: "<html>"}, "a refusal by a proxy": {status: 403, body: "<html>"},
		"a sign-in page":   {status: 200, body: "<html>"},
		"a redirect":       {status: 307, header: map[string]string{"Location": "https://other.example/"}},
		"JSON of others":   {status: 200, body: `{"room":"12"}`},
		"a gateway's JSON": {status: 403, body: `{"error":"access_denied"}`}, "its message": {status: 400, body: `{"message":"no route"}`},
		"nothing": {status: 200}, "null": {status: 200, body: "null"},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPeer(t)
			p.script["/token"] = []reply{odd, odd, pending, granted}
			ph := waiting(t, p)
			var causes []error
			ph.Note = func(_ context.Context, pause deviceclient.PollPause) { causes = append(causes, pause.Cause) }
			must(t, ph.WaitForTokens(t.Context()))
			unreachable, ok := errors.AsType[*deviceclient.UnreachableError](causes[1])
			if !ok || unreachable.Status != odd.status {
				t.Errorf("cause %v", causes[1])
			}
			if got := seconds(ph.waits); got[1] < 60 || got[3] != 30 {
				t.Errorf("waited %v", got)
			}
		})
	}
}

// A phone that begins behind a hotel's sign-in page finds the server later; a server that
// says that it is another one is not asked on.
func TestMetadataThatIsNone(t *testing.T) {
	const path = "/.well-known/oauth-authorization-server"
	p := newPeer(t)
	p.script["/token"] = []reply{granted}
	before := waiting(t, p)
	good := p.script[path][0]
	p.script[path] = []reply{{status: 200, body: "<html>"}, {status: 403, body: "no"}, good}
	ph := newPhone(p)
	ph.State = before.State
	must(t, ph.WaitForTokens(t.Context()))
	if len(ph.waits) != 3 || ph.waits[1] < time.Minute {
		t.Errorf("waited %v", ph.waits)
	}
	p.script[path] = []reply{{status: 200, body: `{"issuer":"https://elsewhere.example"}`}}
	other := newPhone(p)
	other.State = before.State
	if err := other.Poll(t.Context()); err == nil || isUnreachable(err) {
		t.Errorf("another issuer: %v", err)
	}
}

func isUnreachable(err error) bool {
	_, ok := errors.AsType[*deviceclient.UnreachableError](err)
	return ok
}

// A phone whose clock is wrong is refused for it once: it signs by the server's Date from
// then on, also after a new start, and a clock that is set right later does no harm.
func TestClockIsCorrectedByTheServers(t *testing.T) {
	for _, off := range []time.Duration{-3 * time.Hour, 40 * time.Second, 400 * 24 * time.Hour} {
		for _, code := range []string{"invalid_client", "invalid_dpop_proof"} {
			p := newPeer(t)
			ph := waiting(t, p)
			p.now = func() time.Time { return ph.clock.Add(off) }
			p.script["/token"] = []reply{protocolError(code), pending, pending, granted}
			must(t, ph.WaitForTokens(t.Context()))
			requests := p.requests("/token")
			for i, request := range requests[1:] {
				want, got := ph.clock.Add(off).Unix(), int64(request.assertion["iat"].(float64))
				if i == len(requests)-2 && (got-want > 1 || want-got > 1 || request.proof["iat"] != request.assertion["iat"]) {
					t.Errorf("%s, off by %s: signed %d s from the server's time", code, off, got-want)
				}
			}
			if len(requests) != 4 || len(ph.waits) != 3 || ph.saves[len(ph.saves)-1].ClockOffset.Round(time.Minute) != off.Round(time.Minute) {
				t.Errorf("%s, off by %s: %d requests, waited %v, kept %s", code, off, len(requests), ph.waits, ph.State.ClockOffset)
			}
		}
	}
}

// A refusal is asked again once for each reason, and not at all where the clocks agree.
func TestClockIsCorrectedOnce(t *testing.T) {
	p := newPeer(t)
	p.script["/token"] = []reply{protocolError("invalid_client")}
	ph := waiting(t, p)
	ph.clock = ph.clock.Add(-15 * time.Second)
	fixed := ph.clock.Add(15 * time.Second)
	p.now = func() time.Time { return fixed }
	wantCode(t, ph.Poll(t.Context()), "invalid_client")
	if len(p.requests("/token")) != 1 {
		t.Error("asked again though the clocks agree")
	}
	p.now = func() time.Time { return fixed.Add(time.Hour * time.Duration(len(p.seen))) } // a server whose clock runs wild
	wantCode(t, ph.Poll(t.Context()), "invalid_client")
	if got := len(p.requests("/token")); got != 3 {
		t.Errorf("asked %d times", got-1)
	}
}

func TestOddAnswersStopButKeepTheRequest(t *testing.T) {
	for name, odd := range map[string]reply{
		"a bearer token":      {status: 200, body: `{"access_token":"` + accessOne + `","token_type":"Bearer"}`},
		"nonce over and over": {status: 400, body: `{"error":"use_dpop_nonce"}`, header: map[string]string{"DPoP-Nonce": "n"}},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPeer(t)
			p.script["/token"] = []reply{odd}
			ph := waiting(t, p)
			err := ph.WaitForTokens(t.Context())
			if err == nil || ph.State.Authorization == nil || ph.State.Tokens != nil {
				t.Fatalf("error %v", err)
			}
			wantNoSecret(t, err.Error())
			if len(p.requests("/token")) > 2 {
				t.Error("asked more than twice")
			}
		})
	}
}

func TestNonceIsUsedOnceAndRemembered(t *testing.T) { // RFC 9449 §8, §8.2
	p := newPeer(t)
	p.script["/device_authorization"] = append([]reply{{status: 400, body: `{"error":"use_dpop_nonce"}`,
		header: map[string]string{"DPoP-Nonce": "n-1"}}}, p.script["/device_authorization"]...)
	p.script["/token"] = []reply{{status: 400, body: pending.body, header: map[string]string{"DPoP-Nonce": "n-2"}}, granted}
	ph := waiting(t, p)
	must(t, ph.WaitForTokens(t.Context()))
	var nonces []any
	for _, s := range append(p.requests("/device_authorization"), p.requests("/token")...) {
		nonces = append(nonces, s.proof["nonce"])
	}
	if !slices.Equal(nonces, []any{nil, "n-1", "n-1", "n-2"}) {
		t.Error(nonces)
	}
}

func TestResumesFromItsFile(t *testing.T) {
	p := newPeer(t)
	p.script["/token"] = []reply{slowDown, pending, granted}
	file := deviceclient.FileState{Path: t.TempDir() + "/phone/state.json"}
	first := newPhone(p)
	first.Save = file.Save
	must(t, first.Register(t.Context(), deviceclient.Software{Name: "A", ID: "a", Version: "1"}))
	must(t, first.RequestAuthorization(t.Context(), deviceclient.Request{LoginHint: "anna@example.org"}))
	wantCode(t, first.Poll(t.Context()), "slow_down")

	second := newPhone(p)
	second.clock = start.Add(10 * time.Second)
	second.Issuer, second.Save = "", file.Save
	var err error
	second.State, err = file.Load()
	must(t, err)
	must(t, second.WaitForTokens(t.Context()))
	if got := seconds(second.waits); !slices.Equal(got, []int{25, 35}) {
		t.Errorf("waited %v: the rest of the slower interval, then the slower interval", got)
	}
	if len(p.requests("/register")) != 1 || len(p.requests("/device_authorization")) != 1 {
		t.Error("started over")
	}
	state, err := file.Load()
	must(t, err)
	if state.Tokens == nil || state.Authorization != nil || state.LoginHint != "anna@example.org" {
		t.Error("the tokens were not kept")
	}
}

func TestStopsWithItsContextAndKeepsTheRequest(t *testing.T) {
	p := newPeer(t)
	p.script["/token"] = []reply{pending}
	ph := waiting(t, p)
	ctx, cancel := context.WithCancel(t.Context())
	polls := 0
	ph.Note = func(context.Context, deviceclient.PollPause) {
		if polls++; polls == 3 {
			cancel()
		}
	}
	if err := ph.WaitForTokens(ctx); !errors.Is(err, context.Canceled) || ph.State.Authorization == nil {
		t.Errorf("error %v", err)
	}
}

func TestAWrongClockCannotStopThePhone(t *testing.T) {
	p := newPeer(t)
	p.script["/token"] = []reply{granted}
	ph := waiting(t, p)
	ph.State.Authorization.NotBefore = start.Add(10 * 365 * 24 * time.Hour)
	must(t, ph.WaitForTokens(t.Context()))
	if ph.waits[0] > 24*time.Hour {
		t.Error(ph.waits)
	}
}

func TestAStateThatCannotBeKeptIsAnError(t *testing.T) {
	p := newPeer(t)
	p.script["/token"] = []reply{granted}
	ph := waiting(t, p)
	full := errors.New("disk full")
	ph.Save = func(deviceclient.State) error { return full }
	if err := ph.WaitForTokens(t.Context()); !errors.Is(err, full) || ph.State.Tokens == nil {
		t.Errorf("error %v", err)
	}
}

func TestNoRandomnessNoAssertion(t *testing.T) {
	p := newPeer(t)
	ph := waiting(t, p)
	ph.Rand = iotest.ErrReader(errors.New("no randomness"))
	if err := ph.Poll(t.Context()); err == nil || len(p.requests("/token")) != 0 {
		t.Errorf("error %v", err)
	}
}
