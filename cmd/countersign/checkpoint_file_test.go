package main

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/base64"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"countersign/audit"
	"countersign/models"
	"countersign/models/keys"
)

// restored is a server whose database was copied, used on, and put back from the copy.
type restored struct {
	*sequenced
	file checkpointFile
	key  string // file of the master key
	copy string // of the database, from before the newest entries
}

func newRestored(t *testing.T) *restored {
	t.Helper()
	r := &restored{sequenced: newSequenced(t), key: filepath.Join(t.TempDir(), "master.key")}
	if err := os.WriteFile(r.key, []byte(base64.StdEncoding.EncodeToString(make([]byte, keys.MasterKeySize))), 0o600); err != nil {
		t.Fatal(err)
	}
	r.file = (&CheckpointFlags{}).check(r.key)
	r.seconds(2, func(int) {})
	r.take()
	r.grow()
	if err := r.hold(); err != nil {
		t.Fatal(err)
	}
	return r
}

// take copies the database as it is now.
func (r *restored) take() {
	r.t.Helper()
	r.copy = filepath.Join(r.t.TempDir(), "copy.db")
	db, err := sql.Open("sqlite3", r.sequenced.file)
	if err != nil {
		r.t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(r.t.Context(), "VACUUM INTO ?", r.copy); err != nil {
		r.t.Fatal(err)
	}
}

// grow lets something happen, and sequences it.
func (r *restored) grow() {
	r.t.Helper()
	r.append()
	r.seconds(2, func(int) {})
}

// open opens the copy as the database.
func (r *restored) open() {
	r.t.Helper()
	settings := storeSettings{database: "sqlite:" + r.copy, issuer: "https://id.example", masterKey: make([]byte, keys.MasterKeySize)}
	store, err := openStore(r.env, settings, models.Policy{}, slog.New(slog.DiscardHandler))
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { _ = store.Close() })
	r.store = store
}

func (r *restored) hold() error {
	return r.file.hold(r.t.Context(), r.store, slog.New(slog.DiscardHandler))
}

func (r *restored) command(args ...string) (string, int) {
	var out, told bytes.Buffer
	args = append(args, "--database=sqlite:"+r.copy, "--issuer=https://id.example", "--master-key-file="+r.key)
	code := run(r.t.Context(), args, nil, nil, &out, &told)
	return out.String() + told.String(), code
}

// docs/decisions/0046: yesterday's database is not started on, whatever its entries say of each other, until somebody accepts the loss,
// and then supervisors are called.
func TestYesterdaysDatabaseIsNoticed(t *testing.T) {
	r := newRestored(t)
	if err := r.hold(); err != nil {
		t.Errorf("the database that goes on: %v", err)
	}
	r.open()
	err := r.hold()
	if err == nil || !strings.Contains(err.Error(), "or is older: its newest checkpoint is of ") ||
		!strings.Contains(err.Error(), "audit accept-loss") {
		t.Fatalf("the copy: %v", err)
	}
	r.grow() // as many entries, and another history
	r.grow()
	if err := r.hold(); err == nil || !strings.Contains(err.Error(), "does not continue it") {
		t.Errorf("another history: %v", err)
	}
	said, code := r.command("audit", "accept-loss")
	if code != 0 || !strings.Contains(said, "tell the auditors") {
		t.Errorf("exit code %d: %s", code, said)
	}
	if aside, err := filepath.Glob(r.key + ".checkpoint.lost-*"); err != nil || len(aside) != 1 {
		t.Errorf("put aside: %v %v", aside, err)
	}
	if err := r.hold(); err != nil {
		t.Errorf("afterwards: %v", err)
	}
	newest, err := r.store.Trail(t.Context(), audit.Filter{Limit: 1})
	if err != nil || newest[0].Event.Type != audit.LogLossAccepted || *newest[0].Event.Facts.Count < 1 {
		t.Errorf("the event: %+v, %v", newest, err)
	}
	if alerts, err := r.store.Alerts(t.Context()); err != nil || alerts.Count != 1 || alerts.Newest[0].Event.Type != audit.LogLossAccepted {
		t.Errorf("supervisors are called for %+v, %v", alerts, err)
	}
	r.grow()
	if err := r.hold(); err != nil {
		t.Error(err)
	}
	if said, code := r.command("audit", "accept-loss"); code != 0 || !strings.Contains(said, "nothing is lost") {
		t.Errorf("exit code %d: %s", code, said)
	}
}

// docs/decisions/0046: a copy that has the entries of the kept checkpoint, and only an earlier checkpoint, has lost nothing. It is
// started on, and what was kept stays until the log has grown over those entries.
func TestACopyFromBeforeItsCheckpoint(t *testing.T) {
	r := newRestored(t)
	r.append()
	r.take()
	r.seconds(2, func(int) {})
	if err := r.hold(); err != nil {
		t.Fatal(err)
	}
	kept, err := r.file.read()
	if err != nil {
		t.Fatal(err)
	}
	r.open()
	if err := r.hold(); err != nil {
		t.Errorf("the copy: %v", err)
	}
	if now, err := r.file.read(); err != nil || !bytes.Equal(now, kept) {
		t.Errorf("an earlier checkpoint went over the kept one: %q, %v", now, err)
	}
	if said, code := r.command("audit", "accept-loss"); code != 0 || !strings.Contains(said, "nothing is lost") {
		t.Errorf("exit code %d: %s", code, said)
	}
	r.grow()
	if err := r.hold(); err != nil {
		t.Error(err)
	}
	if now, err := r.file.read(); err != nil || keptSize("https://id.example", now) <= keptSize("https://id.example", kept) {
		t.Errorf("the log has grown, and kept is %q, %v", now, err)
	}
}

// As many entries that are others are refused, also where no checkpoint has them yet, and none is signed for that.
func TestACopyWithAnotherHistoryThatIsNotSequenced(t *testing.T) {
	r := newRestored(t)
	r.open()
	before, err := r.store.LogCheckpoint(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		r.append()
	}
	if err := r.hold(); err == nil || !strings.Contains(err.Error(), "entries are not those that were signed") {
		t.Errorf("another history: %v", err)
	}
	r.now = r.now.Add(time.Minute)
	if after, err := r.store.LogCheckpoint(t.Context()); err != nil || !bytes.Equal(before, after) {
		t.Errorf("there was %q, and there is %q, %v", before, after, err)
	}
}

// restore counts what is lost of the kept checkpoint, and sends nobody to accept a loss where there is none.
func TestRestoreSaysWhatIsLost(t *testing.T) {
	r := newRestored(t)
	note, err := r.file.read()
	if err != nil {
		t.Fatal(err)
	}
	kept := keptSize("https://id.example", note)
	for name, c := range map[string]struct {
		head  models.TrailHead
		wants string
	}{
		"the checkpoint is there":     {models.TrailHead{Entries: kept + 20, Checkpoint: kept}, ""},
		"more entries, no checkpoint": {models.TrailHead{Entries: kept + 20, Checkpoint: kept - 1}, "none is missing. serve compares them"},
		"as many entries":             {models.TrailHead{Entries: kept, Checkpoint: kept - 1}, "none is missing. serve compares them"},
		"one entry fewer":             {models.TrailHead{Entries: kept - 1, Checkpoint: kept - 1}, ": at least 1 are lost"},
	} {
		var out bytes.Buffer
		restore := &RestoreCmd{settings: storeSettings{issuer: "https://id.example"}, checkpoint: r.file}
		restore.tellKept(&Environment{Stdout: &out}, c.head)
		said := out.String()
		if !strings.Contains(said, c.wants) || (said == "") != (c.wants == "") ||
			strings.Contains(said, "accept-loss") != strings.Contains(c.wants, "lost") {
			t.Errorf("%s: %q", name, said)
		}
	}
}

// What lies in the file's place is not overwritten unless it is a checkpoint of this log; a place that cannot be written is told of.
func TestCheckpointFile(t *testing.T) {
	r := newRestored(t)
	for text, want := range map[string]string{
		"no note": "is not a checkpoint",
		"other.example/log\n7\nPH6byTDck/AfppmF7yQtn56GHzxTVaokzl70tLinDMs=\n\n" +
			"— other.example/log Oh29AQS1LwEI0ZjoZRKxH1IP6hDgU0N2wbQnN481GUG0zMXk6ZU+6iz31aG5JBX4+/27pf5uVKCRSM1AYm/OlbZb4A8=\n": "not of id.example/log",
	} {
		if err := os.WriteFile(r.file.name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := r.hold(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", text, err)
		}
	}
	folder := (&CheckpointFlags{CheckpointFile: t.TempDir()}).check(r.key)
	if err := folder.hold(t.Context(), r.store, slog.New(slog.DiscardHandler)); err == nil || !strings.Contains(err.Error(), "\nNext: let") {
		t.Errorf("what cannot be read: %v", err)
	}
	chosen := (&CheckpointFlags{CheckpointFile: filepath.Join(t.TempDir(), "nowhere", "checkpoint")}).check(r.key)
	if err := chosen.hold(t.Context(), r.store, slog.New(slog.DiscardHandler)); err == nil ||
		!strings.Contains(err.Error(), "cannot be kept: ") || !strings.Contains(err.Error(), "\nNext: let") {
		t.Errorf("a place that was named and cannot be written: %v", err)
	}
	var lines textBuffer
	beside := (&CheckpointFlags{}).check(filepath.Join(t.TempDir(), "nowhere", "master.key"))
	err := beside.hold(t.Context(), r.store, slog.New(slog.NewTextHandler(&lines, nil)))
	if err != nil || !strings.Contains(lines.String(), "kept nowhere") {
		t.Errorf("a key in a folder that cannot be written: %v, %s", err, lines.String())
	}
	for _, none := range []checkpointFile{(&CheckpointFlags{CheckpointFile: "none"}).check(r.key), (&CheckpointFlags{}).check("")} {
		if none.name != "" {
			t.Errorf("%+v", none)
		}
	}
}

// The newest checkpoint is kept while the server runs, and once more when it ends.
func TestTheCheckpointIsKeptOn(t *testing.T) {
	r := newRestored(t)
	before, err := r.file.read()
	if err != nil || len(before) == 0 {
		t.Fatal(err)
	}
	ctx, end := context.WithCancel(t.Context())
	defer end()
	env, waits := *r.env, 0
	env.Context = ctx
	env.Wait = func(ctx context.Context, _ time.Duration) error {
		r.grow()
		if waits++; waits == 2 {
			end()
		}
		return ctx.Err()
	}
	r.file.keepOn(&env, r.store, slog.New(slog.DiscardHandler))
	newest, err := r.store.LogCheckpoint(t.Context())
	if kept, failed := r.file.read(); err != nil || failed != nil || !bytes.Equal(kept, newest) || bytes.Equal(kept, before) || waits != 2 {
		t.Errorf("kept %q, the newest is %q: %v %v", kept, newest, err, failed)
	}
}

// A database that becomes an older one while the server runs does not take what was kept away: the next start refuses it.
func TestAnOlderDatabaseUnderARunningServer(t *testing.T) {
	r := newRestored(t)
	before, err := r.file.read()
	if err != nil || len(before) == 0 {
		t.Fatal(err)
	}
	r.open()
	ctx, end := context.WithCancel(t.Context())
	env := *r.env
	env.Context = ctx
	minutes := 0
	env.Wait = func(ctx context.Context, _ time.Duration) error {
		if minutes++; minutes == 3 {
			end()
			return ctx.Err()
		}
		r.grow() // so that the problem has other numbers
		return nil
	}
	var lines textBuffer
	r.file.keepOn(&env, r.store, slog.New(slog.NewTextHandler(&lines, nil)))
	if kept, err := r.file.read(); err != nil || !bytes.Equal(kept, before) || strings.Count(lines.String(), "accept-loss") != 1 {
		t.Errorf("kept %q, %v: %s", kept, err, lines.String())
	}
	if err := r.hold(); err == nil {
		t.Error("the next start goes on with it")
	}
}
