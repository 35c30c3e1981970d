package main

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"countersign/models/pgtest"

	"github.com/pressly/goose/v3"
)

// What the program of commit 56942bf left behind comes to the same rows on PostgreSQL as on SQLite, and its trail is one on both.
func TestUpdateComesToTheSameOnBothDatabases(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	if err := unpackMade(folder, "56942bf"); err != nil {
		t.Fatal(err)
	}
	file, address := filepath.Join(folder, "demo", "countersign.db"), pgtest.Schema(t)
	lite, postgres := openRaw(t, "sqlite3", "file:"+file), openRaw(t, "pgx", address)
	moveEarlier(t, lite, postgres, 27)
	for _, database := range []string{"sqlite:" + file, address} {
		environ := []string{"COUNTERSIGN_DATABASE=" + database, "COUNTERSIGN_ISSUER=http://127.56.94.2:18942",
			"COUNTERSIGN_MASTER_KEY_FILE=" + filepath.Join(folder, "demo", "master.key")}
		got := runWith(t, environ, "", "migrate", "up", "--no-backup")
		if got.code != 0 || !strings.Contains(got.stdout, "from migration 27 to ") {
			t.Fatalf("%s: %+v", database, got)
		}
	}
	for _, table := range tablesOf(t, lite) {
		columns := strings.Join(columnsOf(t, lite, table), ", ")
		want, got := rowsAsText(t, lite, table, columns), rowsAsText(t, postgres, table, columns)
		if !slices.Equal(want, got) {
			t.Errorf("%s (%s): on SQLite\n%s\non PostgreSQL\n%s", table, columns, strings.Join(want, "\n"), strings.Join(got, "\n"))
		}
	}
	if events := rowsAsText(t, postgres, "audit_events", "seq"); len(events) < 20 {
		t.Errorf("only %d events were there", len(events))
	}
	for _, database := range []string{"sqlite:" + file, address} {
		environ := []string{"COUNTERSIGN_DATABASE=" + database, "COUNTERSIGN_ISSUER=http://127.56.94.2:18942"}
		if got := runWith(t, environ, "", "audit", "verify"); got.code != 0 || !strings.Contains(got.stdout, "verdict: consistent") {
			t.Errorf("%s: %+v", database, got)
		}
	}
}

func openRaw(t *testing.T, driver, source string) *sql.DB {
	t.Helper()
	database, err := sql.Open(driver, source)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = database.Close() })
	database.SetMaxOpenConns(1)
	return database
}

// moveEarlier makes an earlier program's schema on PostgreSQL, and moves every row there, past the triggers that keep rows as they are.
func moveEarlier(t *testing.T, from, to *sql.DB, version int64) {
	t.Helper()
	provider, err := goose.NewProvider(goose.DialectPostgres, to, os.DirFS("../../models/migrations/postgres"),
		goose.WithDisableGlobalRegistry(true))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := provider.UpTo(t.Context(), version); err != nil {
		t.Fatal(err)
	}
	change := func(statement string, values ...any) {
		t.Helper()
		if _, err := to.ExecContext(t.Context(), statement, values...); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	change("SET session_replication_role = replica")
	for _, table := range tablesOf(t, from) {
		columns := columnsOf(t, from, table)
		var places []string
		for i, column := range columns {
			places = append(places, fmt.Sprintf("$%d", i+1))
			if typeOf(t, to, table, column) == "boolean" {
				places[i] += "::bigint <> 0"
			}
		}
		change("DELETE FROM " + table)
		insert := fmt.Sprintf("INSERT INTO %s (%s) VALUES (%s)", table, strings.Join(columns, ", "), strings.Join(places, ", "))
		for _, row := range rowsOf(t, from, table, strings.Join(columns, ", ")) {
			change(insert, row...)
		}
	}
	change("SET session_replication_role = origin")
}

// tablesOf lists the tables of a SQLite database with rows of the program's own.
func tablesOf(t *testing.T, lite *sql.DB) []string {
	t.Helper()
	return texts(rowsOf(t, lite, "sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> 'goose_db_version'", "name"))
}

func columnsOf(t *testing.T, lite *sql.DB, table string) []string {
	t.Helper()
	return texts(rowsOf(t, lite, "pragma_table_info('"+table+"') ORDER BY name", "name"))
}

func typeOf(t *testing.T, postgres *sql.DB, table, column string) string {
	t.Helper()
	found := texts(rowsOf(t, postgres, "information_schema.columns WHERE table_schema = current_schema() AND table_name = '"+table+
		"' AND column_name = '"+column+"'", "data_type::text"))
	if len(found) != 1 {
		t.Fatalf("%s.%s is not on PostgreSQL", table, column)
	}
	return found[0]
}

// rowsOf reads values as the drivers give them.
func rowsOf(t *testing.T, database *sql.DB, from, columns string) (all [][]any) {
	t.Helper()
	rows, err := database.QueryContext(t.Context(), "SELECT "+columns+" FROM "+from)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		values, places := make([]any, strings.Count(columns, ", ")+1), []any{}
		for i := range values {
			places = append(places, &values[i])
		}
		if err := rows.Scan(places...); err != nil {
			t.Fatal(err)
		}
		all = append(all, values)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

// texts are the values of one column.
func texts(rows [][]any) (all []string) {
	for _, row := range rows {
		all = append(all, fmt.Sprint(row[0]))
	}
	return all
}

// rowsAsText are a table's rows, sorted, alike on both databases.
func rowsAsText(t *testing.T, database *sql.DB, table, columns string) (all []string) {
	t.Helper()
	for _, row := range rowsOf(t, database, table, columns) {
		line := ""
		for _, value := range row {
			switch is := value.(type) {
			case bool:
				value = map[bool]int64{true: 1}[is]
			case []byte:
				value = fmt.Sprintf("%x", is)
			}
			line += fmt.Sprintf("%v|", value)
		}
		all = append(all, line)
	}
	slices.Sort(all)
	return all
}
