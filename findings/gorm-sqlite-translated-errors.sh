#!/usr/bin/env bash
# Go module gorm.io/driver/sqlite 1.6.0, TranslateError: the error forgets which column is taken, and a CHECK is not translated.
#
# Expected: with TranslateError a unique column, a foreign key and a CHECK are the same to errors.Is on each database, and the driver's
#           error stays below, as with gorm.io/driver/postgres: so a form can say whether the name or the mail address is taken.
# Seen:     with SQLite the driver's error is replaced. Of a table with two unique columns it is "duplicated key not allowed" for each,
#           without a name, and errors.As finds no sqlite3.Error. A CHECK comes as the driver gives it, and is not
#           gorm.ErrCheckConstraintViolated, as PostgreSQL's is.
# Source:   Go modules gorm.io/gorm v1.31.2, gorm.io/driver/sqlite v1.6.0 with github.com/mattn/go-sqlite3 v1.14.53, and
#           gorm.io/driver/postgres v1.6.3, whose Translate is given the errors that PostgreSQL 15 sends.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
cat >main.go <<'GO'
package main

import (
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/mattn/go-sqlite3"
	"gorm.io/driver/postgres"
	"gorm.io/driver/sqlite"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"
)

func must(err error) {
	if err != nil {
		panic(err)
	}
}

// show prints what a program can find out from an error.
func show(database, fault string, err error) {
	var ofSQLite sqlite3.Error
	var ofPostgreSQL *pgconn.PgError
	fmt.Printf("%s, %s: duplicated key %t, check violated %t, driver's error below %t: %q\n", database, fault,
		errors.Is(err, gorm.ErrDuplicatedKey), errors.Is(err, gorm.ErrCheckConstraintViolated),
		errors.As(err, &ofSQLite) || errors.As(err, &ofPostgreSQL), err)
}

func main() {
	db, err := gorm.Open(sqlite.Open(":memory:"), &gorm.Config{TranslateError: true, Logger: logger.Discard})
	must(err)
	must(db.Exec(`CREATE TABLE account (name TEXT UNIQUE, mail TEXT UNIQUE, state TEXT CHECK (state IN ('open', 'closed')))`).Error)
	const insert = `INSERT INTO account (name, mail, state) VALUES (?, ?, ?)`
	must(db.Exec(insert, "anna", "anna@example.org", "open").Error)
	show("SQLite", "name taken", db.Exec(insert, "anna", "other@example.org", "open").Error)
	show("SQLite", "mail taken", db.Exec(insert, "other", "anna@example.org", "open").Error)
	show("SQLite", "CHECK", db.Exec(insert, "ben", "ben@example.org", "lost").Error)

	other := postgres.Dialector{}
	for _, e := range []pgconn.PgError{
		{Severity: "ERROR", Code: "23505", Message: `duplicate key value violates unique constraint "account_name_key"`},
		{Severity: "ERROR", Code: "23505", Message: `duplicate key value violates unique constraint "account_mail_key"`},
		{Severity: "ERROR", Code: "23514", Message: `new row for relation "account" violates check constraint "account_state_check"`},
	} {
		show("PostgreSQL", e.Code, other.Translate(&e))
	}
}
GO
{ go mod init seen && go get gorm.io/gorm@v1.31.2 gorm.io/driver/sqlite@v1.6.0 gorm.io/driver/postgres@v1.6.3 github.com/mattn/go-sqlite3@v1.14.53 &&
  go mod tidy && CGO_ENABLED=1 go build -o program .; } >log 2>&1 ||
  { cat log >&2; echo "could not build with gorm.io/driver/sqlite 1.6.0" >&2; exit 2; }
cat >expected <<'TXT'
SQLite, name taken: duplicated key true, check violated false, driver's error below false: "duplicated key not allowed"
SQLite, mail taken: duplicated key true, check violated false, driver's error below false: "duplicated key not allowed"
SQLite, CHECK: duplicated key false, check violated false, driver's error below true: "CHECK constraint failed: state IN ('open', 'closed')"
PostgreSQL, 23505: duplicated key true, check violated false, driver's error below true: "duplicated key not allowed: ERROR: duplicate key value violates unique constraint \"account_name_key\" (SQLSTATE 23505)"
PostgreSQL, 23505: duplicated key true, check violated false, driver's error below true: "duplicated key not allowed: ERROR: duplicate key value violates unique constraint \"account_mail_key\" (SQLSTATE 23505)"
PostgreSQL, 23514: duplicated key false, check violated true, driver's error below true: "violates check constraint: ERROR: new row for relation \"account\" violates check constraint \"account_state_check\" (SQLSTATE 23514)"
TXT
./program | tee seen
diff expected seen && echo "As described: gorm.io/driver/sqlite 1.6.0 replaces the driver's error, and does not know a CHECK."
