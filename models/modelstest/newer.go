package modelstest

import (
	"database/sql"
	"errors"
	"strings"
	"testing"
)

// NewerMigration is a number that no program of today knows.
const NewerMigration = 900

// MigrateByNewer does to the database at the address what a migration of a newer program does, which adds a row to the list
// of migrations, after further ones that change one thing each. Where needsNewer is set it asks for a program that knows it, as
// models/migrations/README.md says.
func MigrateByNewer(t testing.TB, address string, needsNewer bool, further ...string) {
	t.Helper()
	driver, source, lock := "pgx", address, "LOCK TABLE oldest_program IN ACCESS EXCLUSIVE MODE"
	if file, is := strings.CutPrefix(address, "sqlite:"); is {
		driver, source, lock = "sqlite3", "file:"+file+"?_txlock=immediate&_busy_timeout=5000", ""
	}
	other, err := sql.Open(driver, source)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	for _, statement := range further {
		if _, err := other.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	tx, err := other.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	statements := []string{"INSERT INTO goose_db_version (version_id, is_applied) VALUES (900, true)"}
	if needsNewer {
		statements = append([]string{lock, "UPDATE oldest_program SET knows = 900"}, statements...)
	}
	for _, statement := range statements {
		if _, err := tx.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(errors.Join(err, tx.Rollback()))
		}
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
}
