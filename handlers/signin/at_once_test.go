package signin_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"testing"
	"time"

	"countersign/audit"
	"countersign/handlers/handlerstest"
	"countersign/handlers/limits"
	"countersign/models"
	"countersign/views"
)

// Several tabs may be at the provider at once, and come back in any order: each to its own
// page, in one session.
func TestSeveralTabsAtTheProvider(t *testing.T) {
	provider := handlerstest.StartProvider(t)
	s := provider.Server(t, handlerstest.Config{})
	b := s.Browser(t)
	tabs := map[string]*url.URL{}
	for _, page := range []string{"/counter", "/counter/open", "/scanner"} {
		tabs[page] = begin(b, page)
	}
	for _, page := range []string{"/scanner", "/counter", "/counter/open"} {
		provider.Next(olga())
		back := b.Step(http.MethodGet, throughProvider(b, tabs[page]), nil)
		if back.Status != http.StatusSeeOther || back.Location != page {
			t.Errorf("the tab of %s comes back to %d %q", page, back.Status, back.Location)
		}
		b.Get(views.PathOpenCounter).Wants(http.StatusOK, "Open a counter")
	}
	if left := onTheWay(b); len(left) != 0 {
		t.Errorf("%v are left", left)
	}
}

// The same holds for two approvals that ask for a fresh sign-in at once.
func TestTwoStepUpsAtOnce(t *testing.T) {
	provider := handlerstest.StartProvider(t)
	s := provider.Server(t, handlerstest.Config{Policy: models.Policy{StepUp: models.StepUp{MaxAge: 5 * time.Minute}}})
	b := signedIn(t, provider, s)
	start := func(page string) *url.URL {
		return mustParse(t, b.Get(views.StepUpPath(page)).Form(views.PathStepUp).Send().Location)
	}
	tabs := map[string]*url.URL{"/scanner": start("/scanner"), "/counter/open": start("/counter/open")}
	for page, address := range tabs {
		fresh := olga()
		fresh.AuthTime = s.Clock.Now()
		provider.Next(fresh)
		if back := b.Step(http.MethodGet, throughProvider(b, address), nil); back.Location != page {
			t.Errorf("the tab of %s comes back to %d %q", page, back.Status, back.Location)
		}
	}
}

// docs/protocol.md §6 foreign-callback: whoever leads a browser to the way back, with a
// state and a code of their own, signs nobody in, ends no sign-in that is on its way, and
// leaves nothing in the trail.
func TestForeignCallbackEndsNoSignIn(t *testing.T) {
	provider := handlerstest.StartProvider(t)
	s := provider.Server(t, handlerstest.Config{})
	b, attacker := s.Browser(t), s.Browser(t)
	own, other := begin(b, "/"), begin(b, "/scanner")
	provider.Next(handlerstest.Person{Name: "Mallory", Roles: "operator"})
	foreign := throughProvider(attacker, begin(attacker, "/"))
	since := s.LastEvent()
	for _, address := range []string{foreign, s.Endpoint("/sign-in/callback?state=x&error=access_denied"), s.Endpoint("/sign-in/callback")} {
		b.Step(http.MethodGet, address, nil).Wants(http.StatusBadRequest, "This sign-in is over")
	}
	if b.Cookie("countersign") != "" || len(onTheWay(b)) != 2 {
		t.Errorf("signed in, or only %v are on their way", onTheWay(b))
	}
	s.WantEvents(t, since)
	for _, address := range []*url.URL{own, other} {
		provider.Next(olga())
		if back := b.Step(http.MethodGet, throughProvider(b, address), nil); back.Status != http.StatusSeeOther {
			t.Errorf("the browser's own sign-in: %d", back.Status)
		}
	}
}

// A code of one tab is not good with the state of another: the verifier is another one.
func TestCodeOfAnotherTab(t *testing.T) {
	provider := handlerstest.StartProvider(t)
	s := provider.Server(t, handlerstest.Config{})
	b := s.Browser(t)
	one, other := begin(b, "/"), begin(b, "/")
	provider.Next(olga())
	back := mustParse(t, throughProvider(b, one))
	query := back.Query()
	query.Set("state", other.Query().Get("state"))
	back.RawQuery = query.Encode()
	b.Step(http.MethodGet, back.String(), nil).Wants(http.StatusBadRequest, "The sign-in did not work")
}

// A browser keeps 8 sign-ins that are on their way: the oldest falls out, and one that is
// over makes room first. TestReturnToStaysHere: no path makes their cookies long.
func TestSignInsOnTheWayAreBounded(t *testing.T) {
	provider := handlerstest.StartProvider(t)
	s := provider.Server(t, handlerstest.Config{})
	b := s.Browser(t)
	var addresses []*url.URL
	for i := range 12 {
		addresses = append(addresses, begin(b, fmt.Sprintf("/%0150d", i)))
		s.Clock.Advance(time.Second)
	}
	left := onTheWay(b)
	length := 0
	for _, name := range left {
		length += len(name) + len(b.Cookie(name))
	}
	if len(left) != 8 || length > 6<<10 {
		t.Errorf("%d cookies of %d bytes", len(left), length)
	}
	b.Step(http.MethodGet, throughProvider(b, addresses[3]), nil).Wants(http.StatusBadRequest, "This sign-in is over")
	provider.Next(olga())
	if back := b.Step(http.MethodGet, throughProvider(b, addresses[4]), nil); back.Status != http.StatusSeeOther {
		t.Errorf("the oldest that is left: %d", back.Status)
	}
	s.Clock.Advance(15 * time.Minute)
	begin(b, "/")
	if left := onTheWay(b); len(left) != 1 {
		t.Errorf("what is over is kept: %v", left)
	}
}

// docs/protocol.md §6 sign-in-flood: a stranger who begins sign-ins all the time, behind the
// address of the staff, writes nothing and keeps nobody out; nor does one who comes back
// with codes of their own, and the trail does not fill.
func TestSignInFloodKeepsNobodyOut(t *testing.T) {
	for _, level := range []limits.Level{limits.Default, limits.Strict} {
		t.Run(string(level), func(t *testing.T) {
			provider := handlerstest.StartProvider(t)
			s := provider.Server(t, handlerstest.Config{Limits: level})
			stranger := s.Browser(t)
			since := s.LastEvent()
			s.Unchanged(t, "beginning to sign in", func() {
				for range 300 {
					stranger.Step(http.MethodPost, s.Endpoint(views.PathSignIn), nil).Wants(http.StatusSeeOther, "")
				}
			})
			for range 60 {
				state := begin(stranger, "/").Query().Get("state")
				address := s.Endpoint("/sign-in/callback?" + url.Values{"state": {state}, "error": {"access_denied"}}.Encode())
				stranger.Step(http.MethodGet, address, nil).Wants(http.StatusBadRequest, "The sign-in did not work")
			}
			refused := s.Events(since)
			if n := len(refused); n == 0 || n > 40 || slices.ContainsFunc(refused,
				func(e audit.Type) bool { return e != audit.StaffSignInRefused }) {
				t.Errorf("the trail has %d entries: %v", n, refused)
			}
			for i := range 30 {
				b := s.Browser(t)
				provider.Next(handlerstest.Person{Name: fmt.Sprintf("Operator %d", i), Roles: "operator"})
				b.Get(views.PathSignIn).Form(views.PathSignIn).Submit().Wants(http.StatusOK, "Open a counter")
			}
		})
	}
}
