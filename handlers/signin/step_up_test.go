package signin_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"countersign/audit"
	"countersign/handlers/handlerstest"
	"countersign/models"
	"countersign/views"
)

// RFC 9470, docs/protocol.md §9: an approval that needs a fresh sign-in leads to the
// provider and back to the same step, with nothing lost and nothing approved in between.
func TestStepUpBeforeApproval(t *testing.T) {
	provider := handlerstest.StartProvider(t)
	s := provider.Server(t, handlerstest.Config{Policy: models.Policy{StepUp: models.StepUp{MaxAge: 5 * time.Minute}}})
	b := signedIn(t, provider, s)
	visit := proofed(t, s, b)
	page := b.Get(views.DecidePath(visit)).Form(views.ApprovePath(visit)).Submit()
	if page.URL.Path != views.PathStepUp || !strings.Contains(page.Source, "nothing was approved yet") {
		t.Fatalf("approving leads to %s", page.URL)
	}
	s.Unchanged(t, "looking at the page", func() { b.Get(page.URL.RequestURI()) })
	again := func(who handlerstest.Person) *handlerstest.Page {
		start := b.Get(views.StepUpPath(views.DecidePath(visit))).Form(views.PathStepUp).Send()
		if got := mustParse(t, start.Location).Query().Get("max_age"); got != "300" {
			t.Errorf("max_age is %q", got)
		}
		provider.Next(who)
		return b.Get(throughProvider(b, mustParse(t, start.Location)))
	}
	cookie := b.Cookie("countersign")
	if page := again(handlerstest.Person{Name: "Somebody Else", Roles: "operator"}); page.Status != http.StatusForbidden ||
		!strings.Contains(page.Source, "Somebody else signed in") {
		t.Errorf("somebody else: %d", page.Status)
	}
	if b.Cookie("countersign") != cookie {
		t.Error("somebody else's sign-in changed the session")
	}
	for name, at := range map[string]time.Time{"unknown when": {}, "too long ago": s.Clock.Now().Add(-5 * time.Minute)} {
		stale := olga()
		stale.AuthTime = at
		if page := again(stale); page.Status != http.StatusForbidden || !strings.Contains(page.Source, "not strong or fresh enough") {
			t.Errorf("%s: %d", name, page.Status)
		}
	}
	fresh := olga()
	fresh.AuthTime = s.Clock.Now()
	page = again(fresh)
	if page.URL.Path != views.DecidePath(visit) || b.Cookie("countersign") == cookie {
		t.Fatalf("back at %s", page.URL.Path)
	}
	page = page.Form(views.ApprovePath(visit)).Submit()
	if page.URL.Path != views.ReceiptPath(visit) {
		t.Errorf("approving leads to %s", page.URL.Path)
	}
}

// proofed brings a request to the page to decide on, in the session of a browser.
func proofed(t *testing.T, s *handlerstest.Server, b *handlerstest.Browser) (visit string) {
	t.Helper()
	b.Get(views.PathOpenCounter).Form(views.PathOpenCounter).Set("counter", s.Counter.ID).Submit()
	session, err := s.Store.Session(t.Context(), b.Cookie("countersign"))
	if err != nil {
		t.Fatal(err)
	}
	matched := s.Match(t, handlerstest.Staff{SessionID: session.ID}, s.Phone().Ask(nil).UserCode)
	if err := s.Store.Proof(t.Context(), session.ID, matched.ID, handlerstest.Proof()); err != nil {
		t.Fatal(err)
	}
	return matched.ID
}

// Whoever comes back from a step-up without a role is signed out here, and what the
// provider says of their name and identifiers now is what counts from then on.
func TestStepUpWithoutARoleEndsTheSession(t *testing.T) {
	provider := handlerstest.StartProvider(t)
	s := provider.Server(t, handlerstest.Config{Policy: models.Policy{StepUp: models.StepUp{MaxAge: 5 * time.Minute}}})
	b := signedIn(t, provider, s)
	again := func(who handlerstest.Person) *handlerstest.Page {
		t.Helper()
		start := b.Get(views.PathStepUp + "?return_to=" + views.PathCounter).Form(views.PathStepUp).Send()
		who.AuthTime = s.Clock.Now()
		provider.Next(who)
		return b.Get(throughProvider(b, mustParse(t, start.Location)))
	}
	married := olga()
	married.Name = "Olga Newname"
	married.Subject = olga().ID()
	again(married)
	token, since := b.Cookie("countersign"), s.LastEvent()
	if session, err := s.Store.Session(t.Context(), token); err != nil || session.Staff.Name != "Olga Newname" {
		t.Errorf("the name is %q, %v", session.Staff.Name, err)
	}
	gone := married
	gone.Roles = ""
	again(gone).Wants(http.StatusForbidden, "You have no role here")
	s.WantEvents(t, since, audit.StaffSignedOut, audit.StaffSignInRefused)
	if b.Cookie("countersign") != "" {
		t.Error("the browser keeps the session")
	}
	if _, err := s.Store.Session(t.Context(), token); !errors.Is(err, models.ErrSessionEnded) {
		t.Errorf("the session from before: %v", err)
	}
}
