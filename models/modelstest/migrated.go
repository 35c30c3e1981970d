package modelstest

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"countersign/models"
	"countersign/models/pgtest"
)

// Migrated is the address of a new database with every migration applied: a copy of one that
// was migrated once, which is several times quicker.
func Migrated(t testing.TB, dialect string) string {
	t.Helper()
	if dialect == "postgres" {
		return pgtest.Copy(t, migrate)
	}
	path := filepath.Join(t.TempDir(), "countersign.db")
	MigratedAt(t, path)
	return "sqlite:" + path
}

// MigratedAt is Migrated for the file of a SQLite database, which is not there yet.
func MigratedAt(t testing.TB, path string) {
	t.Helper()
	template, err := migratedFile()
	if err := errors.Join(err, os.WriteFile(path, template, 0o600)); err != nil {
		t.Fatal(err)
	}
}

// migratedFile is the file of a migrated SQLite database.
var migratedFile = sync.OnceValues(func() ([]byte, error) {
	folder, err := os.MkdirTemp("", "countersign-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	path := filepath.Join(folder, "countersign.db")
	if err := migrate("sqlite:" + path); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
})

func migrate(address string) error {
	ctx := context.Background()
	database, err := models.Connect(ctx, address, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	_, err = database.MigrateUp(ctx)
	return errors.Join(err, database.Close())
}
