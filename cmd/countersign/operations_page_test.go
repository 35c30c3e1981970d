package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// operationsSections are the sections of docs/operations.md that have commands, each with what stands ready for them: the
// variables of the shell, beside PATH.
var operationsSections = map[string]func(t *testing.T) []string{
	"Backup":  operationsOfBackup,
	"Restore": operationsOfRestore,
}

// Each command of docs/operations.md works as it is written: all of a section, in its order, in one shell.
func TestOperationsPageRunsAsWritten(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	run := map[string]bool{}
	for _, section := range strings.Split(string(page), "\n## ")[1:] {
		name, _, _ := strings.Cut(section, "\n")
		commands := shellBlocks(section)
		if commands == "" {
			continue
		}
		run[name] = true
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
		if !run[name] {
			t.Errorf("docs/operations.md has no commands below %q", name)
		}
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
