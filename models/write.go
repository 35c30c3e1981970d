package models

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"countersign/audit"

	"github.com/jackc/pgx/v5/pgconn"
	"gorm.io/gorm"
)

// tx is one write: an immediate transaction. Its one now is read once it may write, and
// again after waiting for a row that it judges (see lock.go), so that no deadline is judged
// by a clock from before the wait.
type tx struct {
	*gorm.DB
	store *Store
	now   Instant
	reads bool         // nothing will be written: no row is held
	later *audit.Batch // takes the events; nil: they go to the trail at once

	urgent bool         // a notice was written that is to leave at once
	slot   *countedSlot // nil: it has counted nothing
	place  Counter      // the counter that was read last
}

// write runs fn in a transaction of its own and commits when fn returns nil. A refusal that
// must be remembered is kept in a variable outside and nil is returned. fn may run
// more than once: PostgreSQL asks for it after a deadlock.
func (s *Store) write(ctx context.Context, fn func(tx *tx) error) error {
	return s.writeIn(ctx, s.alone, fn)
}

func (s *Store) alone(ctx context.Context, run func(db *gorm.DB, later *audit.Batch) error) error {
	return s.inTransaction(ctx, func(db *gorm.DB) error { return run(db, nil) })
}

// writeTogether is write for what is short, which phones and visits wait for: see Database.inShared. fn reads by its tx alone,
// or it would not see what others wrote before it.
func (s *Store) writeTogether(ctx context.Context, fn func(tx *tx) error) error {
	return s.writePastTrail(ctx, func(tx *tx) error {
		if err := tx.seeTrail(); err != nil {
			return err
		}
		return fn(tx)
	})
}

// writePastTrail is writeTogether for what asks the trail for no event: those that it and others of its group record are signed
// beside them, and inserted when all have run (docs/decisions/0082-signed-beside.md). What turns out to need the trail calls
// seeTrail.
func (s *Store) writePastTrail(ctx context.Context, fn func(tx *tx) error) error {
	return s.writeIn(ctx, s.inShared, fn)
}

// seeTrail has in the trail what was recorded before in this transaction. From then on each event of tx is there at once.
func (t *tx) seeTrail() error {
	if t.later == nil {
		return nil
	}
	recorded := t.later
	t.later = nil
	return insertRecorded(t.DB, recorded)
}

// insertRecorded inserts events of several writes, and so for none of them: no trace has these statements, and no line of a log the
// request of one.
func insertRecorded(db *gorm.DB, recorded *audit.Batch) error {
	if err := recorded.Insert(db.WithContext(context.Background())); err != nil {
		return fmt.Errorf("audit: %w", err)
	}
	return nil
}

func (s *Store) writeIn(
	ctx context.Context, transaction func(ctx context.Context, run func(db *gorm.DB, later *audit.Batch) error) error,
	fn func(tx *tx) error,
) (err error) {
	const attempts = 4
	err = s.freshKeys(ctx)
	if err != nil {
		return fmt.Errorf("server keys: %w", err)
	}
	ctx, told := s.tracing.write(ctx)
	defer func() { told.end(err) }()
	for range attempts {
		var last *tx
		wanted := s.now()
		err = transaction(ctx, func(db *gorm.DB, later *audit.Batch) error {
			s.observer.waited(s.now().Sub(wanted))
			told.tell(WriteBegun)
			last = &tx{DB: db, store: s, now: At(s.now()), later: later}
			err := fn(last)
			told.tell(WriteDone)
			return err
		})
		s.freeSlot(last)
		if err == nil && last.urgent {
			s.notices.ring()
		}
		if !isRetryable(err) {
			return err
		}
	}
	return err
}

// isRetryable knows the two answers by which PostgreSQL asks for another try.
func isRetryable(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && (pg.Code == "40001" || pg.Code == "40P01")
}

// record appends the event to the audit trail, in this transaction. Its token is not known yet where events are signed later.
func (t *tx) record(event audit.Event) (audit.Entry, error) {
	alert := slices.Contains(audit.AlertTypes(), event.Type)
	if alert {
		if err := t.seeTrail(); err != nil {
			return audit.Entry{}, err
		}
	}
	entry, err := t.append(event)
	if err != nil {
		return audit.Entry{}, fmt.Errorf("audit: %w", err)
	}
	if alert {
		if err := t.queue(entry); err != nil {
			return audit.Entry{}, err
		}
	}
	if err := t.applyRules(event); err != nil {
		return audit.Entry{}, err
	}
	if err := t.visited(event); err != nil {
		return audit.Entry{}, err
	}
	return entry, t.actedOn(event)
}

func (t *tx) append(event audit.Event) (audit.Entry, error) {
	log := t.store.keys.Log()
	if t.later == nil {
		return log.Append(t.DB, t.now.Time(), event)
	}
	return t.later.Later(t.DB, log, t.now.Time(), event)
}

// changed is the detail of a change, none when it is no change.
func changed(field, before, after string) []audit.Detail {
	if before == after {
		return nil
	}
	return []audit.Detail{{Field: field, Before: before, After: after}}
}

// notFound returns ErrNotFound for a row that is not there, and any other error as it is.
func notFound(err error) error {
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return ErrNotFound
	}
	return err
}

func deref(p *string) string {
	if p == nil {
		return ""
	}
	return *p
}
