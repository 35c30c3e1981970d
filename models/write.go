package models

import (
	"context"
	"errors"
	"fmt"

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
	reads bool // nothing will be written: no row is held

	urgent bool         // a notice was written that is to leave at once
	slot   *countedSlot // nil: it has counted nothing
	place  Counter      // the counter that was read last
}

// write runs fn in a transaction of its own and commits when fn returns nil. A refusal that
// must be remembered is kept in a variable outside and nil is returned. fn may run
// more than once: PostgreSQL asks for it after a deadlock.
func (s *Store) write(ctx context.Context, fn func(tx *tx) error) error {
	return s.writeIn(ctx, s.inTransaction, fn)
}

// writeTogether is write for what is short, which phones and visits wait for: see Database.inShared. fn reads by its tx alone,
// or it would not see what others wrote before it.
func (s *Store) writeTogether(ctx context.Context, fn func(tx *tx) error) error {
	return s.writeIn(ctx, s.inShared, fn)
}

func (s *Store) writeIn(
	ctx context.Context, transaction func(context.Context, func(*gorm.DB) error) error, fn func(tx *tx) error,
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
		err = transaction(ctx, func(db *gorm.DB) error {
			s.observer.waited(s.now().Sub(wanted))
			told.tell(WriteBegun)
			last = &tx{DB: db, store: s, now: At(s.now())}
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

// record appends the event to the audit trail, in this transaction.
func (t *tx) record(event audit.Event) (audit.Entry, error) {
	entry, err := t.store.keys.Log().Append(t.DB, t.now.Time(), event)
	if err != nil {
		return audit.Entry{}, fmt.Errorf("audit: %w", err)
	}
	if err := t.queue(entry); err != nil {
		return audit.Entry{}, err
	}
	if err := t.applyRules(event); err != nil {
		return audit.Entry{}, err
	}
	if err := t.visited(event); err != nil {
		return audit.Entry{}, err
	}
	return entry, t.actedOn(event)
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
