package audit

import (
	"crypto/rand"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"testing"

	"gorm.io/driver/postgres"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"
)

// PostgreSQL differs in what keeps two appends apart and in what ORDER BY means.
func TestOnPostgreSQL(t *testing.T) {
	f := newPostgresFixture(t)
	var wait sync.WaitGroup
	for range 6 {
		wait.Go(func() {
			for range (batchSize + 40) / 6 {
				err := f.db.Transaction(func(tx *gorm.DB) error {
					_, err := f.log.Append(tx, testTime, approval())
					return err
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	wait.Wait()
	if r := f.verify(); !r.OK() || r.Entries != (batchSize+40)/6*6 {
		t.Fatalf("%+v %+v", r, r.First)
	}
	if got := seqs(t, f.db, Filter{AccountID: "acc_41", Before: 12, Limit: 3}); len(got) != 3 || got[0] != 11 || got[2] != 9 {
		t.Errorf("page %v", got)
	}
	f.exec("UPDATE audit_events SET occurred_at = occurred_at + 1 WHERE seq = 510")
	f.wantProblem(510, "column occurred_at differs from the SET")
	f.exec("DELETE FROM audit_events WHERE seq = 100")
	f.wantProblem(100, "missing")
}

// newPostgresFixture is a log on a PostgreSQL server of its own, which listens
// on a socket only and ends with the test.
func newPostgresFixture(t *testing.T) *fixture {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "audit-pg-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	run(t, dir, "initdb", "-D", dir+"/db", "-U", "audit", "-A", "trust", "-N")
	run(t, dir, "pg_ctl", "-D", dir+"/db", "-w", "-l", dir+"/log", "-o", "-F -k "+dir+" -c listen_addresses=", "start")
	t.Cleanup(func() { run(t, dir, "pg_ctl", "-D", dir+"/db", "-m", "immediate", "stop") })

	db, err := gorm.Open(postgres.Open("host="+dir+" user=audit dbname=postgres"), &gorm.Config{Logger: logger.Discard})
	if err != nil {
		t.Fatal(err)
	}
	pool, err := db.DB()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { pool.Close() })
	f := &fixture{T: t, db: db, log: Log{Issuer: testIssuer, Rand: rand.Reader, Signer: newKey(t, "key-1")}}
	f.exec(testTable)
	return f
}

// run starts one of PostgreSQL's programs. It refuses to work as root, so that
// root hands dir over to nobody.
func run(t *testing.T, dir, program string, args ...string) {
	t.Helper()
	cmd := exec.Command(postgresProgram(t, program), args...)
	cmd.Dir = dir
	if os.Geteuid() == 0 {
		nobody, err := user.Lookup("nobody")
		if err != nil {
			t.Fatal(err)
		}
		uid, _ := strconv.Atoi(nobody.Uid)
		gid, _ := strconv.Atoi(nobody.Gid)
		if err := os.Chown(dir, uid, gid); err != nil {
			t.Fatal(err)
		}
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
	}
	if err := cmd.Run(); err != nil {
		t.Fatalf("%s: %v", program, err)
	}
}

func postgresProgram(t *testing.T, name string) string {
	t.Helper()
	if path, err := exec.LookPath(name); err == nil {
		return path
	}
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/" + name)
	if err == nil && len(found) > 0 {
		return found[len(found)-1]
	}
	if os.Getenv("TEST_REQUIRE") != "" {
		t.Fatalf("%s is missing", name)
	}
	t.Skipf("%s is missing", name)
	return ""
}
