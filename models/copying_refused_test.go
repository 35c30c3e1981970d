package models_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"countersign/models"
	"countersign/models/modelstest"
)

// A row that PostgreSQL cannot keep, or that somebody damaged, is named by its table and key, and nothing is copied: neither is the
// source marked, nor is a row there.
func TestDamagedRowsAreNotCopied(t *testing.T) {
	for name, c := range map[string]struct{ change, row, reason string }{
		"a NUL in a text": {"UPDATE accounts SET full_name = 'A' || char(0) || 'B'", `id="%s" of accounts`,
			"full_name has a NUL character"},
		"a text that is not UTF-8": {"UPDATE accounts SET contact = CAST(x'ff' AS TEXT)", `id="%s" of accounts`, "contact is not UTF-8"},
		"a truth of two": {"UPDATE accounts SET presence_required = 2", `id="%s" of accounts`,
			"presence_required is 2, which is no boolean"},
		"a state that there is not":  {"UPDATE accounts SET status = 'asleep'", `id="%s" of accounts`, "violates check constraint"},
		"a number that is too large": {"UPDATE event_details SET personal = 5000000000", "seq=", "personal is 5000000000, which is no integer"},
	} {
		t.Run(name, func(t *testing.T) {
			env := modelstest.SQLite(t, models.Policy{})
			account := env.Account(t, "ada@example.com")
			env.Operator(t, "op")
			db := defenceless(t, env)
			mustExec(t, db, c.change)
			source, address := copyOf(t, env), modelstest.Empty(t, "postgres")
			_, err := source.CopyToPostgres(env.Context, copying(env, address))
			var refused *models.CopyRowError
			want := strings.ReplaceAll(c.row, "%s", account)
			if !errors.As(err, &refused) || !strings.Contains(err.Error(), "the row "+want) || !strings.Contains(err.Error(), c.reason) {
				t.Errorf("%v", err)
			}
			wantNothingCopied(t, source, address)
		})
	}
}

// wantNothingCopied wants a source without a mark, and no row at the address.
func wantNothingCopied(t *testing.T, source *models.Database, address string) {
	t.Helper()
	if err := source.CheckCopied(t.Context()); err != nil {
		t.Errorf("the source: %v", err)
	}
	there := modelstest.Connect(t, address).Reader()
	for _, table := range []string{"accounts", "audit_events", "server_keys"} {
		if rows := rowsOf(t, there, table); len(rows) > 0 {
			t.Errorf("%s has %d rows", table, len(rows))
		}
	}
}

// A copy that is ended in the middle leaves nothing, whether it was asked to end or PostgreSQL ended it; it can be made again at once.
func TestCopyEndsInTheMiddle(t *testing.T) {
	site := newCopiedSite(t)
	for name, c := range map[string]struct{ cut, compared bool }{
		"asked to end while it copies": {}, "asked to end while it compares": {compared: true}, "cut off while it copies": {cut: true},
	} {
		t.Run(name, func(t *testing.T) {
			source, address := copyOf(t, site.Env), modelstest.Empty(t, "postgres")
			ctx, cancel := context.WithCancel(site.Context)
			asked := copying(site.Env, address)
			end := func(int64, int64) {
				if cancel(); c.cut {
					cutConnections(t, address)
				}
			}
			if c.cut {
				ctx, cancel = site.Context, func() {}
			}
			if asked.Copied = end; c.compared {
				asked.Copied, asked.Compared = nil, end
			}
			if _, err := source.CopyToPostgres(ctx, asked); err == nil {
				t.Fatal("it did not end")
			}
			wantNothingCopied(t, source, address)
			if _, err := source.CopyToPostgres(site.Context, copying(site.Env, address)); err != nil {
				t.Errorf("again: %v", err)
			}
		})
	}
}

// Where the connection breaks while the copy is committed nobody knows whether it is there: the source stays closed, and a further copy
// to the same place, and to no other, begins again or finds it.
func TestCopyThatIsUncertain(t *testing.T) {
	site := newCopiedSite(t)
	source, address := copyOf(t, site.Env), modelstest.Empty(t, "postgres")
	asked := copying(site.Env, address)
	asked.Compared = func(int64, int64) { cutConnections(t, address) } // the last row is compared
	_, err := source.CopyToPostgres(site.Context, asked)
	var uncertain *models.UncertainCopyError
	if !errors.As(err, &uncertain) {
		t.Fatal(err)
	}
	var gone *models.CopiedError
	if err := source.CheckCopied(site.Context); !errors.As(err, &gone) {
		t.Errorf("the source: %v", err)
	}
	if _, err := source.CopyToPostgres(site.Context, copying(site.Env, modelstest.Empty(t, "postgres"))); !errors.As(err, &gone) {
		t.Errorf("to another place: %v", err)
	}
	if _, err := source.CopyToPostgres(site.Context, copying(site.Env, address)); err != nil {
		t.Errorf("again: %v", err)
	}
	if _, err := openAgain(t, site.Env, address); err != nil {
		t.Errorf("the copy: %v", err)
	}
}

// Who is asked to end once the copy is being committed does not call it a failure: it is there, and the source is closed.
func TestCopyThatIsCommittedIsNoFailure(t *testing.T) {
	site := newCopiedSite(t)
	source, address := copyOf(t, site.Env), modelstest.Empty(t, "postgres")
	ctx, cancel := context.WithCancel(site.Context)
	asked := copying(site.Env, address)
	asked.Now = func() time.Time { // the mark's, just before the commit
		cancel()
		return site.Clock.Now()
	}
	if report, err := source.CopyToPostgres(ctx, asked); err != nil || report.Rows == 0 {
		t.Errorf("%+v, %v", report, err)
	}
	var gone *models.CopiedError
	if err := source.CheckCopied(site.Context); !errors.As(err, &gone) {
		t.Errorf("the source: %v", err)
	}
	if _, err := openAgain(t, site.Env, address); err != nil {
		t.Errorf("the copy: %v", err)
	}
}

// cutConnections ends every connection that uses the tables of an address.
func cutConnections(t *testing.T, address string) {
	t.Helper()
	_, schema, _ := strings.Cut(address, "search_path=")
	err := modelstest.Connect(t, address).Reader().Exec(`SELECT pg_terminate_backend(l.pid) FROM pg_locks AS l
		JOIN pg_class AS c ON c.oid = l.relation WHERE l.mode = 'ExclusiveLock' AND c.relnamespace = ?::regnamespace`, schema).Error
	if err != nil {
		t.Error(err)
	}
}

// Nothing is copied into a database that has anything, and what it has is said: rows of ours, or a table of somebody else's.
func TestNothingIsCopiedOverAnything(t *testing.T) {
	site := newCopiedSite(t)
	source, address := copyOf(t, site.Env), modelstest.Empty(t, "postgres")
	foreign := modelstest.Empty(t, "postgres")
	mustExec(t, models.WriterForTest(modelstest.Connect(t, foreign)), "CREATE TABLE bookings (id INTEGER)")
	refused := func(address, there string, ours bool) {
		t.Helper()
		_, err := source.CopyToPostgres(site.Context, copying(site.Env, address))
		var full *models.TargetInUseError
		if !errors.As(err, &full) || full.Ours != ours || !strings.Contains(err.Error(), there) {
			t.Errorf("%v", err)
		}
	}
	refused(foreign, "the table bookings", false)
	if err := source.CheckCopied(site.Context); err != nil {
		t.Fatal(err)
	}
	if _, err := source.CopyToPostgres(site.Context, copying(site.Env, modelstest.Migrated(t, "postgres"))); err != nil {
		t.Errorf("one that was only migrated: %v", err)
	}
	source = copyOf(t, site.Env)
	if _, err := source.CopyToPostgres(site.Context, copying(site.Env, address)); err != nil {
		t.Fatal(err)
	}
	refused(address, "rows of accounts", true)
	_, err := source.CopyToPostgres(site.Context, copying(site.Env, modelstest.Empty(t, "postgres")))
	var elsewhere *models.CopiedError
	if !errors.As(err, &elsewhere) || !strings.Contains(err.Error(), "that one is the site now") {
		t.Errorf("to a second one: %v", err)
	}
}

// Whoever has the file open, also only to read, keeps a copy from beginning; while it lasts nobody else opens the file.
func TestCopiedAlone(t *testing.T) {
	env := modelstest.SQLite(t, models.Policy{})
	file := strings.TrimPrefix(env.Address, "sqlite:")
	busy := func(err error) bool {
		var outage *models.UnavailableError
		return errors.As(err, &outage) && outage.Outage == models.Busy
	}
	if _, err := models.ConnectAlone(env.Context, file, nil); !busy(err) {
		t.Errorf("a server has it open: %v", err)
	}
	source := copyOf(t, env)
	path := filePath(t, source)
	if other, err := models.ConnectWaiting(env.Context, "sqlite:"+path, time.Millisecond, nil); !busy(err) {
		t.Errorf("a copy has it open: %v, %v", other, err)
	}
	if err := source.Close(); err != nil {
		t.Fatal(err)
	}
	if err := modelstest.Connect(t, "sqlite:"+path).Ready(env.Context); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}

// What a killed server left in the write-ahead log is in the copy.
func TestCopyOfAKilledServersFile(t *testing.T) {
	env := modelstest.SQLite(t, models.Policy{})
	account := env.Account(t, "ada@example.com")
	left := filepath.Join(t.TempDir(), "left.db")
	for _, part := range []string{"", "-wal"} {
		text, err := os.ReadFile(strings.TrimPrefix(env.Address, "sqlite:") + part)
		if err == nil {
			err = os.WriteFile(left+part, text, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	address := modelstest.Empty(t, "postgres")
	if _, err := alone(t, left).CopyToPostgres(env.Context, copying(env, address)); err != nil {
		t.Fatal(err)
	}
	there := &modelstest.Env{Store: openedAgain(t, env, address), Context: env.Context}
	if got := there.AccountID(t, "ada@example.com"); got != account {
		t.Errorf("%q, not %q", got, account)
	}
}

func openedAgain(t *testing.T, env *modelstest.Env, address string) *models.Store {
	t.Helper()
	store, err := openAgain(t, env, address)
	if err != nil {
		t.Fatal(err)
	}
	return store
}

// filePath is the file of an open database.
func filePath(t *testing.T, database *models.Database) (path string) {
	t.Helper()
	if err := database.Reader().Raw("SELECT file FROM pragma_database_list WHERE name = 'main'").Scan(&path).Error; err != nil {
		t.Fatal(err)
	}
	return path
}

// A schema that is behind is not copied: the copy would have another one.
func TestCopyWantsTheNewestSchema(t *testing.T) {
	env := modelstest.SQLite(t, models.Policy{})
	source := copyOf(t, env)
	mustExec(t, models.WriterForTest(source), "DELETE FROM goose_db_version WHERE version_id = (SELECT max(version_id) FROM goose_db_version)")
	address := modelstest.Empty(t, "postgres")
	if _, err := source.CopyToPostgres(env.Context, copying(env, address)); !errors.Is(err, models.ErrSchemaBehind) {
		t.Error(err)
	}
	newer := copyOf(t, env)
	mustExec(t, models.WriterForTest(newer), "INSERT INTO goose_db_version (version_id, is_applied) VALUES (900, true)")
	if _, err := newer.CopyToPostgres(env.Context, copying(env, address)); !errors.Is(err, models.ErrSchemaAhead) {
		t.Errorf("of a newer program: %v", err)
	}
}

// A copy that is not what the source has is not committed.
func TestCopyIsCompared(t *testing.T) {
	site := newCopiedSite(t)
	for _, change := range []string{
		"NEW.full_name = NEW.full_name || ' '", "NEW.updated_at = NEW.updated_at + 1", "NEW.presence_required = NOT NEW.presence_required",
	} {
		source, address := copyOf(t, site.Env), modelstest.Empty(t, "postgres")
		there := modelstest.Connect(t, address)
		if _, err := there.MigrateUp(site.Context); err != nil {
			t.Fatal(err)
		}
		mustExec(t, models.WriterForTest(there), "CREATE FUNCTION other() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "+change+
			"; RETURN NEW; END $$; CREATE TRIGGER other BEFORE INSERT ON accounts FOR EACH ROW EXECUTE FUNCTION other()")
		_, err := source.CopyToPostgres(site.Context, copying(site.Env, address))
		var differs *models.CopyDiffersError
		if !errors.As(err, &differs) || differs.Table != "accounts" || !strings.Contains(err.Error(), "and they differ") {
			t.Errorf("%s: %v", change, err)
		}
		wantNothingCopied(t, source, address)
	}
	if fmt.Sprint(&models.CopyDiffersError{Table: "staff", Source: 3, Copy: 2}) != "staff has 3 rows here, and 2 in the copy" {
		t.Error("rows that are missing are not said")
	}
}
