package device_test

import (
	"bufio"
	"context"
	"net/http"
	"testing"
	"time"

	"countersign/handlers/handlerstest"
	"countersign/oauth"
	"countersign/views"
)

// soon is how long a stream may take to tell: the watcher's tick and a slow computer.
const soon = time.Minute

// listening is an open stream.
type listening struct {
	answer *http.Response
	lines  chan string // closed when the stream ends
}

// listen opens a stream at a host, which may be another process's.
func listen(t *testing.T, phone *handlerstest.Phone, host, deviceCode string) *listening {
	t.Helper()
	request := phone.NewRequest(handlerstest.Request{Path: views.PathPhoneEvents, Form: map[string]string{"device_code": deviceCode},
		NoProof: true})
	ctx, end := context.WithCancel(t.Context())
	t.Cleanup(end)
	request = request.WithContext(ctx)
	if host != "" {
		request.URL.Host = host
	}
	answer, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	l := &listening{answer: answer, lines: make(chan string, 100)}
	t.Cleanup(func() { _ = answer.Body.Close() })
	go func() {
		defer close(l.lines)
		for scanner := bufio.NewScanner(answer.Body); scanner.Scan(); {
			l.lines <- scanner.Text()
		}
	}()
	if first := l.next(t); answer.StatusCode != http.StatusOK || first != ": waiting" {
		t.Fatalf("status %d, begins with %q", answer.StatusCode, first)
	}
	return l
}

// next is the next line that says something; "" at the end.
func (l *listening) next(t *testing.T) string {
	t.Helper()
	end := time.After(soon)
	for {
		select {
		case line, open := <-l.lines:
			if line != "" || !open {
				return line
			}
		case <-end:
			t.Fatal("the stream says nothing")
		}
	}
}

// decided wants the one event, with nothing else in it, and the end.
func (l *listening) decided(t *testing.T) {
	t.Helper()
	for _, want := range []string{"event: decided", "data:", ""} {
		if got := l.next(t); got != want {
			t.Errorf("the stream says %q, want %q", got, want)
		}
	}
}

// A phone whose page is open learns that there is a decision, whichever process took it,
// and what kind only by polling (docs/architecture.md §4.2). On SQLite and on PostgreSQL.
func TestPhoneEventsTellOfADecision(t *testing.T) {
	handlerstest.Each(t, func(t *testing.T, s *handlerstest.Server) {
		for name, decide := range map[string]func(handlerstest.Codes){
			"approved": func(codes handlerstest.Codes) { s.Approve(t, codes.UserCode) },
			"declined": func(codes handlerstest.Codes) { s.Decline(t, codes.UserCode) },
		} {
			phone := s.Phone()
			codes := phone.Ask(nil)
			here, elsewhere := listen(t, phone, "", codes.DeviceCode), listen(t, phone, s.Another(), codes.DeviceCode)
			decide(codes)
			here.decided(t)
			elsewhere.decided(t)
			answer := phone.Poll(codes.DeviceCode)
			if name == "approved" {
				answer.Succeeded(t, http.StatusOK)
			} else {
				answer.Refused(t, http.StatusBadRequest, oauth.ErrAccessDenied)
			}
			listen(t, phone, "", codes.DeviceCode).decided(t) // what was decided before is told as well
		}
	})
}

// The end of the pending window is worth a poll, too.
func TestPhoneEventsTellOfTheDeadline(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	phone := s.Phone()
	codes := phone.Ask(nil)
	stream := listen(t, phone, "", codes.DeviceCode)
	s.Clock.Advance(s.Store.Policy().PendingWindow)
	stream.decided(t)
	phone.Poll(codes.DeviceCode).Refused(t, http.StatusBadRequest, oauth.ErrExpiredToken)
}

// RFC 8628 §3.5: listening is no poll. The poll after the event is not told to slow
// down, and neither is one that comes at the interval while the stream is open.
func TestPhoneEventsAreNoPoll(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	phone := s.Phone()
	codes := phone.Ask(nil)
	phone.Poll(codes.DeviceCode).Refused(t, http.StatusBadRequest, oauth.ErrAuthorizationPending)
	s.Clock.Advance(s.Interval())
	s.Unchanged(t, "streams", func() {
		for range 3 {
			listen(t, phone, "", codes.DeviceCode)
		}
	})
	phone.Poll(codes.DeviceCode).Refused(t, http.StatusBadRequest, oauth.ErrAuthorizationPending)
}

// Only the client whose request it is may listen; nobody learns whether another's code
// exists (docs/protocol.md §6 another-client).
func TestPhoneEventsAreTheClientsOwn(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	phone, other := s.Phone(), s.Phone()
	codes := phone.Ask(nil)
	ask := func(who *handlerstest.Phone, code string, r handlerstest.Request) handlerstest.Answer {
		r.Path, r.Form, r.NoProof = views.PathPhoneEvents, map[string]string{"device_code": code}, true
		return who.Post(r)
	}
	ask(other, codes.DeviceCode, handlerstest.Request{}).Refused(t, http.StatusBadRequest, oauth.ErrInvalidGrant)
	ask(other, "no-such-code", handlerstest.Request{}).Refused(t, http.StatusBadRequest, oauth.ErrInvalidGrant)
	ask(phone, "", handlerstest.Request{}).Refused(t, http.StatusBadRequest, oauth.ErrInvalidRequest)
	ask(phone, codes.DeviceCode, handlerstest.Request{Assertion: handlerstest.Forge{Key: handlerstest.NewKey()}}).
		Refused(t, http.StatusUnauthorized, oauth.ErrInvalidClient)
	if err := s.Store.DisableClient(t.Context(), phone.ClientID); err != nil {
		t.Fatal(err)
	}
	ask(phone, codes.DeviceCode, handlerstest.Request{}).Refused(t, http.StatusUnauthorized, oauth.ErrInvalidClient)
}

// What is sent is no secret, is not kept, and is not held back by a proxy.
func TestPhoneEventsAnswer(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	phone := s.Phone()
	stream := listen(t, phone, "", phone.Ask(nil).DeviceCode)
	for name, want := range map[string]string{
		"Content-Type": "text/event-stream", "Cache-Control": "no-store", "X-Accel-Buffering": "no",
	} {
		if got := stream.answer.Header.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}

// A phone that lost its network opens a new stream; the dead ones do not pile up.
func TestPhoneEventsOfAClientAreBounded(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	phone := s.Phone()
	codes := phone.Ask(nil)
	first, second := listen(t, phone, "", codes.DeviceCode), listen(t, phone, "", codes.DeviceCode)
	third := listen(t, phone, "", codes.DeviceCode)
	if got := first.next(t); got != "" {
		t.Errorf("the oldest stream goes on with %q", got)
	}
	s.Decline(t, codes.UserCode)
	second.decided(t)
	third.decided(t)
}

// A server that ends does not wait for streams.
func TestPhoneEventsEndWithTheServer(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	phone := s.Phone()
	stream := listen(t, phone, "", phone.Ask(nil).DeviceCode)
	close(s.Ending)
	if got := stream.next(t); got != "" {
		t.Errorf("the stream goes on with %q", got)
	}
}

// The time limits of the server are for answers that end: a stream outlives them.
func TestPhoneEventsOutliveTheServersTimeLimits(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{ReadTimeout: time.Second, WriteTimeout: 2 * time.Second})
	phone := s.Phone()
	codes := phone.Ask(nil)
	stream := listen(t, phone, "", codes.DeviceCode)
	for limits := time.After(3 * time.Second); limits != nil; {
		select {
		case line, open := <-stream.lines:
			if !open || line != "" {
				t.Fatalf("the stream ended, or said %q", line)
			}
		case <-limits:
			limits = nil
		}
	}
	s.Decline(t, codes.UserCode)
	stream.decided(t)
}
