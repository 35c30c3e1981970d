package handlers_test

import (
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"countersign/handlers/handlerstest"
	"countersign/models/modelstest"
	"countersign/oauth"
	"countersign/views"

	"github.com/labstack/echo/v4"
)

// loud are the lines of a log that somebody reads at night.
func loud(log string) (lines []string) {
	for line := range strings.Lines(log) {
		if strings.Contains(line, "level=WARN") || strings.Contains(line, "level=ERROR") {
			lines = append(lines, line)
		}
	}
	return lines
}

// docs/decisions/0033-outages.md: a database that is lost is one line in the log, and one when it is back, however many
// requests and probes meet it: how long that was, and how many requests failed.
func TestALostDatabaseIsTwoLines(t *testing.T) {
	for _, dialect := range []handlerstest.Dialect{handlerstest.SQLite, handlerstest.PostgreSQL} {
		t.Run(string(dialect), func(t *testing.T) {
			s := handlerstest.Start(t, handlerstest.Config{Dialect: dialect, LockWait: 20 * time.Millisecond})
			phone, staff := s.Phone(), s.Operator("Olga Operator")
			visit := s.Match(t, staff, phone.Ask(nil).UserCode).ID
			b := s.BrowserOf(t, staff)
			before := len(s.Log())
			release := modelstest.Hold(t, s.Address)
			for range 3 {
				phone.AskRaw(handlerstest.Request{}).Refused(t, http.StatusServiceUnavailable, oauth.ErrTemporarilyUnavailable)
			}
			b.Post(views.ReleasePath(visit), url.Values{}).Wants(http.StatusServiceUnavailable, "The database is not available now")
			if err := s.Store.Probe(t.Context()); err != nil {
				t.Error(err)
			}
			s.Clock.Advance(90 * time.Second)
			release()
			if err := s.Store.Probe(t.Context()); err != nil {
				t.Error(err)
			}
			lines := loud(s.Log()[before:])
			if len(lines) != 2 || !strings.Contains(lines[0], `level=ERROR msg="the database is lost: requests are answered 503"`) ||
				!strings.Contains(lines[0], "route=/device_authorization request_id=") ||
				!strings.Contains(lines[1], `msg="the database works again"`) ||
				!strings.Contains(lines[1], `was="the database is busy" lasted=1m30s requests_failed=4`) {
				t.Errorf("the log: %s", strings.Join(lines, ""))
			}
		})
	}
}

// What a request's statements say in the log has the request's name.
func TestStatementsHaveTheirRequest(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	s.Phone()
	b := s.BrowserOf(t, s.Supervisor("Susan Supervisor"))
	before := len(s.Log())
	if err := s.Store.Close(); err != nil {
		t.Fatal(err)
	}
	page := b.Get(views.PathReviewEvents).Wants(http.StatusInternalServerError, "Something went wrong on our side")
	id := page.Header.Get(echo.HeaderXRequestID)
	lines := loud(s.Log()[before:])
	for _, line := range lines {
		if strings.Count(line, "request_id="+id) != 1 {
			t.Errorf("not once the name of its request: %s", line)
		}
	}
	if len(lines) < 3 || !strings.Contains(page.Text(), id) { // the statement's, the fault's, the request's
		t.Errorf("the page does not name %s, or the log has %d lines:\n%s", id, len(lines), lines)
	}
}

// A trusted proxy may name a request, if its name is one; nobody else may.
func TestRequestIDOfATrustedProxy(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{TrustedProxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
	for said, taken := range map[string]bool{
		"4bf92f3577b34da6a3ce929d0e0e4736":     true, // nginx
		"7b0c9bd0-5d3b-4a8c-a7f0-2f0e2a4e2b9d": true, // HAProxy
		"short":                                false,
		"":                                     false,
		"level=ERROR msg=\"all is lost\"":      false,
		"<script>alert(1)</script>":            false,
		strings.Repeat("a", 65):                false,
		strings.Repeat("not hexadecimal", 2):   false,
	} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.Endpoint("/healthz"), nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set(echo.HeaderXRequestID, said)
		id := s.Do(request).Header.Get(echo.HeaderXRequestID)
		if (id == said) != taken || !strings.Contains(s.Log(), "request_id="+id) {
			t.Errorf("%q became %q", said, id)
		}
	}
}
