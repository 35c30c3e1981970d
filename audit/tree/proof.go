package tree

import (
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"
)

// MaxProof is how many hashes a proof may have: C2SP's tlog-witness and tlog-proof allow no more than 63.
const MaxProof = 63

// ErrProof says that a proof does not prove it.
var ErrProof = errors.New("the proof does not hold")

// TileReader reads tiles of a tree, whole, in the order in which they are asked for.
type TileReader func(tiles []Tile) ([][]byte, error)

// Inclusion proves that the tree of a checkpoint has a leaf at an index: the hashes from the leaf up (RFC 6962 §2.1.1). It asks
// for two tiles a level at most, all at once, and holds them against the root: tiles of another tree are an error.
func Inclusion(c Checkpoint, index int64, read TileReader) ([]Hash, error) {
	if err := checkIndex(c, index); err != nil {
		return nil, err
	}
	return tlog.ProveRecord(c.Size, index, tlog.TileHashReader(tlog.Tree{N: c.Size, Hash: c.Root}, tileReader{read}))
}

// Consistency proves that the tree of a checkpoint continues the tree of its first leaves (RFC 6962 §2.1.2). For all of them, or
// none, there is nothing to prove.
func Consistency(c Checkpoint, first int64, read TileReader) ([]Hash, error) {
	if err := checkFirst(c, first); err != nil || first == 0 || first == c.Size {
		return nil, err
	}
	return tlog.ProveTree(c.Size, first, tlog.TileHashReader(tlog.Tree{N: c.Size, Hash: c.Root}, tileReader{read}))
}

// CheckInclusion holds a proof of Inclusion against a checkpoint. Error: ErrProof, also for sizes that no tree has.
func CheckInclusion(proof []Hash, c Checkpoint, index int64, leaf Hash) error {
	if err := checkIndex(c, index); err != nil {
		return err
	}
	if len(proof) > MaxProof || tlog.CheckRecord(proof, c.Size, c.Root, index, leaf) != nil {
		return ErrProof
	}
	return nil
}

// CheckConsistency holds a proof of Consistency against both checkpoints. Error: ErrProof, also for sizes that no tree has.
func CheckConsistency(proof []Hash, c, first Checkpoint) error {
	if err := checkFirst(c, first.Size); err != nil {
		return err
	}
	same := first.Size == c.Size && first.Root == c.Root
	switch {
	case len(proof) == 0 && (same || first.Size == 0):
		return nil
	case len(proof) > MaxProof || first.Size == 0 || first.Size == c.Size:
		return ErrProof
	case tlog.CheckTree(proof, c.Size, c.Root, first.Size, first.Root) != nil:
		return ErrProof
	}
	return nil
}

// checkIndex comes before any arithmetic: x/mod's own never ends for sizes that no tree has.
func checkIndex(c Checkpoint, index int64) error {
	if c.Size > MaxSize || index < 0 || index >= c.Size {
		return fmt.Errorf("%w: a tree of %d leaves has none at %d", ErrProof, c.Size, index)
	}
	return nil
}

// checkFirst comes before any arithmetic.
func checkFirst(c Checkpoint, first int64) error {
	if c.Size > MaxSize || first < 0 || first > c.Size {
		return fmt.Errorf("%w: a tree of %d leaves does not continue one of %d", ErrProof, c.Size, first)
	}
	return nil
}

// tileReader is a TileReader as x/mod has it.
type tileReader struct{ read TileReader }

// Height is part of tlog.TileReader.
func (tileReader) Height() int { return tileHeight }

// SaveTiles is part of tlog.TileReader.
func (tileReader) SaveTiles([]tlog.Tile, [][]byte) {}

// ReadTiles is part of tlog.TileReader.
func (r tileReader) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	list := make([]Tile, len(tiles))
	for i, tile := range tiles {
		list[i] = Tile{Level: tile.L, Number: tile.N, Width: tile.W}
	}
	return r.read(list)
}
