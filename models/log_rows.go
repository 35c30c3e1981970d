package models

import (
	"countersign/audit/tree"
)

// logTile is a full tile of the tree over the trail (docs/decisions/0046-merkle-log.md).
type logTile struct {
	Level  int
	Number int64
	Root   []byte // over the hashes
	Hashes []byte // tree.TileWidth of them
}

// TableName tells gorm where tiles are.
func (logTile) TableName() string { return "log_tiles" }

func newLogTile(full tree.FullTile) logTile {
	return logTile{Level: full.Level, Number: full.Number, Root: full.Root[:], Hashes: tree.Bytes(full.Hashes)}
}

// logCheckpoint is a signed checkpoint without what is the same in all.
type logCheckpoint struct {
	Size      int64 `gorm:"primaryKey;autoIncrement:false"` // 0: there is none yet
	SignedAt  Instant
	Root      []byte
	Signature []byte
}

// TableName tells gorm where checkpoints are.
func (logCheckpoint) TableName() string { return "log_checkpoints" }

// checkpoint is the row under its origin. A root of another length is that of no tree.
func (c logCheckpoint) checkpoint(origin string) tree.Checkpoint {
	named := tree.Checkpoint{Origin: origin, Size: c.Size}
	if len(c.Root) == tree.HashSize {
		named.Root = tree.Hash(c.Root)
	}
	return named
}

// newestCheckpoint is the SELECT of the newest checkpoint, or of no row.
const newestCheckpoint = `SELECT size, signed_at, root, signature FROM log_checkpoints
	WHERE size = (SELECT max(size) FROM log_checkpoints)`
