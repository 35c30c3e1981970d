package counter_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"countersign/audit"
	"countersign/handlers/handlerstest"
	"countersign/handlers/web"
	"countersign/models"
	"countersign/views"
)

// docs/protocol.md §6 decline-back-approve: decline, browser Back, approve.
func TestDeclineThenBackThenApprove(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	phone := s.Phone()
	codes := phone.Ask(nil)
	b := s.BrowserOf(t, s.Operator("Olga Operator"))
	proof, visit := match(b, s, codes.UserCode)
	decide := prove(proof, visit)
	decide.Form(views.DeclinePath(visit)).Set("reason", "suspicious").Submit().
		Wants(http.StatusOK, "Request declined").Says("Declined. The device is told no.")
	b.Open(views.AccountPath(s.Account.ID)).Says("No request is waiting", "Declined on 4 May 2026 at 11:00 by Olga Operator")

	decide.Form(views.ApprovePath(visit)).Submit().Wants(http.StatusConflict, "Already decided by Olga Operator at 11:00").
		Says("A declined request cannot be approved")
	b.Get(views.DecidePath(visit)).Wants(http.StatusConflict, "Already decided by Olga Operator")
	b.Get(views.ReceiptPath(visit)).Wants(http.StatusOK, "Request declined").SaysNot("Declined. The device is told no.")
	phone.Poll(codes.DeviceCode).Refused(t, http.StatusBadRequest, "access_denied") // §6 decline-is-heard
}

// A decline without a reason is asked for one, on the page that it came from.
func TestDeclineNeedsAReason(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	codes := s.Phone().Ask(nil)
	b := s.BrowserOf(t, s.Operator("Olga Operator"))
	request := models.DeviceAuthorization{}
	if account, err := s.Store.Account(t.Context(), s.Account.ID); err == nil {
		request = account.Requests[0].DeviceAuthorization
	}
	path := views.DeclinePath(request.ID)
	b.Open(path).Wants(http.StatusOK, "Decline this request?").Form(path).Submit().
		Wants(http.StatusOK, "Decline this request?").Says("Choose a reason.")
	proof, visit := match(b, s, codes.UserCode)
	prove(proof, visit).Form(path).Submit().Wants(http.StatusOK, "Check everything").Says("Choose a reason.")
	b.Post(path, url.Values{"reason": {"because"}}).Wants(http.StatusOK, "Check everything")
}

// docs/protocol.md §6 other-session, rogue-operator: a visit belongs to the session that matched it.
func TestAnotherSessionsVisit(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	codes := s.Phone().Ask(nil)
	olga := s.Operator("Olga Operator")
	proof, visit := match(s.BrowserOf(t, olga), s, codes.UserCode)
	prove(proof, visit)

	other := s.BrowserOf(t, s.Operator("Otto Other"))
	again := s.BrowserOf(t, s.Operator("Olga Operator")) // the same person, another session
	since := s.LastEvent()
	const handled = "Being handled by Olga Operator at Market Square"
	const ownSession, notYours = "You hold it in another session", "Only who matched and proofed may decide"
	for _, path := range []string{views.ProofPath(visit), views.DecidePath(visit), views.DeclinePath(visit)} {
		other.Get(path).Wants(http.StatusConflict, handled)
		again.Get(path).Wants(http.StatusConflict, ownSession).Says("Enter the code again to take it over.")
	}
	other.Post(views.ProofPath(visit), nil).Wants(http.StatusConflict, handled)
	other.Post(views.ReleasePath(visit), nil).Wants(http.StatusConflict, handled)
	wantEvents(t, s, since)
	other.Post(views.ApprovePath(visit), nil).Wants(http.StatusForbidden, notYours)
	again.Post(views.ApprovePath(visit), nil).Wants(http.StatusForbidden, ownSession)
	other.Post(views.DeclinePath(visit), url.Values{"reason": {"other"}}).Wants(http.StatusForbidden, notYours)
	wantEvents(t, s, since, audit.DecisionRefused, audit.DecisionRefused, audit.DecisionRefused)

	again.Open(views.AccountPath(s.Account.ID)).Says("Being handled by you in another session until 11:15")
	account := other.Open(views.AccountPath(s.Account.ID)).Says("Being handled by Olga Operator at Market Square", "until 11:15")
	for _, link := range account.Links() {
		if strings.Contains(link, visit) {
			t.Errorf("another operator is offered %s", link)
		}
	}
	account.Form(views.MatchPath(s.Account.ID)).Set("user_code", codes.UserCode).Submit().Wants(http.StatusConflict, handled)

	s.Clock.Advance(16 * time.Minute) // the claim is over: everybody may match, nobody may decide
	again.Post(views.ApprovePath(visit), nil).Wants(http.StatusConflict, "has to be matched again")
	match(other, s, codes.UserCode)
}

// docs/protocol.md §6 window-over: it expires while the page is open.
func TestExpiresWhileThePageIsOpen(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	phone := s.Phone()
	codes := phone.Ask(nil)
	s.Clock.Advance(7*24*time.Hour - time.Minute)
	b := s.BrowserOf(t, s.Operator("Olga Operator"))
	proof, visit := match(b, s, codes.UserCode)
	decide := prove(proof, visit)
	s.Clock.Advance(time.Minute)
	const words = "It expired while this page was open; nothing was approved"
	decide.Form(views.ApprovePath(visit)).Submit().Wants(http.StatusConflict, words).Says("11 May 2026 at 11:00", "start again")
	decide.Form(views.DeclinePath(visit)).Set("reason", "other").Submit().Wants(http.StatusConflict, "It expired")
	fill(proof.Form(views.ProofPath(visit))).Submit().Wants(http.StatusConflict, "It expired")
	phone.Poll(codes.DeviceCode).Refused(t, http.StatusBadRequest, "expired_token")

	account := b.Open(views.AccountPath(s.Account.ID)).Says("No request is waiting for this account.",
		"Expired on 11 May 2026 at 11:00. Ask the customer to start again.")
	if account.HasForm(views.MatchPath(s.Account.ID)) {
		t.Error("a code can be entered for an expired request")
	}
	since := s.LastEvent()
	b.Post(views.MatchPath(s.Account.ID), url.Values{"user_code": {codes.UserCode}}).Wants(http.StatusOK, "Anna Example")
	wantEvents(t, s, since, audit.SpentCodeEntered, audit.CodeMatchFailed)
}

// docs/protocol.md §6 limiter-reset: the sixth wrong code locks. Case and dashes make no other code, a
// success, a new session or a new cookie resets nothing, and what is no code costs
// nothing.
func TestWrongCodesLock(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	codes, second := s.Phone().Ask(nil), s.Phone().Ask(nil)
	b := s.BrowserOf(t, s.Operator("Olga Operator"))
	try := func(b *handlerstest.Browser, code string) *handlerstest.Page {
		return b.Open(views.AccountPath(s.Account.ID)).Form(views.MatchPath(s.Account.ID)).Set("user_code", code).Submit()
	}
	for _, typed := range []string{"", "BBBB", "BBBB-BBBB-BBBB", "12345678", strings.Repeat("B", 1000)} {
		try(b, typed).Wants(http.StatusOK, "Anna Example").Says("No try was used")
	}
	for i, typed := range []string{"BBBB-BBBB", "bbbbbbbb", "b-b-b-b bbbb"} {
		try(b, typed).Wants(http.StatusOK, "Anna Example").Says(fmt.Sprintf("Not the code for this account. %d tries left.", 5-i))
	}
	_, visit := match(b, s, codes.UserCode)
	b.Post(views.ReleasePath(visit), nil)
	other := s.BrowserOf(t, s.Operator("Otto Other"))
	try(other, "BBBBBBBB").Says("2 tries left.")
	try(other, "BBBBBBBB").Says("1 try left.")
	since := s.LastEvent()
	locked := try(other, "BBBBBBBB").Says("Code entry is locked")
	wantEvents(t, s, since, audit.CodeMatchFailed, audit.MatchLocked)
	if locked.HasForm(views.MatchPath(s.Account.ID)) {
		t.Error("a locked account still takes codes")
	}
	b.Post(views.MatchPath(s.Account.ID), url.Values{"user_code": {second.UserCode}}).Says("Code entry is locked")
	wantEvents(t, s, since, audit.CodeMatchFailed, audit.MatchLocked, audit.CodeMatchFailed)

	supervisor := s.BrowserOf(t, s.Supervisor("Sara Supervisor"))
	supervisor.Get(views.PathReviewEvents).Says("1 account is locked after wrong codes", "A. E.").
		Form(views.UnlockPath(s.Account.ID)).Set("reason", "mistyped").Submit().Wants(http.StatusOK,
		"Audit trail").Says("Codes can be entered for the account again")
	try(b, second.UserCode).Wants(http.StatusOK, "Check the ID document")
}

// docs/protocol.md §6 rogue-operator: a rogue operator and their own account.
func TestOwnAccount(t *testing.T) {
	provider := handlerstest.StartProvider(t)
	s := provider.Server(t, handlerstest.Config{})
	codes := s.Phone().Ask(nil)
	provider.Next(handlerstest.Person{Name: "Anna Example", Email: "Anna@Example.org", Roles: "operator"})
	b := s.Browser(t)
	b.Get(views.PathCounter).Form(views.PathSignIn).Submit().
		Form(views.PathOpenCounter).Set("counter", s.Counter.ID).Submit()
	account := b.Open(views.AccountPath(s.Account.ID)).Says("This is your own account. Another operator must handle it.")
	if account.HasForm(views.MatchPath(s.Account.ID)) {
		t.Error("a code can be entered")
	}
	since := s.LastEvent()
	b.Post(views.MatchPath(s.Account.ID), url.Values{"user_code": {codes.UserCode}}).Wants(http.StatusForbidden, "This is your own account")
	wantEvents(t, s, since, audit.DecisionRefused)
	request, err := s.Store.Account(t.Context(), s.Account.ID)
	if err != nil {
		t.Fatal(err)
	}
	id := request.Requests[0].ID
	b.Post(views.DeclinePath(id), url.Values{"reason": {"other"}}).Wants(http.StatusForbidden, "This is your own account")
	wantEvents(t, s, since, audit.DecisionRefused, audit.DecisionRefused)
}

// The provider tells only later that the account is the operator's own.
func TestOwnAccountFoundOutLate(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	codes := s.Phone().Ask(nil)
	b := s.BrowserOf(t, s.Operator("Olga Operator"))
	proof, visit := match(b, s, codes.UserCode)
	prove(proof, visit)
	s.SignIn(models.Identity{Subject: "Olga Operator", Name: "Olga Operator", Identifiers: []string{"k-1001"},
		Roles: []models.Role{models.Operator}})
	decide := b.Get(views.DecidePath(visit)).Says("This is your own account. Another operator must decide.")
	if decide.HasForm(views.ApprovePath(visit)) {
		t.Error("it can be approved")
	}
	since := s.LastEvent()
	b.Post(views.ApprovePath(visit), nil).Wants(http.StatusForbidden, "This is your own account")
	wantEvents(t, s, since, audit.DecisionRefused)
}

// docs/protocol.md §6 rogue-operator: no step can be left out by its address.
func TestStepsCannotBeLeftOut(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	phone := s.Phone()
	codes := phone.Ask(nil)
	b := s.BrowserOf(t, s.Operator("Olga Operator"))
	view, err := s.Store.Account(t.Context(), s.Account.ID)
	if err != nil {
		t.Fatal(err)
	}
	visit := view.Requests[0].ID
	const again = "has to be matched again"
	b.Get(views.ProofPath(visit)).Wants(http.StatusConflict, again)
	b.Get(views.DecidePath(visit)).Wants(http.StatusConflict, again)
	b.Post(views.ProofPath(visit), nil).Wants(http.StatusConflict, again)
	b.Post(views.ApprovePath(visit), nil).Wants(http.StatusConflict, again)

	match(b, s, codes.UserCode)
	b.Get(views.DecidePath(visit)).Wants(http.StatusOK, "Check the ID document")
	b.Post(views.ApprovePath(visit), nil).Wants(http.StatusConflict, "The ID document is not checked yet")
	phone.Poll(codes.DeviceCode).Refused(t, http.StatusBadRequest, "authorization_pending")
}

// A suspended account is never approved, also when it is suspended while the page is open.
func TestSuspendedAccount(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	codes := s.Phone().Ask(nil)
	b := s.BrowserOf(t, s.Operator("Olga Operator"))
	proof, visit := match(b, s, codes.UserCode)
	decide := prove(proof, visit)
	s.SetStatus(models.AccountSuspended)
	decide.Form(views.ApprovePath(visit)).Submit().Wants(http.StatusConflict, "The account cannot be used now")
	b.Get(views.DecidePath(visit)).Says("The account is suspended. Nothing can be approved for it.")
	for _, status := range []string{models.AccountSuspended, models.AccountLocked, models.AccountClosed} {
		s.SetStatus(status)
		b.Open(views.AccountPath(s.Account.ID)).Says("This account is " + status + ". Nothing can be approved for it.")
	}
}

// A form from another site is refused on every route that takes one.
func TestCrossSiteFormsAreRefused(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	both := s.SignIn(models.Identity{Subject: "both", Name: "Bea Both", Roles: []models.Role{models.Operator, models.Supervisor}})
	b := s.BrowserOf(t, both)
	forms := 0
	for _, route := range s.Routes {
		if route.Method != http.MethodPost || route.Origins != web.SameOrigin {
			continue
		}
		forms++
		for header, value := range map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"} {
			s.Unchanged(t, route.Path, func() {
				request, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, s.Endpoint(strings.Replace(route.Path, ":id", "x", 1)),
					strings.NewReader("reason=other"))
				request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
				request.Header.Set(header, value)
				b.Send(request).Wants(http.StatusForbidden, "This form came from another site")
			})
		}
	}
	if forms < 12 {
		t.Errorf("only %d routes take a form", forms)
	}
}

// RFC 8628 §5.1: an account whose matching is locked is not approved for, not even
// what was matched before; the page says so and offers the decline alone.
func TestLockedAccountIsNotApproved(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	codes := s.Phone().Ask(nil)
	b := s.BrowserOf(t, s.Operator("Olga Operator"))
	proof, visit := match(b, s, codes.UserCode)
	prove(proof, visit)
	wrong, otto := "BCDF-GHJK", s.Operator("Otto Operator")
	if codes.UserCode == wrong {
		wrong = "BCDF-GHJL"
	}
	for range 6 {
		s.BrowserOf(t, otto).Post(views.MatchPath(s.Account.ID), url.Values{"user_code": {wrong}})
	}
	decide := b.Get(views.DecidePath(visit)).Says("Too many wrong codes were entered for this account.")
	if decide.HasForm(views.ApprovePath(visit)) || !decide.HasForm(views.DeclinePath(visit)) {
		t.Error("it can be approved, or not declined")
	}
	since := s.LastEvent()
	b.Post(views.ApprovePath(visit), nil).Wants(http.StatusConflict, "Matching is locked for this account")
	wantEvents(t, s, since, audit.DecisionRefused)
}
