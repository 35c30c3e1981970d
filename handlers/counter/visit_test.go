package counter_test

import (
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

// documentNumber is what operators type in these tests; nothing may keep it.
const documentNumber = "L01X00T47"

// fill fills the form of the ID document in, all of it right.
func fill(form *handlerstest.Form) *handlerstest.Form {
	return form.Set("document_type", "idcard").Set("document_issuer", "de").Set("document_expiry", "2031-01-31").
		Set("document_number", documentNumber).Set("name_matches", "matches").Set("birth_matches", "matches").
		Set("photo_matches", "yes").Set("document_handled", "yes")
}

// match leads from the search to the page of the ID document and gives the visit's id.
func match(b *handlerstest.Browser, s *handlerstest.Server, userCode string) (page *handlerstest.Page, visit string) {
	account := b.Get(views.PathCounter).Form(views.PathSearch).Set("identifier", "K-1001").Submit()
	page = account.Form(views.MatchPath(s.Account.ID)).Set("user_code", userCode).Submit()
	page.Wants(http.StatusOK, "Check the ID document")
	return page, strings.Split(page.URL.Path, "/")[3]
}

// prove leads from there to the decision.
func prove(page *handlerstest.Page, visit string) *handlerstest.Page {
	return fill(page.Form(views.ProofPath(visit))).Submit().Wants(http.StatusOK, "Check everything, then decide")
}

// The main job, with nothing but links and forms: docs/architecture.md §1, steps 2 to 6.
func TestWholeVisit(t *testing.T) {
	provider := handlerstest.StartProvider(t)
	s := provider.Server(t, handlerstest.Config{})
	phone := s.Phone()
	codes := phone.Ask(map[string]string{"scope": "accounts:read", "instance_name": "Anna's phone"})
	began := s.LastEvent()

	b := s.Browser(t)
	provider.Next(handlerstest.Person{Name: "Olga Operator", Roles: []string{"operator"}})
	open := b.Get(views.PathCounter).Wants(http.StatusOK, "Staff sign-in").
		Form(views.PathSignIn).Submit().Wants(http.StatusOK, "Open a counter")
	search := open.Form(views.PathOpenCounter).Set("counter", s.Counter.ID).Submit().Wants(http.StatusOK, "Find the customer")
	account := search.Form(views.PathSearch).Set("identifier", "anna@example.org").Submit().Wants(http.StatusOK, "Anna Example")
	account.Says("Pocket Bank", "The device says: Anna's phone", "1 request waits")
	// The same deadline everywhere, in the counter's zone (docs/protocol.md §6 moving-deadline): seven days
	// from 9:00 UTC are 11:00 in Berlin.
	const deadline = "11 May 2026 at 11:00"
	account.Says(deadline)

	proof := account.Form(views.MatchPath(s.Account.ID)).Set("user_code", strings.ToLower(codes.UserCode)).Submit()
	visit := strings.Split(proof.URL.Path, "/")[3]
	proof.Wants(http.StatusOK, "Check the ID document").Says("29 February 1984", deadline, "Yours until 11:15").SaysNot("proved its key")
	decide := prove(proof, visit).Says(deadline, "See your accounts", "ending 0T47", "Code only")
	receipt := decide.Form(views.ApprovePath(visit)).Submit().Wants(http.StatusOK, "Device approved")
	receipt.Says("Anna Example", "Pocket Bank", "Market Square", "4 May 2026 at 11:00", deadline, "Entry ")
	receipt.SaysNot("T47", "idcard")
	if receipt.URL.Path != views.ReceiptPath(visit) {
		t.Errorf("the receipt is at %s", receipt.URL.Path)
	}

	s.Clock.Advance(6 * 24 * time.Hour)
	tokens := phone.Poll(codes.DeviceCode).Succeeded(t, http.StatusOK)
	who := phone.WhoAmI(tokens.String("access_token")).Succeeded(t, http.StatusOK)
	if got := who.String("account"); got != s.Account.ID { // docs/protocol.md §6 other-session
		t.Errorf("the token's subject is %q, want the proofed account %q", got, s.Account.ID)
	}
	wantEvents(t, s, began, audit.StaffSignedIn, audit.CounterOpened, audit.AccountSearched, audit.AccountOpened, audit.CodeMatched,
		audit.IdentityProofed, audit.DeviceBindingApproved, audit.DeviceBindingRedeemed)
	keepsSecrets(t, s, b, codes)
}

// keepsSecrets demands that no code, name or document number got into an address or
// into the log (docs/protocol.md §6 secrets-told).
func keepsSecrets(t *testing.T, s *handlerstest.Server, b *handlerstest.Browser, codes handlerstest.Codes) {
	t.Helper()
	letters := strings.ReplaceAll(codes.UserCode, "-", "")
	secrets := []string{codes.UserCode, letters, strings.ToLower(codes.UserCode), codes.DeviceCode, documentNumber, "anna@example.org",
		"Anna", b.Cookie("countersign")}
	for _, secret := range secrets {
		for _, address := range b.Visited {
			if strings.Contains(address, url.QueryEscape(secret)) || strings.Contains(address, secret) {
				t.Errorf("an address carries %q: %s", secret, address)
			}
		}
		if strings.Contains(s.Log(), secret) {
			t.Errorf("the log carries %q", secret)
		}
	}
	if s.Log() == "" {
		t.Error("nothing was logged")
	}
}

// No page of the console ever shows a code (docs/architecture.md §4.3).
func TestNoPageShowsTheCode(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	codes := s.Phone().Ask(nil)
	b := s.BrowserOf(t, s.Operator("Olga Operator"))
	secrets := []string{codes.UserCode, strings.ReplaceAll(codes.UserCode, "-", "")}

	account := b.Open(views.AccountPath(s.Account.ID)).SaysNot(secrets...)
	account.Form(views.MatchPath(s.Account.ID)).Set("user_code", "BBBB-BBBB").Submit().SaysNot("BBBB-BBBB", "BBBBBBBB")
	account.Form(views.MatchPath(s.Account.ID)).Set("user_code", codes.UserCode+"x1").Submit().SaysNot(secrets...)
	proof, visit := match(b, s, codes.UserCode)
	proof.SaysNot(secrets...)
	prove(proof, visit).SaysNot(secrets...).Form(views.ApprovePath(visit)).Submit().SaysNot(secrets...)
	supervisor := s.BrowserOf(t, s.Supervisor("Sara Supervisor"))
	supervisor.Get(views.PathReviewEvents).SaysNot(secrets...)
	supervisor.Open(views.ReviewRequestPath(visit)).SaysNot(secrets...)
}

// docs/protocol.md §6 get-changes-nothing: loading any page changes nothing, signed in or not.
func TestGetChangesNothing(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	codes, approved := s.Phone().Ask(nil), s.Phone().Ask(nil)
	binding := s.Approve(t, approved.UserCode).Binding
	operator := s.Operator("Olga Operator")
	_, visit := match(s.BrowserOf(t, operator), s, codes.UserCode)
	both := s.SignIn(models.Identity{Subject: "both", Name: "Bea Both", Roles: []models.Role{models.Operator, models.Supervisor}})
	browsers := map[string]*handlerstest.Browser{
		"the operator of the visit": s.BrowserOf(t, operator), "another operator": s.BrowserOf(t, s.Operator("Otto Other")),
		"a supervisor": s.BrowserOf(t, both), "nobody": s.Browser(t),
	}
	if err := s.Store.Sweep(t.Context()); err != nil { // so that what is counted beside the trail is counted
		t.Fatal(err)
	}
	for who, b := range browsers {
		s.Unchanged(t, who, func() {
			for _, route := range s.Routes {
				if route.Method != http.MethodGet {
					continue
				}
				for _, id := range []string{visit, s.Account.ID, binding.ID, binding.DeviceAuthorizationID} {
					b.Step(http.MethodGet, s.Endpoint(strings.Replace(route.Path, ":id", id, 1)), nil)
				}
			}
		})
	}
}

// docs/protocol.md §6 get-changes-nothing: a request for nothing at all still needs the decision.
func TestEmptyScopeNeedsTheDecision(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	phone := s.Phone()
	codes := phone.Ask(map[string]string{"scope": ""})
	b := s.BrowserOf(t, s.Operator("Olga Operator"))
	proof, visit := match(b, s, codes.UserCode)
	decide := prove(proof, visit)
	b.Get(views.ApprovePath(visit)).Wants(http.StatusMethodNotAllowed, "")
	phone.Poll(codes.DeviceCode).Refused(t, http.StatusBadRequest, "authorization_pending")
	s.Clock.Advance(s.Interval())
	decide.Form(views.ApprovePath(visit)).Submit().Wants(http.StatusOK, "Device approved")
	phone.Poll(codes.DeviceCode).Succeeded(t, http.StatusOK)
}

// The operator gives the request back, and the next one starts from nothing.
func TestRelease(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	codes := s.Phone().Ask(nil)
	b := s.BrowserOf(t, s.Operator("Olga Operator"))
	proof, visit := match(b, s, codes.UserCode)
	prove(proof, visit).Form(views.ReleasePath(visit)).Submit().Wants(http.StatusOK, "Anna Example").Says("Given back to the queue")
	b.Get(views.DecidePath(visit)).Wants(http.StatusConflict, "has to be matched again")
	b.Post(views.ApprovePath(visit), nil).Wants(http.StatusConflict, "has to be matched again")
}

// A receipt is there for every operator who opens it, later as well, and tells what changed since.
func TestReceiptLasts(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	approval := s.Approve(t, s.Phone().Ask(nil).UserCode)
	path := views.ReceiptPath(approval.Binding.DeviceAuthorizationID)
	b := s.BrowserOf(t, s.Operator("Otto Other"))
	b.Get(path).Wants(http.StatusOK, "This record is not open").SaysNot("Anna Example")
	b.Open(path).Wants(http.StatusOK, "Device approved").SaysNot("0T47")
	s.Clock.Advance(8 * 24 * time.Hour)
	later := s.BrowserOf(t, s.Operator("Otto Other"))
	later.Open(path).Wants(http.StatusOK, "Approval not used").Says("Not used by 11 May 2026 at 11:00")
	later.Get(views.ReceiptPath("nonsense")).Wants(http.StatusNotFound, "This visit is not here any more")
	later.Get(views.AccountPath("nonsense")).Form(views.OpenRecordPath("nonsense")).Submit().Wants(http.StatusNotFound,
		"This account is not here any more")
}

func wantEvents(t *testing.T, s *handlerstest.Server, since int64, want ...audit.Type) {
	t.Helper()
	s.WantEvents(t, since, want...)
}
