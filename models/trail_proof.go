package models

import (
	"context"
	"errors"

	"countersign/audit"
	"countersign/audit/tree"
)

// cachedTiles bounds how many tiles an export of a part keeps: the entries of one stretch need a few, which those before needed
// too.
const cachedTiles = 64

// tileCache is the tiles that the proofs of an export have needed last.
type tileCache map[tree.Tile][]byte

// Proof is the proof that the tree of Head has an entry of a part of the trail (RFC 6962 §2.1.1). There is none in a whole export,
// whose entries are the tree; none for an entry that is newer than Head; and none for one that is not what was signed, which is
// exported as it is, for a verifier to find.
func (e *TrailExport) Proof(ctx context.Context, entry audit.Entry) ([]tree.Hash, error) {
	if len(e.Filter.Terms()) == 0 || entry.Seq < 1 || entry.Seq > e.Head.Size {
		return nil, nil
	}
	reads := &tileReads{store: e.store}
	path, err := tree.Inclusion(e.Head.Checkpoint, entry.Seq-1, e.cached(reads.tiles(ctx)))
	if err = reads.refused(err, "a tile is not what was signed"); err == nil {
		return path, nil
	}
	if _, refused := errors.AsType[*LogRefusedError](err); refused {
		return nil, nil
	}
	return nil, err
}

// cached reads each tile once while it is among those that were needed last.
func (e *TrailExport) cached(read tree.TileReader) tree.TileReader {
	return func(tiles []tree.Tile) ([][]byte, error) {
		list := make([][]byte, len(tiles))
		for i, tile := range tiles {
			data, known := e.tiles[tile]
			if !known {
				one, err := read([]tree.Tile{tile})
				if err != nil {
					return nil, err
				}
				if data = one[0]; len(e.tiles) >= cachedTiles || e.tiles == nil {
					e.tiles = tileCache{}
				}
				e.tiles[tile] = data
			}
			list[i] = data
		}
		return list, nil
	}
}
