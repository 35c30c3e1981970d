package review_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"countersign/handlers/handlerstest"
	"countersign/oauth"
	"countersign/views"
)

// docs/protocol.md §9: a visit is told as it was: how long each step took, what stood out, who looked, and what was changed since.
func TestVisitAsItWasSeen(t *testing.T) {
	handlerstest.Each(t, func(t *testing.T, s *handlerstest.Server) {
		code := s.Phone().Ask(nil).UserCode
		s.Clock.Advance(50 * time.Hour)
		olga := s.Operator("Olga Operator")
		wrong, err := oauth.ParseUserCode("BCDFGHJK")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Store.Match(t.Context(), olga.SessionID, s.Account.ID, wrong); err == nil {
			t.Fatal("a wrong code matched")
		}
		id := s.Match(t, olga, code).ID
		s.Clock.Advance(80 * time.Second)
		check := handlerstest.Proof()
		if err := s.Store.Proof(t.Context(), olga.SessionID, id, check); err != nil {
			t.Fatal(err)
		}
		sara := s.BrowserOf(t, s.Supervisor("Sara Supervisor"))
		sara.Open(views.ReviewRequestPath(id)).Wants(http.StatusOK, "Request of Anna Example").
			Says("From the request to the code 2 d 2 h", "Code to document 1 min 20 s").SaysNot("Changed since the decision")
		s.Clock.Advance(40 * time.Second)
		shown, err := s.Store.Shown(t.Context(), id)
		if err == nil {
			_, err = s.Store.Approve(t.Context(), olga.SessionID, id, shown)
		}
		if err != nil {
			t.Fatal(err)
		}
		page := sara.Get(views.ReviewRequestPath(id)).Says("Document to decision 40 s", "Whole visit 2 min 0 s", "What stood out",
			"Code did not match", "Who looked, or acted", "Record opened", "Sara Supervisor",
			"Nothing: the record and the app are what the page to decide showed")
		day := leadsTo(t, page, "/review/staff/"+olga.StaffID)
		if !slices.Contains(page.Links(), views.StoryPath(s.Account.ID)) {
			t.Error("no way to the account's story")
		}
		sara.Get(day).Wants(http.StatusOK, "Olga Operator on 6 May 2026").Says("Wrong codes", "Code did not match")
		s.Clock.Advance(time.Minute)
		s.SetStatus("suspended")
		sara.Get(views.ReviewRequestPath(id)).Says("Changed since the decision", "Account changed").SaysNot("Nothing: the record")
	})
}

// docs/protocol.md §9: a command that opened the record looked at it as somebody of the staff did, and is named once.
func TestACommandLookedAtTheVisit(t *testing.T) {
	handlerstest.Each(t, func(t *testing.T, s *handlerstest.Server) {
		id := s.Match(t, s.Operator("Olga Operator"), s.Phone().Ask(nil).UserCode).ID
		sara := s.BrowserOf(t, s.Supervisor("Sara Supervisor"))
		sara.Open(views.ReviewRequestPath(id)).Says("Record opened", "(Sara Supervisor)").SaysNot("a command")
		for range 2 {
			s.Clock.Advance(time.Minute)
			if _, err := s.Store.ShowRequestByCommand(t.Context(), id); err != nil {
				t.Fatal(err)
			}
		}
		page := sara.Get(views.ReviewRequestPath(id)).Says("Record opened: from one of its requests (a command)", "(Sara Supervisor)")
		if got := strings.Count(page.Text(), "(a command)"); got != 1 {
			t.Errorf("a command is named %d times: %s", got, page.Text())
		}
	})
}
