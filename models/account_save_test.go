package models_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"countersign/audit"
	"countersign/models"
	"countersign/models/modelstest"
)

// An administrator adds an account by hand, and corrects it: what is said of a line of a file is said of it, the former contact
// is told, nothing that changed meanwhile is overwritten, and nobody saves their own.
func TestSaveAccount(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		admin := administrator(t, env, "own@example.org")
		other := env.Account(t, "other@example.org")
		save := func(id, shown, name, contact string, identifiers ...string) (string, error) {
			line := account(0, name, "active", identifiers...)
			line.Contact = contact
			return env.SaveAccount(env.Context, admin, models.SavedAccount{ID: id, Shown: shown, ImportedAccount: line})
		}
		shownOf := func(id string) string {
			view, err := env.AccountRecord(env.Context, id)
			if err != nil {
				t.Fatal(err)
			}
			return models.AccountShown(view)
		}
		before := env.LastEvent(t)
		id, err := save("", "", "New Person", "new@example.org", "C-9", "+44 7700 900118")
		if err != nil || env.AccountID(t, "+447700900118") != id {
			t.Fatalf("added %q, %v", id, err)
		}
		shown := shownOf(id)
		if _, err := save(id, shown, "New Person", "new@example.org", "C-9", "+44 7700 900118"); err != nil {
			t.Error(err)
		}
		if _, err := save(id, shown, "Corrected Person", "moved@example.org", "C-10"); err != nil {
			t.Error(err)
		}
		want := []audit.Type{audit.AccountChanged, audit.AccountChanged, audit.AccountChanged} // added; contact, record
		if got := env.Events(t, before); !slices.Equal(got, want) {
			t.Errorf("events %v, want %v", got, want)
		}
		view, err := env.AccountRecord(env.Context, id)
		if err != nil || view.FullName != "Corrected Person" || strings.Join(view.Identifiers, " ") != "C-10" {
			t.Errorf("%+v, %v", view, err)
		}
		before = env.LastEvent(t)
		var problem models.ImportError
		if _, err := save(id, shownOf(id), "P", "", "C-10", "OTHER@example.org"); !errors.As(err, &problem) ||
			problem.Problem != models.ImportTaken {
			t.Errorf("another account's identifier: %v", err)
		}
		if _, err := save(id, shown, "P", "", "C-10"); !errors.Is(err, models.ErrChangedMeanwhile) {
			t.Errorf("what was shown is not so any more: %v", err)
		}
		if _, err := save(other, shownOf(other), "P", "own@example.org", "other@example.org"); !errors.Is(err, models.ErrOwnAccount) {
			t.Errorf("their own by its new contact: %v", err)
		}
		if _, err := save("", "", "P", "", "own@example.org"); !errors.Is(err, models.ErrOwnAccount) {
			t.Errorf("their own, added: %v", err)
		}
		if _, err := env.SaveAccount(env.Context, env.Operator(t, "op"), models.SavedAccount{}); !errors.Is(err, models.ErrNotAllowed) {
			t.Errorf("an operator: %v", err)
		}
		if got := env.Events(t, before)[0]; got != audit.DecisionRefused {
			t.Errorf("the refusal is %s", got)
		}
	})
}
