package models_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"countersign/audit"
	"countersign/audit/tree"
	"countersign/models"
	"countersign/models/modelstest"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// fillTrail appends so many entries that nobody signed: the tree does not care what an entry says.
func fillTrail(t *testing.T, env *modelstest.Env, count int) {
	t.Helper()
	err := models.WriterForTest(env.Database).Exec(`WITH RECURSIVE
		n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?),
		entry(seq) AS (SELECT i + (SELECT coalesce(max(seq), 0) FROM audit_events) FROM n)
		INSERT INTO audit_events (seq, jti, type, occurred_at, kid, set_text)
		SELECT seq, 'jti ' || seq, 't', 1, 'k', 'set ' || seq FROM entry ORDER BY seq`, count).Error
	if err != nil {
		t.Fatal(err)
	}
}

// sequenced lets the tree grow to the end of the trail, and returns the checkpoint, as x/mod reads it, and how many steps that took.
func sequenced(t *testing.T, env *modelstest.Env) (c tree.Checkpoint, steps int) {
	t.Helper()
	for {
		done, err := env.Sequence(env.Context)
		if err != nil {
			t.Fatal(err)
		}
		if done.Added > 0 {
			steps++
		}
		if !done.Behind() {
			env.Clock.Advance(models.PublishedForTest)
			return opened(t, env), steps
		}
	}
}

func opened(t *testing.T, env *modelstest.Env) tree.Checkpoint {
	t.Helper()
	text, err := env.LogCheckpoint(env.Context)
	if err != nil {
		t.Fatal(err)
	}
	lines, err := env.LogKeys(env.Context)
	if err != nil {
		t.Fatal(err)
	}
	var known []note.Verifier
	for _, line := range lines {
		verifier, err := note.NewVerifier(line)
		if err != nil {
			t.Fatal(err)
		}
		known = append(known, verifier)
	}
	c, err := tree.Open(text, strings.TrimPrefix(modelstest.Issuer, "https://")+"/log", note.VerifierList(known...))
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return c
}

// storedTree is x/mod's own tree over the trail.
type storedTree struct {
	hashes []tlog.Hash
	size   int64
}

// grow adds the entries that it does not have.
func (s *storedTree) grow(t *testing.T, env *modelstest.Env) {
	t.Helper()
	var entries []audit.Entry
	if err := env.Reader().Where("seq > ?", s.size).Order("seq").Find(&entries).Error; err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		hashes, err := tlog.StoredHashes(s.size, entry.Bytes(), s)
		if err != nil {
			t.Fatal(err)
		}
		s.hashes = append(s.hashes, hashes...)
		s.size++
	}
}

// ReadHashes is part of tlog.HashReader.
func (s *storedTree) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	var list []tlog.Hash
	for _, index := range indexes {
		list = append(list, s.hashes[index])
	}
	return list, nil
}

// servedTiles is a tlog.TileReader over what the store serves.
type servedTiles struct{ env *modelstest.Env }

// Height is part of tlog.TileReader.
func (servedTiles) Height() int { return 8 }

// SaveTiles is part of tlog.TileReader.
func (servedTiles) SaveTiles([]tlog.Tile, [][]byte) {}

// ReadTiles is part of tlog.TileReader.
func (s servedTiles) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var list [][]byte
	for _, tile := range tiles {
		data, err := s.env.LogTile(s.env.Context, tree.Tile{Level: tile.L, Number: tile.N, Width: tile.W})
		if err != nil {
			return nil, err
		}
		list = append(list, data)
	}
	return list, nil
}

// docs/protocol.md §12: root, tiles and proofs are those of RFC 6962, as x/mod has them, at every size.
func TestTheTreeFollowsTheTrail(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		if _, err := env.LogCheckpoint(env.Context); !errors.Is(err, models.ErrNotFound) {
			t.Errorf("a checkpoint before there is any: %v", err)
		}
		env.Clock.Advance(models.PublishedForTest)
		var stored storedTree
		var before tree.Checkpoint
		for _, more := range []int{0, 1, 255, 1, 256, 5000, 0, 300} {
			if more > 0 {
				fillTrail(t, env, more)
			}
			c, steps := sequenced(t, env)
			if want := min(1, more) + more/models.SequencedTogetherForTest; before.Size > 0 && steps != want {
				t.Errorf("%d entries took %d steps, want %d", more, steps, want)
			}
			stored.grow(t, env)
			wantTree(t, env, c, &stored)
			wantProofs(t, env, c, before)
			before = c
		}
	})
}

func wantTree(t *testing.T, env *modelstest.Env, c tree.Checkpoint, stored *storedTree) {
	t.Helper()
	root, err := tlog.TreeHash(stored.size, stored)
	if err != nil {
		t.Fatal(err)
	}
	if c.Size != stored.size || c.Root != root {
		t.Fatalf("the checkpoint is %d %s, want %d %s", c.Size, c.Root, stored.size, root)
	}
	for _, tile := range tlog.NewTiles(8, 0, c.Size) {
		got, err := env.LogTile(env.Context, tree.Tile{Level: tile.L, Number: tile.N, Width: tile.W})
		want, failed := tlog.ReadTileData(tile, stored)
		if err != nil || failed != nil || !slices.Equal(got, want) {
			t.Errorf("%s of %d: %v, %v, %d bytes", tile.Path(), c.Size, err, failed, len(got))
		}
	}
	beyond := tree.Tile{Number: c.Size / tree.TileWidth, Width: int(c.Size%tree.TileWidth) + 1}
	if _, err := env.LogTile(env.Context, beyond); !errors.Is(err, models.ErrNotFound) {
		t.Errorf("%s of %d is served: %v", beyond.Path(), c.Size, err)
	}
}

// wantProofs proves from the served tiles alone that the newest entries are in the tree, and that the tree continues another.
func wantProofs(t *testing.T, env *modelstest.Env, c, before tree.Checkpoint) {
	t.Helper()
	reader := tlog.TileHashReader(tlog.Tree{N: c.Size, Hash: c.Root}, servedTiles{env})
	for _, leaf := range []int64{0, c.Size / 2, c.Size - 1} {
		var entry audit.Entry
		if err := env.Reader().Where("seq = ?", leaf+1).First(&entry).Error; err != nil {
			t.Fatal(err)
		}
		proof, err := tlog.ProveRecord(c.Size, leaf, reader)
		if err == nil {
			err = tlog.CheckRecord(proof, c.Size, c.Root, leaf, tree.Leaf(entry.Bytes()))
		}
		if err != nil {
			t.Errorf("entry %d of %d: %v", leaf+1, c.Size, err)
		}
	}
	if before.Size == 0 {
		return
	}
	proof, err := tlog.ProveTree(c.Size, before.Size, reader)
	if err == nil {
		err = tlog.CheckTree(proof, c.Size, c.Root, before.Size, before.Root)
	}
	if err != nil {
		t.Errorf("%d continues %d: %v", c.Size, before.Size, err)
	}
}

// A tree of three levels, on the database that makes it soonest.
func TestTheTreeHasLevels(t *testing.T) {
	env := modelstest.SQLite(t, models.Policy{})
	fillTrail(t, env, 66_000)
	c, steps := sequenced(t, env)
	if steps < 16 {
		t.Errorf("%d steps", steps)
	}
	var stored storedTree
	stored.grow(t, env)
	wantTree(t, env, c, &stored)
	wantProofs(t, env, c, tree.Checkpoint{})
}

// With nothing new nothing is written; and one statement is sent.
func TestAnIdleSequencerIsOneRead(t *testing.T) {
	env := modelstest.SQLite(t, models.Policy{})
	sequenced(t, env)
	statements := 0
	env.Watch(func(string, []any) { statements++ })
	before := stateOf(t, env)
	statements = 0
	if _, err := env.Sequence(env.Context); err != nil {
		t.Fatal(err)
	}
	if statements != 1 || stateOf(t, env) != before {
		t.Errorf("%d statements; from %s to %s", statements, before, stateOf(t, env))
	}
}

// stateOf says how much there is of the tree.
func stateOf(t *testing.T, env *modelstest.Env) string {
	t.Helper()
	var state struct{ Checkpoints, Size, Tiles int64 }
	err := env.Reader().Raw(`SELECT (SELECT count(*) FROM log_checkpoints) AS checkpoints,
		(SELECT coalesce(max(size), 0) FROM log_checkpoints) AS size, (SELECT count(*) FROM log_tiles) AS tiles`).Scan(&state).Error
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%+v", state)
}
