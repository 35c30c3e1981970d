package counter_test

import (
	"net/http"
	"testing"

	"countersign/audit"
	"countersign/handlers/handlerstest"
	"countersign/views"
)

// docs/counter.md §2.2: how the match was entered is on record with it, in a closed
// set of words, and evidence of nothing: what a page makes up is left out, and the match
// is the same.
func TestMatchRecordsHowItWasEntered(t *testing.T) {
	for said, want := range map[string]struct{ fact, trail string }{
		"scan": {"scan", "code only, scanned"}, "typed": {"typed", "code only, typed"},
		"camera": {"camera", "code only, by camera"}, "serial": {"serial", "code only, by serial scanner"},
		"": {"", "code only"}, "by an honest hand": {"", "code only"}, "Scan": {"", "code only"},
	} {
		s := handlerstest.Start(t, handlerstest.Config{})
		codes := s.Phone().Ask(nil)
		b := s.BrowserOf(t, s.Operator("Olga Operator"))
		form := b.Open(views.AccountPath(s.Account.ID)).Form(views.MatchPath(s.Account.ID))
		form.Set("user_code", codes.UserCode).Set("entered", said).Submit().Wants(http.StatusOK, "Check the ID document")
		if got := factsOfLast(t, s, audit.CodeMatched).Entered; got != want.fact {
			t.Errorf("a page that says %q: the event says %q, want %q", said, got, want.fact)
		}
		trail := s.BrowserOf(t, s.Supervisor("Sue")).Get(views.PathReviewEvents + "?type=" + string(audit.CodeMatched)).Says(want.trail)
		if want.fact == "" {
			trail.SaysNot("code only, ", "honest hand")
		}
	}
}

// The scan of a presence proof in the search box finds and matches: the match says so.
func TestPresenceScanRecordsHowItWasEntered(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	phone := s.Phone()
	codes := phone.Ask(nil)
	form := s.BrowserOf(t, s.Operator("Olga Operator")).Get(views.PathCounter).Form(views.PathSearch)
	form.Set("identifier", phone.Presence(codes)).Set("entered", "camera").Submit().Wants(http.StatusOK, "Check the ID document")
	if got := factsOfLast(t, s, audit.CodeMatched).Entered; got != "camera" {
		t.Errorf("the event says %q", got)
	}
}

// factsOfLast are the facts of the newest event of a type.
func factsOfLast(t *testing.T, s *handlerstest.Server, kind audit.Type) audit.Facts {
	t.Helper()
	rows, err := s.Store.Trail(t.Context(), audit.Filter{Type: kind, Limit: 1})
	if err != nil || len(rows) == 0 {
		t.Fatalf("no event %s (%v)", kind, err)
	}
	return rows[0].Event.Facts
}
