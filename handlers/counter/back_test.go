package counter_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"countersign/audit"
	"countersign/handlers/handlerstest"
	"countersign/models"
	"countersign/views"
)

// Back and reload never meet a form to send again: every form is answered with a redirect
// to an address without a query, or with an error page that the browser may show again.
func TestFormsAreAnsweredWithARedirect(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	both := models.Identity{Subject: "both", Name: "Bea Both", Roles: []models.Role{models.Operator, models.Supervisor}}
	staff := s.SignIn(both)
	b := s.BrowserOf(t, staff)
	post := func(path string, form url.Values) {
		t.Helper()
		answer := b.Step(http.MethodPost, s.Endpoint(path), form)
		if answer.Status != http.StatusSeeOther || strings.Contains(answer.Location, "?") {
			t.Errorf("%s: %d to %q", path, answer.Status, answer.Location)
		}
	}
	post(views.PathOpenCounter, nil)
	post(views.PathOpenCounter, url.Values{"counter": {s.Counter.ID}})
	for _, typed := range []string{"", "k", "nobody@example.org", "anna@example.org", "BBBB-BBBB", strings.Repeat("x", 10_000)} {
		post(views.PathSearch, url.Values{"identifier": {typed}})
	}
	codes, other := s.Phone().Ask(nil), s.Phone().Ask(nil)
	for _, code := range []string{"", "BBBB-BBBB", codes.UserCode} {
		post(views.MatchPath(s.Account.ID), url.Values{"user_code": {code}})
	}
	account, err := s.Store.Account(t.Context(), s.Account.ID)
	if err != nil {
		t.Fatal(err)
	}
	visit := account.Requests[slices.IndexFunc(account.Requests, func(r models.RequestView) bool {
		return r.Phase.Is(models.Matched)
	})].ID
	post(views.ProofPath(visit), nil)
	post(views.ProofPath(visit), url.Values{"document_number": {strings.Repeat("\x01", 10_000)}})
	post(views.DeclinePath(visit), nil)
	post(views.ReleasePath(visit), nil)
	approved := s.Approve(t, other.UserCode).Binding
	post(views.RecallPath(approved.DeviceAuthorizationID), nil)
	post(views.RevokePath(approved.ID), nil)

	refused := b.Post(views.ApprovePath(visit), nil).Wants(http.StatusConflict, "has to be matched again")
	if got := refused.Header.Get("Cache-Control"); got != "private, no-cache" {
		t.Errorf("a refused form is answered with Cache-Control %q", got)
	}
}

// What was done is said once: not again on reload, and not because an address says so.
func TestNoticesAreSaidOnce(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	s.Phone().Ask(nil)
	b := s.BrowserOf(t, s.Operator("Olga Operator"))
	account := views.AccountPath(s.Account.ID)
	wrong := b.Open(account).Form(views.MatchPath(s.Account.ID)).Set("user_code", "BBBB-BBBB").Submit()
	wrong.Says("Not the code for this account. 5 tries left.")
	if wrong.URL.RawQuery != "" {
		t.Errorf("the address is %s", wrong.URL)
	}
	b.Get(account).SaysNot("Not the code", "There is a problem")
	b.Get(account+"?problem=wrong-code&done=declined").SaysNot("Not the code", "Declined.")
	b.Get(views.PathSignIn + "?done=signed-out").SaysNot("You are signed out.")

	out := b.Get(account).Form(views.PathSignOut).Submit().Says("You are signed out.")
	if out.URL.RawQuery != "" {
		t.Errorf("the address is %s", out.URL)
	}
	b.Get(views.PathSignIn).SaysNot("You are signed out.")
}

// The results of a search can be come back to, with no second search on record, by the
// session that searched alone.
func TestBackToSearchResults(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	s.AddAccount("Arno Example", "arno@example.org", "K-1002")
	b := s.BrowserOf(t, s.Operator("Olga Operator"))
	since := s.LastEvent()
	b.Get(views.PathCounter).Form(views.PathSearch).Set("identifier", "K-10").Submit().Says("2 accounts found")
	s.Phone().Ask(map[string]string{"login_hint": "arno@example.org"})
	b.Get(views.PathSearch).Says("2 accounts found", "K-1002 A. E. active 1")
	wantEvents(t, s, since, audit.AccountSearched, audit.ClientRegistered, audit.DeviceAuthorizationRequested)

	kept := b.Cookie("countersign-search")
	if kept == "" || strings.Contains(kept, "K-10") {
		t.Errorf("the cookie is %q", kept)
	}
	other := s.Operator("Otto Other")
	request, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, s.Endpoint(views.PathSearch), nil)
	other.AddTo(request)
	request.AddCookie(&http.Cookie{Name: "countersign-search", Value: kept})
	if answer := s.Browser(t).Send(request); answer.Location != views.PathCounter {
		t.Errorf("another session reads the results: %d %s", answer.Status, answer.Text())
	}
	b.Get(views.PathCounter).Form(views.PathSignOut).Submit()
	if b.Cookie("countersign-search") != "" {
		t.Error("the results are kept after signing out")
	}
}

// What cannot be an identifier is told apart, and what must not be shown is not
// (docs/counter.md §1.1).
func TestSearchForACodeOrACard(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	b := s.BrowserOf(t, s.Operator("Olga Operator"))
	search := func(typed string) *handlerstest.Page {
		return b.Get(views.PathCounter).Form(views.PathSearch).Set("identifier", typed).Submit()
	}
	for _, typed := range []string{"BBBB-CCCC", "bbbbcccc", " bbbb-cccc ", "BBBB--CCCC", "BBBB CCCC", "BBBB_CCCC",
		s.Issuer + "/device?user_code=BBBB-CCCC"} {
		page := search(typed).Says("That looks like the code. Find the account first.").SaysNot(strings.TrimSpace(typed))
		if got := page.Form(views.PathSearch).Value("identifier"); got != "" {
			t.Errorf("the box keeps %q", got)
		}
	}
	for _, typed := range []string{"AAAA-EEEE", "BBBBCCCCD"} {
		search(typed).Says("No account has this identifier.")
	}
	since := s.LastEvent()
	licence := handlerstest.Licence("EXAMPLE", "ANNA", "02291984", "05312031")
	for _, typed := range []string{
		"P<UTOERIKSSON<<ANNA<MARIA", "@ANSI 636000090002DL00410278", licence, strings.ReplaceAll(licence, "\n", ""), licence[:80], licence[4:],
		strings.ReplaceAll(annas(), "\n", ""), strings.NewReplacer("<", ";", "\n", "", "Z", "Y").Replace(annas()), // as of another layout
	} {
		page := search(typed).Says("That is an ID document. Find the request first.")
		if page.Form(views.PathSearch).Value("identifier") != "" {
			t.Error("the box keeps what a card says")
		}
	}
	wantEvents(t, s, since)
}

// Whoever sees that the document will not do declines at once, with no check recorded.
func TestDeclineFromTheDocument(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	b := s.BrowserOf(t, s.Operator("Olga Operator"))
	proof, visit := match(b, s, s.Phone().Ask(nil).UserCode)
	if page := proof.Form(views.ProofPath(visit)).Set("decline", "yes").Submit(); page.URL.Path != views.DeclinePath(visit) {
		t.Fatalf("declining from the document leads to %s", page.URL.Path)
	}
	proof.Form(views.ProofPath(visit)).Set("document_expiry", "2026-05-03").Submit().
		Says("An expired document cannot be used. Use another one, or choose Decline…", "If it does not match, choose Decline…")
	since := s.LastEvent()
	b.Get(views.DeclinePath(visit)).Form(views.DeclinePath(visit)).Set("reason", "document_not_accepted").Submit().
		Wants(http.StatusOK, "Request declined").Says("Declined. The device is told no.")
	wantEvents(t, s, since, audit.DeviceAuthorizationDeclined)
}
