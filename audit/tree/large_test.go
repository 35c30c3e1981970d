package tree_test

import (
	"crypto/sha256"
	"fmt"
	"testing"

	"countersign/audit/tree"

	"golang.org/x/mod/sumdb/tlog"
)

// drawn is a tree of any size whose tiles were never computed: each hash at the bottom of a tile is drawn from its place, and what
// is above it within the tile follows from it.
type drawn struct{}

func (d drawn) hash(level int, number int64) tlog.Hash {
	if level%8 == 0 {
		return sha256.Sum256(fmt.Append(nil, level, " ", number))
	}
	return tlog.NodeHash(d.hash(level-1, 2*number), d.hash(level-1, 2*number+1))
}

// ReadHashes is part of tlog.HashReader.
func (d drawn) ReadHashes(indexes []int64) (list []tlog.Hash, err error) {
	for _, index := range indexes {
		list = append(list, d.hash(tlog.SplitStoredHashIndex(index)))
	}
	return list, nil
}

// open are the open tiles at a size.
func (d drawn) open(size int64) (levels [][]tree.Hash) {
	for level, hashes := 0, size; hashes > 0; level, hashes = level+1, hashes>>8 {
		var tile []tree.Hash
		for number := hashes &^ 255; number < hashes; number++ {
			tile = append(tile, d.hash(8*level, number))
		}
		levels = append(levels, tile)
	}
	return levels
}

// around are the sizes at which levels begin and tiles become full.
func around() []int64 {
	sizes := []int64{1<<60 - 1, 1 << 40, 1<<40 + 65537, 1234067 * 256}
	for _, size := range []int64{1, 256, 512, 65536, 65536 + 256, 16777216, 1 << 32} {
		sizes = append(sizes, size-1, size, size+1)
	}
	return sizes
}

// At sizes that no test can fill, the root made of the open tiles is x/mod's.
func TestRootsOfLargeTrees(t *testing.T) {
	for _, size := range around() {
		edge, err := tree.NewEdge(drawn{}.open(size))
		if err != nil {
			t.Fatal(err)
		}
		want, err := tlog.TreeHash(size, drawn{})
		if size == 0 {
			want = sha256.Sum256(nil) // RFC 6962 §2.1; x/mod has none
		}
		if err != nil || edge.Size() != size || edge.Root() != want {
			t.Errorf("%d leaves: size %d, root %s, want %s, %v", size, edge.Size(), edge.Root(), want, err)
		}
	}
}

// same is a tree of any size whose leaves are all one.
type same struct{}

func (same) hash(level int) tlog.Hash {
	hash := tree.Leaf([]byte("same"))
	for range level {
		hash = tlog.NodeHash(hash, hash)
	}
	return hash
}

// ReadHashes is part of tlog.HashReader.
func (s same) ReadHashes(indexes []int64) (list []tlog.Hash, err error) {
	for _, index := range indexes {
		level, _ := tlog.SplitStoredHashIndex(index)
		list = append(list, s.hash(level))
	}
	return list, nil
}

func (s same) open(size int64) (levels [][]tree.Hash) {
	for level, hashes := 0, size; hashes > 0; level, hashes = level+1, hashes>>8 {
		tile := make([]tree.Hash, hashes&255)
		for i := range tile {
			tile[i] = s.hash(8 * level)
		}
		levels = append(levels, tile)
	}
	return levels
}

// A large tree that grows has the tiles and roots of x/mod, also where several levels become full at once.
func TestLargeTreesGrow(t *testing.T) {
	for _, size := range around() {
		edge, err := tree.NewEdge(same{}.open(size))
		if err != nil {
			t.Fatal(err)
		}
		var full []string
		for _, tile := range edge.Append(same{}.hash(0)) {
			full = append(full, tile.Path())
			if tile.Root != (same{}).hash(8*(tile.Level+1)) || len(tile.Hashes) != 256 || tile.Hashes[255] != (same{}).hash(8*tile.Level) {
				t.Errorf("%s after %d leaves differs", tile.Path(), size)
			}
		}
		var fullOfXMod []string
		for _, tile := range tlog.NewTiles(8, size, size+1) {
			if tile.W == 256 {
				fullOfXMod = append(fullOfXMod, tree.Tile{Level: tile.L, Number: tile.N, Width: tile.W}.Path())
			}
		}
		want, err := tlog.TreeHash(size+1, same{})
		if err != nil || edge.Root() != want || fmt.Sprint(full) != fmt.Sprint(fullOfXMod) {
			t.Errorf("%d leaves and one: root %s, want %s; full are %v, want %v; %v", size, edge.Root(), want, full, fullOfXMod, err)
		}
	}
}

// docs/protocol.md §12: which tiles a tree has, whole and partial, is what x/mod says at each size.
func TestTilesOfLargeTrees(t *testing.T) {
	for _, size := range around() {
		for _, has := range tlog.NewTiles(8, 0, min(size, 70_000)) {
			if tile := (tree.Tile{Level: has.L, Number: has.N, Width: has.W}); !tile.In(size) {
				t.Errorf("%s is not in the tree of %d", tile.Path(), size)
			}
		}
		for level, hashes := 0, size; level < 8; level, hashes = level+1, hashes>>8 {
			next := tree.Tile{Level: level, Number: hashes >> 8, Width: int(hashes&255) + 1}
			if next.In(size) || next.Width > 1 && !(tree.Tile{Level: level, Number: next.Number, Width: next.Width - 1}).In(size) {
				t.Errorf("the last hash of level %d of %d is not that before %s", level, size, next.Path())
			}
		}
	}
}
