package models_test

import (
	"crypto/rand"
	"errors"
	"fmt"
	"sync"
	"testing"

	"countersign/audit"
	"countersign/audit/tree"
	"countersign/models"
	"countersign/models/modelstest"

	"golang.org/x/mod/sumdb/tlog"
)

var errKilled = errors.New("killed")

// killer fails the write pool's n-th statement from when it is armed, as a crash before that statement does: the transaction
// is rolled back.
type killer struct{ after int }

func killerOf(t *testing.T, env *modelstest.Env) *killer {
	t.Helper()
	k := &killer{}
	models.BeforeStatements(env.Database, func(string) error {
		if k.after--; k.after == 0 {
			return errKilled
		}
		return nil
	})
	return k
}

// docs/protocol.md §12: a step that ends at any statement leaves nothing, and the next one, also of another process and
// over more entries, makes the same tree.
func TestASequencerKilledAtAnyStatementLeavesNothing(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		other := another(t, env)
		kill := killerOf(t, env)
		var stored storedTree
		killed := 0
		for statement := 1; ; statement++ {
			fillTrail(t, env, 300) // a tile becomes full in each step
			before := stateOf(t, env)
			kill.after = statement
			_, err := env.Sequence(env.Context)
			kill.after = 0
			if err == nil {
				break
			}
			if killed++; !errors.Is(err, errKilled) || stateOf(t, env) != before {
				t.Fatalf("killed at statement %d: %v, from %s to %s", statement, err, before, stateOf(t, env))
			}
			fillTrail(t, env, 7)
			sequenced(t, other)
			c, _ := sequenced(t, env)
			stored.grow(t, env)
			wantTree(t, env, c, &stored)
		}
		if killed < 3 {
			t.Errorf("only %d statements", killed)
		}
	})
}

// docs/protocol.md §12: processes that sequence at once, while others append, make one tree.
func TestSequencersAtOnceMakeOneTree(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		sequenced(t, env)
		var group, appending sync.WaitGroup
		ended := make(chan struct{})
		for range 2 {
			appending.Go(func() {
				for range 40 {
					if _, err := env.AddCounter(env.Context, models.NewCounter{Name: rand.Text(), TimeZone: "UTC"}); err != nil {
						t.Error(err)
					}
				}
			})
		}
		for range 3 {
			process := another(t, env)
			group.Go(func() {
				for {
					if _, err := process.Sequence(env.Context); err != nil {
						t.Error(err)
					}
					select {
					case <-ended:
						return
					default:
					}
				}
			})
		}
		appending.Wait()
		close(ended)
		group.Wait()
		c, _ := sequenced(t, env)
		var stored storedTree
		stored.grow(t, env)
		wantTree(t, env, c, &stored)
		wantCheckpoints(t, env, &stored)
	})
}

// wantCheckpoints holds every checkpoint against the tree of its size.
func wantCheckpoints(t *testing.T, env *modelstest.Env, stored *storedTree) {
	t.Helper()
	var rows []struct {
		Size int64
		Root []byte
	}
	if err := env.Reader().Raw("SELECT size, root FROM log_checkpoints ORDER BY size").Scan(&rows).Error; err != nil || len(rows) < 2 {
		t.Fatalf("%d checkpoints, %v", len(rows), err)
	}
	var edge tree.Edge
	for _, row := range rows {
		for edge.Size() < row.Size {
			edge.Append(stored.hashes[tlog.StoredHashIndex(0, edge.Size())])
		}
		if root := edge.Root(); string(root[:]) != string(row.Root) {
			t.Errorf("the checkpoint of %d entries has another root", row.Size)
		}
	}
}

// What was changed at the edge, or taken away, is never signed over.
func TestAChangedLogIsNotExtended(t *testing.T) {
	for name, change := range map[string]string{
		"an entry of the open tile":     "UPDATE audit_events SET set_text = 'other' WHERE seq = 601",
		"entries are gone":              "DELETE FROM audit_events WHERE seq > 560",
		"an entry to come is missing":   "UPDATE audit_events SET seq = 10000 WHERE seq = 625",
		"an entry to come is damaged":   "UPDATE audit_events SET set_text = '', packed = x'0102' WHERE seq = 625",
		"the root of a tile":            "UPDATE log_tiles SET root = zeroblob(32) WHERE number = 1",
		"a tile is gone":                "DELETE FROM log_tiles WHERE number = 1",
		"a tile has another number":     "UPDATE log_tiles SET number = 7 WHERE number = 1",
		"the checkpoint's root":         "UPDATE log_checkpoints SET root = zeroblob(32)",
		"the checkpoint's signature":    "UPDATE log_checkpoints SET signature = zeroblob(68)",
		"the checkpoint's size":         "UPDATE log_checkpoints SET size = size - 1",
		"the checkpoint is gone":        "DELETE FROM log_checkpoints",
		"another key signs":             "DELETE FROM server_keys WHERE purpose = 'checkpoint'",
		"tree and checkpoints are gone": "DELETE FROM log_checkpoints; DELETE FROM log_tiles; UPDATE audit_events SET set_text = 'x' WHERE seq = 1",
	} {
		t.Run(name, func(t *testing.T) {
			env := modelstest.SQLite(t, models.Policy{})
			fillTrail(t, env, 620-int(newestEntry(t, env).Seq))
			sequenced(t, env)
			fillTrail(t, env, 10)
			unprotect(t, env)
			if err := models.WriterForTest(env.Database).Exec(change).Error; err != nil {
				t.Fatal(err)
			}
			before := stateOf(t, env)
			var refused *models.LogRefusedError
			if _, err := env.Sequence(env.Context); !errors.As(err, &refused) {
				t.Errorf("extended: %v", err)
			}
			if after := stateOf(t, env); after != before {
				t.Errorf("from %s to %s", before, after)
			}
			wantOneAlert(t, env)
		})
	}
}

// wantOneAlert: however often, and by whichever process, it is refused.
func wantOneAlert(t *testing.T, env *modelstest.Env) {
	t.Helper()
	for range 2 {
		if _, err := env.Sequence(env.Context); err == nil {
			t.Error("extended after all")
		}
	}
	open, err := env.Alerts(env.Context)
	if err != nil || open.Count != 1 || open.Newest[0].Event.Type != audit.LogRefused {
		t.Errorf("alerts %+v, %v", open, err)
	}
}

// unprotect drops the triggers, as whoever owns the file can.
func unprotect(t *testing.T, env *modelstest.Env) {
	t.Helper()
	for _, table := range []string{"audit_events", "log_tiles", "log_checkpoints"} {
		for _, trigger := range []string{"no_update", "no_delete", "append_only"} {
			if err := models.WriterForTest(env.Database).Exec("DROP TRIGGER " + table + "_" + trigger).Error; err != nil {
				t.Fatal(err)
			}
		}
	}
}

// docs/protocol.md §12: on PostgreSQL a number is never seen before those below it.
func TestNumbersBecomeVisibleInOrder(t *testing.T) {
	env := modelstest.Open(t, modelstest.Migrated(t, "postgres"), models.Policy{})
	var group sync.WaitGroup
	ended := make(chan struct{})
	for range 4 {
		group.Go(func() {
			for range 30 {
				if _, err := env.AddCounter(env.Context, models.NewCounter{Name: rand.Text(), TimeZone: "UTC"}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	go func() { group.Wait(); close(ended) }()
	for looks := 1; ; looks++ {
		var seen struct{ Entries, Newest int64 }
		if err := env.Reader().Raw("SELECT count(*) AS entries, max(seq) AS newest FROM audit_events").Scan(&seen).Error; err != nil {
			t.Fatal(err)
		}
		if seen.Entries != seen.Newest {
			t.Fatalf("look %d: %d entries up to %d", looks, seen.Entries, seen.Newest)
		}
		select {
		case <-ended:
			return
		default:
		}
	}
}

// The database itself refuses to change the tree, and to add what does not follow.
func TestTheTreeIsAppendOnly(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		fillTrail(t, env, 600)
		c, _ := sequenced(t, env)
		fillTrail(t, env, 600)
		before := stateOf(t, env)
		tile := func(level, number int) string {
			return fmt.Sprintf("INSERT INTO log_tiles SELECT %d, %d, root, hashes FROM log_tiles WHERE number = 0", level, number)
		}
		checkpoint := func(size int64) string {
			return fmt.Sprintf("INSERT INTO log_checkpoints SELECT %d, signed_at, root, signature FROM log_checkpoints", size)
		}
		for _, statement := range []string{
			"UPDATE log_tiles SET root = root", "DELETE FROM log_tiles", tile(0, 0), tile(0, 3), tile(0, -1), tile(1, 1),
			"UPDATE log_checkpoints SET size = size", "DELETE FROM log_checkpoints", checkpoint(c.Size), checkpoint(c.Size - 1),
			checkpoint(newestEntry(t, env).Seq + 1), checkpoint(0), checkpoint(-1),
		} {
			if err := models.WriterForTest(env.Database).Exec(statement).Error; err == nil {
				t.Errorf("not refused: %s", statement)
			}
		}
		if after := stateOf(t, env); after != before {
			t.Errorf("from %s to %s", before, after)
		}
	})
}
