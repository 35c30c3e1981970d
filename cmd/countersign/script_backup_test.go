package main

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"

	"github.com/pressly/goose/v3"
	"github.com/rogpeppe/go-internal/testscript"
)

// scriptDamage is damage FILE TABLE: the disk has lost the first page of a table.
func scriptDamage(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: damage FILE TABLE")
	}
	database := scriptDatabase(ts, args[0])
	asked := "SELECT rootpage || ' ' || (SELECT page_size FROM pragma_page_size) FROM sqlite_master WHERE name = '" + args[1] + "'"
	line, err := queryLines(database, asked)
	ts.Check(err)
	ts.Check(database.Close())
	var page, size int64
	_, err = fmt.Sscan(line, &page, &size)
	ts.Check(err)
	file, err := os.OpenFile(ts.MkAbs(args[0]), os.O_RDWR, 0)
	ts.Check(err)
	_, err = file.WriteAt(bytes.Repeat([]byte{0xff}, int(size)), (page-1)*size)
	ts.Check(err)
	ts.Check(file.Close())
}

// scriptEarlier is earlier FILE VERSION: the database of a program that knew the migrations up to that one.
func scriptEarlier(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: earlier FILE VERSION")
	}
	version, err := strconv.ParseInt(args[1], 10, 64)
	ts.Check(err)
	database := scriptDatabase(ts, args[0])
	defer database.Close()
	ts.Check(migrateTo(database, version))
}

// migrateTo applies the migrations up to one to a new file. There is nothing to do in it for the one that is Go.
func migrateTo(database *sql.DB, version int64) error {
	spelling := goose.NewGoMigration(34, &goose.GoFunc{RunTx: func(context.Context, *sql.Tx) error { return nil }}, nil)
	provider, err := goose.NewProvider(goose.DialectSQLite3, database, os.DirFS(scriptMigrations), goose.WithDisableGlobalRegistry(true),
		goose.WithGoMigrations(spelling))
	if err == nil {
		_, err = provider.UpTo(context.Background(), version)
	}
	return err
}

const scriptMigrations = "../../models/migrations/sqlite"

// scriptMade is made COMMIT: what the program of that commit left behind in testdata/update.
func scriptMade(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: made COMMIT")
	}
	ts.Check(unpackMade(ts.MkAbs("."), args[0]))
}

// unpackMade puts what the program of a commit left behind into a folder.
func unpackMade(folder, commit string) error {
	file, err := filepath.Abs(filepath.Join("testdata", "update", commit+".tar.gz"))
	if err != nil {
		return err
	}
	unpacking := exec.Command("tar", "--extract", "--gzip", "--file", file)
	unpacking.Dir = folder
	if said, err := unpacking.CombinedOutput(); err != nil {
		return fmt.Errorf("%w\n%s", err, said)
	}
	return nil
}
