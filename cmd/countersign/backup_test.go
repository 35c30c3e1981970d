package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// docs/protocol.md §6 unsound-backup: while phones and operators are at work with a process of its own, another copies its database.
// What was answered before a backup began is in what is restored of it, nothing of it is half-done, and its trail is sound.
func TestBackupUnderLoad(t *testing.T) {
	t.Parallel()
	k := newKilling(t)
	k.start(t)
	var waiting sync.WaitGroup
	for i := range visitors {
		v := newVisitor(t, k, []string{demoOperator, "Jonas Eriksen"}[i%2])
		waiting.Go(func() { v.visits() })
	}
	for range 4 {
		k.someWork(t, 60)
		answered := k.answered(t)
		backup := filepath.Join(t.TempDir(), "backup.db")
		if said := k.run(t, k.store[:2], "backup", backup); strings.Count(said, "\n") != 1 || !strings.Contains(said, "; whole, trail and log") {
			t.Fatal(said)
		}
		answered.store[0] = "COUNTERSIGN_DATABASE=sqlite:" + answered.database()
		k.run(t, answered.store, "restore", backup)
		answered.isWhole(t)
	}
	close(k.ended)
	waiting.Wait()
	k.kill(t)
	k.isWhole(t)
	t.Logf("%d requests, %d approvals, %d redemptions", k.requests.Load(), len(k.approved), len(k.redeemed))
}

// answered is the book as it is now, of a database in another folder.
func (k *killing) answered(t *testing.T) *killing {
	t.Helper()
	k.mu.Lock()
	defer k.mu.Unlock()
	return &killing{
		production: &production{issuer: k.issuer, folder: t.TempDir(), store: slices.Clone(k.store)}, problems: slices.Clone(k.problems),
		registered: slices.Clone(k.registered), asked: slices.Clone(k.asked), approved: slices.Clone(k.approved),
		declined: slices.Clone(k.declined), redeemed: slices.Clone(k.redeemed), used: slices.Clone(k.used),
	}
}

// A backup that is killed, at whatever point, leaves a whole copy under its name or none.
func TestKilledBackupLooksLikeNone(t *testing.T) {
	t.Parallel()
	environ, _ := migratedFile(t)
	killed := 0
	for i := range 12 {
		name := filepath.Join(t.TempDir(), fmt.Sprintf("backup-%d.db", i))
		process := exec.Command("countersign", "backup", name)
		process.Env = append(os.Environ(), environ...)
		if err := process.Start(); err != nil {
			t.Fatal(err)
		}
		if !until(func() bool { return isThere(name+".part") || isThere(name) }) {
			t.Fatal("it does not begin")
		}
		_ = process.Process.Kill()
		_ = process.Wait()
		if isThere(name + ".part") {
			killed++
		}
		if !isThere(name) {
			continue
		}
		got := runWith(t, slices.Concat(environ, []string{"COUNTERSIGN_DATABASE=sqlite:" + name}), "", "audit", "verify")
		if got.code != 0 {
			t.Errorf("it has its name, and is not whole: %s%s", got.stdout, got.stderr)
		}
	}
	if killed == 0 {
		t.Error("every backup was done before it was killed")
	}
}

func isThere(name string) bool {
	_, err := os.Lstat(name)
	return err == nil
}

// Where there is no room, that is said, with the file, and nothing is left. The limit of a process on the size of its files is the
// nearest to a full disk that needs no disk of one's own.
func TestBackupWithoutRoom(t *testing.T) {
	t.Parallel()
	environ, path := migratedFile(t)
	name := filepath.Join(t.TempDir(), "backup.db")
	process := exec.Command("sh", "-c", `ulimit -f 64; exec countersign backup "$0"`, name)
	process.Env = append(os.Environ(), environ...)
	said, err := process.CombinedOutput()
	if err == nil || process.ProcessState.ExitCode() != exitFailed ||
		!strings.Contains(string(said), "the copy cannot be written: "+name+".part: ") ||
		!strings.Contains(string(said), "Nothing was backed up.\nNext: make room there") || strings.Count(string(said), "countersign: ") != 1 {
		t.Errorf("%v: %s", err, said)
	}
	if isThere(name) || isThere(name+".part") || !isThere(path) {
		t.Error("it has left something, or taken something away")
	}
	process = exec.Command("sh", "-c", `ulimit -f 64; exec countersign restore "$0"`, path)
	target := filepath.Join(t.TempDir(), "restored.db")
	process.Env = append(os.Environ(), append(environ, "COUNTERSIGN_DATABASE=sqlite:"+target)...)
	said, err = process.CombinedOutput()
	if err == nil || !strings.Contains(string(said), target+".part: ") || !strings.Contains(string(said), "Nothing was restored") {
		t.Errorf("%v: %s", err, said)
	}
	if isThere(target) || isThere(target+".part") {
		t.Error("it has left something")
	}
}

// docs/protocol.md §6 unsound-backup: a restored database is behind what was signed. That is said at once, the server does not start
// on it before somebody has accepted the loss, and then goes on from there.
func TestRestoredBehindTheKeptCheckpoint(t *testing.T) {
	t.Parallel()
	environ := operationsOfRestore(t)
	value := lookup(environ)
	backups, err := filepath.Glob(filepath.Join(value("BACKUPS"), "*.db"))
	if err != nil || len(backups) != 1 {
		t.Fatal(err, backups)
	}
	over := runWith(t, environ, "", "restore", backups[0])
	if over.code != exitFailed || !strings.Contains(over.stderr, "The one that is there is newer: ") {
		t.Fatalf("exit code %d: %s", over.code, over.stderr)
	}
	for _, file := range []string{"", "-wal", "-shm"} {
		_ = os.Remove(filepath.Join(value("DATA"), "countersign.db"+file))
	}
	got := runWith(t, environ, "", "restore", backups[0])
	if got.code != 0 ||
		!strings.Contains(got.stdout, " entries was signed, which "+value("COUNTERSIGN_MASTER_KEY_FILE")+".checkpoint keeps: at least ") ||
		!strings.Contains(got.stdout, "serve does not start.\nNext: bring back a newer copy; if there is none, countersign audit accept-loss") {
		t.Fatalf("exit code %d: %s%s", got.code, got.stdout, got.stderr)
	}
	if got := runWith(t, environ, "", "serve"); got.code != exitFailed || !strings.Contains(got.stderr, "countersign audit accept-loss") {
		t.Errorf("serve: exit code %d: %s", got.code, got.stderr)
	}
	if got := runWith(t, environ, "", "audit", "accept-loss"); got.code != 0 {
		t.Error(got.stderr)
	}
	server := start(t, environ, "serve")
	waitForAnswer(t, value("COUNTERSIGN_ISSUER")+"/readyz")
	if got := server.stop(); got.code != 0 {
		t.Error(got.stderr)
	}
}
