package counter_test

import (
	"net/http"
	"net/netip"
	"net/url"
	"testing"

	"countersign/audit"
	"countersign/handlers/handlerstest"
	"countersign/models"
	"countersign/views"
)

// both signs somebody in who is operator and supervisor, and opens the counter.
func both(t *testing.T, s *handlerstest.Server, name string) *handlerstest.Browser {
	t.Helper()
	staff := s.SignIn(models.Identity{Subject: name, Name: name, Roles: []models.Role{models.Operator, models.Supervisor}})
	if err := s.Store.OpenCounter(t.Context(), staff.SessionID, s.Counter.ID, netip.MustParseAddr("127.0.0.1")); err != nil {
		t.Fatal(err)
	}
	return s.BrowserOf(t, staff)
}

// docs/protocol.md §6 own-unlock: whoever entered a wrong code for an account does not unlock
// it, in no role and no session of theirs, also where the code came when it was locked
// already. The page says who tried, where and when, and somebody else unlocks it with a reason.
func TestOwnWrongCodesAreNotUnlocked(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	wrong := func(b *handlerstest.Browser) {
		b.Post(views.PathSearch, url.Values{"identifier": {"K-1001"}})
		b.Post(views.MatchPath(s.Account.ID), url.Values{"user_code": {"BBBBBBBB"}})
	}
	mixed, late := both(t, s, "Mona Mixed"), both(t, s, "Lena Late")
	for range 6 {
		wrong(mixed)
	}
	wrong(late)
	for who, b := range map[string]*handlerstest.Browser{"the same session": mixed, "another session": both(t, s, "Mona Mixed"),
		"only a supervisor now": s.BrowserOf(t, s.Supervisor("Mona Mixed")), "one code, once it was locked": late} {
		since := s.LastEvent()
		page := b.Get(views.PathReviewEvents).Says("You entered wrong codes for this account yourself.")
		if page.HasForm(views.UnlockPath(s.Account.ID)) {
			t.Errorf("%s: unlocking is offered", who)
		}
		b.Post(views.UnlockPath(s.Account.ID), url.Values{"reason": {"mistyped"}}).Wants(http.StatusForbidden,
			"You entered wrong codes for this account yourself")
		wantEvents(t, s, since, audit.DecisionRefused)
	}
	b := s.BrowserOf(t, s.Supervisor("Sara Supervisor"))
	page := b.Get(views.PathReviewEvents).Says("Mona Mixed at Market Square, 4 May 2026 at 11:00", "Lena Late at Market Square")
	since := s.LastEvent()
	page.Form(views.UnlockPath(s.Account.ID)).Submit().Says("Choose why the account may be opened again. Nothing was unlocked.")
	wantEvents(t, s, since)
	page.Form(views.UnlockPath(s.Account.ID)).Set("reason", "attack over").Submit().Says("Codes can be entered for the account again.")
	wantEvents(t, s, since, audit.MatchUnlocked)
	if facts := newest(t, s); facts.Reason != "attack over" {
		t.Errorf("the event says %+v", facts)
	}
}

// docs/protocol.md §6 overruling-scan: a card that differs, and then a zone that is made up from
// the record and pasted into the same box. Each reading is an event, and the first one
// keeps its weight; what the operator says of it is for the second person.
func TestPastedZoneOverrulesNoScan(t *testing.T) {
	s, b, page, visit := atDocument(t, handlerstest.Config{})
	since := s.LastEvent()
	first := scanInto(page, visit, others()).SaysNot("somebody else’s card")
	wantEvents(t, s, since, audit.DocumentRead)
	if facts := newest(t, s); facts.Reason != "name differs" || facts.DocumentRead != models.ReadMRZ {
		t.Errorf("the event says %+v", facts)
	}
	pasted := scanInto(first, visit, annas()).Says("That was somebody else’s card", "A second person must look, whatever is read now.")
	wantEvents(t, s, since, audit.DocumentRead, audit.DocumentRead)
	if facts := newest(t, s); facts.Reason != "agrees" {
		t.Errorf("the event says %+v", facts)
	}
	decide := confirm(pasted, visit).Set("other_card", "yes").Submit().Wants(http.StatusOK, "Check everything").
		Says("An earlier scan or check differed from the record, and this one does not.", "The operator says: That was somebody else’s card")
	b.Post(views.ApprovePath(visit), nil).Wants(http.StatusConflict, "A second person must look first")
	decide.Form(views.AskSecondApprovalPath(visit)).Submit()
	openQuestion(t, s.BrowserOf(t, s.Supervisor("Sara Supervisor"))).Says("The operator says: That was somebody else’s card")
}
