package models_test

import (
	"context"
	"errors"
	"testing"

	"countersign/audit"
	"countersign/audit/tree"
	"countersign/models"
	"countersign/models/modelstest"

	"golang.org/x/mod/sumdb/tlog"
)

func entryOf(t *testing.T, env *modelstest.Env, seq int64) audit.Entry {
	t.Helper()
	var entry audit.Entry
	if err := env.Reader().Where("seq = ?", seq).First(&entry).Error; err != nil {
		t.Fatal(err)
	}
	return entry
}

// docs/protocol.md §12: the store proves each entry and each earlier checkpoint by its newest one, as x/mod checks it.
func TestTheStoreProvesItsEntries(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		fillTrail(t, env, 300)
		before, _ := sequenced(t, env)
		fillTrail(t, env, 700)
		sequenced(t, env)
		head, err := env.LogHead(env.Context)
		if err != nil {
			t.Fatal(err)
		}
		for _, seq := range []int64{1, 2, 256, 257, before.Size, head.Size - 1, head.Size} {
			entry := entryOf(t, env, seq)
			proof, err := env.InclusionProof(env.Context, entry)
			if err == nil {
				err = tlog.CheckRecord(proof.Path, head.Size, head.Root, seq-1, tlog.RecordHash(entry.Bytes()))
			}
			if err != nil || proof.Index != seq-1 || proof.Leaf != tree.Leaf(entry.Bytes()) || string(proof.Head.Note) != string(head.Note) {
				t.Errorf("entry %d: %+v, %v", seq, proof, err)
			}
		}
		path, err := env.ConsistencyProof(env.Context, head, before.Size)
		if err == nil {
			err = tlog.CheckTree(path, head.Size, head.Root, before.Size, before.Root)
		}
		if err != nil {
			t.Error(err)
		}
		if _, err := env.ConsistencyProof(env.Context, head, head.Size+1); !errors.Is(err, tree.ErrProof) {
			t.Errorf("of more entries than there are: %v", err)
		}
	})
}

// An entry is proved as soon as another process has sequenced it; before that it is not in the log yet.
func TestAnEntryThatIsNotInTheLogYet(t *testing.T) {
	env := modelstest.SQLite(t, models.Policy{})
	other := another(t, env)
	fillTrail(t, env, 10)
	first := entryOf(t, env, 1)
	if _, err := env.InclusionProof(env.Context, first); !errors.Is(err, models.ErrNotSequenced) {
		t.Errorf("before there is a checkpoint: %v", err)
	}
	if _, err := other.Sequence(env.Context); err != nil {
		t.Fatal(err)
	}
	proof, err := env.InclusionProof(env.Context, first)
	if err != nil || proof.Head.Size < 10 {
		t.Errorf("after another process: %+v, %v", proof.Head, err)
	}
	fillTrail(t, env, 1)
	last := entryOf(t, env, proof.Head.Size+1)
	if _, err := env.InclusionProof(env.Context, last); !errors.Is(err, models.ErrNotSequenced) {
		t.Errorf("the newest: %v", err)
	}
	for _, seq := range []int64{-1 << 63, -1, 0} {
		if _, err := env.InclusionProof(env.Context, audit.Entry{Seq: seq}); !errors.Is(err, models.ErrNotFound) {
			t.Errorf("entry %d: %v", seq, err)
		}
	}
}

// What is not what was signed is refused and named; a database that does not answer is not.
func TestProofsOfWhatWasChanged(t *testing.T) {
	env := modelstest.SQLite(t, models.Policy{})
	fillTrail(t, env, 700)
	sequenced(t, env)
	entry := entryOf(t, env, 5)
	entry.SET += "!"
	_, err := env.InclusionProof(env.Context, entry)
	if _, is := errors.AsType[*models.LogRefusedError](err); !is {
		t.Errorf("a changed entry: %v", err)
	}
	gone, cancel := context.WithCancel(env.Context)
	cancel()
	if _, err := env.InclusionProof(gone, entryOf(t, env, 5)); !errors.Is(err, context.Canceled) {
		t.Errorf("of a request that is gone: %v", err)
	}
	unprotect(t, env)
	if err := models.WriterForTest(env.Database).Exec("DELETE FROM log_tiles WHERE level = 0 AND number = 0").Error; err != nil {
		t.Fatal(err)
	}
	_, err = env.InclusionProof(env.Context, entryOf(t, env, 5))
	if _, is := errors.AsType[*models.LogRefusedError](err); !is {
		t.Errorf("a missing tile: %v", err)
	}
}
