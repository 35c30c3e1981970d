//go:build torture

package main

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"countersign/models"
	"countersign/models/modelstest"
)

// While phones and operators are at work the disk of the database's file is full, again and again, and another program holds the
// file's lock. The process is the same throughout. What was answered is there, nothing is half-done, and each phone is connected in
// the end. make torture runs it where this user may mount a disk of memory.
func TestFullDiskUnderLoad(t *testing.T) {
	disk := smallDisk(t)
	k := newKillingOn(t, "sqlite:"+filepath.Join(disk, "countersign.db"))
	k.folder = disk
	k.start(t)
	var waiting sync.WaitGroup
	for i := range visitors {
		v := newVisitor(t, k, []string{demoOperator, "Jonas Eriksen"}[i%2])
		waiting.Go(func() { v.visits() })
	}
	for range max(1, *tortureRounds/10) {
		k.someWork(t, 40)
		room := fill(t, disk)
		k.someWork(t, 60) // answered 503, most of them
		if err := os.Remove(room); err != nil {
			t.Fatal(err)
		}
		k.someWork(t, 40)
		release := modelstest.Hold(t, k.store[0][len("COUNTERSIGN_DATABASE="):])
		time.Sleep(6 * time.Second) // longer than a write waits
		release()
	}
	k.someWork(t, 100)
	close(k.ended)
	waiting.Wait()
	k.everyPhoneWorks(t)
	k.kill(t)
	for _, met := range []models.Outage{models.Full, models.Busy} {
		if !strings.Contains(k.log.String(), string(met)) {
			t.Errorf("nobody met it: %s", met)
		}
	}
	k.isWhole(t)
	t.Logf("%d requests, %d registrations, %d approvals, %d redemptions, %d of them asked for again",
		k.requests.Load(), len(k.registered), len(k.approved), len(k.redeemed), k.again.Load())
	if len(k.redeemed) < visitors {
		t.Errorf("only %d visits came to their end", len(k.redeemed))
	}
}

// smallDisk is a disk of memory with little room.
func smallDisk(t *testing.T) string {
	t.Helper()
	disk := t.TempDir()
	if err := syscall.Mount("none", disk, "tmpfs", 0, "size=64m"); err != nil {
		t.Skipf("no small disk can be mounted: %v", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(disk, syscall.MNT_DETACH) })
	return disk
}

// fill takes all room of a disk.
func fill(t *testing.T, disk string) (name string) {
	t.Helper()
	name = filepath.Join(disk, "full")
	file, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for size := 1 << 20; size > 0; size /= 2 {
		for err = nil; err == nil; {
			_, err = file.Write(make([]byte, size))
		}
	}
	return name
}
