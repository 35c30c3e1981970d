// Package main is that of the builds that cmd/bench measures. This file is no part of the
// program: the bench adds it to them (go build -overlay). They tell what no look from outside shows.
package main

/*
#cgo LDFLAGS: -Wl,--unresolved-symbols=ignore-all

// SQLite's own function, which is linked with its driver.
int sqlite3_trace_v2(void *, unsigned, int (*)(unsigned, void *, void *, void *), void *);

static long long statements;

// A trigger's part of a statement comes as a comment and is not counted again.
static int count_statement(unsigned event, void *context, void *statement, void *text) {
	const char *sql = text;
	if (sql == 0 || sql[0] != '-' || sql[1] != '-')
		__atomic_add_fetch(&statements, 1, __ATOMIC_RELAXED);
	return 0;
}

static void count_statements(void *connection) {
	sqlite3_trace_v2(connection, 1, count_statement, 0); // SQLITE_TRACE_STMT
}

static long long counted_statements(void) { return __atomic_load_n(&statements, __ATOMIC_RELAXED); }
*/
import "C"

import (
	"bufio"
	"database/sql"
	"fmt"
	"net"
	"os"
	"reflect"
	"runtime"
	"strconv"
	"time"
	"unsafe"

	"countersign/oauth"

	"github.com/mattn/go-sqlite3"
)

// init listens on the socket that BENCH_STATS names: to each line that comes in it answers
// with a line of two numbers, the objects allocated and the statements that SQLite ran so far.
// To "fill PROOFS PACES" it first remembers so many more, as the program does.
func init() {
	path := os.Getenv("BENCH_STATS")
	if path == "" {
		return
	}
	countStatements()
	listener, err := net.Listen("unix", path)
	if err != nil {
		panic(err)
	}
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				panic(err)
			}
			go answerStats(connection)
		}
	}()
}

func answerStats(connection net.Conn) {
	defer connection.Close()
	for lines := bufio.NewScanner(connection); lines.Scan(); {
		var proofs, paces int
		if _, err := fmt.Sscanf(lines.Text(), "fill %d %d", &proofs, &paces); err == nil {
			filled.fill(proofs, paces)
		}
		var memory runtime.MemStats
		runtime.ReadMemStats(&memory)
		if _, err := fmt.Fprintln(connection, memory.Mallocs, int64(C.counted_statements())); err != nil {
			return
		}
	}
}

// countStatements has every connection of SQLite's registered driver counted.
func countStatements() {
	database, err := sql.Open("sqlite3", ":memory:")
	if err != nil {
		panic(err)
	}
	registered := database.Driver().(*sqlite3.SQLiteDriver)
	registered.ConnectHook = func(connection *sqlite3.SQLiteConn) error {
		C.count_statements(unsafe.Pointer(reflect.ValueOf(connection).Elem().FieldByName("db").Pointer()))
		return nil
	}
}

// memories are those of a process that many phones poll, beside its own, which only they fill.
type memories struct {
	used          *oauth.ReplayMemory
	paces         *oauth.Pacer
	proofs, polls int
}

var filled memories

// fill remembers more proofs and paces, as of the last minutes.
func (m *memories) fill(proofs, paces int) {
	const often = 300 * time.Second
	if m.used == nil {
		m.used, m.paces = oauth.NewReplayMemory(8_000_000), oauth.NewPacer(2_000_000, 7*24*time.Hour)
	}
	now := time.Now()
	for range proofs {
		m.proofs++
		_ = m.used.Use("assertion\x00Tzj2nQyVwGtaBnRc9yXKvg\x00"+strconv.Itoa(m.proofs), now.Add(often), now)
	}
	for range paces {
		m.polls++
		m.paces.Poll("Tzj2nQyVwGtaBnRc9yXKvg"+strconv.Itoa(m.polls), often, now)
	}
}
