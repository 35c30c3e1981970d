package models_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"sync"
	"testing"

	"countersign/models"
	"countersign/models/keys"
	"countersign/models/modelstest"
)

func config(env *modelstest.Env, master []byte) models.Config {
	return models.Config{Issuer: modelstest.Issuer, Now: env.Clock.Now, Rand: rand.Reader, MasterKey: master}
}

// docs/architecture.md §4.13: an unreadable key stops the start and is never replaced.
func TestWrongMasterKeyStopsTheStart(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		before, err := env.AccessTokenKeys(env.Context)
		if err != nil || len(before.Keys) != 2 || !before.Keys[0].IsPublic() {
			t.Fatalf("keys %+v, %v", before, err)
		}
		for _, master := range [][]byte{bytes.Repeat([]byte{8}, 32), []byte("short"), nil} {
			if _, err := models.Open(env.Context, env.Database, config(env, master)); err == nil {
				t.Error("started with a wrong master key")
			}
		}
		if _, err := models.Open(env.Context, env.Database, config(env, bytes.Repeat([]byte{8}, 32))); !errors.Is(err, keys.ErrMasterKey) {
			t.Errorf("error %v", err)
		}
		if _, err := models.Open(env.Context, env.Database, config(env, modelstest.MasterKey())); err != nil {
			t.Fatal(err)
		}
		after, err := env.AccessTokenKeys(env.Context)
		if err != nil || len(after.Keys) != 2 || after.Keys[0].KeyID != before.Keys[0].KeyID {
			t.Error("the key was replaced")
		}
	})
}

// A sealed key moved to another row, or damaged, does not open.
func TestSealedKeysStayInTheirRow(t *testing.T) {
	for _, damage := range []string{
		"UPDATE server_keys SET sealed = (SELECT sealed FROM server_keys WHERE purpose = 'document-number') WHERE purpose = 'user-code'",
		"UPDATE server_keys SET sealed = 'AAAA' WHERE purpose = 'audit'",
		"UPDATE server_keys SET sealed = 'AAAA' WHERE purpose = 'audit' AND status = 'next'",
		"UPDATE server_keys SET sealed = (SELECT sealed FROM server_keys WHERE purpose = 'audit' AND status = 'next') WHERE purpose = 'audit' AND status = 'current'",
		"DELETE FROM server_keys WHERE purpose = 'access-token'",
		"DELETE FROM server_keys WHERE purpose = 'access-token' AND status = 'current'",
		"DELETE FROM server_keys WHERE purpose = 'audit' AND status = 'current'",
		"DELETE FROM server_keys WHERE purpose = 'user-code'",
		"DELETE FROM server_keys WHERE purpose = 'document-number'",
	} {
		env := modelstest.SQLite(t, models.Policy{})
		withoutGuard(t, env)
		if err := models.WriterForTest(env.Database).Exec(damage).Error; err != nil {
			t.Fatal(err)
		}
		if _, err := models.Open(env.Context, env.Database, config(env, modelstest.MasterKey())); err == nil {
			t.Errorf("started after %s", damage)
		}
	}
}

// Several processes start on a new database at once: one set of keys.
func TestFirstStartRace(t *testing.T) {
	for _, dialect := range []string{"sqlite", "postgres"} {
		t.Run(dialect, func(t *testing.T) {
			address := modelstest.Migrated(t, dialect)
			clock := modelstest.NewClock()
			var group sync.WaitGroup
			for range 4 {
				database := modelstest.Connect(t, address)
				group.Go(func() {
					_, err := models.Open(t.Context(), database, config(&modelstest.Env{Clock: clock}, modelstest.MasterKey()))
					if err != nil {
						t.Error(err)
					}
				})
			}
			group.Wait()
			keys, err := modelstest.Connect(t, address).AuditKeys(t.Context())
			if err != nil || len(keys.Keys) != 2 { // current and next
				t.Errorf("%d audit keys, %v", len(keys.Keys), err)
			}
		})
	}
}

// Three migrators at once apply each migration once.
func TestConcurrentMigrators(t *testing.T) {
	address := modelstest.Empty(t, "postgres")
	var group sync.WaitGroup
	for range 3 {
		database := modelstest.Connect(t, address)
		group.Go(func() {
			if _, err := database.MigrateUp(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if err := modelstest.Connect(t, address).CheckSchema(t.Context()); err != nil {
		t.Error(err)
	}
}

// A database whose schema is behind is not opened.
func TestSchemaBehind(t *testing.T) {
	database := modelstest.Connect(t, modelstest.Empty(t, "sqlite"))
	if err := database.MigrateTo(t.Context(), 3); err != nil {
		t.Fatal(err)
	}
	_, err := models.Open(t.Context(), database, config(&modelstest.Env{Clock: modelstest.NewClock()}, modelstest.MasterKey()))
	if !errors.Is(err, models.ErrSchemaBehind) {
		t.Errorf("opened: %v", err)
	}
}

// An issuer that is not the database's own stops the start: events carry it.
func TestOtherIssuer(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		other := config(env, modelstest.MasterKey())
		other.Issuer = "https://mistyped.example"
		before := env.LastEvent(t)
		if _, err := models.Open(env.Context, env.Database, other); !errors.Is(err, models.ErrOtherIssuer) {
			t.Errorf("opened: %v", err)
		}
		if env.LastEvent(t) != before {
			t.Error("an event was written")
		}
	})
}
