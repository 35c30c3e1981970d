package signin_test

import (
	"net/http"
	"strings"
	"testing"

	"countersign/handlers/handlerstest"
	"countersign/models"
	"countersign/views"
)

// OpenID Connect Core 1.0 §5.4: the claims that name an account may stand in the
// UserInfo answer alone, also where the roles are in the ID token. Nobody decides on their
// own account all the same (docs/architecture.md §4.11).
func TestOwnAccountNamedByUserInfo(t *testing.T) {
	provider := handlerstest.StartProvider(t)
	s := provider.Server(t, handlerstest.Config{Policy: models.Policy{AccountClaimRequired: true}})
	s.Phone().Ask(nil)
	b := signedInAs(t, provider, s, handlerstest.Person{Name: "Anna Example", Roles: "operator",
		UserInfo: `{"sub":"Anna Example","email":"anna@example.org"}`})
	b.Get(views.PathOpenCounter).Form(views.PathOpenCounter).Set("counter", s.Counter.ID).Submit()
	b.Open(views.AccountPath(s.Account.ID)).Says("This is your own account. Another operator must handle it.")
}

// Of whom the provider names no account, the rule about the own account holds nothing. That
// is said where it matters: to the operator before a visit begins, to administrators, and
// once in the log.
func TestOwnAccountUnknownIsSaid(t *testing.T) {
	provider := handlerstest.StartProvider(t)
	s := provider.Server(t, handlerstest.Config{Policy: models.Policy{AccountClaimRequired: true}})
	codes := s.Phone().Ask(nil)
	for range 2 {
		b := signedInAs(t, provider, s, handlerstest.Person{Name: "Nadia Nameless", Roles: "operator"})
		b.Get(views.PathOpenCounter).Form(views.PathOpenCounter).Set("counter", s.Counter.ID).Submit().
			Says("does not say which account is your own, so you can approve nothing")
		account := b.Open(views.AccountPath(s.Account.ID)).Says("so you can approve nothing")
		if account.HasForm(views.MatchPath(s.Account.ID)) {
			t.Error("a code can be entered")
		}
		b.Post(views.MatchPath(s.Account.ID), map[string][]string{"user_code": {codes.UserCode}}).
			Wants(http.StatusForbidden, "Your sign-in does not say which account is your own")
	}
	log := s.Log()
	if n := strings.Count(log, "the provider names no account of a member of staff"); n != 1 {
		t.Errorf("the log says so %d times", n)
	}
	if !strings.Contains(log, "email preferred_username phone_number") || strings.Contains(log, "Nameless") {
		t.Error("the log does not name the claims, or names the person")
	}
}

// What an administrator reads: who of the staff it is, and what follows.
func TestOwnAccountUnknownOnTheStaffsPage(t *testing.T) {
	for required, follows := range map[bool]string{true: "so they can approve nothing", false: "so nothing keeps them from deciding on it"} {
		s := handlerstest.Start(t, handlerstest.Config{Policy: models.Policy{AccountClaimRequired: required}})
		nameless := s.Supervisor("Nadia Nameless")
		s.SignIn(models.Identity{Subject: "k", Name: "Kim Known", Identifiers: []string{"kim@harbour.example"},
			Roles: []models.Role{models.Operator}})
		b := s.BrowserOf(t, s.SignIn(models.Identity{Subject: "a", Name: "Ada Admin", Identifiers: []string{"ada@harbour.example"},
			Roles: []models.Role{models.Administrator}}))
		list := b.Get(views.PathStaff)
		if !strings.Contains(list.Source, "own account unknown") {
			t.Error("the list does not say so")
		}
		b.Get(views.StaffPath(nameless.StaffID)).Says(follows)
		b.Get(views.PathPolicies).Says("Only staff whose account is known approve", "email, preferred_username, phone_number",
			"--account-claim-required")
		for _, one := range []string{"Kim Known", "Ada Admin"} {
			row := list.Source[strings.Index(list.Source, one):]
			if row = row[:strings.Index(row, "</tr>")]; strings.Contains(row, "own account unknown") {
				t.Errorf("%s is marked", one)
			}
		}
	}
}
