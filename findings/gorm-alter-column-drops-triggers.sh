#!/usr/bin/env bash
# Go module gorm.io/driver/sqlite 1.6.0 drops a table's triggers and indexes when a column's type is altered, and says nothing.
#
# Expected: AlterColumn, and AutoMigrate that calls it, change the type of one column. The trigger that keeps an append-only
#           table append-only, and the table's indexes, are there afterwards, or the call fails.
# Seen:     nil error, no trigger, no index. SQLite cannot alter a type, so the driver copies the table to a new one and drops
#           the old; what SQLite drops with it is not made again. The next DELETE goes through.
# Source:   Go modules gorm.io/gorm 1.31.2, gorm.io/driver/sqlite 1.6.0, github.com/mattn/go-sqlite3 1.14.53.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
cat >main.go <<'GO'
package main

import (
	"fmt"

	"gorm.io/driver/sqlite"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"
)

// Entry is one line of an append-only journal. Its note was varchar(100) when the table was made.
type Entry struct {
	ID   int64
	Note string `gorm:"type:text"`
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func journal() *gorm.DB {
	db, err := gorm.Open(sqlite.Open(":memory:"), &gorm.Config{Logger: logger.Discard})
	must(err)
	pool, err := db.DB()
	must(err)
	pool.SetMaxOpenConns(1)
	for _, statement := range []string{
		`CREATE TABLE entries (id integer PRIMARY KEY, note varchar(100))`,
		`CREATE INDEX entries_note ON entries (note)`,
		`CREATE TRIGGER entries_keep BEFORE DELETE ON entries BEGIN SELECT RAISE(ABORT, 'append only'); END`,
		`INSERT INTO entries (id, note) VALUES (1, 'approved')`,
	} {
		must(db.Exec(statement).Error)
	}
	return db
}

func show(when string, db *gorm.DB) {
	var names []string
	must(db.Raw(`SELECT type FROM sqlite_master WHERE type <> 'table' ORDER BY type`).Scan(&names).Error)
	deleted := db.Exec(`DELETE FROM entries`)
	fmt.Printf("%s: has %v, DELETE: %d rows, error %v\n", when, names, deleted.RowsAffected, deleted.Error)
}

func main() {
	show("as made", journal())

	db := journal()
	must(db.Migrator().AlterColumn(&Entry{}, "Note"))
	show("after AlterColumn", db)

	db = journal()
	must(db.AutoMigrate(&Entry{}))
	show("after AutoMigrate", db)
}
GO
{ go mod init seen && go get gorm.io/gorm@v1.31.2 gorm.io/driver/sqlite@v1.6.0 github.com/mattn/go-sqlite3@v1.14.53 &&
  CGO_ENABLED=1 go build -o program .; } >log 2>&1 || { cat log >&2; echo "could not build with gorm 1.31.2" >&2; exit 2; }
cat >expected <<'TXT'
as made: has [index trigger], DELETE: 0 rows, error append only
after AlterColumn: has [], DELETE: 1 rows, error <nil>
after AutoMigrate: has [], DELETE: 1 rows, error <nil>
TXT
./program | tee seen
diff expected seen && echo "As described: altering a column through gorm takes the table's triggers and indexes with it."
