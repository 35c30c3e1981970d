package counter_test

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"countersign/audit"
	"countersign/handlers/handlerstest"
	"countersign/models"
	"countersign/oauth"
	"countersign/views"
)

// secondVisit is a visit on the page to decide that needs a second person.
type secondVisit struct {
	*handlerstest.Server
	browser *handlerstest.Browser
	visit   string
	codes   handlerstest.Codes
	phone   *handlerstest.Phone
}

func beginSecondVisit(t *testing.T) (secondVisit, *handlerstest.Page) {
	t.Helper()
	s := handlerstest.Start(t, handlerstest.Config{Policy: models.Policy{TwoPersonScopes: oauth.Scope{"accounts:read"}}})
	v := secondVisit{Server: s, phone: s.Phone(), browser: s.BrowserOf(t, s.Operator("Olga Operator"))}
	v.codes = v.phone.Ask(map[string]string{"scope": "accounts:read"})
	proof, visit := match(v.browser, s, v.codes.UserCode)
	v.visit = visit
	return v, prove(proof, visit)
}

// docs/decisions/0019-second-person.md: the second person sees the whole record and agrees; then, and only then,
// the operator can approve. docs/protocol.md §6 rogue-operator.
func TestSecondPersonAgrees(t *testing.T) {
	v, decide := beginSecondVisit(t)
	decide.Says("A second person must look before you can approve.", "What the app may do needs two people.")
	if strings.Contains(decide.Source, views.ApprovePath(v.visit)) {
		t.Error("the page offers to approve")
	}
	refused := v.browser.Post(views.ApprovePath(v.visit), nil)
	refused.Wants(http.StatusConflict, "A second person must look first")
	if !slices.Contains(refused.Links(), views.DecidePath(v.visit)) {
		t.Errorf("the refusal leads to %q, not back to the visit", refused.Links())
	}

	waiting := decide.Form(views.AskSecondApprovalPath(v.visit)).Submit()
	waiting.Says("Waiting for a second person since")
	own := v.browser.Get(views.SecondApprovalListPath)
	own.Says("1 visit waits for a second person", "Your own visit")

	other := v.BrowserOf(t, v.Supervisor("Sara Supervisor"))
	list := other.Get(views.SecondApprovalListPath).Says("Anna Example", "Olga Operator")
	began := v.LastEvent()
	id := questionOf(t, list)
	other.Post(views.GiveSecondApprovalPath(id), nil).Wants(http.StatusConflict, "Look at the record first")
	record := list.Form(views.LookSecondApprovalPath(id)).Submit()
	record.Says("Anna Example", "29 February 1984", "ending 0T47", "Pocket Bank", "Code only", "Asked by", "The app may:", "See your accounts")
	// A supervisor has no counter: times are those of the one that asks, in Berlin (decision 0021).
	record.Says("Market Square, 11:00", "on 4 May 2026 at 11:00", "until 11:15")
	if strings.Contains(record.Source, "UTC") {
		t.Error("times of two zones on one page")
	}
	if page := v.browser.Get(views.SecondApprovalPath(id)); strings.Contains(page.Source, views.GiveSecondApprovalPath(id)) {
		t.Error("the operator is offered to agree with themselves")
	}
	v.browser.Post(views.GiveSecondApprovalPath(id), nil).Wants(http.StatusForbidden, "Somebody else must look")
	agreed := record.Form(views.GiveSecondApprovalPath(id)).Submit().Wants(http.StatusOK, "Second person")
	agreed.Says("You agreed. The operator can approve now.", "Nobody waits for a second person.")

	decide = v.browser.Get(views.DecidePath(v.visit)).Says("looked at", "and agrees")
	decide.Form(views.ApprovePath(v.visit)).Submit().Wants(http.StatusOK, "Device approved")
	other.Get(views.SecondApprovalPath(id)).Says("and agrees")
	wantEvents(t, v.Server, began, audit.DecisionRefused, audit.AccountOpened, audit.SecondApprovalOpened, audit.DecisionRefused,
		audit.SecondApprovalGiven, audit.DeviceBindingApproved)
}

// The second person returns a visit with a reason, which the operator sees; without one
// nothing happens. Looking changes nothing (docs/protocol.md §6 get-changes-nothing).
func TestSecondPersonReturns(t *testing.T) {
	v, decide := beginSecondVisit(t)
	decide.Form(views.AskSecondApprovalPath(v.visit)).Submit()
	other := v.BrowserOf(t, v.Operator("Omar Operator"))
	id := questionOf(t, other.Get(views.SecondApprovalListPath))
	address := views.SecondApprovalPath(id)
	v.Unchanged(t, "looking", func() { other.Get(address) })
	other.Get(address).Form(views.LookSecondApprovalPath(id)).Submit()
	v.Unchanged(t, "looking at the record", func() { other.Get(address) })
	other.Get(address).Form(views.ReturnSecondApprovalPath(id)).Submit().Says("Choose a reason.")
	other.Get(address).Form(views.ReturnSecondApprovalPath(id)).Set("reason", "wrong person").Submit().Says("Returned.")
	v.browser.Get(views.DecidePath(v.visit)).Says("Omar Operator", "This may not be the account holder")
	v.browser.Post(views.ApprovePath(v.visit), nil).Wants(http.StatusConflict, "A second person must look first")
	other.Post(views.GiveSecondApprovalPath(id), nil).Wants(http.StatusConflict, "This visit no longer waits for an answer")
}

// Once there is nothing to say to a visit, its page says what became of it and nothing of
// the person any more; whoever asked sees nothing of it there at all.
func TestSecondPageForgetsThePerson(t *testing.T) {
	for name, end := range map[string]func(t *testing.T, v secondVisit, other *handlerstest.Browser, address string) string{
		"agreed": func(_ *testing.T, _ secondVisit, other *handlerstest.Browser, address string) string {
			other.Get(address).Form(address+"/agree").Submit().Wants(http.StatusOK, "Second person")
			return "and agrees"
		},
		"returned": func(_ *testing.T, _ secondVisit, other *handlerstest.Browser, address string) string {
			other.Get(address).Form(address+"/return").Set("reason", "wrong person").Submit().Says("Returned.")
			return "This may not be the account holder"
		},
		"past its claim": func(_ *testing.T, v secondVisit, _ *handlerstest.Browser, _ string) string {
			v.Clock.Advance(15 * time.Minute)
			return "This visit is over"
		},
		"given back": func(t *testing.T, v secondVisit, _ *handlerstest.Browser, _ string) string {
			v.browser.Post(views.ReleasePath(v.visit), nil)
			return "This visit is over"
		},
	} {
		t.Run(name, func(t *testing.T) {
			v, decide := beginSecondVisit(t)
			decide.Form(views.AskSecondApprovalPath(v.visit)).Submit()
			other := v.BrowserOf(t, v.Supervisor("Sara Supervisor"))
			address := openQuestion(t, other).URL.Path
			person := []string{"Anna Example", "29 February 1984", "ending 0T47", "Pocket Bank"}
			other.Get(address).Says(person...)
			own := v.browser.Get(address)
			own.Says("You asked for this yourself.")
			saysNothingOf(t, own, person)
			said := end(t, v, other, address)
			over := other.Get(address)
			over.Says(said)
			saysNothingOf(t, over, person)
		})
	}
}

func saysNothingOf(t *testing.T, page *handlerstest.Page, words []string) {
	t.Helper()
	for _, word := range words {
		if strings.Contains(page.Source, word) {
			t.Errorf("%s still says %q", page.URL.Path, word)
		}
	}
}

// questionOf is the question whose record a list offers to open.
func questionOf(t *testing.T, list *handlerstest.Page) string {
	t.Helper()
	_, rest, found := strings.Cut(list.Source, `action="`+views.SecondApprovalListPath+"/")
	if !found {
		t.Fatal("the list offers no record")
	}
	id, _, _ := strings.Cut(rest, "/look")
	return id
}

// openQuestion opens the first record that the list offers.
func openQuestion(t *testing.T, b *handlerstest.Browser) *handlerstest.Page {
	t.Helper()
	list := b.Get(views.SecondApprovalListPath)
	return list.Form(views.LookSecondApprovalPath(questionOf(t, list))).Submit()
}

// Nobody reads a customer's name or record in passing: an operator elsewhere sees whom to
// help and not with whose account, and each record is opened by a form, which is an event
// (least privilege, decision 0019).
func TestSecondPersonSeesNobodyUnasked(t *testing.T) {
	v, decide := beginSecondVisit(t)
	decide.Form(views.AskSecondApprovalPath(v.visit)).Submit()
	elsewhere, err := v.Store.AddCounter(t.Context(), models.NewCounter{Name: "Quayside", TimeZone: "UTC"})
	if err != nil {
		t.Fatal(err)
	}
	person := []string{"Anna Example", "29 February 1984", "ending 0T47"}
	far := v.SignIn(models.Identity{Subject: "far", Name: "Fatima Far", Roles: []models.Role{models.Operator}})
	if err := v.Store.OpenCounter(t.Context(), far.SessionID, elsewhere.ID, netip.MustParseAddr("127.0.0.1")); err != nil {
		t.Fatal(err)
	}
	list := v.BrowserOf(t, far).Get(views.SecondApprovalListPath).Says("Pocket Bank", "Olga Operator", "Market Square")
	saysNothingOf(t, list, person)
	v.BrowserOf(t, v.Operator("Nina Near")).Get(views.SecondApprovalListPath).Says("Anna Example")

	id, began := questionOf(t, list), v.LastEvent()
	closed := v.BrowserOf(t, far).Get(views.SecondApprovalPath(id)).Says("That you opened it goes into the audit trail.")
	saysNothingOf(t, closed, append(person, views.GiveSecondApprovalPath(id)))
	wantEvents(t, v.Server, began)
	closed.Form(views.LookSecondApprovalPath(id)).Submit().Says(person...)
	closed.Form(views.LookSecondApprovalPath(id)).Submit().Says(person...)
	wantEvents(t, v.Server, began, audit.AccountOpened, audit.SecondApprovalOpened)
	saysNothingOf(t, v.BrowserOf(t, v.Supervisor("Sara Supervisor")).Get(views.SecondApprovalPath(id)), person)
	v.browser.Get(views.DecidePath(v.visit)).Says("Fatima Far", "opened the record at")
	v.BrowserOf(t, v.Supervisor("Sven Supervisor")).Get(views.SecondApprovalListPath).Says("Anna Example", "Fatima Far", "is looking")
	v.browser.Post(views.LookSecondApprovalPath(id), nil).Wants(http.StatusForbidden, "Somebody else must look")
}

// RFC 9470: whoever agrees with an old sign-in is led to a fresh one and back to the record.
func TestSecondPersonIsLedToTheStepUp(t *testing.T) {
	policy := models.Policy{TwoPersonScopes: oauth.Scope{"accounts:read"}, StepUp: models.StepUp{MaxAge: 5 * time.Minute}}
	s := handlerstest.Start(t, handlerstest.Config{Policy: policy})
	b, sara := s.BrowserOf(t, s.Operator("Olga Operator")), s.BrowserOf(t, s.Supervisor("Sara Supervisor"))
	proof, visit := match(b, s, s.Phone().Ask(map[string]string{"scope": "accounts:read"}).UserCode)
	prove(proof, visit).Form(views.AskSecondApprovalPath(visit)).Submit()
	s.Clock.Advance(5 * time.Minute)
	record := openQuestion(t, sara)
	page := record.Form(record.URL.Path + "/agree").Submit()
	page.Wants(http.StatusOK, "Confirm that it is you").Says("you have not agreed yet").SaysNot("nothing was approved yet")
	if got := page.Form(views.PathStepUp).Value("return_to"); page.URL.Path != views.PathStepUp || got != record.URL.Path {
		t.Errorf("at %s, back to %q", page.URL.Path, got)
	}
}
