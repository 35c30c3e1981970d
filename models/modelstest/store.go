// Package modelstest gives tests a real store, on real SQLite and real PostgreSQL,
// with a clock that only the test moves, and the people and things of a visit. It is
// for tests of this package's neighbours too.
package modelstest

import (
	"bytes"
	"context"
	"crypto/rand"
	"log/slog"
	"path/filepath"
	"testing"

	"countersign/models"
	"countersign/models/keys"
	"countersign/models/pgtest"
)

// Issuer is the authorization server of tests that have no HTTP.
const Issuer = "https://id.example"

// Env is a fresh store with its clock.
type Env struct {
	*models.Store
	Clock   *Clock
	Address string // of the database, for models.Connect
	Context context.Context
}

// MasterKey is the master key of every test's store.
func MasterKey() []byte { return bytes.Repeat([]byte{7}, keys.MasterKeySize) }

// Main runs a package's tests and takes the temporary PostgreSQL down after them.
// Every package that uses Each, Empty or Migrated calls it from TestMain.
func Main(m *testing.M) { pgtest.Main(m) }

// Each runs the test on SQLite and on PostgreSQL, each with a database of its own.
func Each(t *testing.T, test func(t *testing.T, env *Env)) {
	t.Helper()
	for _, dialect := range []string{"sqlite", "postgres"} {
		t.Run(dialect, func(t *testing.T) { test(t, Open(t, Migrated(t, dialect), models.Policy{})) })
	}
}

// SQLite is a fresh store on SQLite with a policy of the test's own.
func SQLite(t *testing.T, policy models.Policy) *Env {
	t.Helper()
	return Open(t, Migrated(t, "sqlite"), policy)
}

// Empty is the address of a database without any table.
func Empty(t *testing.T, dialect string) string {
	t.Helper()
	if dialect == "postgres" {
		return pgtest.Schema(t)
	}
	return "sqlite:" + filepath.Join(t.TempDir(), "countersign.db")
}

// Connect opens a database until the test ends.
func Connect(t *testing.T, address string) *models.Database {
	t.Helper()
	database, err := models.Connect(t.Context(), address, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := database.Close(); err != nil {
			t.Error(err)
		}
	})
	CheckPlans(t, database)
	return database
}

// Version is of the program that every test's store belongs to.
const Version = "v1.2.3"

// Open opens a store on a database that is migrated.
func Open(t *testing.T, address string, policy models.Policy) *Env {
	t.Helper()
	database := Connect(t, address)
	clock := NewClock()
	store, err := models.Open(t.Context(), database, models.Config{
		Issuer: Issuer, Now: clock.Now, Rand: rand.Reader, MasterKey: MasterKey(), Policy: policy, Version: Version,
	})
	if err != nil {
		t.Fatal(err)
	}
	return &Env{Store: store, Clock: clock, Address: address, Context: t.Context()}
}

// DeviceAuthorization is one request as it stands, rules obeyed.
func (e *Env) DeviceAuthorization(ctx context.Context, id string) (models.DeviceAuthorization, error) {
	view, err := e.Store.Request(ctx, id)
	return view.DeviceAuthorization, err
}
