package admin_test

import (
	"net/http"
	"testing"
	"time"

	"countersign/audit/term"
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

// What waits for supervisors by mail or webhook is told, and is a trouble once it is stuck; what waits for a channel that the
// server does not have is no trouble.
func TestStateTellsOfAlertsOnTheirWay(t *testing.T) {
	for name, channels := range map[string][]models.Channel{"none": nil, "mail": {models.ChannelMail}} {
		t.Run(name, func(t *testing.T) {
			s := handlerstest.Start(t, handlerstest.Config{Policy: models.Policy{AlertChannels: channels}})
			browser := s.BrowserOf(t, s.Administrator("Ada Administrator"))
			operator := s.Operator("Olga Operator")
			matched := s.Match(t, operator, s.Phone().Ask(nil).UserCode)
			if err := s.Store.Decline(t.Context(), operator.SessionID, matched.ID, term.DeclineSuspicious); err != nil {
				t.Fatal(err)
			}
			page := func() *handlerstest.Page {
				t.Helper()
				return browser.Get(views.PathState).Wants(http.StatusOK, "State of the server").Says("Alerts to supervisors").SaysNot("by webhook")
			}
			const stuck = "Alerts to supervisors are stuck since 4 May 2026 at 09:00 UTC: by mail."
			if channels == nil {
				s.Clock.Advance(16 * time.Minute)
				page().Says("No mail and no webhook is set up for them.").SaysNot("are stuck")
				return
			}
			page().Says("1, the oldest since 4 May 2026 at 09:00 UTC; attempts: 0").SaysNot(stuck)
			s.Clock.Advance(16 * time.Minute)
			page().Says(stuck)
		})
	}
}
