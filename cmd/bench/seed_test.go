package main

import (
	"path/filepath"
	"testing"

	"countersign/models/pgtest"
)

// Added rows are the template's but for what must be unique, and fill each index from one end to the other.
func TestAddLike(t *testing.T) {
	for name, address := range map[string]func(t *testing.T) string{
		"SQLite":     func(t *testing.T) string { return "sqlite:" + filepath.Join(t.TempDir(), "seed.db") },
		"PostgreSQL": func(t *testing.T) string { return pgtest.Schema(t) },
	} {
		t.Run(name, func(t *testing.T) {
			address := address(t)
			database, err := openDatabase(address)
			if err != nil {
				t.Fatal(err)
			}
			defer database.Close()
			for _, statement := range []string{
				"CREATE TABLE requests (id TEXT PRIMARY KEY, code TEXT NOT NULL UNIQUE, place INTEGER NOT NULL UNIQUE, owner TEXT NOT NULL, note TEXT, UNIQUE (owner, code))",
				"INSERT INTO requests VALUES ('aaaaaaaaaaaaaaaa', 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb', 7, 'somebody', NULL), ('x', 'y', 3, 'else', 'z')",
			} {
				if _, err := database.ExecContext(t.Context(), statement); err != nil {
					t.Fatal(err)
				}
			}
			if err := addLike(t.Context(), address, "requests", "owner", "somebody", seedBatch+10); err != nil {
				t.Fatal(err)
			}
			var rows, ids, codes, last int
			err = database.QueryRowContext(t.Context(), `SELECT count(*), count(DISTINCT id), count(DISTINCT code), max(place) FROM requests
				WHERE owner = 'somebody' AND note IS NULL AND length(id) = 16 AND length(code) = 43`).Scan(&rows, &ids, &codes, &last)
			if want := seedBatch + 11; err != nil || rows != want || ids != want || codes != want || last != 7+seedBatch+10 {
				t.Errorf("%d rows, %d ids, %d codes, the last place %d, %v", rows, ids, codes, last, err)
			}
			var back int
			err = database.QueryRowContext(t.Context(), `SELECT count(*) FROM (SELECT id < lag(id) OVER added OR code < lag(code) OVER added AS back
				FROM requests WHERE owner = 'somebody' AND place > 7 WINDOW added AS (ORDER BY place)) AS pairs WHERE back`).Scan(&back)
			if err != nil || back != 0 {
				t.Errorf("%d keys lie before the row that was added before, %v", back, err)
			}
			if addLike(t.Context(), address, "requests", "owner", "nobody", 1) == nil {
				t.Error("added rows like one that is not there")
			}
		})
	}
}
