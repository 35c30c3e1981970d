package modelstest

import (
	"database/sql"
	"strings"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
	_ "github.com/mattn/go-sqlite3"    // the driver "sqlite3"
)

// Hold takes the write lock of the database at the address, as a backup or another program
// does, and returns what gives it back. Reading goes on meanwhile.
func Hold(t testing.TB, address string) (release func()) {
	t.Helper()
	driver, source, statement := "pgx", address,
		`DO $$ DECLARE name text; BEGIN FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = current_schema()
			LOOP EXECUTE format('LOCK TABLE %I IN EXCLUSIVE MODE', name); END LOOP; END $$`
	if file, is := strings.CutPrefix(address, "sqlite:"); is {
		driver, source, statement = "sqlite3", "file:"+file+"?_txlock=immediate", "SELECT 1"
	}
	other, err := sql.Open(driver, source)
	if err != nil {
		t.Fatal(err)
	}
	tx, err := other.BeginTx(t.Context(), nil)
	if err == nil {
		_, err = tx.ExecContext(t.Context(), statement)
	}
	if err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := tx.Rollback(); err != nil {
			t.Error(err)
		}
		_ = other.Close()
	}
}
