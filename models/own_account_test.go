package models_test

import (
	"errors"
	"net/netip"
	"testing"

	"countersign/audit"
	"countersign/audit/term"
	"countersign/models"
	"countersign/models/modelstest"
	"countersign/oauth"
)

// docs/architecture.md §4.11: that nobody decides on their own account can only be held where the
// provider says which it is. Where policy requires that, staff of unknown accounts can help
// no account along, each attempt is on record, and they can still stop what is wrong.
func TestOwnAccountUnknown(t *testing.T) {
	policy := models.Policy{AccountClaimRequired: true, TwoPersonScopes: oauth.Scope{"account.read"}}
	eachDialect(t, func(t *testing.T, dialect string) {
		env := modelstest.Open(t, modelstest.Migrated(t, dialect), policy)
		roles := []models.Role{models.Operator, models.Supervisor}
		unknown := env.SignIn(t, "unknown", roles)
		if err := env.OpenCounter(env.Context, unknown, env.CounterID(t, "Counter"), netip.MustParseAddr(modelstest.Address)); err != nil {
			t.Fatal(err)
		}
		known := env.Operator(t, "known", "known@harbour.example")
		account := env.Account(t, "ada@example.com")
		codes := env.Request(t, env.Client(t), "ada@example.com")
		refused := func(what string, do func() error) {
			t.Helper()
			last := env.LastEvent(t)
			if err := do(); !errors.Is(err, models.ErrOwnAccountUnknown) {
				t.Errorf("%s: %v", what, err)
			}
			if got := env.Events(t, last); len(got) != 1 || got[0] != audit.DecisionRefused {
				t.Errorf("%s: events %v", what, got)
			}
		}
		match := func(session string) error {
			_, err := env.Match(env.Context, session, account, codes.UserCode)
			return err
		}
		refused("match", func() error { return match(unknown) })
		refused("unlock", func() error { return env.UnlockMatching(env.Context, unknown, account, term.UnlockingMistyped) })
		if err := match(known); err != nil {
			t.Fatal(err)
		}
		s := seconded{Env: env, account: account, session: known, visit: codes.DeviceAuthorizationID}
		s.proof(t, modelstest.Card())
		asked := s.asks(t, unknown)
		refused("agree", func() error { return env.GiveSecondApprovalShown(unknown, asked) })
		if view, err := env.SecondApproval(env.Context, asked); err != nil || view.Status != models.SecondApprovalWaiting {
			t.Errorf("a refused agreement counts: %s, %v", view.Status, err)
		}
		if err := env.ReturnSecondApproval(env.Context, unknown, asked, "wrong person"); err != nil {
			t.Errorf("return: %v", err)
		}
		alert := openAlerts(t, env, 1)[0]
		other := env.SignIn(t, "other", roles)
		refused("look at an alert", func() error { return env.CloseAlert(env.Context, other, alert.ID, term.ClosingNothingWrong, "") })
		if err := env.Decline(env.Context, known, s.visit, "wrong_person"); err != nil {
			t.Fatal(err)
		}
		waiting := env.Request(t, env.Client(t), "ada@example.com")
		if err := env.Decline(env.Context, unknown, waiting.DeviceAuthorizationID, "suspicious"); err != nil {
			t.Errorf("decline: %v", err)
		}
	})
}

// Staff of whom the provider says which account is their own do all that the others are refused, each in their role.
func TestOwnAccountKnown(t *testing.T) {
	policy := models.Policy{AccountClaimRequired: true, TwoPersonScopes: oauth.Scope{"account.read"}}
	for name, second := range map[string]func(t *testing.T, env *modelstest.Env) string{
		"an operator": func(t *testing.T, env *modelstest.Env) string {
			return env.Operator(t, "second", "second@harbour.example")
		},
		"a supervisor": func(t *testing.T, env *modelstest.Env) string {
			return env.SignIn(t, "second", []models.Role{models.Supervisor}, "second@harbour.example")
		},
	} {
		t.Run(name, func(t *testing.T) {
			env := modelstest.Open(t, modelstest.Migrated(t, "sqlite"), policy)
			operator, supervisor := env.Operator(t, "op", "op@harbour.example"), second(t, env)
			s := seconded{Env: env, account: env.Account(t, "ada@example.com"), session: operator}
			codes := env.Request(t, env.Client(t), "ada@example.com")
			s.visit = codes.DeviceAuthorizationID
			if _, err := env.Match(env.Context, operator, s.account, codes.UserCode); err != nil {
				t.Fatal(err)
			}
			s.proof(t, modelstest.Card())
			if err := env.GiveSecondApprovalShown(supervisor, s.asks(t, supervisor)); err != nil {
				t.Errorf("agree: %v", err)
			}
			if _, err := env.ApproveShown(operator, s.visit); err != nil {
				t.Errorf("approve: %v", err)
			}
			if name == "an operator" {
				return
			}
			waiting := env.Request(t, env.Client(t), "ada@example.com")
			if err := env.Decline(env.Context, operator, waiting.DeviceAuthorizationID, "suspicious"); err != nil {
				t.Fatal(err)
			}
			alert := openAlerts(t, env, 1)[0]
			if err := env.CloseAlert(env.Context, supervisor, alert.ID, term.ClosingNothingWrong, ""); err != nil {
				t.Errorf("close an alert: %v", err)
			}
		})
	}
}

// An operator who is found out late, because the provider stopped naming their account in
// the middle of a visit, approves no more.
func TestOwnAccountUnknownAtTheApproval(t *testing.T) {
	env := modelstest.Open(t, modelstest.Migrated(t, "sqlite"), models.Policy{AccountClaimRequired: true})
	operator := env.Operator(t, "op", "op@harbour.example")
	account := env.Account(t, "ada@example.com")
	codes := env.Request(t, env.Client(t), "ada@example.com")
	if _, err := env.Match(env.Context, operator, account, codes.UserCode); err != nil {
		t.Fatal(err)
	}
	if err := env.Proof(env.Context, operator, codes.DeviceAuthorizationID, modelstest.Card()); err != nil {
		t.Fatal(err)
	}
	env.Operator(t, "op") // signs in elsewhere, and nothing is said of their account any more
	if _, err := env.ApproveShown(operator, codes.DeviceAuthorizationID); !errors.Is(err, models.ErrOwnAccountUnknown) {
		t.Errorf("%v", err)
	}
}

// Every key that was ever seen of a member of staff counts: another mail address at the provider opens no way to the
// account that the old one names.
func TestOwnAccountByAnEarlierKey(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		env.Operator(t, "op", "ada@example.com")
		later := env.Operator(t, "op", "op@harbour.example")
		account := env.Account(t, "ada@example.com")
		codes := env.Request(t, env.Client(t), "ada@example.com")
		if _, err := env.Match(env.Context, later, account, codes.UserCode); !errors.Is(err, models.ErrOwnAccount) {
			t.Errorf("%v", err)
		}
		staff, err := env.StaffSeen(env.Context, models.StaffCursor{}, 10)
		if err != nil {
			t.Fatal(err)
		}
		seen, err := env.StaffIdentifiers(env.Context, staff[0].ID)
		if err != nil || len(seen) != 2 || seen[0].Key != "ada@example.com" || seen[1].Key != "op@harbour.example" {
			t.Errorf("an administrator sees %v, %v", seen, err)
		}
	})
}

// The accounts file can name the member of staff whose account it is, by the provider's subject. Then it is known, too.
func TestOwnAccountByTheFile(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		subject := "sub-7"
		line := models.ImportedAccount{Line: 2, Identifiers: []string{"C-7"}, FullName: "Ada", DateOfBirth: "1990-01-01",
			Status: models.AccountActive, StaffSubject: &subject}
		if _, err := env.ImportAccounts(env.Context, []models.ImportedAccount{line}, audit.Actor{System: "command"}); err != nil {
			t.Fatal(err)
		}
		own := env.Operator(t, subject, "unrelated@harbour.example")
		codes := env.Request(t, env.Client(t), "C-7")
		if _, err := env.Match(env.Context, own, env.AccountID(t, "C-7"), codes.UserCode); !errors.Is(err, models.ErrOwnAccount) {
			t.Errorf("%v", err)
		}
	})
	strict := modelstest.SQLite(t, models.Policy{AccountClaimRequired: true})
	subject := "sub-8"
	line := models.ImportedAccount{Line: 2, Identifiers: []string{"C-8"}, FullName: "Ada", DateOfBirth: "1990-01-01",
		Status: models.AccountActive, StaffSubject: &subject}
	if _, err := strict.ImportAccounts(strict.Context, []models.ImportedAccount{line}, audit.Actor{System: "command"}); err != nil {
		t.Fatal(err)
	}
	other := strict.Account(t, "ada@example.com")
	strict.Approve(t, strict.Operator(t, subject), other, strict.Request(t, strict.Client(t), "ada@example.com"))
}

// Where policy does not require it, nothing is refused.
func TestOwnAccountUnknownIsLeftToThePolicy(t *testing.T) {
	env := modelstest.Open(t, modelstest.Migrated(t, "sqlite"), models.Policy{})
	account := env.Account(t, "ada@example.com")
	env.Approve(t, env.Operator(t, "op"), account, env.Request(t, env.Client(t), "ada@example.com"))
}
