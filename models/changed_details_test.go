package models_test

import (
	"slices"
	"testing"

	"countersign/audit"
	"countersign/models"
	"countersign/models/modelstest"
	"countersign/oauth"
)

// changing is what an administrator changes.
type changing struct {
	*modelstest.Env
	admin, account, counter string
}

// save corrects the account by hand.
func (w *changing) save(change func(*models.ImportedAccount)) error {
	view, err := w.AccountRecord(w.Context, w.account)
	if err != nil {
		return err
	}
	line := models.ImportedAccount{
		Identifiers: view.Identifiers, FullName: view.FullName, DateOfBirth: view.DateOfBirth, Contact: view.Contact, Status: view.Status,
	}
	change(&line)
	_, err = w.SaveAccount(w.Context, w.admin, models.SavedAccount{ID: w.account, Shown: models.AccountShown(view), ImportedAccount: line})
	return err
}

// What administrators change is told from what to what: the event names the fields, and a row beside it has the texts, which the
// event's hash binds. What may be personal of it is marked to go.
func TestChangesAreTold(t *testing.T) {
	detail := func(field, before, after string) audit.Detail {
		return audit.Detail{Field: field, Before: before, After: after}
	}
	for name, change := range map[string]struct {
		do       func(w *changing) error
		kind     audit.Type
		details  []audit.Detail
		personal int
	}{
		"record": {func(w *changing) error {
			return w.save(func(a *models.ImportedAccount) { a.FullName, a.DateOfBirth = "Anna Neu", "1991-05-06" })
		},
			audit.AccountChanged,
			[]audit.Detail{detail("date_of_birth", "1980-02-29", "1991-05-06"), detail("name", "Account Holder", "Anna Neu")}, 1},
		"contact": {func(w *changing) error {
			return w.save(func(a *models.ImportedAccount) { a.Contact = "neu@example.org" })
		},
			audit.AccountChanged, []audit.Detail{detail("contact", "contact.anna@example.org", "neu@example.org")}, 1},
		"identifiers": {func(w *changing) error {
			return w.save(func(a *models.ImportedAccount) { a.Identifiers = []string{"C-7", "C-8"} })
		}, audit.AccountChanged, []audit.Detail{detail("identifiers", "anna@example.org", "C-7; C-8")}, 1},
		"counter": {func(w *changing) error {
			return w.ChangeCounter(w.Context, w.counter, models.NewCounter{SessionID: w.admin, Name: "Town hall, left", TimeZone: "Europe/Berlin"})
		}, audit.CounterChanged, []audit.Detail{detail("name", "Town hall", "Town hall, left")}, 0},
		"app": {func(w *changing) error {
			_, err := w.ChangeSoftware(w.Context, models.SoftwareChange{SessionID: w.admin, SoftwareID: "example.bank",
				Scope: &oauth.Scope{"account.read"}, PresenceRequired: new(true)})
			return err
		}, audit.PublisherChanged,
			[]audit.Detail{detail("presence", "not required", "required"), detail("scope", "account.read account.write", "account.read")}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
				w := &changing{env, administrator(t, env), env.Account(t, "anna@example.org"), env.CounterID(t, "Town hall")}
				if _, err := env.AddSoftware(env.Context, models.NewSoftware{
					SessionID: w.admin, Publisher: "Bank", SoftwareID: "example.bank", Name: "Bank", Scope: modelstest.Scope(),
				}); err != nil {
					t.Fatal(err)
				}
				if err := change.do(w); err != nil {
					t.Fatal(err)
				}
				row := trailOf(t, env, change.kind)
				if told := detailsTold(t, row, change.personal); !slices.Equal(told, change.details) {
					t.Errorf("told %+v, want %+v", told, change.details)
				}
				if problems := problemsOf(t, env); len(problems) > 0 {
					t.Errorf("the verifier says %v", problems)
				}
			})
		})
	}
}

// detailsTold are the details of a row, which its event binds.
func detailsTold(t *testing.T, row models.TrailRow, personal int) (told []audit.Detail) {
	t.Helper()
	for _, d := range row.Details {
		told = append(told, d.Detail())
		if d.Personal != personal || row.Event.Facts.Details[d.Field] != d.Hash() {
			t.Errorf("row %+v, event %v", d, row.Event.Facts.Details)
		}
	}
	return told
}
