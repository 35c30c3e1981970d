package models

import (
	"errors"
	"fmt"
	"slices"

	"countersign/audit/tree"
	"countersign/models/keys"
)

// since begins at the kept checkpoint, where that is asked for: the tiles make its root, so that what is added to them continues it.
// Entries of before are not read, but for the events that say who may sign: each has to be in the kept checkpoint's tree.
func (c *logChecker) since() error {
	if !c.Since || c.kept == nil || c.kept.Size == 0 {
		return nil
	}
	root := c.kept.Root
	edge, err := edgeOf(c.db, logCheckpoint{Size: c.kept.Size, Root: root[:]})
	if _, refused := errors.AsType[*LogRefusedError](err); refused || err == nil && c.kept.Size > c.all {
		if c.kept.Size <= c.all {
			c.wrong("the tiles are not the tree of the kept checkpoint of %d entries: all entries are checked", c.kept.Size)
		}
		return nil
	}
	if err != nil {
		return err
	}
	signers, err := c.keyEvents()
	if err != nil || c.report.First != nil {
		return err
	}
	if unbound, err := c.unbound(signers); err != nil || unbound {
		return err
	}
	c.edge, c.good = *edge, c.kept.Size
	c.report.Since, c.report.Kept, c.report.Entries = c.kept.Size, c.kept.Size, c.kept.Size
	return c.nextCheckpoints(c.kept.Size)
}

// keyEvents holds the events that say who may sign against the kept checkpoint's tree. One that is gone takes somebody's right to
// sign away, and shows by that. It returns the keys that signed them.
func (c *logChecker) keyEvents() (signers map[string]bool, err error) {
	entries, err := keyEvents(c.db)
	if err != nil {
		return nil, err
	}
	signers = map[string]bool{}
	for _, entry := range entries {
		if entry.Seq > c.kept.Size {
			continue
		}
		path, err := tree.Inclusion(*c.kept, entry.Seq-1, c.tilesOfKept())
		if err == nil {
			err = tree.CheckInclusion(path, *c.kept, entry.Seq-1, tree.Leaf(entry.Bytes()))
		}
		if err != nil {
			return nil, c.bad(entry.Seq, fmt.Sprintf("not what the kept checkpoint of %d entries was signed over", c.kept.Size))
		}
		signers[entry.KeyID] = true
	}
	return signers, nil
}

// unbound reports whether the table has an audit key that nothing ties to the kept tree: its identifier is not its thumbprint, as
// of keys from before docs/decisions/0045, and it signed none of the events of keys. Only what it signed of old shows whether its
// public half is another one by now, so that everything is read.
func (c *logChecker) unbound(signers map[string]bool) (bool, error) {
	var rows []ServerKey
	err := c.db.Where("purpose = ?", keys.Audit).Find(&rows).Error
	return slices.ContainsFunc(rows, func(row ServerKey) bool { return !row.NamedByThumbprint() && !signers[row.ID] }), err
}

// tilesOfKept reads tiles of the kept checkpoint's tree: full ones as they are kept, partial ones out of what is below them.
func (c *logChecker) tilesOfKept() tree.TileReader {
	return func(tiles []tree.Tile) ([][]byte, error) {
		var list [][]byte
		for _, tile := range tiles {
			hashes, err := c.tileOfKept(tile)
			if err != nil {
				return nil, err
			}
			list = append(list, hashes)
		}
		return list, nil
	}
}

func (c *logChecker) tileOfKept(tile tree.Tile) ([]byte, error) {
	first := tile.Number * tree.TileWidth
	if tile.Width == tree.TileWidth {
		var row logTile
		err := c.db.Where("level = ? AND number = ?", tile.Level, tile.Number).Limit(1).Find(&row).Error
		return row.Hashes, err
	}
	if tile.Level == 0 {
		hashes, err := leaves(c.db, first, tile.Width)
		return tree.Bytes(hashes), err
	}
	hashes, err := tileRoots(c.db, tile.Level-1, first, tile.Width)
	return tree.Bytes(hashes), err
}
