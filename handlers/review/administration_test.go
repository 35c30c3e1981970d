package review_test

import (
	"net/http"
	"net/url"
	"testing"

	"countersign/audit"
	"countersign/handlers/handlerstest"
	"countersign/models"
	"countersign/views"
)

// docs/decisions/0021-words.md, 0022-administration.md: what administrators change stands in
// the trail in its reader's language, each change by its own words.
func TestAdministrationIsToldInTheReadersLanguage(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	admin := s.Administrator("Ada Administrator")
	ctx := t.Context()
	for _, err := range []error{
		s.Store.SuspendAccount(ctx, admin.SessionID, s.Account.ID, "fraud suspected"),
		s.Store.ReinstateAccount(ctx, admin.SessionID, s.Account.ID, "cleared"),
		s.Store.SetAccountRules(ctx, admin.SessionID, s.Account.ID, true, true),
		s.Store.ChangeCounter(ctx, s.Counter.ID, models.NewCounter{SessionID: admin.SessionID, Name: "Quay", TimeZone: "Europe/Lisbon",
			Address: s.Counter.Address, Hours: s.Counter.Hours, Networks: []string{"192.0.2.0/24"}}),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	_, err := s.Store.ImportAccounts(ctx, []models.ImportedAccount{{Line: 2, Identifiers: []string{"anna@example.org", "K-1001"},
		FullName:    "Anna Example",
		DateOfBirth: "1984-02-29", Status: models.AccountActive, Contact: "new@post.example"}}, audit.Actor{System: "command"})
	if err != nil {
		t.Fatal(err)
	}
	b := s.BrowserOf(t, s.Supervisor("Sara Supervisor"))
	for language, want := range map[string][]string{
		"en": {"status suspended: fraud suspected", "status active: cleared", "second person required", "Time zone from", "contact"},
		"de": {"Status ausgesetzt: Betrugsverdacht", "Status aktiv: Verdacht ausgeräumt", "zweite Person nötig", "Gerätenachweis nötig",
			"Zeitzone von", "Kontakt"},
	} {
		b.Post(views.PathLanguage, url.Values{"language": {language}, "return_to": {views.PathReviewEvents}}).Wants(http.StatusOK, "").
			Says(want...)
	}
}
