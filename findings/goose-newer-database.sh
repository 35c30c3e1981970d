#!/usr/bin/env bash
# Go module github.com/pressly/goose 3.29.0: an old program that meets a database with newer migrations is told that all is well.
#
# Expected: a program that knows migrations 1 and 2, and finds that 3 was applied by a newer release, hears of it: Up is an error, as
#           golang-migrate's is, or HasPending or Status show that the database has a version that the program has no file for. After
#           a release was taken back, or while two releases run side by side, that is what an administrator must know.
# Seen:     Up applies nothing and gives no error, HasPending says false, Status lists 1 and 2 as applied and leaves 3 out. The one
#           place where it shows is GetVersions: current 3, target 2. Down, to take 3 back, fails with "version not found" and does not say which.
# Source:   Go modules github.com/pressly/goose/v3 v3.29.0, golang-migrate/migrate/v4 v4.19.1 and github.com/mattn/go-sqlite3 v1.14.53.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
cat >main.go <<'GO'
package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"testing/fstest"

	"github.com/golang-migrate/migrate/v4"
	"github.com/golang-migrate/migrate/v4/database/sqlite3"
	"github.com/golang-migrate/migrate/v4/source/iofs"
	_ "github.com/mattn/go-sqlite3"
	"github.com/pressly/goose/v3"
)

func must(err error) {
	if err != nil {
		panic(err)
	}
}

// release has the migrations of a release: tables t1, t2 and so on.
func release(newest int) (forGoose, forMigrate fstest.MapFS) {
	forGoose, forMigrate = fstest.MapFS{}, fstest.MapFS{}
	for n := 1; n <= newest; n++ {
		up, down := fmt.Sprintf("CREATE TABLE t%d (id INTEGER);\n", n), fmt.Sprintf("DROP TABLE t%d;\n", n)
		forGoose[fmt.Sprintf("%05d_t.sql", n)] = &fstest.MapFile{Data: []byte("-- +goose Up\n" + up + "-- +goose Down\n" + down)}
		forMigrate[fmt.Sprintf("%d_t.up.sql", n)] = &fstest.MapFile{Data: []byte(up)}
		forMigrate[fmt.Sprintf("%d_t.down.sql", n)] = &fstest.MapFile{Data: []byte(down)}
	}
	return forGoose, forMigrate
}

func opened(name string) *sql.DB {
	db, err := sql.Open("sqlite3", "file:"+name)
	must(err)
	return db
}

func withGoose(newest int) *goose.Provider {
	files, _ := release(newest)
	provider, err := goose.NewProvider(goose.DialectSQLite3, opened("goose.db"), files)
	must(err)
	return provider
}

func withMigrate(newest int) *migrate.Migrate {
	_, files := release(newest)
	source, err := iofs.New(files, ".")
	must(err)
	driver, err := sqlite3.WithInstance(opened("migrate.db"), &sqlite3.Config{})
	must(err)
	m, err := migrate.NewWithInstance("iofs", source, "sqlite3", driver)
	must(err)
	return m
}

func main() {
	ctx := context.Background()
	applied, err := withGoose(3).Up(ctx)
	must(err)
	fmt.Println("goose, new release: applied", len(applied))
	old := withGoose(2)
	applied, err = old.Up(ctx)
	fmt.Println("goose, old release: applied", len(applied), "error", err)
	pending, err := old.HasPending(ctx)
	fmt.Println("HasPending", pending, "error", err)
	states, err := old.Status(ctx)
	for _, s := range states {
		fmt.Println("Status:", s.Source.Version, s.State)
	}
	current, target, err := old.GetVersions(ctx)
	fmt.Println("GetVersions: current", current, "target", target, "error", err)
	_, err = old.Down(ctx)
	fmt.Println("Down:", err)

	must(withMigrate(3).Up())
	err = withMigrate(2).Up()
	fmt.Println("golang-migrate, old release:", err, "ErrNoChange", errors.Is(err, migrate.ErrNoChange))
}
GO
{ go mod init seen && go get github.com/pressly/goose/v3@v3.29.0 github.com/golang-migrate/migrate/v4@v4.19.1 github.com/mattn/go-sqlite3@v1.14.53 &&
  go mod tidy && CGO_ENABLED=1 go build -o program .; } >log 2>&1 ||
  { cat log >&2; echo "could not build with goose 3.29.0" >&2; exit 2; }
cat >expected <<'TXT'
goose, new release: applied 3
goose, old release: applied 0 error <nil>
HasPending false error <nil>
Status: 1 applied
Status: 2 applied
GetVersions: current 3 target 2 error <nil>
Down: version not found
golang-migrate, old release: no migration found for version 3: read down for version 3 .: file does not exist ErrNoChange false
TXT
./program | tee seen
diff expected seen && echo "As described: goose 3.29.0 does not say that a database is newer than the program."
