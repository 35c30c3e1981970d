package models_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"testing"

	"countersign/models"
	"countersign/models/modelstest"
)

// again opens the database once more, as another process, after it went wrong.
func again(t *testing.T, env *modelstest.Env, address string) *models.Store {
	t.Helper()
	database, err := models.Connect(t.Context(), address, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = database.Close() })
	store, err := models.Open(t.Context(), database, config(env, modelstest.MasterKey()))
	if err != nil {
		t.Fatal(err)
	}
	return store
}

func wantOutage(t *testing.T, store *models.Store, want models.Outage) {
	t.Helper()
	err := store.Probe(t.Context())
	outage, is := errors.AsType[*models.UnavailableError](err)
	if !is || outage.Outage != want {
		t.Errorf("the probe says %v, want %q", err, want)
	}
	if got := store.Readiness(); !errors.Is(got, err) {
		t.Errorf("ready: %v", got)
	}
}

// A database that can be read and not written is not ready, and says why.
func TestProbeOfSQLite(t *testing.T) {
	for name, damage := range map[models.Outage]func(t *testing.T, store *models.Store){
		models.ReadOnly: func(t *testing.T, store *models.Store) {
			execute(t, store, "PRAGMA query_only = on")
		},
		models.Full: func(t *testing.T, store *models.Store) {
			execute(t, store, "PRAGMA max_page_count = 1") // the pages that there are
			db := models.WriterForTest(store.Database)
			for _, width := range []int{100, 10} { // so that no row of a process finds room
				for i, err := 0, error(nil); err == nil; i++ {
					err = db.Exec("INSERT INTO readiness (process, probed_at) VALUES (?, 9e15)", fmt.Sprintf("%0*d", width, i)).Error
				}
			}
		},
	} {
		t.Run(string(name), func(t *testing.T) {
			env := modelstest.SQLite(t, models.Policy{})
			if err := env.Readiness(); !errors.Is(err, models.ErrNotProbed) {
				t.Errorf("before the first probe: %v", err)
			}
			damage(t, env.Store)
			wantOutage(t, env.Store, name)
			if got := env.Readiness(); !strings.Contains(got.Error(), strings.TrimPrefix(env.Address, "sqlite:")) {
				t.Errorf("%v does not name the file", got)
			}
		})
	}
}

// A standby or demoted primary, and a role that may not write, are not ready.
func TestProbeOfPostgres(t *testing.T) {
	env := modelstest.Open(t, modelstest.Migrated(t, "postgres"), models.Policy{})
	if err := env.Probe(t.Context()); err != nil {
		t.Fatal(err)
	}
	address, err := url.Parse(env.Address)
	if err != nil {
		t.Fatal(err)
	}
	name := address.Path[1:]
	for _, statement := range []string{
		"CREATE ROLE reads_only_" + name + " LOGIN",
		"GRANT SELECT ON ALL TABLES IN SCHEMA public TO reads_only_" + name,
	} {
		execute(t, env.Store, statement)
	}
	reader := *address
	reader.User = url.User("reads_only_" + name)
	wantOutage(t, again(t, env, reader.String()), models.NotAllowed)

	execute(t, env.Store, "ALTER DATABASE "+name+" SET default_transaction_read_only = on")
	wantOutage(t, again(t, env, env.Address), models.ReadOnly)
}

// Somebody else writes: ready. A migration waits: not.
func TestProbeOfAnyDatabase(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		for range 3 {
			if err := env.Probe(env.Context); err != nil || env.Readiness() != nil {
				t.Fatalf("not ready: %v", err)
			}
		}
		var rows int
		if err := env.Reader().Raw("SELECT count(*) FROM readiness").Scan(&rows).Error; err != nil || rows != 1 {
			t.Errorf("%d rows of one process, %v", rows, err)
		}
		env.Clock.Advance(25 * 3600e9)
		if err := again(t, env, env.Address).Probe(env.Context); err != nil {
			t.Fatal(err)
		}
		if err := env.Reader().Raw("SELECT count(*) FROM readiness").Scan(&rows).Error; err != nil || rows != 1 {
			t.Errorf("%d rows, the one of a process that is no more is kept: %v", rows, err)
		}
		execute(t, env.Store, "DELETE FROM goose_db_version WHERE version_id = 37")
		if err := env.Probe(env.Context); !errors.Is(err, models.ErrSchemaBehind) {
			t.Errorf("behind: %v", err)
		}
		if err := env.Close(); err != nil {
			t.Fatal(err)
		}
		if err := env.Probe(context.WithoutCancel(env.Context)); err == nil || env.Readiness() == nil {
			t.Error("a closed database is ready")
		}
	})
}

func execute(t *testing.T, store *models.Store, statement string) {
	t.Helper()
	if err := models.WriterForTest(store.Database).Exec(statement).Error; err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}
