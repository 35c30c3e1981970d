#!/usr/bin/env bash
# Go module github.com/mattn/go-sqlite3 1.14.53 binds $1, $2 in the order in which they appear, not by their numbers.
#
# Expected: $2 is the second argument, as in PostgreSQL; so one statement serves both databases, and a statement that names
#           $2 before $1 gets the same row from each.
# Seen:     the arguments are swapped and nothing complains: to SQLite $2 is a parameter of that *name*, and the driver
#           counts names as they come. ?2 is a number. An UPDATE with SET … = $2 WHERE id = $1 changes no row, or another.
# Source:   Go module github.com/mattn/go-sqlite3 1.14.53, through database/sql.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
cat >main.go <<'GO'
package main

import (
	"database/sql"
	"fmt"

	_ "github.com/mattn/go-sqlite3"
)

func main() {
	db, err := sql.Open("sqlite3", ":memory:")
	if err != nil {
		panic(err)
	}
	db.SetMaxOpenConns(1)
	exec := func(statement string, args ...any) int64 {
		result, err := db.Exec(statement, args...)
		if err != nil {
			panic(err)
		}
		n, err := result.RowsAffected()
		if err != nil {
			panic(err)
		}
		return n
	}
	exec(`CREATE TABLE requests (id TEXT PRIMARY KEY, state TEXT NOT NULL)`)
	exec(`INSERT INTO requests (id, state) VALUES ($1, $2)`, "r1", "pending")
	fmt.Println("SET state = $2 WHERE id = $1:", exec(`UPDATE requests SET state = $2 WHERE id = $1`, "r1", "declined"), "rows")
	fmt.Println("SET state = ?2 WHERE id = ?1:", exec(`UPDATE requests SET state = ?2 WHERE id = ?1`, "r1", "declined"), "rows")
	var first, second string
	if err := db.QueryRow(`SELECT $2, $1`, "one", "two").Scan(&first, &second); err != nil {
		panic(err)
	}
	fmt.Println("SELECT $2, $1 of one, two:", first, second)
}
GO
{ go mod init seen && go get github.com/mattn/go-sqlite3@v1.14.53 && CGO_ENABLED=1 go build -o program .; } >log 2>&1 ||
  { cat log >&2; echo "could not build with go-sqlite3 1.14.53" >&2; exit 2; }
cat >expected <<'TXT'
SET state = $2 WHERE id = $1: 0 rows
SET state = ?2 WHERE id = ?1: 1 rows
SELECT $2, $1 of one, two: one two
TXT
./program | tee seen
diff expected seen && echo "As described: go-sqlite3 1.14.53 takes \$2 for a name and binds by appearance."
