#!/usr/bin/env bash
# Go module github.com/mattn/go-sqlite3 1.14.53 (SQLite 3.54.1): a prepared statement with a join, an ORDER BY or LIMIT ? is planned anew at each use.
#
# Expected: a statement that is prepared once, by the caller or by the driver's cache (_stmt_cache_size), is planned once: the counter
#           SQLITE_STMTSTATUS_REPREPARE stays 0 while the schema stays, and surely while each use has the same value.
# Seen:     of two tables joined, with ORDER BY, or with LIMIT ?, it is planned again at each of 100 uses with one and the same value: the driver
#           clears the values after each use, and SQLite takes what is bound to a parameter that its planner has looked at for a change.
#           A look-up by one column of one table is planned once. SQLite's query planner stability guarantee
#           (SQLITE_DBCONFIG_ENABLE_QPSG), for which the driver has no option, ends all of it.
# Source:   Go module github.com/mattn/go-sqlite3 v1.14.53; sqlite.org/c3ref/c_stmtstatus_counter.html; sqlite.org/queryplanner-ng.html.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
cat >main.go <<'GO'
package main

/*
int sqlite3_auto_extension(void (*entry)(void)) __attribute__((weak));
int sqlite3_db_config(void *db, int option, ...) __attribute__((weak));
void *sqlite3_next_stmt(void *db, void *stmt) __attribute__((weak));
int sqlite3_stmt_status(void *stmt, int option, int reset) __attribute__((weak));

static void *newest; // the connection that was opened last
static int stable;

static int opened(void *db, char **message, const void *functions) {
	newest = db;
	return stable ? sqlite3_db_config(db, 1007, 1, (int *)0) : 0; // SQLITE_DBCONFIG_ENABLE_QPSG
}

static void watch(void) { sqlite3_auto_extension((void (*)(void))opened); }
static void guarantee(int on) { stable = on; }

static int again(void) { // how often the newest connection's statements were prepared again
	int sum = 0;
	for (void *stmt = sqlite3_next_stmt(newest, 0); stmt; stmt = sqlite3_next_stmt(newest, stmt))
		sum += sqlite3_stmt_status(stmt, 5, 0); // SQLITE_STMTSTATUS_REPREPARE
	return sum;
}
*/
import "C"

import (
	"database/sql"
	"errors"
	"fmt"

	_ "github.com/mattn/go-sqlite3"
)

const schema = `CREATE TABLE account (id INTEGER PRIMARY KEY, name TEXT UNIQUE, state TEXT);
	CREATE INDEX account_state ON account (state, id);
	CREATE TABLE device (id INTEGER PRIMARY KEY, account INTEGER);
	CREATE INDEX device_account ON device (account);
	INSERT INTO account (name, state) VALUES ('ada', 'open'), ('ben', 'open');
	INSERT INTO device (account) VALUES (1), (2)`

func must(err error) {
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		panic(err)
	}
}

// again uses one statement with one value 100 times on a new connection, and counts how often SQLite prepared it again.
func again(options, statement string, prepared bool, value any) int {
	db, err := sql.Open("sqlite3", "file::memory:?"+options)
	must(err)
	defer db.Close()
	db.SetMaxOpenConns(1)
	_, err = db.Exec(schema)
	must(err)
	ask := func() *sql.Row { return db.QueryRow(statement, value) }
	if prepared {
		kept, err := db.Prepare(statement)
		must(err)
		defer kept.Close()
		ask = func() *sql.Row { return kept.QueryRow(value) }
	}
	for range 100 {
		var id int
		must(ask().Scan(&id))
	}
	return int(C.again())
}

func main() {
	C.watch()
	for _, s := range []struct {
		statement string
		value     any
	}{
		{"SELECT id FROM account WHERE name = ?", "ada"},
		{"SELECT id FROM account WHERE state = ? ORDER BY id", "open"},
		{"SELECT a.id FROM account AS a JOIN device AS d ON d.account = a.id WHERE a.name = ?", "ada"},
		{"SELECT id FROM account LIMIT ?", 1},
	} {
		C.guarantee(0)
		cached, prepared := again("_stmt_cache_size=10", s.statement, false, s.value), again("", s.statement, true, s.value)
		C.guarantee(1)
		fmt.Printf("%s: planned again %d times by the cache, %d when prepared, %d with the guarantee\n",
			s.statement, cached, prepared, again("_stmt_cache_size=10", s.statement, false, s.value))
	}
}
GO
cat >expected <<'TXT'
SELECT id FROM account WHERE name = ?: planned again 0 times by the cache, 0 when prepared, 0 with the guarantee
SELECT id FROM account WHERE state = ? ORDER BY id: planned again 100 times by the cache, 100 when prepared, 0 with the guarantee
SELECT a.id FROM account AS a JOIN device AS d ON d.account = a.id WHERE a.name = ?: planned again 100 times by the cache, 100 when prepared, 0 with the guarantee
SELECT id FROM account LIMIT ?: planned again 100 times by the cache, 100 when prepared, 0 with the guarantee
TXT
{ go mod init seen && go get github.com/mattn/go-sqlite3@v1.14.53 && go mod tidy; } >log 2>&1 || { cat log >&2; echo "could not install go-sqlite3" >&2; exit 2; }
go run . | tee seen
diff expected seen && echo "As described: go-sqlite3 1.14.53 plans prepared statements with joins, ORDER BY and LIMIT ? anew at each use."
