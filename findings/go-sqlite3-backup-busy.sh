#!/usr/bin/env bash
# Go module github.com/mattn/go-sqlite3 1.14.53 (SQLite 3.54.1): SQLiteBackup.Step returns no error while the database is locked.
#
# Expected: a step of the online backup that copies nothing, because another connection has the source locked, returns an error with the
#           code SQLITE_BUSY, as sqlite3_backup_step does: the caller can wait or give up.
# Seen:     it returns false and a nil error, at once, and Remaining and PageCount say 0 of 0 pages; so do a hundred further steps. Once the lock
#           is gone the same backup copies all its pages. Neither "not done, no error" nor the counts tell a copy that goes on from one that
#           waits: only two steps after which as many pages remain do.
# Source:   Go module github.com/mattn/go-sqlite3 v1.14.53 (backup.go); sqlite.org/c3ref/backup_finish.html.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
cat >main.go <<'GO'
package main

import (
	"database/sql/driver"
	"fmt"

	"github.com/mattn/go-sqlite3"
)

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func open(file string) *sqlite3.SQLiteConn {
	return must((&sqlite3.SQLiteDriver{}).Open(file)).(*sqlite3.SQLiteConn)
}

func exec(c *sqlite3.SQLiteConn, statement string) driver.Result { return must(c.Exec(statement, nil)) }

func main() {
	version, _, _ := sqlite3.Version()
	fmt.Println("SQLite", version)
	other, from, to := open("from.db"), open("from.db"), open("to.db")
	exec(other, "CREATE TABLE letter (text TEXT)")
	exec(other, "INSERT INTO letter VALUES (zeroblob(100000))")
	exec(other, "BEGIN EXCLUSIVE")
	exec(from, "PRAGMA busy_timeout = 0")
	exec(to, "PRAGMA busy_timeout = 0")
	backup := must(to.Backup("main", from, "main"))
	done, err := backup.Step(-1)
	fmt.Printf("locked: done %v, error %v, %d of %d pages remain\n", done, err, backup.Remaining(), backup.PageCount())
	quiet := 0
	for range 100 {
		if done, err := backup.Step(-1); !done && err == nil && backup.PageCount() == 0 {
			quiet++
		}
	}
	fmt.Printf("locked: %d of 100 further steps say the same\n", quiet)
	exec(other, "COMMIT")
	done, err = backup.Step(-1)
	fmt.Printf("unlocked: done %v, error %v, all pages %v\n", done, err, backup.PageCount() > 20 && backup.Remaining() == 0)
	if err := backup.Finish(); err != nil {
		panic(err)
	}
}
GO
cat >expected <<'TXT'
SQLite 3.54.1
locked: done false, error <nil>, 0 of 0 pages remain
locked: 100 of 100 further steps say the same
unlocked: done true, error <nil>, all pages true
TXT
{ go mod init seen && go get github.com/mattn/go-sqlite3@v1.14.53 && go mod tidy; } >log 2>&1 || { cat log >&2; echo "could not install go-sqlite3" >&2; exit 2; }
go run . | tee seen
diff expected seen && echo "As described: go-sqlite3 1.14.53 returns no error from a step of a backup that a lock keeps from copying."
