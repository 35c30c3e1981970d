package models

import (
	"context"
	"errors"
	"fmt"

	"countersign/audit"

	"github.com/jackc/pgx/v5/pgconn"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// tx is one write: an immediate transaction. Its one now is read once it may write, and
// again after waiting for a row that it judges (see held), so that no deadline is judged
// by a clock from before the wait.
type tx struct {
	*gorm.DB
	store *Store
	now   Instant
	reads bool // nothing will be written: no row is held
}

// write runs fn in one transaction and commits when fn returns nil. A refusal that
// must be remembered is kept in a variable outside and nil is returned. fn may run
// more than once: PostgreSQL asks for it after a deadlock.
func (s *Store) write(ctx context.Context, fn func(tx *tx) error) error {
	const attempts = 4
	err := s.freshKeys(ctx)
	if err != nil {
		return fmt.Errorf("server keys: %w", err)
	}
	for range attempts {
		err = s.Database.write.WithContext(ctx).Transaction(func(db *gorm.DB) error {
			return fn(&tx{DB: db, store: s, now: At(s.now())})
		})
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

// held reads rows and keeps them as they are until the transaction ends, so that what
// was judged is what is changed: a loser waits and sees what happened. On SQLite the
// immediate transaction does this alone. Rows that refer to a held one can still be
// added. Rows are held in one order everywhere, or PostgreSQL finds a deadlock and one of
// the two begins again: request, binding, token, client, account, app; then the trail.
func (t *tx) held() *gorm.DB { return t.locking("NO KEY UPDATE") }

// shared reads rows that must stay as they are until the transaction ends, but that
// others may rely on as well: an account and a client while something hangs on them.
func (t *tx) shared() *gorm.DB { return t.locking("SHARE") }

func (t *tx) locking(strength string) *gorm.DB {
	if t.reads {
		return t.DB
	}
	return t.Clauses(clause.Locking{Strength: strength})
}

// waited reads the clock again: a row is held now, maybe after waiting for it.
func (t *tx) waited() { t.now = max(t.now, At(t.store.now())) }

// record appends the event to the audit trail, in this transaction.
func (t *tx) record(event audit.Event) (audit.Entry, error) {
	entry, err := t.store.keys.Log().Append(t.DB, t.now.Time(), event)
	if err != nil {
		return audit.Entry{}, fmt.Errorf("audit: %w", err)
	}
	return entry, nil
}

// move makes one transition: a conditional UPDATE that names the expected states
// and whatever else the caller demands. No row is a *StateConflictError.
func (t *tx) move(id string, arrow transition, set map[string]any, demand string, args ...any) error {
	query := t.Model(&DeviceAuthorization{}).Where("id = ?", id).Where(demand, args...)
	if arrow.from[0] == Pending {
		// A claim that is over has fallen back to pending.
		query = query.Where("(state IN ? OR (state IN ? AND claim_until <= ?))",
			arrow.from, []State{Matched, Proofed}, t.now)
	} else {
		query = query.Where("state IN ?", arrow.from)
	}
	set["state"] = arrow.to
	result := query.Updates(set)
	if result.Error != nil {
		return result.Error
	}
	if result.RowsAffected == 0 {
		return t.conflict(id, arrow)
	}
	return nil
}

// conflict explains why a transition found no row.
func (t *tx) conflict(id string, arrow transition) error {
	d, err := t.deviceAuthorization(id)
	if err != nil {
		return err
	}
	conflict := &StateConflictError{DeviceAuthorizationID: id, Transition: arrow.name, Phase: d.PhaseAt(t.now)}
	switch conflict.Phase {
	case Expired:
		conflict.At = d.PendingUntil.Time()
	case Lapsed:
		conflict.At = d.RedeemUntil.Time()
	case Phase(Approved), Phase(Declined), Phase(Redeemed):
		conflict.At, conflict.ByStaffID, conflict.Reason = d.DecidedAt.Time(), deref(d.DecidedStaffID), d.DeclineReason
	}
	return conflict
}

// usedOnce remembers an assertion or a proof for as long as it could be played
// again. Error: ErrReplayed.
func (t *tx) usedOnce(key string, expires Instant) error {
	if key == "" {
		return nil
	}
	result := t.Exec("INSERT INTO used_proofs (key, expires_at) VALUES (?, ?) ON CONFLICT (key) DO NOTHING", key, expires)
	if result.Error != nil {
		return result.Error
	}
	if result.RowsAffected == 0 {
		return ErrReplayed
	}
	return nil
}

// lost tells a row that is not there from a fault.
func lost(err error) error {
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
