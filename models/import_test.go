package models_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"countersign/audit"
	"countersign/models"
	"countersign/models/modelstest"
)

func account(line int, name, status string, identifiers ...string) models.ImportedAccount {
	return models.ImportedAccount{Line: line, Identifiers: identifiers, FullName: name, DateOfBirth: "1990-01-01", Status: status}
}

// Importing adds, updates what an identifier names, leaves what is the same, and takes
// away identifiers that are gone.
func TestImport(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		by := audit.Actor{System: "command"}
		do := func(want models.ImportResult, wantEvents []audit.Type, list ...models.ImportedAccount) {
			t.Helper()
			before := env.LastEvent(t)
			got, err := env.ImportAccounts(env.Context, list, by)
			if err != nil || got != want {
				t.Errorf("import: %+v, %v, want %+v", got, err, want)
			}
			if got := env.Events(t, before); !slices.Equal(got, wantEvents) {
				t.Errorf("events %v, want %v", got, wantEvents)
			}
		}
		imported := []audit.Type{audit.AccountsImported}
		do(models.ImportResult{Added: 2}, imported, account(2, "A", "active", "a@example.com", "C-1"), account(3, "B", "active", "b@example.com"))
		id := env.AccountID(t, "c-1")
		do(models.ImportResult{Unchanged: 1}, imported, account(2, "A", "active", "a@example.com", "C-1"))
		do(models.ImportResult{Changed: 1}, []audit.Type{audit.AccountChanged, audit.AccountsImported},
			account(2, "A", "suspended", "C-1", "new@example.com"))
		if env.AccountID(t, "NEW@example.com") != id {
			t.Error("another account was made")
		}
		do(models.ImportResult{Added: 1}, imported, account(2, "C", "active", "a@example.com"))
	})
}

// The name in Latin letters is kept where a file says nothing of it, and taken away where its column is empty.
func TestImportOfLatinNames(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		for _, step := range []struct {
			latin *string
			want  string
		}{{nil, ""}, {new("Kenichi Yamamoto"), "Kenichi Yamamoto"}, {nil, "Kenichi Yamamoto"}, {new("Ken Yamamoto"), "Ken Yamamoto"},
			{new(""), ""}} {
			line := account(2, "山本 健一", "active", "k@example.com")
			line.LatinName = step.latin
			if _, err := env.ImportAccounts(env.Context, []models.ImportedAccount{line}, audit.Actor{System: "command"}); err != nil {
				t.Fatal(err)
			}
			view, err := env.Store.Account(env.Context, env.AccountID(t, "k@example.com"))
			if err != nil || view.LatinName != step.want || view.FullName != "山本 健一" {
				t.Errorf("%+v, %v, want %q", view.Account, err, step.want)
			}
		}
	})
}

// The language of notices stays when a file has no such column; a change of it is a change of the record.
func TestImportOfLanguages(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		for _, step := range []struct {
			language *string
			want     string
			result   models.ImportResult
		}{
			{new("de"), "de", models.ImportResult{Added: 1}}, {nil, "de", models.ImportResult{Unchanged: 1}},
			{new("ar"), "ar", models.ImportResult{Changed: 1}}, {new(""), "", models.ImportResult{Changed: 1}},
		} {
			line := account(2, "Ana", "active", "l@example.com")
			line.Language = step.language
			result, err := env.ImportAccounts(env.Context, []models.ImportedAccount{line}, audit.Actor{System: "command"})
			if err != nil || result != step.result {
				t.Fatalf("%+v, %v, want %+v", result, err, step.result)
			}
			view, err := env.Store.Account(env.Context, env.AccountID(t, "l@example.com"))
			if err != nil || view.Language != step.want {
				t.Errorf("%q, %v, want %q", view.Language, err, step.want)
			}
		}
	})
}

// All rows or none: one bad line and nothing is there; every bad line is named.
func TestImportIsAllOrNothing(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		env.Import(t, "active", "a@example.com")
		env.Import(t, "active", "b@example.com")
		before := env.LastEvent(t)
		_, err := env.ImportAccounts(env.Context, []models.ImportedAccount{
			account(2, "New", "active", "new@example.com"),
			account(3, "Both", "active", "a@example.com", "b@example.com"),
			account(4, "None", "active", " "),
		}, audit.Actor{System: "command"})
		var problem models.ImportError
		if !errors.As(err, &problem) || problem.Line != 3 || !strings.Contains(err.Error(), "line 4, column identifiers") ||
			!strings.Contains(problem.Error(), `"a@example.com" to one, "b@example.com" to another`) {
			t.Fatalf("import: %v", err)
		}
		if where := findInDatabase(t, env, "new@example.com"); where != "" || env.LastEvent(t) != before {
			t.Errorf("something was kept in %q", where)
		}
	})
}

// An import that waits for an account does not hold up the trail meanwhile: whoever
// holds that account may want to record an event, and then neither could go on.
func TestImportRecordsAtItsEnd(t *testing.T) {
	env := modelstest.Open(t, modelstest.Migrated(t, "postgres"), models.Policy{})
	by := audit.Actor{System: "command"}
	env.Import(t, "active", "a@example.com")
	env.Import(t, "active", "b@example.com")
	other := models.WriterForTest(env.Database).Begin()
	defer other.Rollback()
	if err := other.Exec("SELECT id FROM accounts WHERE id = ? FOR UPDATE", env.AccountID(t, "b@example.com")).Error; err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() {
		_, err := env.ImportAccounts(env.Context, []models.ImportedAccount{
			account(2, "A", "suspended", "a@example.com"), account(3, "B", "suspended", "b@example.com"),
		}, by)
		done <- err
	}()
	waiting := int64(0)
	for deadline := time.Now().Add(time.Minute); waiting == 0 && time.Now().Before(deadline); {
		env.Reader().Raw("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()").Scan(&waiting)
	}
	patient, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if _, err := env.AddCounter(patient, models.NewCounter{Name: "A", TimeZone: "UTC"}); waiting == 0 || err != nil {
		t.Errorf("%d wait for the account; recording an event meanwhile: %v", waiting, err)
	}
	other.Rollback()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// One number or address in its usual spellings is one account: for the phone that names it, for the operator who searches,
// for the file that changes it, and for the rule against one's own account.
func TestSpellingsNameOneAccount(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		account := env.Account(t, "+44 7700 900118", "anna@bücher.example")
		operator := env.Operator(t, "op", "op@harbour.example")
		for _, hint := range []string{"+447700900118", "tel:+44-7700-900118", "0044 7700 900118", "+44 (0)7700 900118",
			"Anna@xn--bcher-kva.example."} {
			codes := env.Request(t, env.Client(t), hint)
			if _, err := env.Match(env.Context, operator, account, codes.UserCode); err != nil {
				t.Errorf("%q names another account: %v", hint, err)
			}
			if err := env.Decline(env.Context, operator, codes.DeviceAuthorizationID, "customer_left"); err != nil {
				t.Error(err)
			}
			found, err := env.Search(env.Context, operator, hint)
			if err != nil || !found.Exact || len(found.Accounts) != 1 || found.Accounts[0].ID != account {
				t.Errorf("%q finds %v, %v", hint, found, err)
			}
		}
		for _, prefix := range []string{"+44 77", "0044 7700 9", "tel:+4477", "anna@büch", "mailto:anna@"} {
			found, err := env.Search(env.Context, operator, prefix)
			if err != nil || found.Exact || len(found.Accounts) != 1 || found.Accounts[0].ID != account {
				t.Errorf("%q finds %v, %v", prefix, found, err)
			}
		}
		if again := env.Account(t, "+44(0)7700900118"); again != account {
			t.Error("another spelling in a file made another account")
		}
		own := env.Operator(t, "own", "+44 (7700) 90-01 18")
		codes := env.Request(t, env.Client(t), "+447700900118")
		if _, err := env.Match(env.Context, own, account, codes.UserCode); !errors.Is(err, models.ErrOwnAccount) {
			t.Errorf("one's own account in another spelling: %v", err)
		}
	})
}

// A prefix of three characters finds accounts along the index, each once, in order.
func TestSearchByPrefix(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		var list []models.ImportedAccount
		for i := range 25 {
			number := string(rune('a'+i)) + "x"
			list = append(list, account(i+2, "N"+number, "active", "C-1"+number, "C-1"+number+"-alias"))
		}
		list = append(list, account(30, "Umlaut", "active", "Ünal@example.com"), account(31, "Percent", "active", "50%off"))
		if _, err := env.ImportAccounts(env.Context, list, audit.Actor{System: "command"}); err != nil {
			t.Fatal(err)
		}
		operator := env.Operator(t, "op")
		for typed, want := range map[string]int{"C-1": 20, "c-1A": 1, "C-1a": 1, "ÜNA": 1, "50%": 1, "%%%": 0, "c_1": 0, "C-2": 0} {
			result, err := env.Search(env.Context, operator, typed)
			if err != nil || len(result.Accounts) != want || result.More != (want == 20) {
				t.Errorf("%q: %d accounts, more %v, %v; want %d", typed, len(result.Accounts), result.More, err, want)
			}
		}
		alias, err := env.Search(env.Context, operator, "c-1a")
		if err != nil || alias.Accounts[0].Identifier != "C-1ax" {
			t.Errorf("the identifier that was found: %+v, %v", alias, err)
		}
		if _, err := env.Search(env.Context, operator, "c-"); err != models.ErrSearchTooShort {
			t.Errorf("two characters: %v", err)
		}
		before := env.LastEvent(t)
		if result, err := env.Search(env.Context, operator, "ünal@example.com"); err != nil || !result.Exact {
			t.Errorf("exact: %+v, %v", result, err)
		}
		if got := env.Events(t, before); !slices.Equal(got, []audit.Type{audit.AccountSearched, audit.AccountOpened}) {
			t.Errorf("events %v", got)
		}
		rows, err := env.Trail(env.Context, audit.Filter{Type: audit.AccountSearched, Limit: 1})
		if err != nil || strings.Contains(rows[0].SET, "nal") {
			t.Errorf("the search's event: %+v, %v", rows, err)
		}
		if rows[0].StaffName != "Staff op" || rows[0].AccountName != "Umlaut" {
			t.Errorf("names %q, %q", rows[0].StaffName, rows[0].AccountName)
		}
	})
}

// An identifier that one line takes away can be another line's, in one file.
func TestImportMovesAnIdentifier(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		env.Import(t, "active", "a@example.org", "C-1")
		env.Import(t, "active", "b@example.org")
		result, err := env.ImportAccounts(env.Context, []models.ImportedAccount{
			account(2, "A", "active", "a@example.org"), account(3, "B", "active", "b@example.org", "C-1"),
		}, audit.Actor{System: "command"})
		if err != nil || result.Changed != 2 || env.AccountID(t, "C-1") != env.AccountID(t, "b@example.org") {
			t.Errorf("%+v, %v", result, err)
		}
	})
}
