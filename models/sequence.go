package models

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"countersign/audit"
	"countersign/audit/term"
	"countersign/audit/tree"
)

// sequencedTogether is how many entries one step adds to the tree at most. Reading and hashing them holds no lock.
const sequencedTogether = 4096

// LogRefusedError says why the tree is not extended: what is there is not what the newest checkpoint says, or not what this
// process has seen. Nothing is mended; somebody has to look.
type LogRefusedError struct{ Reason string }

func (e *LogRefusedError) Error() string { return "the log is not what was signed: " + e.Reason }

// Sequenced is how far the tree is.
type Sequenced struct {
	Size    int64 // of the newest checkpoint
	Entries int64 // of the trail
	Added   int   // by this step
}

// Behind reports whether entries wait that another step would add.
func (s Sequenced) Behind() bool { return s.Size < s.Entries }

// sequencer remembers the newest checkpoint that this process has seen. The zero value is ready.
type sequencer struct {
	mu     sync.Mutex
	seen   logCheckpoint
	raised bool // the alert of what is refused now
}

// Sequence extends the tree over the trail by what was appended since its newest checkpoint, a few thousand entries at most, and
// signs a checkpoint (docs/decisions/0046-merkle-log.md). With nothing new it is one read. Several processes may call it at once:
// of two that extend the same checkpoint one does. Error: *LogRefusedError, of which there is an alert.
func (s *Store) Sequence(ctx context.Context) (Sequenced, error) {
	s.sequencer.mu.Lock()
	defer s.sequencer.mu.Unlock()
	done, err := s.sequence(ctx)
	if _, refused := errors.AsType[*LogRefusedError](err); !refused {
		s.sequencer.raised = s.sequencer.raised && err != nil
		return done, err
	}
	if s.sequencer.raised {
		return done, err
	}
	failed := s.write(ctx, func(tx *tx) error {
		return tx.raiseOnceAnHour(audit.LogRefused, audit.Facts{Count: new(int(done.Size))})
	})
	s.sequencer.raised = failed == nil
	return done, errors.Join(err, failed)
}

// logReminder is how often there is an alert of what is wrong with the log.
const logReminder = time.Hour

// raiseOnceAnHour raises an alert of the log, unless there was one within the hour: every process finds the same, at the same time.
func (t *tx) raiseOnceAnHour(kind audit.Type, facts audit.Facts) error {
	if err := t.oneAtATime("alerts of the log"); err != nil {
		return err
	}
	var before []audit.Entry
	err := t.Where("type = ?", kind).Order("seq DESC").Limit(1).Find(&before).Error
	if err != nil || len(before) > 0 && Instant(before[0].OccurredAt) > t.now.Add(-logReminder) {
		return err
	}
	facts.Actor = &audit.Actor{System: string(term.SystemSequencer)}
	_, err = t.record(audit.Event{Type: kind, Facts: facts})
	return err
}

// sequence is one step. The caller holds the mutex.
func (s *Store) sequence(ctx context.Context) (Sequenced, error) {
	last, entries, err := s.logHead(ctx)
	if err == nil {
		err = s.sequencer.continues(last, entries)
	}
	if err != nil || entries == last.Size {
		return Sequenced{Size: last.Size, Entries: entries}, err
	}
	count := int(min(entries-last.Size, sequencedTogether))
	next, tiles, err := s.extend(ctx, last, count)
	if err != nil {
		return Sequenced{Size: last.Size, Entries: entries}, err
	}
	err = s.write(ctx, func(tx *tx) error { return tx.addCheckpoint(last, next, tiles) })
	if errors.Is(err, errSequencedMeanwhile) {
		return Sequenced{Size: last.Size, Entries: entries}, nil
	}
	if err != nil {
		return Sequenced{Size: last.Size, Entries: entries}, err
	}
	s.sequencer.seen = next
	return Sequenced{Size: next.Size, Entries: entries, Added: count}, nil
}

// errSequencedMeanwhile says that another process has extended the tree.
var errSequencedMeanwhile = errors.New("another process has extended the log")

// logHead is the newest checkpoint and the number of entries, both of one moment.
func (s *Store) logHead(ctx context.Context) (logCheckpoint, int64, error) {
	var head struct {
		Entries int64
		Newest  logCheckpoint `gorm:"embedded"`
	}
	err := s.reading(ctx).Raw(`SELECT entries.entries, c.size, c.signed_at, c.root, c.signature
		FROM (SELECT coalesce(max(seq), 0) AS entries FROM audit_events) AS entries
		LEFT JOIN log_checkpoints AS c ON c.size = (SELECT max(size) FROM log_checkpoints)`).Scan(&head).Error
	if err != nil {
		return logCheckpoint{}, 0, fmt.Errorf("head of the log: %w", err)
	}
	return head.Newest, head.Entries, nil
}

// continues refuses a log that is shorter than it was, or another one.
func (q *sequencer) continues(last logCheckpoint, entries int64) error {
	switch {
	case entries < last.Size:
		return &LogRefusedError{fmt.Sprintf("the newest checkpoint is of %d entries, and there are %d", last.Size, entries)}
	case last.Size < q.seen.Size:
		return &LogRefusedError{fmt.Sprintf("there was a checkpoint of %d entries, and the newest is of %d", q.seen.Size, last.Size)}
	case last.Size == q.seen.Size && string(last.Root) != string(q.seen.Root):
		return &LogRefusedError{fmt.Sprintf("there are two checkpoints of %d entries", last.Size)}
	}
	q.seen = last
	return nil
}

// extend computes and signs the checkpoint of so many entries more, and the tiles that become full by them.
func (s *Store) extend(ctx context.Context, last logCheckpoint, count int) (next logCheckpoint, full []logTile, err error) {
	if err := s.freshKeys(ctx); err != nil {
		return next, nil, fmt.Errorf("server keys: %w", err)
	}
	if err := s.checkSigned(ctx, last); err != nil {
		return next, nil, err
	}
	edge, err := edgeOf(s.reading(ctx), last)
	if err != nil {
		return next, nil, err
	}
	added, err := leaves(s.reading(ctx), last.Size, count)
	if err != nil {
		return next, nil, err
	}
	for _, leaf := range added {
		for _, tile := range edge.Append(leaf) {
			full = append(full, newLogTile(tile))
		}
	}
	next, err = s.signCheckpoint(edge)
	return next, full, err
}

// checkSigned refuses a checkpoint that no key of the log has signed.
func (s *Store) checkSigned(ctx context.Context, c logCheckpoint) error {
	if c.Size == 0 {
		return nil
	}
	public, err := s.checkpointKeys(ctx)
	if err != nil {
		return err
	}
	known, err := tree.Verifiers(s.origin, public)
	if err != nil {
		return err
	}
	if _, err := tree.Open(c.checkpoint(s.origin).Note(c.Signature), s.origin, known); err != nil {
		return &LogRefusedError{fmt.Sprintf("the checkpoint of %d entries is not signed by a key of the log", c.Size)}
	}
	return nil
}

func (s *Store) signCheckpoint(edge *tree.Edge) (logCheckpoint, error) {
	signer, err := s.keys.CheckpointSigner()
	if err != nil {
		return logCheckpoint{}, err
	}
	root := edge.Root()
	signature, err := tree.Checkpoint{Origin: s.origin, Size: edge.Size(), Root: root}.Sign(signer)
	return logCheckpoint{Size: edge.Size(), Root: root[:], Signature: signature}, err
}

// addCheckpoint writes what extends a checkpoint, if that is still the newest. Error: errSequencedMeanwhile.
func (t *tx) addCheckpoint(last, next logCheckpoint, full []logTile) error {
	if err := t.oneAtATime("checkpoints of the log"); err != nil {
		return err
	}
	var newest logCheckpoint
	if err := t.Raw(newestCheckpoint).Scan(&newest).Error; err != nil {
		return err
	}
	if newest.Size != last.Size {
		return errSequencedMeanwhile
	}
	if len(full) > 0 {
		if err := t.Create(&full).Error; err != nil {
			return err
		}
	}
	next.SignedAt = t.now
	return t.Create(&next).Error
}
