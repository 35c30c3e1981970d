package models

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"countersign/audit"
	"countersign/audit/tree"
	"countersign/models/keys"

	"github.com/go-jose/go-jose/v4"
	"gorm.io/gorm"
)

// publishedFor is how long a process answers with the newest checkpoint that it knows, without looking for another.
const publishedFor = time.Second

// published is what a process answers strangers about the log. The zero value is ready.
type published struct {
	looks atomic.Int64 // that have begun: who waits for mu knows by it whether one began since

	mu         sync.Mutex // guards the rest
	lookedAt   time.Time
	checkpoint logCheckpoint
	note       []byte           // with the cosignatures that are known
	edge       *tree.Edge       // nil: nobody has asked for it at this checkpoint
	refused    *LogRefusedError // why there is none for this checkpoint
}

// LogCheckpoint is the newest checkpoint as a signed note (tlog-checkpoint). Error: ErrNotFound, before there is any.
func (s *Store) LogCheckpoint(ctx context.Context) ([]byte, error) {
	s.published.mu.Lock()
	defer s.published.mu.Unlock()
	if err := s.lookIfDue(ctx); err != nil {
		return nil, err
	}
	if s.published.checkpoint.Size == 0 {
		return nil, ErrNotFound
	}
	return s.published.note, nil
}

// LogTile is a tile of the tree of the newest checkpoint (tlog-tiles), also of one that another process has just shown. What no
// tree has costs one small read, which all share who ask meanwhile. Error: ErrNotFound.
func (s *Store) LogTile(ctx context.Context, tile tree.Tile) ([]byte, error) {
	hashes, size, err := s.openTile(ctx, tile)
	if err != nil || hashes != nil {
		return hashes, err
	}
	full := tree.Tile{Level: tile.Level, Number: tile.Number, Width: tree.TileWidth}
	if !full.In(size) {
		return nil, ErrNotFound
	}
	var row logTile
	if err := s.reading(ctx).Where("level = ? AND number = ?", tile.Level, tile.Number).First(&row).Error; err != nil {
		return nil, notFound(err)
	}
	if len(row.Hashes) != tree.TileWidth*tree.HashSize {
		return nil, fmt.Errorf("%s has %d bytes", full.Path(), len(row.Hashes))
	}
	return row.Hashes[:tile.Width*tree.HashSize], nil
}

// openTile answers from memory: an open tile of the newest checkpoint's tree; nothing for another one. It also says how large
// that tree is. Error: ErrNotFound for a tile that the tree does not have.
func (s *Store) openTile(ctx context.Context, tile tree.Tile) (hashes []byte, size int64, err error) {
	p := &s.published
	begun := p.looks.Load()
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := s.lookIfDue(ctx); err != nil {
		return nil, 0, err
	}
	if !tile.In(p.checkpoint.Size) && p.looks.Load() == begun {
		if err := s.lookForCheckpoint(ctx); err != nil {
			return nil, 0, err
		}
	}
	size = p.checkpoint.Size
	full := tree.Tile{Level: tile.Level, Number: tile.Number, Width: tree.TileWidth}
	if !tile.In(size) {
		return nil, size, ErrNotFound
	}
	if full.In(size) {
		return nil, size, nil
	}
	edge, err := s.openEdge(ctx)
	if err != nil {
		return nil, size, err
	}
	return tree.Bytes(edge.Open(tile.Level)[:tile.Width]), size, nil
}

// openEdge has the open tiles of the newest checkpoint. Only what they are is kept, and that they are refused: a database that
// did not answer one request is asked by the next. The caller holds the mutex.
func (s *Store) openEdge(ctx context.Context) (*tree.Edge, error) {
	p := &s.published
	if p.refused != nil {
		return nil, p.refused
	}
	if p.edge != nil {
		return p.edge, nil
	}
	edge, err := edgeOf(s.reading(ctx), p.checkpoint)
	if refused, is := errors.AsType[*LogRefusedError](err); is {
		p.refused = refused
	}
	if err != nil {
		return nil, err
	}
	p.edge = edge
	return edge, nil
}

// lookIfDue looks for the newest checkpoint unless that was done just now. The caller holds the mutex.
func (s *Store) lookIfDue(ctx context.Context) error {
	if age := s.now().Sub(s.published.lookedAt); 0 <= age && age < publishedFor {
		return nil
	}
	return s.lookForCheckpoint(ctx)
}

// lookForCheckpoint reads the newest checkpoint. The caller holds the mutex.
func (s *Store) lookForCheckpoint(ctx context.Context) error {
	p := &s.published
	lookedAt := s.now()
	p.looks.Add(1)
	var newest logCheckpoint
	if err := s.reading(ctx).Raw(newestCheckpoint).Scan(&newest).Error; err != nil {
		p.lookedAt = time.Time{} // so that who waits does not go by what was known before
		return fmt.Errorf("newest checkpoint: %w", err)
	}
	if newest.Size != p.checkpoint.Size || string(newest.Root) != string(p.checkpoint.Root) || p.refused != nil {
		p.edge, p.refused = nil, nil
	}
	cosigned, err := s.cosignatures(ctx)
	if err != nil {
		return fmt.Errorf("cosignatures: %w", err)
	}
	p.lookedAt, p.checkpoint, p.note = lookedAt, newest, s.cosignedNote(newest, cosigned)
	return nil
}

// LogKeys are the verifier keys of the log (signed-note), a line each: the one that signs, the one that will, and those that did.
func (s *Store) LogKeys(ctx context.Context) ([]string, error) {
	public, err := s.checkpointKeys(ctx)
	if err != nil {
		return nil, err
	}
	var lines []string
	for _, key := range public {
		line, err := tree.VerifierKey(s.origin, key)
		if err != nil {
			return nil, err
		}
		lines = append(lines, line)
	}
	return lines, nil
}

// checkpointKeys are the authentic public keys of all that sign checkpoints, ever did or will.
func (s *Store) checkpointKeys(ctx context.Context) ([]ed25519.PublicKey, error) {
	set, err := s.publicKeys(ctx, false, "purpose = ?", keys.Checkpoint)
	if err != nil {
		return nil, err
	}
	return ed25519Keys(set)
}

// checkpointKeys are those that the database has, authentic or not.
func (d *Database) checkpointKeys(ctx context.Context) ([]ed25519.PublicKey, error) {
	rows, err := d.keysWhere(ctx, "purpose = ?", keys.Checkpoint)
	if err != nil {
		return nil, err
	}
	set, err := keys.PublicSet(keysOf(rows))
	if err != nil {
		return nil, err
	}
	return ed25519Keys(set)
}

func ed25519Keys(set jose.JSONWebKeySet) ([]ed25519.PublicKey, error) {
	var list []ed25519.PublicKey
	for _, key := range set.Keys {
		public, is := key.Key.(ed25519.PublicKey)
		if !is {
			return nil, fmt.Errorf("key %s is no Ed25519 key", key.KeyID)
		}
		list = append(list, public)
	}
	return list, nil
}

// edgeOf makes the right edge of the tree of a checkpoint: the open tile from its entries, those above from the roots of full
// tiles. It reads 255 rows a level at most. Error: *LogRefusedError when it is not the checkpoint's tree.
func edgeOf(db *gorm.DB, c logCheckpoint) (*tree.Edge, error) {
	var levels [][]tree.Hash
	for level, hashes := 0, c.Size; hashes > 0; level, hashes = level+1, hashes/tree.TileWidth {
		open := hashes % tree.TileWidth
		first := hashes - open
		read := func() ([]tree.Hash, error) { return tileRoots(db, level-1, first, int(open)) }
		if level == 0 {
			read = func() ([]tree.Hash, error) { return leaves(db, first, int(open)) }
		}
		list, err := read()
		if err != nil {
			return nil, err
		}
		levels = append(levels, list)
	}
	edge, err := tree.NewEdge(levels)
	if err != nil {
		return nil, err
	}
	if root := edge.Root(); string(root[:]) != string(c.Root) && c.Size > 0 {
		return nil, &LogRefusedError{fmt.Sprintf("the newest entries or tiles are not those of the checkpoint of %d entries", c.Size)}
	}
	return edge, nil
}

// leaves hashes so many entries after a number. Error: *LogRefusedError unless they are all there.
func leaves(db *gorm.DB, after int64, count int) ([]tree.Hash, error) {
	if count == 0 {
		return nil, nil
	}
	var rows []audit.Entry
	err := db.Model(&audit.Entry{}).Select("seq, set_text, packed").Where("seq > ?", after).Order("seq").Limit(count).Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("read audit events: %w", err)
	}
	if len(rows) < count {
		return nil, &LogRefusedError{fmt.Sprintf("entry %d is missing", after+int64(len(rows))+1)}
	}
	hashes := make([]tree.Hash, count)
	for i, row := range rows {
		if want := after + int64(i) + 1; row.Seq != want {
			return nil, &LogRefusedError{fmt.Sprintf("entry %d is missing", want)}
		}
		if err := row.Damaged(); err != nil {
			return nil, &LogRefusedError{fmt.Sprintf("entry %d: %v", row.Seq, err)}
		}
		hashes[i] = tree.Leaf(row.Bytes())
	}
	return hashes, nil
}

// tileRoots reads the roots of so many tiles of a level, from a number on. Error: *LogRefusedError unless they are all there.
func tileRoots(db *gorm.DB, level int, from int64, count int) ([]tree.Hash, error) {
	if count == 0 {
		return nil, nil
	}
	var rows []logTile
	err := db.Model(&logTile{}).Select("number, root").Where("level = ? AND number >= ?", level, from).Order("number").
		Limit(count).Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("read tiles: %w", err)
	}
	hashes := make([]tree.Hash, count)
	for i := range hashes {
		want := tree.Tile{Level: level, Number: from + int64(i), Width: tree.TileWidth}
		if i >= len(rows) || rows[i].Number != want.Number || len(rows[i].Root) != tree.HashSize {
			return nil, &LogRefusedError{want.Path() + " is missing"}
		}
		hashes[i] = tree.Hash(rows[i].Root)
	}
	return hashes, nil
}
