package counter_test

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"countersign/audit"
	"countersign/handlers/handlerstest"
	"countersign/models"
	"countersign/oauth"
	"countersign/views"
)

// rename gives the phone's client another name (RFC 7592 §2.2).
func rename(t *testing.T, s *handlerstest.Server, phone *handlerstest.Phone, name string) {
	t.Helper()
	metadata := handlerstest.Metadata(phone.Key)
	metadata["client_name"], metadata["client_id"] = name, phone.ClientID
	s.Manage(http.MethodPut, oauth.PathClientConfiguration+phone.ClientID, phone.Registration.String("registration_access_token"), metadata).
		Succeeded(t, http.StatusOK)
}

// importAnna imports the account of Start with another record.
func importAnna(t *testing.T, s *handlerstest.Server, change func(*models.ImportedAccount)) {
	t.Helper()
	anna := models.ImportedAccount{Line: 2, Identifiers: []string{"anna@example.org", "K-1001"}, FullName: "Anna Example",
		DateOfBirth: "1984-02-29", Status: models.AccountActive}
	change(&anna)
	if _, err := s.Store.ImportAccounts(t.Context(), []models.ImportedAccount{anna}, audit.Actor{System: "command"}); err != nil {
		t.Fatal(err)
	}
}

// afterShown are what can become another while a page to decide is open, and what the page
// then says of it.
func afterShown() map[string]struct {
	change func(t *testing.T, s *handlerstest.Server, phone *handlerstest.Phone)
	says   []string
} {
	type row = struct {
		change func(t *testing.T, s *handlerstest.Server, phone *handlerstest.Phone)
		says   []string
	}
	record := func(change func(*models.ImportedAccount), says ...string) row {
		latin := func(t *testing.T, s *handlerstest.Server, _ *handlerstest.Phone) { importAnna(t, s, change) }
		return row{latin, says}
	}
	latinName := "Anna Sample"
	return map[string]row{
		"the app renames itself": {func(t *testing.T, s *handlerstest.Server, phone *handlerstest.Phone) {
			rename(t, s, phone, "State Bank")
		}, []string{"App Pocket Bank before, now State Bank"}},
		"an import changes the name": record(func(a *models.ImportedAccount) { a.FullName = "Eve Sample" },
			"Anna Example before, now Eve Sample"),
		"an import changes the Latin name": record(func(a *models.ImportedAccount) { a.LatinName = &latinName },
			"none before, now Anna Sample"),
		"an import changes the date of birth": record(func(a *models.ImportedAccount) { a.DateOfBirth = "1991-03-01" },
			"29 February 1984 before, now 1 March 1991"),
		"a publisher takes the app": {func(t *testing.T, s *handlerstest.Server, _ *handlerstest.Phone) {
			_, err := s.Store.AddSoftware(t.Context(),
				models.NewSoftware{Publisher: "Pocket", SoftwareID: "example.pocketbank", Name: "Pocket Bank", Scope: oauth.Scope{"profile"}})
			if err != nil {
				t.Fatal(err)
			}
		}, []string{"none before, now Pocket", "See your accounts before, now Read your name"}},
		"the account needs two people now": {func(t *testing.T, s *handlerstest.Server, _ *handlerstest.Phone) {
			if err := s.Store.SetAccountRules(t.Context(), s.Administrator("Ada").SessionID, s.Account.ID, false, true); err != nil {
				t.Fatal(err)
			}
		}, []string{"Second person none before, now needed"}},
	}
}

// docs/protocol.md §6 changed-meanwhile: an approval rests on what its page showed. If one
// of it is another by then, nothing is approved and the page says what was and what is.
func TestChangedMeanwhile(t *testing.T) {
	for name, c := range afterShown() {
		t.Run(name, func(t *testing.T) {
			s := handlerstest.Start(t, handlerstest.Config{})
			phone, b := s.Phone(), s.BrowserOf(t, s.Operator("Olga Operator"))
			page, visit := match(b, s, phone.Ask(map[string]string{"scope": "profile accounts:read"}).UserCode)
			decide := prove(page, visit)
			c.change(t, s, phone)
			before := s.LastEvent()
			again := decide.Form(views.ApprovePath(visit)).Submit().Wants(http.StatusOK, "This changed meanwhile")
			again.Says("Nothing was approved").Says(c.says...)
			wantEvents(t, s, before, audit.DecisionRefused)
			if d, err := s.Store.Request(t.Context(), visit); err != nil || d.State != models.Proofed {
				t.Fatalf("the request is %s, %v", d.State, err)
			}
			b.Get(views.DecidePath(visit)).Wants(http.StatusOK, "Check everything, then decide").SaysNot("changed meanwhile")
		})
	}
}

// What is looked at again can be approved: at once where the record is the same, and after
// another check of the document where it is not, since the check was about the old one.
func TestChangedMeanwhileIsLookedAtAgain(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	phone, b := s.Phone(), s.BrowserOf(t, s.Operator("Olga Operator"))
	page, visit := match(b, s, phone.Ask(nil).UserCode)
	decide := prove(page, visit)
	importAnna(t, s, func(a *models.ImportedAccount) { a.FullName = "Eve Sample" })
	again := decide.Form(views.ApprovePath(visit)).Submit().Says("Check the document again.")
	if again.HasForm(views.ApprovePath(visit)) {
		t.Error("the check of another record can be approved on")
	}
	forged := decide.Form(views.ApprovePath(visit)).Forged(views.FieldShown, "made up")
	b.Post(views.ApprovePath(visit), forged).Wants(http.StatusConflict, "The account’s record has changed")

	decide = prove(b.Get(views.ProofPath(visit)), visit)
	rename(t, s, phone, "State Bank")
	again = decide.Form(views.ApprovePath(visit)).Submit().Wants(http.StatusOK, "This changed meanwhile")
	again.Form(views.ApprovePath(visit)).Submit().Wants(http.StatusOK, "Device approved").Says("State Bank", "Eve Sample")
}

// A decision that does not say what its page showed, or says what another session saw, is
// asked for again.
func TestApprovalSaysWhatWasShown(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	b := s.BrowserOf(t, s.Operator("Olga Operator"))
	page, visit := match(b, s, s.Phone().Ask(nil).UserCode)
	decide := prove(page, visit)
	b.Post(views.ApprovePath(visit), nil).Wants(http.StatusOK, "This changed meanwhile").Says("The page was older than your session.")
	decide.Form(views.ApprovePath(visit)).Submit().Wants(http.StatusOK, "Device approved")
}

// The record is another by the time a check of the document arrives: it is compared again.
func TestRecordChangesWhileTheDocumentIsChecked(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	b := s.BrowserOf(t, s.Operator("Olga Operator"))
	page, visit := match(b, s, s.Phone().Ask(nil).UserCode)
	form := fill(page.Form(views.ProofPath(visit)))
	importAnna(t, s, func(a *models.ImportedAccount) { a.FullName = "Eve Sample" })
	form.Submit().Wants(http.StatusOK, "Check the ID document").Says("The account’s record has changed meanwhile.", "Eve Sample")
	prove(b.Get(views.ProofPath(visit)), visit)
}

// A second person agrees to what their page showed, and their word ends with that: whoever
// agreed to another name is asked again.
func TestSecondPersonAgreesToWhatWasShown(t *testing.T) {
	v, decide := beginSecondVisit(t)
	decide.Form(views.AskSecondApprovalPath(v.visit)).Submit()
	other := v.BrowserOf(t, v.Supervisor("Sara Supervisor"))
	record := openQuestion(t, other)
	address := record.URL.Path
	rename(t, v.Server, v.phone, "State Bank")
	record.Form(address+"/agree").Submit().Wants(http.StatusOK, "This changed meanwhile").Says("Pocket Bank before, now State Bank")
	other.Get(address).Form(address+"/agree").Submit().Wants(http.StatusOK, "Second person")

	rename(t, v.Server, v.phone, "Royal Bank")
	stale := v.browser.Get(views.DecidePath(v.visit)).Says("What Sara Supervisor agreed to has changed since.")
	if stale.HasForm(views.ApprovePath(v.visit)) {
		t.Error("an agreement to another app is enough")
	}
	v.browser.Post(views.ApprovePath(v.visit), nil).Wants(http.StatusConflict, "A second person must look first")
	v.Clock.Advance(time.Second)
	stale.Form(views.AskSecondApprovalPath(v.visit)).Submit().Says("Waiting for a second person since")
	record = openQuestion(t, other)
	record.Form(record.URL.Path+"/agree").Submit().Wants(http.StatusOK, "Second person")
	v.browser.Get(views.DecidePath(v.visit)).Form(views.ApprovePath(v.visit)).Submit().
		Wants(http.StatusOK, "Device approved").Says("Royal Bank")
}

// The part of the page that refreshes by itself while a second person is waited for offers
// to approve what the rest of the page still says, and not what has come since.
func TestRefreshedPartApprovesWhatThePageShows(t *testing.T) {
	v, decide := beginSecondVisit(t)
	waiting := decide.Form(views.AskSecondApprovalPath(v.visit)).Submit()
	other := v.BrowserOf(t, v.Supervisor("Sara Supervisor"))
	rename(t, v.Server, v.phone, "State Bank")
	record := openQuestion(t, other)
	record.Form(record.URL.Path+"/agree").Submit().Wants(http.StatusOK, "Second person")
	part := v.browser.Refresh(waiting, "#second")
	part.Form(views.ApprovePath(v.visit)).Submit().Wants(http.StatusOK, "This changed meanwhile").Says("Pocket Bank before, now State Bank")
	if !slices.Contains(v.Events(0), audit.SecondApprovalGiven) || slices.Contains(v.Events(0), audit.DeviceBindingApproved) {
		t.Errorf("events %v", v.Events(0))
	}
}
