package main

import (
	"bytes"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"countersign/models"

	_ "github.com/mattn/go-sqlite3" // the driver "sqlite3"
)

// commandsOnADatabase are one of each way to open it.
var commandsOnADatabase = [][]string{
	{"migrate", "up"}, {"migrate", "status"}, {"counters", "list"}, {"audit", "verify"}, {"keys", "list"}, {"serve"},
}

// docs/protocol.md §6 unnamed-cause: whatever is wrong with the file of SQLite, each command names it, and says what to do.
func TestSQLiteErrorsNameTheFileAndTheNextStep(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		spoil    func(t *testing.T, path string)
		says     string
		commands [][]string // that meet it; none: all
	}{
		"another kind of file": {
			spoil: func(t *testing.T, path string) { overwrite(t, path, []byte(strings.Repeat("No database. ", 1000)), 0) },
			says:  "Next: correct --database: it names a file of another kind",
		},
		"a damaged file": {
			spoil: func(t *testing.T, path string) { overwrite(t, path, bytes.Repeat([]byte{0xff}, 64_000), 100) },
			says:  "Next: stop the server and bring back a backup of the file",
		},
		"a folder": {
			spoil: func(t *testing.T, path string) { replaceByFolder(t, path) },
			says:  "Next: ",
		},
		"no such file": {
			spoil:    func(t *testing.T, path string) { remove(t, path) },
			says:     "Next: correct --database, or make it with: countersign migrate up",
			commands: commandsOnADatabase[1:5],
		},
		"locked": {
			spoil:    keepAlone,
			says:     "Next: wait until the other program has done its work",
			commands: [][]string{{"migrate", "up"}, {"counters", "list"}},
		},
		"only to be read": {
			spoil: func(t *testing.T, path string) { overwrite(t, path, []byte{3}, 18) }, // SQLite file format §1.3.3
			says:  "Next: let the server write: to the file and its folder",
			commands: [][]string{
				{"counters", "add", "--name", "Town hall", "--time-zone", "Europe/Berlin", "--address", "1 High Street", "--hours", "9 to 5"},
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			environ, path := migratedFile(t)
			test.spoil(t, path)
			commands := test.commands
			if commands == nil {
				commands = commandsOnADatabase
			}
			for _, command := range commands {
				got := runWith(t, environ, "", command...)
				if got.code != exitFailed || !strings.Contains(got.stderr, path) || strings.Count(got.stderr, "\nNext: ") != 1 ||
					!strings.Contains(got.stderr, test.says) {
					t.Errorf("%v: exit code %d, %q", command, got.code, got.stderr)
				}
			}
		})
	}
}

// migratedFile is a database that a server could start on.
func migratedFile(t *testing.T) (environ []string, path string) {
	t.Helper()
	environ, _ = serveVariables(t)
	for _, command := range [][]string{{"migrate", "up"}, {"counters", "list"}} {
		if got := runWith(t, environ, "", command...); got.code != 0 {
			t.Fatal(got.stderr)
		}
	}
	return environ, strings.TrimPrefix(lookup(environ)("COUNTERSIGN_DATABASE"), "sqlite:")
}

// The folder that is not there is named, with the command that makes it.
func TestFolderOfTheDatabaseIsMissing(t *testing.T) {
	t.Parallel()
	environ, _ := serveVariables(t)
	folder := filepath.Join(t.TempDir(), "not there")
	environ = append(environ, "COUNTERSIGN_DATABASE=sqlite:"+filepath.Join(folder, "countersign.db"))
	for _, command := range [][]string{{"migrate", "up"}, {"counters", "list"}} {
		if got := runWith(t, environ, "", command...); got.code != exitFailed || !strings.Contains(got.stderr, folder) ||
			!strings.Contains(got.stderr, "\nNext: ") {
			t.Errorf("%v: exit code %d, %q", command, got.code, got.stderr)
		}
	}
}

// So it is when the path leads to no file, and with an address of PostgreSQL that cannot be read, of which nothing is repeated.
func TestDatabaseThatCannotBe(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	file, loop := filepath.Join(folder, "file"), filepath.Join(folder, "loop")
	if err := errors.Join(os.WriteFile(file, nil, 0o600), os.Symlink(loop, loop)); err != nil {
		t.Fatal(err)
	}
	for database, says := range map[string]string{
		"sqlite:" + filepath.Join(file, "x.db"): file, "sqlite:" + loop: loop,
		"sqlite:" + filepath.Join(folder, strings.Repeat("n", 300)): folder, "sqlite:/proc/x.db": "/proc/x.db",
		"postgres://u:hunter%2@db/x": "cannot be read", "sqlite: ": "--database",
	} {
		environ, _ := serveVariables(t)
		for _, command := range [][]string{{"migrate", "up"}, {"counters", "list"}} {
			got := runWith(t, append(environ, "COUNTERSIGN_DATABASE="+database), "", command...)
			if got.code == 0 || !strings.Contains(got.stderr, says) || !strings.Contains(got.stderr, "\nNext: ") ||
				strings.Contains(got.stderr, "does not exist") || strings.Contains(got.stderr, "hunter") {
				t.Errorf("%s, %v: exit code %d, %q", database, command, got.code, got.stderr)
			}
		}
	}
}

// A file that belongs to somebody else is named, and that this user may not use it.
func TestFileOfSomebodyElse(t *testing.T) {
	environ, path := migratedFile(t)
	if err := os.Chmod(path, 0); err != nil {
		t.Fatal(err)
	}
	for _, command := range [][]string{{"migrate", "up"}, {"counters", "list"}} {
		ended := make(chan result)
		go func() {
			runtime.LockOSThread() // for good: the thread ends with this function
			if os.Geteuid() == 0 { // who may use any file
				if err := syscall.Setfsuid(65534); err != nil {
					t.Error(err)
				}
			}
			ended <- runIt(t.Context(), environ, "", command)
		}()
		got := <-ended
		if got.code != exitFailed || !strings.Contains(got.stderr, path) || !strings.Contains(got.stderr, "this user read and write") {
			t.Errorf("%v: exit code %d, %q", command, got.code, got.stderr)
		}
	}
}

// Every outage has a next step.
func TestNextStepsAfterOutages(t *testing.T) {
	for _, outage := range []models.Outage{
		models.Busy, models.Full, models.ReadOnly, models.NotAllowed, models.Unreachable, models.Failing, models.Damaged, models.NoDatabase,
		models.Unprepared,
	} {
		for _, file := range []string{"", "/srv/countersign.db"} {
			if nextAfterOutage(&models.UnavailableError{Outage: outage, File: file}) == "" {
				t.Errorf("%s, %q: nothing", outage, file)
			}
		}
	}
}

func overwrite(t *testing.T, path string, content []byte, at int64) {
	t.Helper()
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if _, err := file.WriteAt(content, at); err != nil {
		t.Fatal(err)
	}
}

func remove(t *testing.T, path string) {
	t.Helper()
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
}

func replaceByFolder(t *testing.T, path string) {
	t.Helper()
	remove(t, path)
	if err := os.Mkdir(path, 0o700); err != nil {
		t.Fatal(err)
	}
}

// keepAlone holds the file as a program does that lets nobody else read it.
func keepAlone(t *testing.T, path string) {
	t.Helper()
	other, err := sql.Open("sqlite3", "file:"+path+"?_locking_mode=EXCLUSIVE")
	if err != nil {
		t.Fatal(err)
	}
	other.SetMaxOpenConns(1)
	t.Cleanup(func() { _ = other.Close() })
	if _, err := other.ExecContext(t.Context(), "BEGIN EXCLUSIVE; SELECT count(*) FROM counters"); err != nil {
		t.Fatal(err)
	}
}
