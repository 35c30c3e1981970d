package handlers_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"countersign/handlers/gate"
	"countersign/handlers/handlerstest"
	"countersign/handlers/limits"
	"countersign/handlers/web"
	"countersign/models/modelstest"
	"countersign/oauth"
	"countersign/oauth/deviceclient"
	"countersign/views"
)

// tooMuch is a server at which all places of some classes are taken until free is called.
func tooMuch(t *testing.T, full ...web.Class) (s *handlerstest.Server, free func()) {
	t.Helper()
	gates, free := handlerstest.Full(full...)
	return handlerstest.Start(t, handlerstest.Config{More: func(c *web.Config) { c.Gates = gates }}), free
}

// toldLater demands 503 with Retry-After in seconds (RFC 9110 §10.2.3, §15.6.4).
func toldLater(t *testing.T, what string, answer handlerstest.Answer) int {
	t.Helper()
	seconds, err := strconv.Atoi(answer.Header.Get("Retry-After"))
	if answer.Status != http.StatusServiceUnavailable || answer.Code() != oauth.ErrTemporarilyUnavailable || err != nil || seconds < 1 {
		t.Errorf("%s: %d %s, Retry-After %q", what, answer.Status, answer.Text, answer.Header.Get("Retry-After"))
	}
	return seconds
}

// docs/protocol.md §6 overloaded-phones: while there are too many polls, a phone that waits is told to come later, one
// whose request was approved collects it, and the console does not notice. It is told once in the log.
func TestTooManyPolls(t *testing.T) {
	s, free := tooMuch(t, web.Polls)
	phone := s.Phone()
	waits, approved := phone.Ask(nil), phone.Ask(nil)
	visitAtTheConsole(t, s, approved.UserCode)
	seen := map[int]bool{}
	s.Unchanged(t, "polls that are told to come later", func() {
		for range 21 {
			seen[toldLater(t, "a poll", phone.Poll(waits.DeviceCode))] = true
		}
		toldLater(t, "a poll of no request", phone.Poll("x"))
	})
	if len(seen) != 21 || !seen[10] || !seen[30] {
		t.Errorf("they come back after %v seconds", seen)
	}
	redeemed := phone.Poll(approved.DeviceCode).Succeeded(t, http.StatusOK)
	phone.Refresh(redeemed.String("refresh_token"), nil).Succeeded(t, http.StatusOK)
	phone.Ask(nil)
	if got := strings.Count(s.Log(), "requests are answered 503"); got != 1 {
		t.Errorf("told %d times in the log: %s", got, s.Log())
	}
	if strings.Count(s.Log(), "level=WARN") != 1 || strings.Contains(s.Log(), "level=ERROR") {
		t.Errorf("the log: %s", s.Log())
	}
	free()
	phone.Poll(waits.DeviceCode).Refused(t, http.StatusBadRequest, oauth.ErrAuthorizationPending)
}

// visitAtTheConsole approves by the pages of an operator.
func visitAtTheConsole(t *testing.T, s *handlerstest.Server, userCode string) {
	t.Helper()
	staff := s.Operator("Olga Operator")
	b := s.BrowserOf(t, staff)
	b.Get(views.PathCounter).Wants(http.StatusOK, "Find the customer’s account")
	b.Post(views.PathSearch, url.Values{"identifier": {"anna@example.org"}}).Wants(http.StatusOK, "Anna Example")
	s.ApproveFor(t, staff, s.Account.ID, userCode)
}

// Each class has places of its own: where those of one are taken, the others are served.
func TestClassesDoNotTakeEachOthersPlaces(t *testing.T) {
	for _, c := range []struct {
		class  web.Class
		served []string // of polls, requests, registrations, introspection, pages for anybody, console, probes
	}{
		{web.Phones, []string{"poll", "introspection", "public page", "console", "probe"}},
		{web.APIs, []string{"poll", "request", "metadata", "public page", "console", "probe"}},
		{web.Strangers, []string{"poll", "request", "metadata", "introspection", "console", "probe"}},
		{web.Staff, []string{"poll", "request", "metadata", "introspection", "public page", "probe"}},
	} {
		t.Run(c.class.String(), func(t *testing.T) {
			gates := *web.NewGates(1)
			s := handlerstest.Start(t, handlerstest.Config{More: func(config *web.Config) { config.Gates = &gates }})
			phone := s.Phone()
			codes := phone.Ask(nil)
			b := s.BrowserOf(t, s.Operator("Olga Operator"))
			gates[c.class] = gate.New(gate.Size{AtWork: 0}, time.After)
			status := map[string]int{
				"poll": phone.Poll(codes.DeviceCode).Status, "request": phone.AskRaw(handlerstest.Request{}).Status,
				"metadata": s.Get(oauth.PathMetadata).Status, "introspection": phone.Introspect("x").Status,
				"public page": s.Get(oauth.PathVerification).Status, "console": b.Get(views.PathCounter).Status, "probe": s.Get("/healthz").Status,
			}
			for _, what := range c.served {
				if status[what] == http.StatusServiceUnavailable {
					t.Errorf("no %s is served", what)
				}
				delete(status, what)
			}
			for what, got := range status {
				if got != http.StatusServiceUnavailable {
					t.Errorf("a %s: %d", what, got)
				}
			}
		})
	}
}

// A member of staff for whom there is no place loses nothing that was typed, and it is in the log. Somebody without a session takes
// no place of staff.
func TestTooMuchStaff(t *testing.T) {
	s, free := tooMuch(t, web.Staff)
	if got := s.Get(views.PathCounter).Status; got == http.StatusServiceUnavailable {
		t.Error("a stranger came as far as the places of staff")
	}
	b := s.BrowserOf(t, s.Operator("Olga Operator"))
	page := b.Post(views.PathSearch, url.Values{"identifier": {"anna@example.org"}}).
		Wants(http.StatusServiceUnavailable, "The server has too much to do now")
	if page.Header.Get("Retry-After") != "5" || page.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("the page's header: %v", page.Header)
	}
	if !strings.Contains(s.Log(), `class="requests of staff"`) || !strings.Contains(s.Log(), "status=503") {
		t.Errorf("the log: %s", s.Log())
	}
	free()
	page.Form(views.PathSearch).Submit().Wants(http.StatusOK, "Anna Example")
}

// Who finds no place has not used up how often they may search: they are told to come again.
func TestTooMuchUsesUpNoLimit(t *testing.T) {
	gates, free := handlerstest.Full(web.Staff)
	s := handlerstest.Start(t, handlerstest.Config{Limits: limits.Strict, More: func(c *web.Config) { c.Gates = gates }})
	b := s.BrowserOf(t, s.Operator("Olga Operator"))
	search := url.Values{"identifier": {"anna@example.org"}}
	for range 25 { // 20 at once are within the limit
		b.Post(views.PathSearch, search).Wants(http.StatusServiceUnavailable, "The server has too much to do now")
	}
	free()
	b.Post(views.PathSearch, search).Wants(http.StatusOK, "Anna Example")
}

// Redemptions that hang, because somebody else writes to the database, keep polls waiting and no page.
func TestHangingRequestsKeepTheirOwnPlacesOnly(t *testing.T) {
	gates := web.NewGates(1)
	gates[web.Polls] = gate.New(gate.Size{AtWork: 2}, time.After)
	s := handlerstest.Start(t, handlerstest.Config{LockWait: time.Minute, More: func(c *web.Config) { c.Gates = gates }})
	b := s.BrowserOf(t, s.Operator("Olga Operator"))
	phone := s.Phone()
	waits := phone.Ask(nil)
	var approved []handlerstest.Codes
	for range 2 {
		codes := phone.Ask(nil)
		s.Approve(t, codes.UserCode)
		approved = append(approved, codes)
	}
	release := modelstest.Hold(t, s.Address)
	answers := make(chan handlerstest.Answer)
	for _, codes := range approved {
		go func() { answers <- phone.Poll(codes.DeviceCode) }()
	}
	for gates[web.Polls].Working() < len(approved) {
		runtime.Gosched()
	}
	toldLater(t, "a poll", phone.Poll(waits.DeviceCode))
	b.Get(views.PathCounter).Wants(http.StatusOK, "Find the customer’s account")
	release()
	for range approved {
		(<-answers).Succeeded(t, http.StatusOK)
	}
	phone.Poll(phone.Ask(nil).DeviceCode).Refused(t, http.StatusBadRequest, oauth.ErrAuthorizationPending)
}

// A sender who takes its time has no place at work meanwhile, whether a program or a person.
func TestSlowSendersTakeNoPlace(t *testing.T) {
	one := gate.Size{AtWork: 1, Waiting: 1, Patience: 20 * time.Second}
	gates := web.GatesOf(map[web.Class]gate.Size{web.Polls: one, web.Phones: one, web.Strangers: one})
	s := handlerstest.Start(t, handlerstest.Config{More: func(c *web.Config) { c.Gates = gates }})
	phone := s.Phone()
	codes := phone.Ask(nil)
	for _, path := range []string{oauth.PathToken, oauth.PathDeviceAuthorization, oauth.PathRegistration, views.PathLanguage} {
		conn, err := net.Dial("tcp", strings.TrimPrefix(s.Issuer, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		_, err = fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"+
			"Expect: 100-continue\r\nContent-Length: 1000\r\n\r\n", path)
		if err != nil {
			t.Fatal(err)
		}
		begun, err := bufio.NewReader(conn).ReadString('\n')
		if err != nil || !strings.Contains(begun, "100 Continue") { // the body is read from now on
			t.Fatalf("%s: %q, %v", path, begun, err)
		}
	}
	phone.Poll(codes.DeviceCode).Refused(t, http.StatusBadRequest, oauth.ErrAuthorizationPending)
	phone.Ask(nil)
	if got := s.Get(oauth.PathVerification).Status; got != http.StatusOK {
		t.Errorf("a page for anybody: %d", got)
	}
}

// The reference phone goes on through an overload, comes back no earlier than it was told, and is connected.
func TestTheReferencePhoneOutlastsAnOverload(t *testing.T) {
	s, free := tooMuch(t, web.Polls)
	phone := s.DeviceClient()
	if err := phone.Register(t.Context(), deviceclient.Software{Name: "Pocket Bank", ID: "example.pocketbank", Version: "4.2"}); err != nil {
		t.Fatal(err)
	}
	if err := phone.RequestAuthorization(t.Context(), deviceclient.Request{LoginHint: "anna@example.org"}); err != nil {
		t.Fatal(err)
	}
	refused := 0
	phone.Note = func(_ context.Context, pause deviceclient.PollPause) {
		told, is := errors.AsType[*deviceclient.UnreachableError](pause.Cause)
		if !is {
			return
		}
		if pause.Delay < told.RetryAfter || told.RetryAfter == 0 {
			t.Errorf("told to come back after %s, and comes after %s", told.RetryAfter, pause.Delay)
		}
		if refused++; refused == 5 {
			free()
			s.Approve(t, phone.State.Authorization.UserCode.Reveal())
		}
	}
	if err := phone.WaitForTokens(t.Context()); err != nil || phone.State.Tokens == nil || refused != 5 {
		t.Errorf("not connected after %d refusals: %v", refused, err)
	}
}
