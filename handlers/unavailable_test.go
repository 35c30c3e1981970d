package handlers_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"countersign/handlers/handlerstest"
	"countersign/models/modelstest"
	"countersign/oauth"
	"countersign/views"
)

// A database that somebody else writes to is answered 503 with Retry-After in whole
// seconds: a phone ends its polling at 500, at 429 and at a date. Staff lose nothing that
// they typed, and pages that only read are shown meanwhile.
func TestBusyDatabase(t *testing.T) {
	for _, dialect := range []handlerstest.Dialect{handlerstest.SQLite, handlerstest.PostgreSQL} {
		t.Run(string(dialect), func(t *testing.T) {
			s := handlerstest.Start(t, handlerstest.Config{Dialect: dialect, LockWait: 50 * time.Millisecond})
			phone, staff := s.Phone(), s.Operator("Olga Operator")
			waiting, approved := phone.Ask(nil), phone.Ask(nil)
			s.Approve(t, approved.UserCode)
			visit := s.Match(t, staff, waiting.UserCode).ID
			b := s.BrowserOf(t, staff)
			form := url.Values{"document_number": {"L01X00T47 <&\""}, "note": {"a"}}

			release := modelstest.Hold(t, s.Address)
			for name, answer := range map[string]handlerstest.Answer{
				"a request": phone.AskRaw(handlerstest.Request{}), "a redemption": phone.Poll(approved.DeviceCode),
			} {
				answer.Refused(t, http.StatusServiceUnavailable, oauth.ErrTemporarilyUnavailable)
				if got := answer.Header.Get("Retry-After"); got != "5" {
					t.Errorf("%s: Retry-After %q", name, got)
				}
			}
			page := b.Post(views.ReleasePath(visit), form).Wants(http.StatusServiceUnavailable, "The database is not available now")
			if page.Header.Get("Retry-After") != "5" || page.Header.Get("Cache-Control") != "no-store" {
				t.Errorf("the page's header: %v", page.Header)
			}
			again := page.Form(views.ReleasePath(visit))
			if again.Value("document_number") != "L01X00T47 <&\"" || again.Value("note") != "a" {
				t.Error("what was typed is lost")
			}
			s.Clock.Advance(2 * time.Minute) // it is to be noted that the operator was seen
			b.Get(views.PathCounter).Wants(http.StatusOK, "Find the customer’s account")
			if err := s.Store.Probe(t.Context()); err != nil {
				t.Errorf("a probe of a busy database: %v", err)
			}
			if got := s.Get("/readyz").Status; got != http.StatusOK {
				t.Errorf("merely busy, and not ready: %d", got)
			}
			release()

			again.Submit().Wants(http.StatusOK, "")
			phone.Poll(approved.DeviceCode).Succeeded(t, http.StatusOK)
			if got := strings.Count(s.Log(), "requests are answered 503"); got != 1 {
				t.Errorf("the outage is logged %d times: %s", got, s.Log())
			}
			if strings.Contains(s.Log(), "level=ERROR msg=fault") || strings.Contains(s.Log(), "L01X00T47") {
				t.Errorf("the log: %s", s.Log())
			}
			if err := s.Store.Probe(t.Context()); err != nil || !strings.Contains(s.Log(), "the database works again") {
				t.Errorf("the end is not logged: %v", err)
			}
		})
	}
}
