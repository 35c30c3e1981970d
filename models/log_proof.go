package models

import (
	"context"
	"errors"
	"fmt"

	"countersign/audit"
	"countersign/audit/tree"
)

// ErrNotSequenced says that an entry is not in the tree yet: it is about a second after it was written.
var ErrNotSequenced = errors.New("the entry is not in the log yet")

// LogHead is a checkpoint that this log has signed, and the signed note that says so (tlog-checkpoint).
type LogHead struct {
	tree.Checkpoint
	Note []byte
}

// InclusionProof is that the log has an entry.
type InclusionProof struct {
	Index int64 // of the leaf: the entry's number − 1
	Leaf  tree.Hash
	Path  []tree.Hash // from the leaf up (RFC 6962 §2.1.1)
	Head  LogHead     // the tree that the path leads to
}

// LogHead is the newest checkpoint. Error: ErrNotFound, before there is any.
func (s *Store) LogHead(ctx context.Context) (LogHead, error) { return s.logHeadOf(ctx, 0) }

// InclusionProof proves that the newest checkpoint has an entry of the trail, as it was read. It reads a few tiles by their key.
// Errors: ErrNotSequenced; *LogRefusedError when the entry, or a tile, is not what the checkpoint was signed over.
func (s *Store) InclusionProof(ctx context.Context, entry audit.Entry) (InclusionProof, error) {
	head, err := s.logHeadOf(ctx, entry.Seq)
	if errors.Is(err, ErrNotFound) {
		return InclusionProof{}, ErrNotSequenced
	}
	if err != nil {
		return InclusionProof{}, err
	}
	return s.InclusionProofIn(ctx, head, entry)
}

// InclusionProofIn is InclusionProof for a checkpoint that LogHead returned, for whoever proves many entries by one checkpoint.
func (s *Store) InclusionProofIn(ctx context.Context, head LogHead, entry audit.Entry) (InclusionProof, error) {
	if entry.Seq < 1 {
		return InclusionProof{}, ErrNotFound
	}
	if entry.Seq > head.Size {
		return InclusionProof{}, ErrNotSequenced
	}
	proof := InclusionProof{Index: entry.Seq - 1, Leaf: tree.Leaf(entry.Bytes()), Head: head}
	read := &tileReads{store: s}
	path, err := tree.Inclusion(head.Checkpoint, proof.Index, read.tiles(ctx))
	if err == nil {
		err = tree.CheckInclusion(path, head.Checkpoint, proof.Index, proof.Leaf)
	}
	proof.Path = path
	return proof, read.refused(err, fmt.Sprintf("entry %d, or a tile above it, is not what the checkpoint of %d entries was signed over",
		entry.Seq, head.Size))
}

// DecisionProof is the entry of an operator's decision on a request as a tlog-proof, with the compact SET as its extra data, and the
// entry's number. Errors: ErrNotFound when nobody decided; ErrNotSequenced; *LogRefusedError.
func (s *Store) DecisionProof(ctx context.Context, deviceAuthorizationID string) (text []byte, seq int64, err error) {
	entry, err := s.DecisionEntry(ctx, deviceAuthorizationID)
	if err != nil {
		return nil, 0, err
	}
	proof, err := s.witnessedProof(ctx, entry)
	if err != nil {
		return nil, entry.Seq, err
	}
	return tree.Proof{Extra: entry.Bytes(), Index: proof.Index, Path: proof.Path, Checkpoint: proof.Head.Note}.Text(), entry.Seq, nil
}

// witnessedProof is InclusionProof by a checkpoint that witnesses have cosigned, where one has the entry.
func (s *Store) witnessedProof(ctx context.Context, entry audit.Entry) (InclusionProof, error) {
	head, err := s.cosignedHead(ctx, entry.Seq)
	if errors.Is(err, ErrNotFound) {
		return s.InclusionProof(ctx, entry)
	}
	if err != nil {
		return InclusionProof{}, err
	}
	return s.InclusionProofIn(ctx, head, entry)
}

// ConsistencyProof proves that the tree of a checkpoint that LogHead returned continues that of its first entries (RFC 6962 §2.1.2).
// Errors: tree.ErrProof for more entries than it has; *LogRefusedError when a tile is not what the checkpoint was signed over.
func (s *Store) ConsistencyProof(ctx context.Context, head LogHead, first int64) ([]tree.Hash, error) {
	read := &tileReads{store: s}
	path, err := tree.Consistency(head.Checkpoint, first, read.tiles(ctx))
	if errors.Is(err, tree.ErrProof) {
		return nil, err
	}
	return path, read.refused(err, fmt.Sprintf("a tile is not what the checkpoint of %d entries was signed over", head.Size))
}

// logHeadOf is the newest checkpoint; it looks for a newer one when the one that is known has fewer entries than that.
func (s *Store) logHeadOf(ctx context.Context, size int64) (LogHead, error) {
	p := &s.published
	p.mu.Lock()
	defer p.mu.Unlock()
	err := s.lookIfDue(ctx)
	if err == nil && p.checkpoint.Size < size {
		err = s.lookForCheckpoint(ctx)
	}
	if err != nil {
		return LogHead{}, err
	}
	if p.checkpoint.Size == 0 {
		return LogHead{}, ErrNotFound
	}
	return LogHead{p.checkpoint.checkpoint(s.origin), p.note}, nil
}

// tileReads reads tiles, and tells a database that did not answer from tiles that are wrong.
type tileReads struct {
	store *Store
	fault error
}

func (r *tileReads) tiles(ctx context.Context) tree.TileReader {
	return func(tiles []tree.Tile) ([][]byte, error) {
		var list [][]byte
		for _, tile := range tiles {
			data, err := r.store.LogTile(ctx, tile)
			if err != nil {
				r.fault = err
				return nil, err
			}
			list = append(list, data)
		}
		return list, nil
	}
}

// refused says what is wrong unless nothing is, or the database did not answer. A tile that is missing is wrong.
func (r *tileReads) refused(err error, reason string) error {
	if err == nil || r.fault != nil && !errors.Is(r.fault, ErrNotFound) {
		return err
	}
	return &LogRefusedError{reason}
}
