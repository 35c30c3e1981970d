package models_test

import (
	"os"
	"strings"
	"testing"

	"countersign/models"
	"countersign/models/modelstest"
)

// SQLite's write-ahead log grows while somebody reads for long, and a sweep gives its disk back as soon as nobody does. While
// somebody does, the sweep is none the worse for it, and others write.
func TestSweepShrinksTheWriteAheadLog(t *testing.T) {
	env := modelstest.SQLite(t, models.Policy{})
	write, size := logFile(t, env)
	reader := env.Reader().Begin()
	var accounts int64
	if err := reader.Table("accounts").Count(&accounts).Error; err != nil {
		t.Fatal(err)
	}
	write(80 << 20)
	if err := env.Sweep(env.Context); err != nil {
		t.Fatal(err)
	}
	if got := size(); got < 80<<20 {
		t.Errorf("%d bytes are left of what somebody reads", got)
	}
	write(1)
	if err := reader.Rollback().Error; err != nil {
		t.Fatal(err)
	}
	if err := env.Sweep(env.Context); err != nil {
		t.Fatal(err)
	}
	if got := size(); got != 0 {
		t.Errorf("%d bytes are left", got)
	}
	write(1)
	before := size()
	if err := env.Sweep(env.Context); err != nil {
		t.Fatal(err)
	}
	if got := size(); got < before {
		t.Errorf("a log of %d bytes was cut to %d, for the next write to let it grow anew", before, got)
	}
	var statistics int64 // docs/decisions/0065-copies-of-sqlite.md: plans are those that tests have checked
	err := env.Reader().Raw("SELECT count(*) FROM sqlite_master WHERE name LIKE 'sqlite_stat%'").Scan(&statistics).Error
	if err != nil || statistics != 0 {
		t.Errorf("%d tables of statistics, %v", statistics, err)
	}
}

// When the log begins anew, what is beyond the limit is cut off, without any sweep.
func TestWriteAheadLogBeginsAnewShort(t *testing.T) {
	env := modelstest.SQLite(t, models.Policy{})
	write, size := logFile(t, env)
	write(80 << 20)
	write(1)
	if got := size(); got == 0 || got > 64<<20 {
		t.Errorf("it has %d bytes", got)
	}
}

// logFile returns how to write so many bytes, and how many the write-ahead log has.
func logFile(t *testing.T, env *modelstest.Env) (write func(bytes int), size func() int64) {
	t.Helper()
	writer := models.WriterForTest(env.Database)
	if err := writer.Exec("CREATE TABLE scratch (bytes BLOB)").Error; err != nil {
		t.Fatal(err)
	}
	write = func(bytes int) {
		t.Helper()
		if err := writer.Exec("INSERT INTO scratch VALUES (zeroblob(?))", bytes).Error; err != nil {
			t.Fatal(err)
		}
	}
	return write, func() int64 {
		t.Helper()
		info, err := os.Stat(strings.TrimPrefix(env.Address, "sqlite:") + "-wal")
		if err != nil {
			t.Fatal(err)
		}
		return info.Size()
	}
}
