package admin_test

import (
	"net/http"
	"testing"
	"time"

	"countersign/handlers/handlerstest"
	"countersign/models"
	"countersign/views"
)

// An administrator reads whether the server is well; what somebody must look at now stands first; nobody else reads it.
func TestAdministratorSeesTheStateOfTheServer(t *testing.T) {
	handlerstest.Each(t, func(t *testing.T, s *handlerstest.Server) {
		page := func() *handlerstest.Page {
			t.Helper()
			return s.BrowserOf(t, s.Administrator("Ada Administrator")).Get(views.PathState).Wants(http.StatusOK, "State of the server")
		}
		sequence := func() {
			t.Helper()
			for behind := true; behind; {
				done, err := s.Store.Sequence(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				behind = done.Behind()
			}
		}
		if err := s.Store.Probe(t.Context()); err != nil {
			t.Fatal(err)
		}
		page().SaysNot("Not signed since") // signing in is an entry, signed within seconds
		sequence()
		page().Says("No verification was recorded", "Entries in the newest checkpoint", "access tokens",
			"An earlier program, which does not say its version", "In use", "The next one").SaysNot("This needs somebody now")
		s.Clock.Advance(2 * time.Minute)
		page().Says("This needs somebody now", "The log is stuck", "Not signed since")
		sequence()
		record := func(v models.TrailVerification) {
			t.Helper()
			if err := s.Store.RecordVerification(t.Context(), v); err != nil {
				t.Fatal(err)
			}
		}
		record(models.TrailVerification{EndedAt: models.At(s.Clock.Now()), Entries: 41, Verdict: models.VerdictSound})
		page().Says("sound", "41").SaysNot("No verification was recorded", "longer ago than a week")
		record(models.TrailVerification{EndedAt: models.At(s.Clock.Now()).Add(-8 * 24 * time.Hour), Verdict: models.VerdictConsistent})
		page().Says("consistent with the database’s own keys", "longer ago than a week")
		record(models.TrailVerification{EndedAt: models.At(s.Clock.Now()), Verdict: models.VerdictNotSound, Problem: "first bad entry: 7: <b>"})
		page().Says("This needs somebody now", "first bad entry: 7: <b>", "not sound")
		s.BrowserOf(t, s.Supervisor("Sara Supervisor")).Get(views.PathState).Wants(http.StatusForbidden, "Your role does not allow this")
	})
}
