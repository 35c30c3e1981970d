package models

import (
	"context"
	"errors"
	"fmt"

	"countersign/audit"
	"countersign/audit/term"
	"countersign/audit/tree"
)

// LogBehindError says that the log does not continue a checkpoint that was kept outside the database: a backup was restored, or
// somebody cut entries off or changed them.
type LogBehindError struct {
	Kept   int64 // size of the kept checkpoint
	Newest int64 // of the database's newest; 0: it has none
	Reason string
}

func (e *LogBehindError) Error() string {
	return fmt.Sprintf("the database is not the one that a checkpoint of %d entries was signed for, or is older: %s", e.Kept, e.Reason)
}

// HoldCheckpoint holds the log against a checkpoint that was kept outside the database, as a signed note, and writes nothing. A backup
// may have the entries of that checkpoint, and only an earlier checkpoint: then the entries are held against it. Errors:
// *LogBehindError when the log does not continue it, tree.ErrNotACheckpoint for a text that is none; one of another log is an error too.
func (s *Store) HoldCheckpoint(ctx context.Context, note []byte) error {
	kept, err := tree.Read(note, s.origin)
	if err != nil {
		return err
	}
	head, err := s.logHeadOf(ctx, kept.Size) // another process may have kept one that is a moment newer
	if err != nil && !errors.Is(err, ErrNotFound) {
		return err
	}
	reason, err := s.behind(ctx, head, kept, note)
	if err != nil || reason == "" {
		return err
	}
	return &LogBehindError{Kept: kept.Size, Newest: head.Size, Reason: reason}
}

// behind says why the log does not continue a kept checkpoint, "" when it does.
func (s *Store) behind(ctx context.Context, head LogHead, kept tree.Checkpoint, note []byte) (string, error) {
	if kept.Size > head.Size {
		_, entries, err := s.logHead(ctx)
		if err != nil {
			return "", err
		}
		if kept.Size > entries {
			return fmt.Sprintf("its newest checkpoint is of %d, and it has %d entries", head.Size, entries), nil
		}
	}
	public, err := s.checkpointKeys(ctx)
	if err != nil {
		return "", err
	}
	known, err := tree.Verifiers(s.origin, public)
	if err != nil {
		return "", err
	}
	if _, err := tree.Open(note, s.origin, known); err != nil {
		return "it has not the key that signed it", nil //nolint:nilerr // the reason is the answer
	}
	if kept.Size > head.Size {
		return s.differs(ctx, logCheckpoint{Size: head.Size, Root: head.Root[:]}, kept)
	}
	proof, err := s.ConsistencyProof(ctx, head, kept.Size)
	if refused, is := errors.AsType[*LogRefusedError](err); is {
		return refused.Reason, nil
	}
	if err != nil {
		return "", err
	}
	if tree.CheckConsistency(proof, head.Checkpoint, kept) != nil {
		return fmt.Sprintf("its newest checkpoint, of %d, does not continue it", head.Size), nil //nolint:nilerr // the reason is the answer
	}
	return "", nil
}

// differs says why the entries that the newest checkpoint has not are not those of a kept one, "" when they are: when the tree over
// them has the root that was signed. They are hashed, a few thousand at a time.
func (s *Store) differs(ctx context.Context, last logCheckpoint, kept tree.Checkpoint) (string, error) {
	edge, err := edgeOf(s.reading(ctx), last)
	for err == nil && edge.Size() < kept.Size {
		var added []tree.Hash
		added, err = leaves(s.reading(ctx), edge.Size(), int(min(kept.Size-edge.Size(), sequencedTogether)))
		for _, leaf := range added {
			edge.Append(leaf)
		}
	}
	if refused, is := errors.AsType[*LogRefusedError](err); is {
		return refused.Reason, nil
	}
	if err != nil || edge.Size() == kept.Size && edge.Root() == kept.Root {
		return "", err
	}
	return fmt.Sprintf("its first %d entries are not those that were signed", kept.Size), nil
}

// AcceptLoss writes an event that the log goes on although it does not continue a kept checkpoint. lost is nil when it does: then
// nothing is written. Errors: those of HoldCheckpoint but *LogBehindError.
func (s *Store) AcceptLoss(ctx context.Context, note []byte) (lost *LogBehindError, err error) {
	err = s.HoldCheckpoint(ctx, note)
	if lost, is := errors.AsType[*LogBehindError](err); is {
		count := int(lost.Kept)
		return lost, s.write(ctx, func(tx *tx) error {
			_, err := tx.record(audit.Event{Type: audit.LogLossAccepted, Facts: audit.Facts{
				Actor: &audit.Actor{System: string(term.SystemCommandLine)}, Count: &count,
			}})
			return err
		})
	}
	return nil, err
}
