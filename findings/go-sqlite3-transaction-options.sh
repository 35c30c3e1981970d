#!/usr/bin/env bash
# Go module github.com/mattn/go-sqlite3 1.14.53 takes each option of a transaction and heeds none: ReadOnly writes, and locks.
#
# Expected: "This must check opts.Isolation … If the driver does not support a non-default level and one is set …, an error must be
#           returned"; and ReadOnly is set, or refused if it is not supported (doc comment of BeginTx in database/sql/driver).
#           So a report in a read-only transaction writes nothing, waits for no writer and holds none up, as with PostgreSQL.
# Seen:     an INSERT in a transaction with ReadOnly is committed, and with _txlock=immediate that transaction takes the write lock:
#           a second one beside it is SQLITE_BUSY. Each isolation level is taken, READ UNCOMMITTED as well as LINEARIZABLE.
#           modernc.org/sqlite leaves out the lock of a read-only one, no more. github.com/ncruces/go-sqlite3 does what is expected.
# Source:   Go modules github.com/mattn/go-sqlite3 v1.14.53, modernc.org/sqlite v1.60.1 and github.com/ncruces/go-sqlite3 v0.37.0;
#           database/sql of Go 1.26. The issue of 2019 is github.com/mattn/go-sqlite3/issues/685.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
cat >main.go <<'GO'
package main

import (
	"context"
	"database/sql"
	"fmt"

	_ "github.com/mattn/go-sqlite3"
	_ "github.com/ncruces/go-sqlite3/driver"
	_ "modernc.org/sqlite"
)

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func answer(err error) string {
	if err != nil {
		return "refused"
	}
	return "taken"
}

// try begins transactions on a database of its own, in WAL mode, whose transactions take the write lock when they begin.
func try(module, driver string) {
	ctx := context.Background()
	db, err := sql.Open(driver, "file:"+driver+".db?_txlock=immediate")
	must(err)
	defer db.Close()
	_, err = db.Exec("PRAGMA journal_mode = WAL")
	must(err)
	_, err = db.Exec("CREATE TABLE event (id INTEGER)")
	must(err)

	tx, err := db.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	must(err)
	_, err = tx.Exec("INSERT INTO event VALUES (1)")
	inserted := answer(err)
	if err == nil {
		must(tx.Commit())
	} else {
		must(tx.Rollback())
	}
	var rows int
	must(db.QueryRow("SELECT count(*) FROM event").Scan(&rows))
	fmt.Printf("%s: INSERT when read-only %s, rows %d", module, inserted, rows)

	first, err := db.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	must(err)
	second, err := db.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	fmt.Print("; second read-only transaction ", answer(err))
	if err == nil {
		must(second.Rollback())
	}
	must(first.Rollback())

	for _, level := range []sql.IsolationLevel{sql.LevelReadUncommitted, sql.LevelLinearizable} {
		tx, err := db.BeginTx(ctx, &sql.TxOptions{Isolation: level})
		fmt.Printf("; %s %s", level, answer(err))
		if err == nil {
			must(tx.Rollback())
		}
	}
	fmt.Println()
}

func main() {
	try("mattn/go-sqlite3", "sqlite3")
	try("modernc.org/sqlite", "sqlite")
	try("ncruces/go-sqlite3", "ncruces")
}
GO
# ncruces registers itself as sqlite3 too, unless the linker gives another name.
{ go mod init seen &&
  go get github.com/mattn/go-sqlite3@v1.14.53 modernc.org/sqlite@v1.60.1 github.com/ncruces/go-sqlite3@v0.37.0 && go mod tidy &&
  CGO_ENABLED=1 go build -ldflags "-X github.com/ncruces/go-sqlite3/driver.driverName=ncruces" -o program .; } >log 2>&1 ||
  { cat log >&2; echo "could not build with go-sqlite3 1.14.53" >&2; exit 2; }
cat >expected <<'TXT'
mattn/go-sqlite3: INSERT when read-only taken, rows 1; second read-only transaction refused; Read Uncommitted taken; Linearizable taken
modernc.org/sqlite: INSERT when read-only taken, rows 1; second read-only transaction taken; Read Uncommitted taken; Linearizable taken
ncruces/go-sqlite3: INSERT when read-only refused, rows 0; second read-only transaction taken; Read Uncommitted refused; Linearizable taken
TXT
./program | tee seen
diff expected seen && echo "As described: go-sqlite3 1.14.53 takes each option of a transaction and heeds none."
