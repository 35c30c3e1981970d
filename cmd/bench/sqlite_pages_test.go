package main

import (
	"path/filepath"
	"testing"
)

// The pages of all tables and indexes, those that are free, and that of the schema are the whole file.
func TestPagesAreTheWholeFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pages.db")
	database, err := openDatabase("sqlite:" + path)
	if err != nil {
		t.Fatal(err)
	}
	defer database.Close()
	for _, statement := range []string{
		"CREATE TABLE short (id INTEGER PRIMARY KEY, name TEXT UNIQUE)",
		"CREATE TABLE long (name TEXT PRIMARY KEY, text BLOB) WITHOUT ROWID",
		"CREATE TABLE tiles (id INTEGER PRIMARY KEY, text BLOB)",
		"WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000) INSERT INTO short SELECT i, hex(randomblob(20)) FROM n",
		"INSERT INTO long SELECT name, randomblob(id) FROM short WHERE id <= 9000 AND id % 10 = 0",
		"INSERT INTO tiles SELECT id, randomblob(5 * id) FROM short WHERE id <= 9000 AND id % 20 = 0",
		"DELETE FROM tiles WHERE id > 8000",
		"PRAGMA wal_checkpoint(TRUNCATE)",
	} {
		if _, err := database.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	file, err := openPages(path)
	if err != nil {
		t.Fatal(err)
	}
	sizes, err := sizesOfSQLite(t.Context(), database, path)
	if err != nil {
		t.Fatal(err)
	}
	total := int64(file.pageSize) // of the schema
	for _, name := range []string{"short", "long", "tiles"} {
		if sizes[name] == 0 {
			t.Errorf("%s has no page", name)
		}
		total += sizes[name]
	}
	var pages, free int64
	err = database.QueryRowContext(t.Context(),
		"SELECT p.page_count, f.freelist_count FROM pragma_page_count AS p, pragma_freelist_count AS f").Scan(&pages, &free)
	if err != nil {
		t.Fatal(err)
	}
	if want := (pages - free) * int64(file.pageSize); total != want || free == 0 {
		t.Errorf("%d bytes, want %d; %d pages are free", total, want, free)
	}
}
