package models_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"countersign/audit"
	"countersign/models"
	"countersign/models/modelstest"
)

// uploads is an administrator, with an account of their own, who sends files of accounts.
type uploads struct {
	*modelstest.Env
	admin string
}

// eachUpload has one account besides, "a@example.org", with the number C-1.
func eachUpload(t *testing.T, test func(t *testing.T, u uploads)) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		u := uploads{env, administrator(t, env, "own@example.org")}
		env.Import(t, models.AccountActive, "a@example.org", "C-1")
		env.Import(t, models.AccountActive, "own@example.org")
		test(t, u)
	})
}

// keep sends a file for its preview, and returns its key.
func (u uploads) keep(t *testing.T, list ...models.ImportedAccount) string {
	t.Helper()
	key, err := u.KeepAccountFile(u.Context, u.admin, models.ReadAccounts{Accounts: list})
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// preview is the plan of a file, and its digest.
func (u uploads) preview(t *testing.T, key string) (models.ImportPlan, string) {
	t.Helper()
	_, plan, err := u.PreviewImport(u.Context, u.admin, key)
	if err != nil {
		t.Fatal(err)
	}
	digest, err := plan.Digest()
	if err != nil {
		t.Fatal(err)
	}
	return plan, digest
}

// twoLines changes the account that is there, and adds one.
func twoLines() []models.ImportedAccount {
	return []models.ImportedAccount{
		account(2, "Changed", models.AccountSuspended, "C-1"), account(3, "Secret Person", models.AccountActive, "secret@example.org"),
	}
}

// What was previewed is what is imported, once.
func TestImportIsWhatWasPreviewed(t *testing.T) {
	eachUpload(t, func(t *testing.T, u uploads) {
		key, before := u.keep(t, twoLines()...), u.LastEvent(t)
		plan, digest := u.preview(t, key)
		if plan.ImportResult != (models.ImportResult{Added: 1, Changed: 1}) || u.LastEvent(t) != before {
			t.Fatalf("%+v", plan)
		}
		changes, _ := json.Marshal(plan.Lines[0].Changes)
		for _, want := range []string{`{"Field":"status","Before":"active","After":"suspended"}`, `"a@example.org; C-1"`} {
			if !strings.Contains(string(changes), want) {
				t.Errorf("changes %s, want %s", changes, want)
			}
		}
		if err := u.SuspendAccount(u.Context, u.admin, u.AccountID(t, "C-1"), "under review"); err != nil {
			t.Fatal(err)
		}
		err := u.ConfirmImport(u.Context, u.admin, key, digest)
		if err != models.ErrChangedMeanwhile || findInDatabase(t, u.Env, "secret@example.org") != "" {
			t.Errorf("after another change: %v", err)
		}
		plan, digest = u.preview(t, key)
		before = u.LastEvent(t)
		if err := u.ConfirmImport(u.Context, u.admin, key, digest); err != nil || u.LastEvent(t) != before {
			t.Errorf("confirmed: %v", err)
		}
		if result := u.FinishImport(t); result.ImportResult != plan.ImportResult || !result.Finished {
			t.Errorf("%+v", result)
		}
		// Its contact, and the rest of its record.
		want := []audit.Type{audit.AccountChanged, audit.AccountChanged, audit.AccountsImported}
		if got := u.Events(t, before); !slices.Equal(got, want) {
			t.Errorf("events %v, want %v", got, want)
		}
		if err := u.ConfirmImport(u.Context, u.admin, key, digest); err != models.ErrNotFound {
			t.Errorf("again: %v", err)
		}
	})
}

// A file is its session's, until another replaces it, and for 15 minutes; the database cannot tell who is in it.
func TestKeptFileIsItsSessions(t *testing.T) {
	eachUpload(t, func(t *testing.T, u uploads) {
		replaced, key := u.keep(t, twoLines()...), u.keep(t, twoLines()...)
		for _, trace := range []string{"Secret Person", "secret@example.org", key} {
			if where := findInDatabase(t, u.Env, trace); where != "" {
				t.Errorf("%q is in %q", trace, where)
			}
		}
		if _, _, err := u.PreviewImport(u.Context, u.admin, replaced); err != models.ErrNotFound {
			t.Errorf("a file that was replaced: %v", err)
		}
		other := u.SignIn(t, "other", []models.Role{models.Administrator})
		if _, _, err := u.PreviewImport(u.Context, other, key); err != models.ErrNotFound {
			t.Errorf("another session: %v", err)
		}
		u.Clock.Advance(15*time.Minute - time.Second)
		u.preview(t, key)
		u.Clock.Advance(time.Second)
		if _, _, err := u.PreviewImport(u.Context, u.admin, key); err != models.ErrNotFound {
			t.Errorf("after 15 minutes: %v", err)
		}
	})
}

// What a file says of the administrator's own account, or of two accounts on a line, is a problem.
func TestPreviewFindsProblems(t *testing.T) {
	eachUpload(t, func(t *testing.T, u uploads) {
		key := u.keep(t, account(2, "Me", models.AccountActive, "own@example.org"))
		own, plan, err := u.PreviewImport(u.Context, u.admin, key)
		if err != nil || len(own.Problems) != 1 || !strings.Contains(own.Problems[0].Error(), "your own account") {
			t.Errorf("one's own account: %+v %+v %v", own.Problems, plan, err)
		}
		key = u.keep(t, account(2, "Both", models.AccountActive, "C-1", "own@example.org"))
		both, _, err := u.PreviewImport(u.Context, u.admin, key)
		if err != nil || len(both.Problems) != 1 || both.Problems[0].Line != 2 {
			t.Errorf("two accounts on a line: %+v, %v", both.Problems, err)
		}
	})
}

// A file does not outlive its time, its session, or the wish to take it back.
func TestKeptFileIsForgotten(t *testing.T) {
	eachUpload(t, func(t *testing.T, u uploads) {
		wantNone := func(when string, err error) {
			t.Helper()
			var left int64
			if u.Reader().Raw("SELECT count(*) FROM account_files").Scan(&left); left != 0 || err != nil {
				t.Errorf("%s: %d files are left, %v", when, left, err)
			}
		}
		u.keep(t, twoLines()...)
		u.Clock.Advance(20 * time.Minute) // 15, and 5 since another process's clock may be behind
		wantNone("swept", u.Sweep(u.Context))
		u.admin = administrator(t, u.Env)
		u.keep(t, twoLines()...)
		wantNone("taken back", u.ForgetAccountFile(u.Context, u.admin))
		u.keep(t, twoLines()...)
		wantNone("signed out", u.EndSession(u.Context, u.admin))
	})
}
