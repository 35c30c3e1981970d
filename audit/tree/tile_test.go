package tree_test

import (
	"errors"
	"math"
	"testing"

	"countersign/audit/tree"
)

// tlog-tiles, "Merkle Tree": three digits an element, all but the last after an x; a width only where it is partial.
func TestTilePaths(t *testing.T) {
	for path, tile := range map[string]tree.Tile{
		"tile/0/000":                          {Level: 0, Number: 0, Width: 256},
		"tile/0/000.p/1":                      {Level: 0, Number: 0, Width: 1},
		"tile/0/001.p/255":                    {Level: 0, Number: 1, Width: 255},
		"tile/1/999":                          {Level: 1, Number: 999, Width: 256},
		"tile/0/x001/000":                     {Level: 0, Number: 1000, Width: 256},
		"tile/0/x001/x234/067":                {Level: 0, Number: 1234067, Width: 256},
		"tile/63/x001/x234/067.p/7":           {Level: 63, Number: 1234067, Width: 7},
		"tile/0/x009/x223/x372/x036/x854/775": {Level: 0, Number: 9223372036854775, Width: 256},
	} {
		if got := tile.Path(); got != path {
			t.Errorf("%+v: %s, want %s", tile, got, path)
		}
		if got, err := tree.ParseTile(path); err != nil || got != tile {
			t.Errorf("%s: %+v, %v", path, got, err)
		}
	}
}

func TestOtherSpellingsOfTilesAreRefused(t *testing.T) {
	for _, path := range []string{
		"", "tile", "tile/0", "tile/0/", "tile/0/0", "tile/0/00", "tile/0/0000", "tile/00/000", "tile/64/000", "tile/256/000", "tile/-1/000",
		"tile/+1/000", "tile/0/-01", "tile/0/x000/000", "tile/0/001/000", "tile/0/x1/000", "tile/0/x001", "tile/0/x001/", "tile/0/X001/000",
		"tile/0/000.p", "tile/0/000.p/", "tile/0/000.p/0", "tile/0/000.p/256", "tile/0/000.p/01", "tile/0/000.p/1/1", "tile/0/000.p/-1",
		"tile/0/.p/1", "tile/0/000.q/1", "tile/0/000 ", "tile/entries/000", "tile/8/0/000", "tiles/0/000", "/tile/0/000", "tile/0/٠٠٠",
		"tile/0/x009/x223/x372/x036/x854/x775/808",
		"tile/0/x018/x446/x744/x073/x709/x551/616", "tile/0/x001/x001/x001/x001/x001/x001/x001/x001/001",
	} {
		if got, err := tree.ParseTile(path); !errors.Is(err, tree.ErrNoTile) {
			t.Errorf("%q: %+v, %v", path, got, err)
		}
	}
}

// tlog-tiles, "Partial Tiles": the example of a tree of 70,000.
func TestTreeHasItsTiles(t *testing.T) {
	for path, want := range map[string]bool{
		"tile/0/000": true, "tile/0/272": true, "tile/0/273": false,
		"tile/0/273.p/112": true, "tile/0/273.p/113": false, "tile/0/273.p/7": true, "tile/0/274.p/1": false, "tile/0/000.p/255": true,
		"tile/1/000": true, "tile/1/001": false, "tile/1/001.p/17": true, "tile/1/001.p/18": false,
		"tile/2/000.p/1": true, "tile/2/000.p/2": false, "tile/2/000": false, "tile/3/000.p/1": false, "tile/63/000.p/1": false,
		"tile/0/x009/x223/x372/x036/x854/775": false,
	} {
		tile, err := tree.ParseTile(path)
		if err != nil {
			t.Fatal(path, err)
		}
		if got := tile.In(70_000); got != want {
			t.Errorf("%s: %t", path, got)
		}
	}
	if (tree.Tile{Number: math.MaxInt64, Width: 1}).In(math.MaxInt64) || (tree.Tile{Number: -1, Width: 256}).In(70_000) {
		t.Error("a tile far outside is in the tree")
	}
	if (tree.Tile{Width: 1}).In(0) {
		t.Error("the empty tree has a tile")
	}
}

func TestHashesAreWhole(t *testing.T) {
	hashes := []tree.Hash{tree.Leaf(nil), tree.Leaf([]byte("x"))}
	again, err := tree.Hashes(tree.Bytes(hashes))
	if err != nil || len(again) != 2 || again[1] != hashes[1] {
		t.Errorf("%v, %v", again, err)
	}
	if _, err := tree.Hashes(make([]byte, 33)); err == nil {
		t.Error("33 bytes are hashes")
	}
}
