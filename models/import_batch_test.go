package models_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"countersign/audit"
	"countersign/models"
	"countersign/models/modelstest"
)

var byCommand = audit.Actor{System: "command"}

// manyAccounts are lines of a file, each with two identifiers.
func manyAccounts(n int, status string) []models.ImportedAccount {
	var list []models.ImportedAccount
	for i := range n {
		list = append(list, account(i+2, fmt.Sprintf("Secret Person %d", i), status, fmt.Sprintf("K-%d", i), fmt.Sprintf("p%d@example.org", i)))
	}
	return list
}

// counted is what a table has.
func counted(t *testing.T, env *modelstest.Env, rows string) (n int) {
	t.Helper()
	if err := env.Reader().Raw("SELECT count(*) FROM " + rows).Scan(&n).Error; err != nil {
		t.Fatal(err)
	}
	return n
}

func begin(t *testing.T, env *modelstest.Env, list []models.ImportedAccount) string {
	t.Helper()
	id, err := env.BeginImport(env.Context, list, byCommand, nil)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// docs/decisions/0038-imports-in-batches.md: no transaction applies more than 100 lines, others write between two of them, every
// account is whole at any time, and there is one event, at the end.
func TestImportGoesInBatches(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		const lines = 1050 // more chunks than one transaction stages
		before := env.LastEvent(t)
		id := begin(t, env, manyAccounts(lines, "active"))
		if counted(t, env, "accounts") != 0 || findInDatabase(t, env, "Secret Person 7") != "" {
			t.Error("something was written before the first batch, or the staged lines can be read")
		}
		for done := 0; done < lines; {
			progress, err := env.ContinueImport(env.Context, id)
			if err != nil || progress.Done <= done || progress.Done-done > 100 || progress.Lines != lines ||
				progress.Finished != (progress.Done == lines) {
				t.Fatalf("after %d: %+v, %v", done, progress, err)
			}
			done = progress.Done
			if got := counted(t, env, "accounts"); got != done || counted(t, env, "account_identifiers") != 2*done {
				t.Errorf("%d accounts, %d identifiers after %d lines", got, counted(t, env, "account_identifiers"), done)
			}
			if last, err := env.LastImport(env.Context); err != nil || last.Done != done {
				t.Errorf("the page says %+v, %v", last, err)
			}
			env.CounterID(t, fmt.Sprint("Counter ", done)) // somebody else writes
		}
		if n := counted(t, env, "account_import_chunks"); n != 0 {
			t.Errorf("%d chunks are left", n)
		}
		events := slices.DeleteFunc(env.Events(t, before), func(kind audit.Type) bool { return kind == audit.CounterAdded })
		if !slices.Equal(events, []audit.Type{audit.AccountsImported}) {
			t.Errorf("events %v", events)
		}
		again, err := env.ContinueImport(env.Context, id)
		if err != nil || !again.Finished || again.Added != lines || counted(t, env, "accounts") != lines {
			t.Errorf("once more: %+v, %v", again, err)
		}
	})
}

// A line with very many identifiers has a transaction of its own.
func TestImportBatchesCountIdentifiers(t *testing.T) {
	env := modelstest.SQLite(t, models.Policy{})
	list := manyAccounts(4, "active")
	for i := range 300 {
		list[1].Identifiers = append(list[1].Identifiers, fmt.Sprintf("more-%d", i))
	}
	id := begin(t, env, list)
	for _, want := range []int{1, 2, 4} {
		if progress, err := env.ContinueImport(env.Context, id); err != nil || progress.Done != want {
			t.Errorf("%+v, %v, want %d lines done", progress, err, want)
		}
	}
}

// Events are signed at the end of a transaction, whatever the clock says: no further lines are begun after sixty of them.
func TestImportBatchesCountEvents(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		const lines = 130
		list := manyAccounts(lines, "active")
		if _, err := env.ImportAccounts(env.Context, list, byCommand); err != nil {
			t.Fatal(err)
		}
		for i := range list {
			list[i].FullName, list[i].Contact = "Another "+list[i].FullName, "new@example.org" // an event each
		}
		id := begin(t, env, list)
		for done := 0; done < lines; {
			before := env.LastEvent(t)
			progress, err := env.ContinueImport(env.Context, id)
			if err != nil || progress.Done == done {
				t.Fatalf("%+v, %v", progress, err)
			}
			done = progress.Done
			if events := len(env.Events(t, before)); events > 80 || !progress.Finished && done < 100 && events < 60 {
				t.Errorf("%d events in one transaction, %d lines done", events, done)
			}
		}
	})
}

// slowStore is another process with the same database, in which every look at the clock is 15 ms after the last.
func slowStore(t *testing.T, env *modelstest.Env) *models.Store {
	t.Helper()
	var mu sync.Mutex
	var passed time.Duration
	return anotherProcess(t, env, func() time.Time {
		mu.Lock()
		defer mu.Unlock()
		passed += 15 * time.Millisecond
		return env.Clock.Now().Add(passed)
	})
}

func anotherProcess(t *testing.T, env *modelstest.Env, now func() time.Time) *models.Store {
	t.Helper()
	store, err := models.Open(env.Context, modelstest.Connect(t, env.Address), models.Config{
		Issuer: env.Issuer(), Now: now, Rand: rand.Reader, MasterKey: modelstest.MasterKey(), Policy: env.Policy(),
	})
	if err != nil {
		t.Fatal(err)
	}
	return store
}

// A transaction that takes long ends early: after 25 ms no further lines are begun.
func TestImportBatchesAreShort(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		slow := slowStore(t, env)
		id := begin(t, env, manyAccounts(200, "active"))
		most, last := 0, 0
		for {
			progress, err := slow.ContinueImport(env.Context, id)
			if err != nil {
				t.Fatal(err)
			}
			most, last = max(most, progress.Done-last), progress.Done
			if progress.Finished {
				break
			}
		}
		if most > 40 || counted(t, env, "accounts") != 200 || counted(t, env, "account_identifiers") != 400 {
			t.Errorf("%d lines in one transaction; %d accounts", most, counted(t, env, "accounts"))
		}
	})
}

// An import whose process has died is finished by another one, and the event says that it was interrupted.
func TestInterruptedImportIsFinished(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		before := env.LastEvent(t)
		id := begin(t, env, manyAccounts(250, "active"))
		if _, err := env.ContinueImport(env.Context, id); err != nil {
			t.Fatal(err)
		}
		other := anotherProcess(t, env, env.Clock.Now)
		for range 2 { // its process is at work
			if next, err := other.NextImport(env.Context); err != nil || next != "" {
				t.Fatalf("took up %q, %v", next, err)
			}
			env.Clock.Advance(5*time.Second - time.Millisecond)
		}
		env.Clock.Advance(time.Millisecond)
		progress := modelstest.FinishImport(env.Context, t, other)
		if progress.Added != 250 || progress.ID != id || counted(t, env, "accounts") != 250 || counted(t, env, "account_import_chunks") != 0 {
			t.Errorf("%+v", progress)
		}
		rows, err := env.Trail(env.Context, audit.Filter{Limit: 1})
		if err != nil || env.Events(t, before)[0] != audit.AccountsImported || rows[0].Event.Facts.Reason != "interrupted" ||
			*rows[0].Event.Facts.Count != 250 {
			t.Errorf("the event: %+v, %v", rows, err)
		}
		if next, err := other.NextImport(env.Context); err != nil || next != "" {
			t.Errorf("after its end: %q, %v", next, err)
		}
	})
}

// An import whose process died before all lines were staged has imported nothing; nothing of it is left, and the next one begins.
func TestImportThatNeverBegan(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		died := errors.New("died")
		_, err := env.BeginImport(env.Context, manyAccounts(900, "active"), byCommand, func(context.Context, time.Duration) error { return died })
		if !errors.Is(err, died) || counted(t, env, "account_import_chunks") != 8 {
			t.Fatalf("%d chunks, %v", counted(t, env, "account_import_chunks"), err)
		}
		if _, err := env.BeginImport(env.Context, manyAccounts(1, "active"), byCommand, nil); err != models.ErrImportRunning {
			t.Errorf("while it may live: %v", err)
		}
		env.Clock.Advance(5 * time.Second)
		if next, err := env.NextImport(env.Context); err != nil || next != "" || counted(t, env, "account_import_chunks") != 0 {
			t.Errorf("it goes on: %q, %v", next, err)
		}
		if result, err := env.ImportAccounts(env.Context, manyAccounts(1, "active"), byCommand); err != nil || result.Added != 1 ||
			counted(t, env, "accounts") != 1 {
			t.Errorf("the next one: %+v, %v", result, err)
		}
		env.Clock.Advance(25 * time.Hour)
		if err := env.Sweep(env.Context); err != nil || counted(t, env, "account_imports") != 0 {
			t.Errorf("a day later: %d imports, %v", counted(t, env, "account_imports"), err)
		}
	})
}

// Two imports at once: one of them is refused, whoever began it, until the other has ended.
func TestOneOfTwoImportsAtATime(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		other := anotherProcess(t, env, env.Clock.Now)
		errs := make([]error, 8)
		var all sync.WaitGroup
		for i := range errs {
			store := []*models.Store{env.Store, other}[i%2]
			all.Go(func() { _, errs[i] = store.BeginImport(env.Context, manyAccounts(300, "active"), byCommand, nil) })
		}
		all.Wait()
		began := 0
		for _, err := range errs {
			if err == nil {
				began++
			} else if !errors.Is(err, models.ErrImportRunning) {
				t.Error(err)
			}
		}
		if began != 1 {
			t.Fatalf("%d imports began", began)
		}
		env.Clock.Advance(6 * time.Second)
		env.FinishImport(t)
		if result, err := other.ImportAccounts(env.Context, manyAccounts(300, "active"), byCommand); err != nil || result.Unchanged != 300 {
			t.Errorf("afterwards: %+v, %v", result, err)
		}
	})
}

// Two processes may work at one import: each line is applied once, and there is one event.
func TestTwoProcessesAtOneImport(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		before := env.LastEvent(t)
		other := anotherProcess(t, env, env.Clock.Now)
		id := begin(t, env, manyAccounts(1200, "active"))
		var all sync.WaitGroup
		for _, store := range []*models.Store{env.Store, other} {
			all.Go(func() {
				for {
					progress, err := store.ContinueImport(env.Context, id)
					if err != nil {
						t.Error(err)
					}
					if err != nil || progress.Finished {
						return
					}
				}
			})
		}
		all.Wait()
		last, err := env.LastImport(env.Context)
		if err != nil || last.Added != 1200 || counted(t, env, "accounts") != 1200 || counted(t, env, "account_identifiers") != 2400 {
			t.Errorf("%+v, %v", last, err)
		}
		if got := env.Events(t, before); !slices.Equal(got, []audit.Type{audit.AccountsImported}) {
			t.Errorf("events %v", got)
		}
	})
}

// What somebody else changed after the file was checked stays as they want it: the line is passed over, and said.
func TestImportPassesOverWhatChangedMeanwhile(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		env.Import(t, "active", "a@example.org", "C-1")
		env.Import(t, "active", "b@example.org")
		admin := administrator(t, env)
		id := begin(t, env, []models.ImportedAccount{
			account(2, "A", "active", "a@example.org"), account(3, "B", "active", "b@example.org", "C-1"),
			account(4, "C", "active", "c@example.org"),
		})
		if err := env.SuspendAccount(env.Context, admin, env.AccountID(t, "C-1"), "fraud suspected"); err != nil {
			t.Fatal(err)
		}
		progress, err := env.ContinueImport(env.Context, id)
		if err != nil || !progress.Finished || progress.PassedOver != 2 || !slices.Equal(progress.PassedLines, []int{2, 3}) ||
			progress.Added != 1 {
			t.Errorf("%+v, %v", progress, err)
		}
		view, err := env.AccountRecord(env.Context, env.AccountID(t, "C-1"))
		if err != nil || view.Status != "suspended" || view.FullName != "Account Holder" ||
			strings.Join(view.Identifiers, " ") != "a@example.org C-1" {
			t.Errorf("%+v, %v", view, err)
		}
		rows, err := env.Trail(env.Context, audit.Filter{Limit: 1})
		if err != nil || rows[0].Event.Facts.Reason != "lines left out" || *rows[0].Event.Facts.Count != 1 {
			t.Errorf("the event: %+v, %v", rows, err)
		}
	})
}

// An account that somebody adds by hand with an identifier of the file is not taken from them.
func TestImportBatchLosesAnIdentifier(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		id := begin(t, env, manyAccounts(2, "active"))
		now := env.Clock.Now().UnixMilli()
		for _, statement := range []string{
			"INSERT INTO accounts (id, status, full_name, date_of_birth, created_at, updated_at) VALUES ('other', 'active', 'Other', '', %[1]d, %[1]d)",
			"INSERT INTO account_identifiers (key, account_id, identifier, position) VALUES ('k-0', 'other', 'K-0', 0)",
		} {
			if strings.Contains(statement, "%") {
				statement = fmt.Sprintf(statement, now)
			}
			if err := models.WriterForTest(env.Database).Exec(statement).Error; err != nil {
				t.Fatal(err)
			}
		}
		progress, err := env.ContinueImport(env.Context, id)
		if err != nil || progress.PassedOver != 1 || progress.Added != 1 || env.AccountID(t, "K-0") != "other" {
			t.Errorf("%+v, %v", progress, err)
		}
	})
}
