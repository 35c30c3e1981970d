package models_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"countersign/models"
	"countersign/models/modelstest"

	"gorm.io/gorm"
)

func wantTooOld(t *testing.T, what string, err error) {
	t.Helper()
	outage, is := errors.AsType[*models.UnavailableError](err)
	const words = "asks for a program that knows migration 900, and this one knows them up to "
	if !is || outage.Outage != models.TooOld || !strings.Contains(err.Error(), words) {
		t.Errorf("%s: %v", what, err)
	}
}

// write is a write of its own, together one that shares a transaction: of a row of this name.
func write(env *modelstest.Env, name string) error {
	return env.PlainForTest(env.Context, func(plain models.Plain) error { return insertMark(plain.DB, name) })
}

func together(env *modelstest.Env, name string) error {
	return env.WriteTogetherForTest(env.Context, func(db *gorm.DB) error { return insertMark(db, name) })
}

func insertMark(db *gorm.DB, name string) error {
	return db.Exec("INSERT INTO readiness (process, probed_at) VALUES (?, 9000000000000000)", name).Error
}

func marks(t *testing.T, env *modelstest.Env) string {
	t.Helper()
	var names []string
	err := env.Reader().Raw("SELECT process FROM readiness WHERE probed_at = 9000000000000000 ORDER BY process").Scan(&names).Error
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(names, " ")
}

// docs/decisions/0068-oldest-program.md: a database that has migrations of a newer program, which ask for none newer than this
// one, is worked with: at the start, while this runs, and by migrate up.
func TestNewerDatabaseThatAsksForNoNewerProgram(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		modelstest.MigrateByNewer(t, env.Address, false)
		if err := errors.Join(write(env, "a"), together(env, "b"), env.CheckOldest(env.Context), env.Probe(env.Context)); err != nil {
			t.Errorf("while it runs: %v", err)
		}
		started := again(t, env, env.Address)
		if names, err := started.MigrateUp(env.Context); err != nil || len(names) > 0 {
			t.Errorf("migrate up: %v, %v", names, err)
		}
		if got := marks(t, env); got != "a b" {
			t.Errorf("written: %q", got)
		}
	})
}

// A database that asks for a newer program is refused with words, at the start and by migrate up.
func TestTooOldProgramDoesNotStart(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		modelstest.MigrateByNewer(t, env.Address, true)
		database := modelstest.Connect(t, env.Address)
		_, err := models.Open(env.Context, database, config(env, modelstest.MasterKey()))
		wantTooOld(t, "open", err)
		wantTooOld(t, "check", database.CheckSchema(env.Context))
		_, err = modelstest.Connect(t, env.Address).MigrateUp(env.Context)
		wantTooOld(t, "migrate up", err)
	})
}

// A process that runs writes nothing more from the moment on at which a newer program asks for more, is not ready at once, and
// works again when the database is as it was.
func TestTooOldProgramStopsWriting(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		if err := errors.Join(write(env, "a"), together(env, "b"), env.Probe(env.Context), env.Outdated(), env.Readiness()); err != nil {
			t.Fatal(err)
		}
		modelstest.MigrateByNewer(t, env.Address, true)
		wantTooOld(t, "a write", write(env, "c"))
		wantTooOld(t, "after a write", env.Outdated())
		wantTooOld(t, "after a write", env.Readiness())
		for i := range 12 { // no connection is left in the middle of a transaction
			wantTooOld(t, "a shared write", together(env, fmt.Sprint("d", i)))
		}
		wantTooOld(t, "a probe", env.Probe(env.Context))
		wantTooOld(t, "a verdict", env.RecordVerification(env.Context, models.TrailVerification{Verdict: models.VerdictNotSound}))
		if got := marks(t, env); got != "a b" {
			t.Errorf("written: %q", got)
		}
		if err := models.WriterForTest(modelstest.Connect(t, env.Address)).Exec("UPDATE oldest_program SET knows = 1").Error; err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(env.Probe(env.Context), env.Readiness(), write(env, "e")); err != nil {
			t.Errorf("afterwards: %v", err)
		}
	})
}

// What writes nothing looks by itself.
func TestTooOldProgramIsNoticedByALook(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		modelstest.MigrateByNewer(t, env.Address, true)
		if err := env.Outdated(); err != nil {
			t.Errorf("before the look: %v", err)
		}
		wantTooOld(t, "the look", env.CheckOldest(env.Context))
		wantTooOld(t, "after it", env.Outdated())
	})
}

// What migrate up makes of the events once it has migrated looks, too: it may take minutes, and a newer program may come meanwhile.
func TestTooOldProgramStopsFillingAfterMigrations(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		newer := sync.OnceFunc(func() { modelstest.MigrateByNewer(t, env.Address, true) })
		_, err := modelstest.Connect(t, env.Address).MigrateUp(models.Telling(env.Context, func(string, int64, int64) { newer() }))
		wantTooOld(t, "migrate up", err)
		var filled int
		if err := env.Reader().Raw("SELECT count(*) FROM audit_search").Scan(&filled).Error; err != nil || filled > 0 {
			t.Errorf("%d events were made searchable: %v", filled, err)
		}
	})
}

// On PostgreSQL, where writes go on side by side, a migration that asks for more waits for those that have begun, and sees what
// they wrote; those that begin meanwhile wait for it, and are refused.
func TestMigrationWaitsForWritesThatHaveBegun(t *testing.T) {
	env := modelstest.Open(t, modelstest.Migrated(t, "postgres"), models.Policy{})
	begun, asked := make(chan bool), make(chan error, 1)
	late := make(chan error, 1)
	go func() {
		<-begun
		other := modelstest.Connect(t, env.Address)
		asked <- models.WriterForTest(other).Transaction(func(db *gorm.DB) error {
			if err := db.Exec("LOCK TABLE oldest_program IN ACCESS EXCLUSIVE MODE").Error; err != nil {
				return err
			}
			var names []string
			if err := db.Raw("SELECT process FROM readiness WHERE process = 'early'").Scan(&names).Error; err != nil || len(names) == 0 {
				return fmt.Errorf("the migration runs before what was begun before it: %w", err)
			}
			go func() { late <- write(env, "late") }()
			waitFor(t, env, 1)
			return db.Exec("UPDATE oldest_program SET knows = 900").Error
		})
	}()
	err := env.PlainForTest(env.Context, func(plain models.Plain) error {
		close(begun)
		waitFor(t, env, 1)
		return insertMark(plain.DB, "early")
	})
	if err := errors.Join(err, <-asked); err != nil {
		t.Fatal(err)
	}
	wantTooOld(t, "what came meanwhile", <-late)
	if got := marks(t, env); got != "early" {
		t.Errorf("written: %q", got)
	}
}

// waitFor looks until so many wait for the table.
func waitFor(t *testing.T, env *modelstest.Env, want int) {
	t.Helper()
	const looks = 5000
	for range looks {
		var waiting int
		err := env.Reader().Raw("SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'oldest_program'::regclass").Scan(&waiting).Error
		if err != nil {
			t.Error(err)
		}
		if err != nil || waiting >= want {
			return
		}
	}
	t.Error("nobody waits for the table")
}
