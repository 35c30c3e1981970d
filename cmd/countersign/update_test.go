package main

import (
	"database/sql"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"countersign/models"
	"countersign/models/modelstest"
)

// earlierFile is a database of a program that knew the migrations up to 67, the settings for it, and its file.
func earlierFile(t *testing.T) (environ []string, file string) {
	t.Helper()
	environ, file = migratedFile(t)
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	database, err := sql.Open("sqlite3", "file:"+file)
	if err != nil {
		t.Fatal(err)
	}
	defer database.Close()
	if err := migrateTo(database, 67); err != nil {
		t.Fatal(err)
	}
	return environ, file
}

func operationsOfUpdate(t *testing.T) []string {
	environ, _ := earlierFile(t)
	return environ
}

// operationsOfRollBack is a database after an update, beside what an update long ago and a killed one left.
func operationsOfRollBack(t *testing.T) []string {
	environ, file := earlierFile(t)
	key := filepath.Join(filepath.Dir(file), "master.key")
	if err := os.WriteFile(key, []byte(lookup(environ)("COUNTERSIGN_MASTER_KEY")), 0o600); err != nil {
		t.Fatal(err)
	}
	environ = append(environ, "COUNTERSIGN_MASTER_KEY=", "COUNTERSIGN_MASTER_KEY_FILE="+key)
	if got := runWith(t, environ, "", "migrate", "up"); got.code != 0 {
		t.Fatal(got.stderr)
	}
	for _, name := range []string{".schema-9.2026-01-01T000000Z", ".schema-67.9999-01-01T000000Z.part"} {
		if err := os.WriteFile(file+name, []byte("no database"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return append(environ, "DATA="+filepath.Dir(file))
}

// Where there is no room for the copy before an update, nothing is changed, and it is said how much is needed and how to go on
// without (see TestBackupWithoutRoom).
func TestUpdateWithoutRoom(t *testing.T) {
	t.Parallel()
	environ, file := earlierFile(t)
	before := runWith(t, environ, "", "migrate", "status")
	process := exec.Command("sh", "-c", "ulimit -f 256; exec countersign migrate up")
	process.Env = append(os.Environ(), environ...)
	said, err := process.CombinedOutput()
	if err == nil || !strings.Contains(string(said), "Nothing was changed.\nNext: make room for ") ||
		!strings.Contains(string(said), " MiB beside the database, or leave this copy out by --no-backup") {
		t.Errorf("%v\n%s", err, said)
	}
	left, err := filepath.Glob(file + ".*")
	if after := runWith(t, environ, "", "migrate", "status"); err != nil || after != before || len(left) > 0 {
		t.Errorf("the database was changed, or %v was left: %v", left, err)
	}
	if got := runWith(t, environ, "", "migrate", "up", "--no-backup"); got.code != 0 || !strings.Contains(got.stdout, "applied 00068") {
		t.Errorf("%+v", got)
	}
	if left, err := filepath.Glob(file + ".*"); err != nil || len(left) > 0 {
		t.Errorf("a copy was made: %v, %v", left, err)
	}
}

// A verification during which a newer program changes the database gives no verdict: it could have read what this one does not know.
func TestVerificationDuringAnUpdateGivesNoVerdict(t *testing.T) {
	t.Parallel()
	environ, file := migratedFile(t)
	database := modelstest.Connect(t, "sqlite:"+file)
	if err := database.CheckSchema(t.Context()); err != nil {
		t.Fatal(err)
	}
	env := &Environment{
		Context: t.Context(), Environ: environ, Getenv: lookup(environ), Stdout: io.Discard, Stderr: io.Discard,
		Now: func() time.Time { return testNow },
	}
	verify := &AuditVerifyCmd{issuer: lookup(environ)("COUNTERSIGN_ISSUER")}
	if report, _, err := verify.look(env, database); err != nil || !report.OK() {
		t.Fatal(report, err)
	}
	modelstest.MigrateByNewer(t, "sqlite:"+file, true)
	_, _, err := verify.look(env, database)
	if outage, is := errors.AsType[*models.UnavailableError](err); !is || outage.Outage != models.TooOld {
		t.Errorf("a verdict, or %v", err)
	}
}
