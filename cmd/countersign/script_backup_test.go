package main

import (
	"bytes"
	"context"
	"os"
	"strconv"
	"strings"

	"github.com/pressly/goose/v3"
	"github.com/rogpeppe/go-internal/testscript"
)

// scriptDamage is damage FILE TABLE: the disk has lost the first page of a table.
func scriptDamage(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: damage FILE TABLE")
	}
	database := scriptDatabase(ts, args[0])
	line, err := queryLines(database, "SELECT rootpage FROM sqlite_master WHERE name = '"+args[1]+"'")
	ts.Check(err)
	ts.Check(database.Close())
	page, err := strconv.ParseInt(strings.TrimSpace(line), 10, 64)
	ts.Check(err)
	file, err := os.OpenFile(ts.MkAbs(args[0]), os.O_RDWR, 0)
	ts.Check(err)
	const size = 4096
	_, err = file.WriteAt(bytes.Repeat([]byte{0xff}, size), (page-1)*size)
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
	provider, err := goose.NewProvider(goose.DialectSQLite3, database, os.DirFS(scriptMigrations), goose.WithDisableGlobalRegistry(true))
	ts.Check(err)
	_, err = provider.UpTo(context.Background(), version)
	ts.Check(err)
}

const scriptMigrations = "../../models/migrations/sqlite"
