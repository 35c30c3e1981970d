package counter_test

import (
	"context"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"countersign/audit"
	"countersign/handlers/handlerstest"
	"countersign/models"
	"countersign/views"
)

func TestSearch(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	s.AddAccount("Arno Example", "arno@example.org", "K-1002")
	b := s.BrowserOf(t, s.Operator("Olga Operator"))
	search := func(typed string) *handlerstest.Page {
		return b.Get(views.PathCounter).Form(views.PathSearch).Set("identifier", typed).Submit()
	}
	const again = "Find the customer"
	search("").Wants(http.StatusOK, again).Says("Type or scan an account identifier.")
	search("  k ").Wants(http.StatusOK, again).Says("Type at least 3 characters")
	none := search(" nobody@example.org ").Wants(http.StatusOK, again).
		Says("No account has this identifier. Ask the customer how they sign in")
	if got := none.Form(views.PathSearch).Value("identifier"); got != "nobody@example.org" {
		t.Errorf("what was typed is now %q", got)
	}
	search(`<b>"x</b>`).SaysNot(`<b>"x`)
	several := search("K-10").Wants(http.StatusOK, again).Says("2 accounts found", "K-1001 A. E. active none",
		"K-1002 A. E. active none").SaysNot("Anna", "Arno")
	if !strings.Contains(several.Source, "<title>2 accounts found – Countersign</title>") { // the first that is read out
		t.Error("the title does not say how many were found")
	}
	search("ANNA@example.org").Wants(http.StatusOK, "Anna Example")
	one := search("anna").Wants(http.StatusOK, again)
	one.Form(views.OpenRecordPath(s.Account.ID)).Submit().Wants(http.StatusOK, "Anna Example")
}

// A search is an event; what was typed is in neither the event nor the log.
func TestSearchIsRecordedWithoutWhatWasTyped(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	b := s.BrowserOf(t, s.Operator("Olga Operator"))
	since := s.LastEvent()
	b.Get(views.PathCounter).Form(views.PathSearch).Set("identifier", "UTO-D231458907").Submit()
	wantEvents(t, s, since, audit.AccountSearched)
	if strings.Contains(s.Log(), "D231458907") {
		t.Error("the log has what was typed")
	}
}

func TestOpenCounter(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	far, err := s.Store.AddCounter(context.Background(), models.NewCounter{Name: "Far away", TimeZone: "UTC",
		Networks: []string{"192.0.2.0/24"}})
	if err != nil {
		t.Fatal(err)
	}
	operator := models.Identity{Subject: "o", Name: "Olga Operator", Roles: []models.Role{models.Operator}}
	b := s.BrowserOf(t, s.SignIn(operator))
	wanted := views.AccountPath(s.Account.ID)
	page := b.Get(wanted).Wants(http.StatusOK, "Open a counter")
	page.Form(views.PathOpenCounter).Submit().Wants(http.StatusOK, "Open a counter").Says("Choose the counter that you are at.")
	page.Form(views.PathOpenCounter).Set("counter", far.ID).Submit().
		Wants(http.StatusOK, "Open a counter").Says("from its own network only")
	page.Form(views.PathOpenCounter).Set("counter", s.Counter.ID).Submit().Wants(http.StatusOK, "This record is not open")

	// The last counter is proposed after the next sign-in, and opens nothing by itself.
	cookie := &http.Cookie{Name: "countersign-counter", Value: b.Cookie("countersign-counter")}
	request, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, s.Endpoint(views.PathOpenCounter), nil)
	request.AddCookie(cookie)
	s.SignIn(operator).AddTo(request)
	next := s.Browser(t).Send(request).Wants(http.StatusOK, "Open a counter")
	if got := next.Form(views.PathOpenCounter).Value("counter"); got != s.Counter.ID {
		t.Errorf("the page proposes %q, want %q", got, s.Counter.ID)
	}
}

// A counter that leaves the network while it is open is closed to the session.
func TestCounterFromElsewhere(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	far, err := s.Store.AddCounter(context.Background(), models.NewCounter{Name: "Far away", TimeZone: "UTC",
		Networks: []string{"192.0.2.0/24"}})
	if err != nil {
		t.Fatal(err)
	}
	staff := s.Operator("Olga Operator")
	if err := s.Store.OpenCounter(context.Background(), staff.SessionID, far.ID, netip.MustParseAddr("192.0.2.7")); err != nil {
		t.Fatal(err)
	}
	s.BrowserOf(t, staff).Get(views.PathCounter).Wants(http.StatusForbidden, "This counter cannot be used from here")
}

// Every problem at once, and what was typed is kept.
func TestProofKeepsWhatWasTyped(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	b := s.BrowserOf(t, s.Operator("Olga Operator"))
	proof, visit := match(b, s, s.Phone().Ask(nil).UserCode)
	empty := proof.Form(views.ProofPath(visit)).Submit().Wants(http.StatusOK, "Check the ID document")
	if got := len(empty.Errors()); got != 8 {
		t.Errorf("%d problems, want all 8: %q", got, empty.Errors())
	}
	wrong := fill(proof.Form(views.ProofPath(visit))).Set("document_expiry", "2026-05-03").Set("document_number", "<b>12</b>").Submit()
	wrong.Wants(http.StatusOK, "").Says("Expired on 3 May 2026.").SaysNot("<b>12")
	kept := wrong.Form(views.ProofPath(visit))
	for name, want := range map[string]string{
		"document_type": "idcard", "document_issuer": "DE", "document_expiry": "2026-05-03", "document_number": "<b>12</b>",
		"name_matches": "matches", "birth_matches": "matches", "photo_matches": "yes", "document_handled": "yes",
	} {
		if got := kept.Value(name); got != want {
			t.Errorf("%s is now %q, want %q", name, got, want)
		}
	}
	if strings.Contains(s.Log(), "<b>12") {
		t.Error("the log has the document number")
	}
	kept.Set("document_expiry", "2026-05-04").Set("document_number", "L01X00T47").Submit().Wants(http.StatusOK, "Check everything")

	// Doing it again starts from what is recorded, but for the number, which is not kept.
	change := b.Get(views.ProofPath(visit)).Form(views.ProofPath(visit))
	if change.Value("document_type") != "idcard" || change.Value("document_number") != "" || change.Value("photo_matches") != "" {
		t.Error("the form does not start from what was recorded")
	}
}

// A difference can be recorded and declined on, never approved on.
func TestDetailsDiffer(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	b := s.BrowserOf(t, s.Operator("Olga Operator"))
	proof, visit := match(b, s, s.Phone().Ask(nil).UserCode)
	for field, words := range map[string]string{
		"name_matches":  "The name on the document differs from the record.",
		"birth_matches": "The date of birth on the document differs from the record.",
	} {
		decide := fill(proof.Form(views.ProofPath(visit))).Set(field, "differs").Set("name_reason", "none").Submit().
			Wants(http.StatusOK, "Check everything").Says(words)
		if decide.HasForm(views.ApprovePath(visit)) {
			t.Errorf("%s differs, and it can be approved", field)
		}
		since := s.LastEvent()
		b.Post(views.ApprovePath(visit), nil).Wants(http.StatusConflict, "The document differs")
		wantEvents(t, s, since, audit.DecisionRefused)
	}
	b.Get(views.DecidePath(visit)).Form(views.DeclinePath(visit)).Set("reason", "details_differ").Submit().
		Wants(http.StatusOK, "Request declined")
}

// The facts against approving an attacker's request (docs/counter.md §1.4).
func TestFactsAgainstFraud(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	s.AddAccount("Arno Example", "arno@example.org")
	phone := s.Phone()
	codes := phone.Ask(nil)
	calm := func(page *handlerstest.Page) *handlerstest.Page {
		return page.Says("Nothing stands out", "from no registered publisher", "the same address as this workplace",
			"Also waiting Declined lately nothing", "Code only").SaysNot("look again")
	}
	b := s.BrowserOf(t, s.Operator("Olga Operator"))
	proof, visit := match(b, s, codes.UserCode)
	calm(prove(proof, visit)).Says("less than a minute ago", "Same device Same address Same document no other account")

	s.Decline(t, s.Phone().Ask(nil).UserCode)
	s.Phone().Ask(nil)
	phone.Ask(map[string]string{"login_hint": "arno@example.org"})
	phone.Ask(map[string]string{"login_hint": "nobody@example.org"})
	s.Clock.Advance(10 * time.Minute)
	b.Get(views.DecidePath(visit)).Says("10 minutes ago", "4 things to look at", "1 other request for this account",
		"1 request for this account", "Asked for 1 other account, and 1 time for one that does not exist")
}

// Roles are looked up on every request: the counter is for operators.
func TestAccessRules(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	supervisor := s.BrowserOf(t, s.Supervisor("Sara Supervisor"))
	operator := s.BrowserOf(t, s.Operator("Olga Operator"))
	supervisor.Get(views.PathOpenCounter).Wants(http.StatusForbidden, "Your role does not allow this")
	operator.Get(views.PathReviewEvents).Wants(http.StatusForbidden, "Your role does not allow this")
	ended := s.Browser(t).Post(views.PathSearch, nil).Wants(http.StatusUnauthorized, "You are signed out")
	if !slices.Contains(ended.Links(), views.PathSignIn) {
		t.Error("no way to sign in again")
	}
}

// Who presses F9 for F8, or thinks again, finds the document's form as they left it.
func TestWayBackFromDeclining(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	codes := s.Phone().Ask(nil)
	b := s.BrowserOf(t, s.Operator("Olga Operator"))
	back := func(page *handlerstest.Page, want string) {
		t.Helper()
		page.Wants(http.StatusOK, "Decline this request?")
		if !slices.Contains(page.Links(), want) {
			t.Errorf("the way back is among %q, want %q", page.Links(), want)
		}
	}
	proof, visit := match(b, s, codes.UserCode)
	since := s.LastEvent()
	back(fill(proof.Form(views.ProofPath(visit))).Set("decline", "yes").Submit(), views.ProofPath(visit))
	wantEvents(t, s, since)
	again := b.Get(views.ProofPath(visit))
	if got := again.Form(views.ProofPath(visit)).Value("document_number"); got != documentNumber {
		t.Errorf("the number that was typed is %q", got)
	}
	prove(again, visit)
	back(b.Get(views.DeclinePath(visit)), views.DecidePath(visit))
	b.Post(views.ReleasePath(visit), nil)
	back(b.Get(views.DeclinePath(visit)), views.AccountPath(s.Account.ID))
}
