package models_test

import (
	"context"
	"errors"
	"testing"

	"countersign/audit/tree"
	"countersign/models"
	"countersign/models/modelstest"

	"golang.org/x/mod/sumdb/tlog"
	"gorm.io/gorm"
)

// docs/protocol.md §12: whoever was shown a checkpoint by one process gets its tiles from every other, which has looked a moment
// before.
func TestTilesAreThereWithTheirCheckpoint(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, env *modelstest.Env) {
		other, third := another(t, env), another(t, env)
		fillTrail(t, env, 500)
		before, _ := sequenced(t, env)
		if c := opened(t, other); c.Size != before.Size {
			t.Fatalf("the other process knows %d entries, want %d", c.Size, before.Size)
		}
		fillTrail(t, env, 600)
		if _, err := env.Sequence(env.Context); err != nil {
			t.Fatal(err)
		}
		shown := opened(t, third)
		if shown.Size != before.Size+600 {
			t.Fatalf("shown are %d entries", shown.Size)
		}
		if _, err := (servedTiles{other}).ReadTiles(tlog.NewTiles(8, before.Size, shown.Size)); err != nil {
			t.Error(err)
		}
	})
}

// What strangers ask for costs a read by key at most: none for an open tile, one for a full one and for what no tree has.
func TestWhatATileCosts(t *testing.T) {
	env := modelstest.SQLite(t, models.Policy{})
	fillTrail(t, env, 600)
	sequenced(t, env)
	reads := 0
	callbacks, count := env.Reader().Callback(), func(*gorm.DB) { reads++ }
	if err := errors.Join(callbacks.Query().Register("count", count), callbacks.Row().Register("count", count)); err != nil {
		t.Fatal(err)
	}
	for _, asked := range []struct {
		tile  tree.Tile
		reads int
		err   error
	}{
		{tree.Tile{Number: 2, Width: 1}, 2, nil}, // once a checkpoint: entries, and the roots of tiles
		{tree.Tile{Number: 2, Width: 80}, 0, nil},
		{tree.Tile{Level: 1, Width: 2}, 0, nil},
		{tree.Tile{Number: 1, Width: 256}, 1, nil},
		{tree.Tile{Number: 1, Width: 3}, 1, nil},
		{tree.Tile{Number: 1 << 40, Width: 256}, 1, models.ErrNotFound},
		{tree.Tile{Level: 63, Width: 1}, 1, models.ErrNotFound},
	} {
		reads = 0
		if _, err := env.LogTile(env.Context, asked.tile); !errors.Is(err, asked.err) || reads != asked.reads {
			t.Errorf("%s: %d reads, want %d; %v", asked.tile.Path(), reads, asked.reads, err)
		}
	}
}

// A request that ends before it is answered keeps nothing from the next one.
func TestAnAbandonedRequestHarmsNobody(t *testing.T) {
	env := modelstest.SQLite(t, models.Policy{})
	fillTrail(t, env, 100)
	sequenced(t, env)
	gone, cancel := context.WithCancel(env.Context)
	cancel()
	open := tree.Tile{Width: 100}
	if _, err := env.LogTile(gone, open); !errors.Is(err, context.Canceled) {
		t.Errorf("of a request that is gone: %v", err)
	}
	if _, err := env.LogTile(env.Context, open); err != nil {
		t.Errorf("the next request: %v", err)
	}
}
