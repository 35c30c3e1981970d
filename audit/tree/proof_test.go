package tree_test

import (
	"errors"
	"math"
	"slices"
	"testing"

	"countersign/audit/tree"

	"golang.org/x/mod/sumdb/tlog"
)

// tilesOf reads the tiles of a tree of any size, and counts them.
func tilesOf(hash func(level int, number int64) tlog.Hash, count *int) tree.TileReader {
	return func(tiles []tree.Tile) (list [][]byte, err error) {
		*count += len(tiles)
		for _, tile := range tiles {
			hashes := make([]tree.Hash, tile.Width)
			for i := range hashes {
				hashes[i] = hash(8*tile.Level, tile.Number*tree.TileWidth+int64(i))
			}
			list = append(list, tree.Bytes(hashes))
		}
		return list, nil
	}
}

func sameHash(level int, _ int64) tlog.Hash { return same{}.hash(level) }

func rootOfSame(t *testing.T, size int64) tree.Hash {
	t.Helper()
	edge, err := tree.NewEdge(same{}.open(size))
	if err != nil {
		t.Fatal(err)
	}
	return edge.Root()
}

// RFC 6962 §2.1.1, §2.1.2: at sizes that no test can fill, proofs are x/mod's, hold by x/mod's own checks, and need few tiles.
func TestProofsOfLargeTrees(t *testing.T) {
	for _, size := range around() {
		c := tree.Checkpoint{Size: size, Root: rootOfSame(t, size)}
		for _, at := range []int64{0, 1, size / 3, size/2 + 1, size - 2, size - 1} {
			if at < 0 || at >= size {
				continue
			}
			checkInclusion(t, c, at)
			if at > 0 {
				checkConsistency(t, c, at)
			}
		}
	}
}

func checkInclusion(t *testing.T, c tree.Checkpoint, at int64) {
	t.Helper()
	read := 0
	proof, err := tree.Inclusion(c, at, tilesOf(sameHash, &read))
	want, _ := tlog.ProveRecord(c.Size, at, same{})
	if err != nil || !slices.Equal(proof, want) || len(proof) > tree.MaxProof || read > 16 {
		t.Fatalf("leaf %d of %d: %d hashes of %d tiles, %v", at, c.Size, len(proof), read, err)
	}
	if err := tlog.CheckRecord(proof, c.Size, c.Root, at, same{}.hash(0)); err != nil {
		t.Errorf("leaf %d of %d: %v", at, c.Size, err)
	}
	if err := tree.CheckInclusion(proof, c, at, same{}.hash(0)); err != nil {
		t.Errorf("leaf %d of %d: %v", at, c.Size, err)
	}
	if err := tree.CheckInclusion(proof, c, at, same{}.hash(1)); !errors.Is(err, tree.ErrProof) {
		t.Errorf("another leaf at %d of %d: %v", at, c.Size, err)
	}
}

func checkConsistency(t *testing.T, c tree.Checkpoint, first int64) {
	t.Helper()
	read, before := 0, tree.Checkpoint{Size: first, Root: rootOfSame(t, first)}
	proof, err := tree.Consistency(c, first, tilesOf(sameHash, &read))
	want, _ := tlog.ProveTree(c.Size, first, same{})
	if err != nil || !slices.Equal(proof, want) || len(proof) > tree.MaxProof || read > 24 {
		t.Fatalf("%d after %d: %d hashes of %d tiles, %v", c.Size, first, len(proof), read, err)
	}
	if err := tlog.CheckTree(proof, c.Size, c.Root, first, before.Root); err != nil {
		t.Errorf("%d after %d: %v", c.Size, first, err)
	}
	if err := tree.CheckConsistency(proof, c, before); err != nil {
		t.Errorf("%d after %d: %v", c.Size, first, err)
	}
	before.Root[0]++
	if err := tree.CheckConsistency(proof, c, before); !errors.Is(err, tree.ErrProof) {
		t.Errorf("%d after another %d: %v", c.Size, first, err)
	}
}

// A tree continues itself and the empty tree, and there is nothing to prove.
func TestConsistencyWithoutAProof(t *testing.T) {
	c, read := tree.Checkpoint{Size: 300, Root: rootOfSame(t, 300)}, 0
	for _, first := range []tree.Checkpoint{c, {}} {
		proof, err := tree.Consistency(c, first.Size, tilesOf(sameHash, &read))
		if err != nil || len(proof) != 0 || read != 0 {
			t.Errorf("%d after %d: %v, %d tiles, %v", c.Size, first.Size, proof, read, err)
		}
		if err := tree.CheckConsistency(proof, c, first); err != nil {
			t.Errorf("%d after %d: %v", c.Size, first.Size, err)
		}
		if err := tree.CheckConsistency([]tree.Hash{{}}, c, first); !errors.Is(err, tree.ErrProof) {
			t.Errorf("%d after %d, with a hash too many: %v", c.Size, first.Size, err)
		}
	}
	another := tree.Checkpoint{Size: 300}
	if err := tree.CheckConsistency(nil, c, another); !errors.Is(err, tree.ErrProof) {
		t.Errorf("another root of one size: %v", err)
	}
}

// What no tree has is refused before anything is computed: nothing is read, and every call ends.
func TestProofsOfWhatNoTreeHas(t *testing.T) {
	for _, size := range []int64{math.MinInt64, -1, 0, 300, tree.MaxSize + 1, 1<<62 + 1, math.MaxInt64} {
		for _, at := range []int64{math.MinInt64, -1, 301, tree.MaxSize + 2, math.MaxInt64} {
			c, read := tree.Checkpoint{Size: size}, 0
			_, inclusion := tree.Inclusion(c, at, tilesOf(sameHash, &read))
			_, consistency := tree.Consistency(c, at, tilesOf(sameHash, &read))
			for _, err := range []error{
				inclusion, consistency, tree.CheckInclusion(nil, c, at, tree.Hash{}),
				tree.CheckConsistency(nil, c, tree.Checkpoint{Size: at}),
			} {
				if at == size || at < size && at >= 0 && size <= tree.MaxSize {
					continue
				}
				if !errors.Is(err, tree.ErrProof) || read != 0 {
					t.Errorf("%d of %d: %v, %d tiles", at, size, err, read)
				}
			}
		}
	}
	long := make([]tree.Hash, 1_000_000)
	if err := tree.CheckInclusion(long, tree.Checkpoint{Size: 5}, 1, tree.Hash{}); !errors.Is(err, tree.ErrProof) {
		t.Errorf("a long proof: %v", err)
	}
}

// Tiles that are not those of the root are no proof.
func TestTilesOfAnotherTree(t *testing.T) {
	c, read := tree.Checkpoint{Size: 70_000, Root: rootOfSame(t, 70_000)}, 0
	other := func(level int, number int64) tlog.Hash {
		if level == 0 && number == 66_000 {
			return tlog.Hash{}
		}
		return sameHash(level, number)
	}
	if _, err := tree.Inclusion(c, 66_001, tilesOf(other, &read)); err == nil {
		t.Error("a proof from tiles of another tree")
	}
	if _, err := tree.Consistency(c, 66_001, tilesOf(other, &read)); err == nil {
		t.Error("a proof from tiles of another tree")
	}
}
