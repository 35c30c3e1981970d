package main

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// operationsSections are the sections of docs/operations.md that have commands, each with what stands ready for them: the
// variables of the shell, beside PATH.
var operationsSections = map[string]func(t *testing.T) []string{
	"Backup":  operationsOfBackup,
	"Restore": operationsOfRestore,

	"Update":    operationsOfUpdate,
	"Roll back": operationsOfRollBack,

	"Smaller pages": operationsOfPages,

	"Install":                         operationsOfInstall,
	"First administrator":             operationsOfAdministrator,
	"TLS":                             operationsOfTLS,
	"A private certificate authority": operationsOfAuthority,
	"An outgoing proxy":               operationsOfProxy,
	"Keys":                            operationsOfKeys,
	"Without the provider":            operationsWithoutProvider,
	"Mail and webhooks":               operationsOfMail,
	"PostgreSQL and fail-over":        operationsOfPostgres,
	"PgBouncer":                       operationsOfPgBouncer,
	"Traces":                          operationsOfTraces,
	"From SQLite to PostgreSQL":       operationsOfCopy,

	"A packed event without the program": operationsOfPackedEvent,
}

// Each command of docs/operations.md works as it is written: all of a section, in its order, in one shell.
func TestOperationsPageRunsAsWritten(t *testing.T) {
	t.Parallel()
	requireContents(t)
	page := operationsPage(t)
	for name, commands := range page {
		prepare, is := operationsSections[name]
		if !is {
			t.Errorf("no test runs the commands below %q", name)
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			shell := exec.Command("sh", "-e", "-u", "-x")
			shell.Stdin, shell.Dir = strings.NewReader(commands), t.TempDir()
			shell.Env = append(os.Environ(), prepare(t)...)
			if said, err := shell.CombinedOutput(); err != nil {
				t.Errorf("%v\n%s", err, said)
			}
		})
	}
	for name := range operationsSections {
		if page[name] == "" {
			t.Errorf("docs/operations.md has no commands below %q", name)
		}
	}
}

// requireContents fails when the list at the head of docs/operations.md is not of its sections, in their order.
func requireContents(t *testing.T) {
	t.Helper()
	page := contentOf(t, "../../docs/operations.md")
	var want []string
	for _, section := range strings.Split(page, "\n## ")[1:] {
		name, _, _ := strings.Cut(section, "\n")
		anchor := strings.NewReplacer(" ", "-", ",", "", "/", "", "'", "").Replace(strings.ToLower(name))
		want = append(want, "["+name+"](#"+anchor+")")
	}
	if list := strings.Join(want, " · "); !strings.Contains(page, "\n"+list+"\n") {
		t.Errorf("the list of contents is not\n%s", list)
	}
}

// operationsPage are the commands of docs/operations.md, by the section.
func operationsPage(t *testing.T) map[string]string {
	t.Helper()
	page, err := os.ReadFile("../../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	sections := map[string]string{}
	for _, section := range strings.Split(string(page), "\n## ")[1:] {
		name, _, _ := strings.Cut(section, "\n")
		if commands := shellBlocks(section); commands != "" {
			sections[name] = commands
		}
	}
	return sections
}

// runAsCron runs the commands of a section as cron does: what fails does not end the shell.
func runAsCron(t *testing.T, name string, environ []string) string {
	t.Helper()
	shell := exec.Command("sh", "-u")
	shell.Stdin, shell.Dir, shell.Env = strings.NewReader(operationsPage(t)[name]), t.TempDir(), append(os.Environ(), environ...)
	said, _ := shell.CombinedOutput() // what is left is looked at instead
	return string(said)
}

// A night on which the backup fails deletes no older one. What a killed one left, and copies that are not sound, do not pile up.
func TestNightlyBackupDeletes(t *testing.T) {
	t.Parallel()
	environ := operationsOfBackup(t)
	folder := lookup(environ)("BACKUPS")
	days := map[string]int{
		"countersign-1.db": 40, "countersign-2.db": 20, "countersign-3.db.part": 3, "countersign-4.db.part": 0,
		"countersign-5.db.not-sound": 9, "countersign-6.db.not-sound": 3, "another.part": 40,
	}
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	for name, ago := range days {
		at := time.Now().Add(-time.Duration(ago)*day - time.Hour)
		file := filepath.Join(folder, name)
		if err := errors.Join(os.WriteFile(file, nil, 0o600), os.Chtimes(file, at, at)); err != nil {
			t.Fatal(err)
		}
	}
	left := func(when, said string, gone ...string) {
		t.Helper()
		for name := range days {
			if isThere(filepath.Join(folder, name)) == slices.Contains(gone, name) {
				t.Errorf("%s: %s is there: %t\n%s", when, name, slices.Contains(gone, name), said)
			}
		}
	}
	said := runAsCron(t, "Backup", append(environ, "COUNTERSIGN_ISSUER=https://other.example"))
	left("a night that fails", said, "countersign-3.db.part", "countersign-5.db.not-sound")
	said = runAsCron(t, "Backup", environ)
	left("a night that does not", said, "countersign-1.db", "countersign-3.db.part", "countersign-5.db.not-sound")
}

// Whoever restores a second time loses nothing of what the first time moved away, and is told first what would be lost.
func TestRestoreASecondTime(t *testing.T) {
	t.Parallel()
	environ := operationsOfRestore(t)
	said := runAsCron(t, "Restore", environ)
	asked, did := strings.Index(said, "The one that is there is newer: "), strings.Index(said, "\nrestored ")
	if asked < 0 || did < asked {
		t.Errorf("it is asked first: %s", said)
	}
	moved, err := filepath.Glob(filepath.Join(lookup(environ)("DATA"), "before*", "countersign.db"))
	if err != nil || len(moved) != 1 {
		t.Fatal(moved, err, said)
	}
	newest, err := os.ReadFile(moved[0])
	if err != nil {
		t.Fatal(err)
	}
	said = runAsCron(t, "Restore", environ)
	if now, err := os.ReadFile(moved[0]); err != nil || !bytes.Equal(now, newest) {
		t.Errorf("%s is no longer what it was: %v\n%s", moved[0], err, said)
	}
}

// shellBlocks are the blocks of commands of a section.
func shellBlocks(section string) string {
	var commands strings.Builder
	for _, block := range strings.Split(section, "\n```sh\n")[1:] {
		text, _, _ := strings.Cut(block, "```")
		commands.WriteString(text)
	}
	return commands.String()
}

func operationsOfBackup(t *testing.T) []string {
	environ, _ := migratedFile(t)
	return append(environ, "BACKUPS="+filepath.Join(t.TempDir(), "backups"))
}

// operationsOfPages is a file of a program of before, whose pages are smaller afterwards.
func operationsOfPages(t *testing.T) []string {
	sqlite := neededProgram(t, "sqlite3", "sqlite3")
	environ, path := migratedFile(t)
	size := func(pragmas string) string {
		said, err := exec.Command(sqlite, path, pragmas+"PRAGMA page_size").CombinedOutput()
		if err != nil {
			t.Error(err)
		}
		return string(said)
	}
	const asBefore = "PRAGMA journal_mode = DELETE; PRAGMA page_size = 4096; VACUUM; PRAGMA journal_mode = WAL;"
	if said := size(asBefore); said != "delete\nwal\n4096\n" {
		t.Fatal(said)
	}
	t.Cleanup(func() {
		if said := size(""); said != "2048\n" {
			t.Error(said)
		}
	})
	return append(environ, "DATA="+filepath.Dir(path), "BACKUPS="+t.TempDir())
}

// operationsOfPackedEvent is a database with an event.
func operationsOfPackedEvent(t *testing.T) []string {
	for _, program := range []string{"sqlite3", "zstd"} {
		neededProgram(t, program, program)
	}
	environ, path := migratedFile(t)
	return append(environ, "DATA="+filepath.Dir(path))
}

// operationsOfRestore is a backup, and entries after it of which a checkpoint was kept.
func operationsOfRestore(t *testing.T) []string {
	environ, path := migratedFile(t)
	backups, folder := t.TempDir(), filepath.Dir(path)
	key := filepath.Join(folder, "master.key")
	if err := os.WriteFile(key, []byte(lookup(environ)("COUNTERSIGN_MASTER_KEY")), 0o600); err != nil {
		t.Fatal(err)
	}
	environ = append(environ, "COUNTERSIGN_MASTER_KEY=", "COUNTERSIGN_MASTER_KEY_FILE="+key)
	for _, command := range [][]string{
		{"backup", filepath.Join(backups, "countersign-2026-11-28T030000Z.db")},
		{"counters", "add", "--name", "Town hall", "--time-zone", "Europe/Berlin", "--address", "1 High Street", "--hours", "9 to 5"},
	} {
		if got := runWith(t, environ, "", command...); got.code != 0 {
			t.Fatal(got.stderr)
		}
	}
	server := exec.Command("countersign", "serve")
	server.Env = append(os.Environ(), environ...)
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	waitForAnswer(t, lookup(environ)("COUNTERSIGN_ISSUER")+"/log/checkpoint")
	if err := errors.Join(server.Process.Signal(syscall.SIGTERM), server.Wait()); err != nil || !isThere(key+".checkpoint") {
		t.Fatal("no checkpoint was kept", err)
	}
	return append(environ, "BACKUPS="+backups, "DATA="+folder)
}
