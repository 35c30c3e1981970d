package models_test

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"countersign/models"
	"countersign/models/modelstest"
)

// pagesOf are the size of a page of a file in bytes, how its journal is kept, and after how many pages the write-ahead log is copied.
type pagesOf struct {
	size    int
	journal string
	copied  int
}

func pagesOfDatabase(t *testing.T, database *models.Database) (pages pagesOf) {
	t.Helper()
	for statement, into := range map[string]any{
		"PRAGMA page_size": &pages.size, "PRAGMA journal_mode": &pages.journal, "PRAGMA wal_autocheckpoint": &pages.copied,
	} {
		if err := models.WriterForTest(database).Raw(statement).Scan(into).Error; err != nil {
			t.Fatal(err)
		}
	}
	return pages
}

// docs/decisions/0083-smaller-pages.md: a new file has pages of 2 KiB, one that was made empty too, and its log is copied every 16 MiB.
func TestANewFileHasSmallPages(t *testing.T) {
	folder := t.TempDir()
	empty := filepath.Join(folder, "empty.db")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{filepath.Join(folder, "new # ?.db"), empty} {
		if got, want := pagesOfDatabase(t, modelstest.Connect(t, "sqlite:"+file)), (pagesOf{2048, "wal", 8192}); got != want {
			t.Errorf("%s has %+v, not %+v", filepath.Base(file), got, want)
		}
	}
	info, err := os.Stat(empty)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o600 {
		t.Errorf("the file that was there has the mode %v", info.Mode())
	}
}

// Who connects to a new file that another process has just begun waits for it as a write does for a lock, and then says so.
func TestANewFileIsWaitedFor(t *testing.T) {
	file := filepath.Join(t.TempDir(), "new.db")
	release := writing(t, file)
	discard := slog.New(slog.DiscardHandler)
	_, err := models.ConnectWaiting(t.Context(), "sqlite:"+file, 50*time.Millisecond, discard)
	if _, is := errors.AsType[*models.UnavailableError](err); !is {
		t.Errorf("who has waited is told %v", err)
	}
	stopped, stop := context.WithCancel(t.Context())
	stop()
	if _, err := models.Connect(stopped, "sqlite:"+file, discard); !errors.Is(err, context.Canceled) {
		t.Errorf("who no longer waits is told %v", err)
	}
	connected := make(chan error, 1)
	go func() {
		database, err := models.Connect(t.Context(), "sqlite:"+file, discard)
		if err == nil {
			err = database.Close()
		}
		connected <- err
	}()
	select {
	case err := <-connected:
		t.Fatalf("it does not wait: %v", err)
	case <-time.After(50 * time.Millisecond):
	}
	release()
	if err := <-connected; err != nil {
		t.Error(err)
	}
}

// writing holds the write lock of a new file, until release is called.
func writing(t *testing.T, file string) (release func()) {
	t.Helper()
	other, err := sql.Open("sqlite3", "file:"+file+"?_txlock=immediate")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = other.Close() })
	held, err := other.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := held.Rollback(); err != nil {
			t.Error(err)
		}
	}
}

// Those who begin a new file together agree on its pages, and all are connected.
func TestANewFileIsBegunByMany(t *testing.T) {
	for range 20 {
		file := filepath.Join(t.TempDir(), "new.db")
		databases := make([]*models.Database, 4)
		var all sync.WaitGroup
		for i := range databases {
			all.Go(func() {
				var err error
				if databases[i], err = models.Connect(t.Context(), "sqlite:"+file, slog.New(slog.DiscardHandler)); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if t.Failed() {
			return
		}
		for _, database := range databases {
			if got := pagesOfDatabase(t, database); got.size != 2048 || got.journal != "wal" {
				t.Errorf("one has %+v", got)
			}
			if err := database.Close(); err != nil {
				t.Error(err)
			}
		}
	}
}

// A file of before keeps its pages, and its log is copied every 16 MiB too. All goes on in it, and a copy is as it is.
func TestAFileOfBeforeKeepsItsPages(t *testing.T) {
	folder := t.TempDir()
	file := filepath.Join(folder, "before.db")
	before, err := sql.Open("sqlite3", "file:"+file+"?_journal_mode=WAL")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := before.ExecContext(t.Context(), "CREATE TABLE of_before (id INTEGER PRIMARY KEY)"); err != nil {
		t.Fatal(err)
	}
	if err := before.Close(); err != nil {
		t.Fatal(err)
	}
	database, want := modelstest.Connect(t, "sqlite:"+file), pagesOf{4096, "wal", 4096}
	if got := pagesOfDatabase(t, database); got != want {
		t.Errorf("it has %+v, not %+v", got, want)
	}
	if _, err := database.MigrateUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	env := modelstest.Open(t, "sqlite:"+file, models.Policy{})
	client := env.Client(t)
	env.Account(t, "K-1")
	if _, err := env.RequestDeviceAuthorization(env.Context, askingWithProofs(env, client, 1)); err != nil {
		t.Fatal(err)
	}
	if got := pagesOfCopy(t, env.Database); got != want {
		t.Errorf("the copy has %+v, not %+v", got, want)
	}
	if got, want := pagesOfCopy(t, modelstest.SQLite(t, models.Policy{}).Database), (pagesOf{2048, "wal", 8192}); got != want {
		t.Errorf("the copy of a new file has %+v, not %+v", got, want)
	}
}

func pagesOfCopy(t *testing.T, database *models.Database) pagesOf {
	t.Helper()
	copied := filepath.Join(t.TempDir(), "copy.db")
	if err := database.CopyTo(t.Context(), copied, nil); err != nil {
		t.Fatal(err)
	}
	return pagesOfDatabase(t, modelstest.Connect(t, "sqlite:"+copied))
}
