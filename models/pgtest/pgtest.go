// Package pgtest gives tests a temporary PostgreSQL: one server for each test binary,
// made at first use from the programs on this machine, listening on a socket only.
// bouncer.go puts a PgBouncer in front; server.go and way.go have
// servers that a test may kill, and what leads to them. It knows no table of ours, so that every package's tests may use it; package
// modelstest puts a store on top.
package pgtest

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx" for making schemas
)

// cluster is the temporary PostgreSQL: made at first use, taken down by Main.
type cluster struct {
	once   sync.Once
	folder string
	server *exec.Cmd
	end    context.CancelFunc // of server
	filled sync.Once          // the database that Copy copies
	err    error              // of once or filled
	made   atomic.Int64       // schemas and databases
}

var shared cluster

// Main runs a package's tests and takes the temporary PostgreSQL down after them.
// Every package that uses Schema or Copy calls it from TestMain.
func Main(m *testing.M) { os.Exit(Run(m)) }

// Run is Main for a package whose TestMain does more: it returns the exit code.
func Run(m *testing.M) int {
	defer shared.stop()
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(400) // a store for each test: by default the collector takes a quarter of the time
	}
	return m.Run()
}

// Schema makes an empty schema and gives its address. Without PostgreSQL's programs the test
// is skipped, or fails where nothing may be skipped (TEST_REQUIRE=all, as in CI). With -short
// it is skipped in any case.
func Schema(t testing.TB) string {
	t.Helper()
	begin(t)
	// A schema of its own is as empty as a database and a hundred times cheaper.
	schema := fmt.Sprintf("test%d", shared.made.Add(1))
	shared.must(t, "CREATE SCHEMA "+schema)
	return shared.address("postgres") + "&search_path=" + schema
}

// Copy makes a database like the one that fill filled when it was first called, and gives its
// address. All calls in a test binary have to mean the same fill. Without PostgreSQL's programs
// it does what Schema does. The copies, of 7 MB each, stay until the server ends: dropping one
// takes longer than making it.
func Copy(t testing.TB, fill func(address string) error) string {
	t.Helper()
	begin(t)
	shared.filled.Do(func() {
		shared.must(t, "CREATE DATABASE filled")
		shared.err = fill(shared.address("filled"))
	})
	if shared.err != nil {
		t.Fatalf("filling the database to be copied: %v", shared.err)
	}
	database := fmt.Sprintf("test%d", shared.made.Add(1))
	shared.must(t, "CREATE DATABASE "+database+" TEMPLATE filled")
	return shared.address(database)
}

// begin starts the server for the first that asks.
func begin(t testing.TB) {
	t.Helper()
	binaries := needed(t)
	shared.once.Do(func() { shared.err = shared.start(binaries) })
	if shared.err != nil {
		t.Fatalf("temporary PostgreSQL: %v", shared.err)
	}
}

// needed is the folder of PostgreSQL's programs.
func needed(t testing.TB) string {
	t.Helper()
	if testing.Short() {
		t.Skip("-short: no PostgreSQL")
	}
	binaries := postgresBinaries()
	if binaries == "" {
		if os.Getenv("TEST_REQUIRE") == "all" {
			t.Fatal("PostgreSQL's programs are missing (initdb, postgres)")
		}
		t.Skip("PostgreSQL's programs are missing (initdb, postgres)")
	}
	return binaries
}

// postgresBinaries is the folder of initdb and postgres: from the path, or where Debian
// puts them. "" when there are none.
func postgresBinaries() string {
	if initdb, err := exec.LookPath("initdb"); err == nil {
		if resolved, err := filepath.EvalSymlinks(initdb); err == nil {
			return filepath.Dir(resolved)
		}
	}
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if len(found) == 0 {
		return ""
	}
	return filepath.Dir(found[len(found)-1])
}

func (c *cluster) address(database string) string {
	return fmt.Sprintf("postgres://postgres@/%s?host=%s&sslmode=disable", database, c.folder)
}

func (c *cluster) start(binaries string) error {
	folder, err := os.MkdirTemp("", "pg") // short: a socket's path has at most 107 bytes
	if err != nil {
		return err
	}
	c.folder = folder
	identity, err := unprivileged(folder)
	if err != nil {
		return err
	}
	ctx, end := context.WithCancel(context.Background()) // the server outlives the test that starts it
	c.end = end
	data := filepath.Join(folder, "data")
	initdb := exec.CommandContext(ctx, filepath.Join(binaries, "initdb"), "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8",
		"--locale=C.UTF-8", "-N")
	initdb.SysProcAttr = identity
	initdb.Dir = folder
	if out, err := initdb.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w: %s", err, out)
	}
	// Durability and housekeeping are no matter for a cluster that lives for a minute.
	server := exec.CommandContext(ctx, filepath.Join(binaries, "postgres"), "-D", data, "-k", folder, "-c", "listen_addresses=",
		"-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off", "-c", "max_connections=300",
		"-c", "wal_level=minimal", "-c", "max_wal_senders=0", "-c", "autovacuum=off", "-c", "jit=off")
	server.SysProcAttr = identity
	server.Dir = folder
	server.Cancel = func() error { return server.Process.Signal(syscall.SIGINT) } // fast shutdown
	if err := server.Start(); err != nil {
		return err
	}
	c.server = server
	ctx, cancel := context.WithTimeout(ctx, serverPatience)
	defer cancel()
	return wait(ctx, c.address("postgres"))
}

// unprivileged is how to start PostgreSQL as root, which it refuses to run as: as the
// user postgres, who gets the folder.
func unprivileged(folder string) (*syscall.SysProcAttr, error) {
	attributes := &syscall.SysProcAttr{Pdeathsig: syscall.SIGINT}
	if os.Geteuid() != 0 {
		return attributes, nil
	}
	account, err := user.Lookup("postgres")
	if err != nil {
		return nil, err
	}
	uid, err := strconv.Atoi(account.Uid)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.Atoi(account.Gid)
	if err != nil {
		return nil, err
	}
	attributes.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	return attributes, os.Chown(folder, uid, gid)
}

// wait asks until somebody answers at the address.
func wait(ctx context.Context, address string) error {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		err := execute(ctx, address, "SELECT 1")
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return err
		case <-tick.C:
		}
	}
}

func (c *cluster) must(t testing.TB, statement string) {
	t.Helper()
	if err := execute(context.Background(), c.address("postgres"), statement); err != nil {
		t.Fatal(err)
	}
}

func execute(ctx context.Context, address, statement string) error {
	db, err := sql.Open("pgx", address)
	if err != nil {
		return err
	}
	defer db.Close()
	_, err = db.ExecContext(ctx, statement)
	return err
}

func (c *cluster) stop() {
	if c.end != nil {
		c.end()
	}
	if c.server != nil {
		_ = c.server.Wait()
	}
	if c.folder != "" {
		_ = os.RemoveAll(c.folder)
	}
}
