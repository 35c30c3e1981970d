package counter_test

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"countersign/audit"
	"countersign/handlers/handlerstest"
	"countersign/models"
	"countersign/views"
)

// RFC 9470, conformance section 9: an approval that needs a fresh sign-in leads to the
// provider and back to the same step, with nothing lost and nothing approved in between.
func TestStepUpBeforeApproval(t *testing.T) {
	provider := startProvider(t)
	s := provider.server(t, handlerstest.Config{Policy: models.Policy{StepUp: models.StepUp{MaxAge: 5 * time.Minute}}})
	b := signedIn(t, provider, s)
	b.Get(views.PathOpenCounter).Form(views.PathOpenCounter).Set("counter", s.Counter.ID).Submit()
	codes := s.Phone().Ask(nil)
	proof, visit := match(b, s, codes.UserCode)
	page := prove(proof, visit).Form(views.ApprovePath(visit)).Submit()
	if page.URL.Path != views.PathStepUp || !strings.Contains(page.Source, "nothing was approved yet") {
		t.Fatalf("approving leads to %s", page.URL)
	}
	s.Unchanged(t, "looking at the page", func() { b.Get(page.URL.RequestURI()) })
	again := func(who person) *handlerstest.Page {
		start := b.Get(stepUpOf(visit)).Form(views.PathStepUp).Send()
		if got := mustParse(t, start.Location).Query().Get("max_age"); got != "300" {
			t.Errorf("max_age is %q", got)
		}
		provider.next(who)
		return b.Get(throughProvider(b, mustParse(t, start.Location)))
	}
	cookie := b.Cookie("countersign")
	if page := again(person{name: "Somebody Else", roles: "operator"}); page.Status != http.StatusForbidden || !strings.Contains(page.Source, "Somebody else signed in") {
		t.Errorf("somebody else: %d", page.Status)
	}
	if b.Cookie("countersign") != cookie {
		t.Error("somebody else's sign-in changed the session")
	}
	for name, at := range map[string]time.Time{"unknown when": {}, "too long ago": s.Clock.Now().Add(-5 * time.Minute)} {
		stale := olga()
		stale.authTime = at
		if page := again(stale); page.Status != http.StatusForbidden || !strings.Contains(page.Source, "not strong or fresh enough") {
			t.Errorf("%s: %d", name, page.Status)
		}
	}
	fresh := olga()
	fresh.authTime = s.Clock.Now()
	page = again(fresh)
	if page.URL.Path != views.DecidePath(visit) || b.Cookie("countersign") == cookie {
		t.Fatalf("back at %s", page.URL.Path)
	}
	page = page.Form(views.ApprovePath(visit)).Submit()
	if page.URL.Path != views.ReceiptPath(visit) {
		t.Errorf("approving leads to %s", page.URL.Path)
	}
}

func stepUpOf(visit string) string {
	return views.PathStepUp + "?" + url.Values{"return_to": {views.DecidePath(visit)}}.Encode()
}

// Whoever comes back from a step-up without a role is signed out here, and what the
// provider says of their name and identifiers now is what counts from then on.
func TestStepUpWithoutARoleEndsTheSession(t *testing.T) {
	provider := startProvider(t)
	s := provider.server(t, handlerstest.Config{Policy: models.Policy{StepUp: models.StepUp{MaxAge: 5 * time.Minute}}})
	b := signedIn(t, provider, s)
	again := func(who person) *handlerstest.Page {
		t.Helper()
		start := b.Get(views.PathStepUp + "?return_to=" + views.PathCounter).Form(views.PathStepUp).Send()
		who.authTime = s.Clock.Now()
		provider.next(who)
		return b.Get(throughProvider(b, mustParse(t, start.Location)))
	}
	married := olga()
	married.name = "Olga Newname"
	married.subject = olga().ID()
	again(married)
	token, since := b.Cookie("countersign"), s.LastEvent()
	if session, err := s.Store.Session(t.Context(), token); err != nil || session.Staff.Name != "Olga Newname" {
		t.Errorf("the name is %q, %v", session.Staff.Name, err)
	}
	gone := married
	gone.roles = ""
	again(gone).Wants(http.StatusForbidden, "You have no role here")
	wantEvents(t, s, since, audit.StaffSignedOut, audit.StaffSignInRefused)
	if b.Cookie("countersign") != "" {
		t.Error("the browser keeps the session")
	}
	if _, err := s.Store.Session(t.Context(), token); !errors.Is(err, models.ErrSessionEnded) {
		t.Errorf("the session from before: %v", err)
	}
}
