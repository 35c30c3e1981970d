package models

import (
	"context"
	"slices"
	"strconv"

	"countersign/audit"
	"countersign/audit/term"
	"countersign/models/keys"
)

// fromBefore reports whether none of rows carries a MAC: the database is from before rows carried one.
func fromBefore(rows []ServerKey) bool {
	return !slices.ContainsFunc(rows, func(row ServerKey) bool { return row.MAC != "" })
}

// adoptKeys vouches, once, for the rows of a database from before rows carried a MAC, each for a reason that nobody can make
// up without the master key: what is sealed opens and belongs to the public half, and what the row says is what the trail
// says, whose events of keys are signed from the first audit key on by one key after the other. The rows for which that is
// not so are named, and none is adopted. That it was done is an event. A trail that has it, or that names a key as only
// programs with MACs do, is of a database whose MACs somebody took away: nothing is adopted.
// Errors: keys.ErrMasterKey, *InauthenticKeysError.
func (s *Store) adoptKeys(ctx context.Context) error {
	active, err := s.activeRows(ctx)
	if err != nil {
		return err
	}
	if err := s.keys.Begin(keysOf(active)); err != nil {
		return err
	}
	return s.write(ctx, func(tx *tx) error {
		if err := tx.lockKeys(); err != nil {
			return err
		}
		var rows []ServerKey
		if err := tx.Order("purpose, " + inOrder).Find(&rows).Error; err != nil {
			return err
		}
		if !fromBefore(rows) {
			return nil // another process has done it meanwhile
		}
		if err := tx.adoptable(rows); err != nil {
			return err
		}
		for _, row := range rows {
			vouched := row
			if err := tx.vouch(&vouched); err != nil {
				return err
			}
			if err := tx.replaceKey(row, vouched); err != nil {
				return err
			}
		}
		count := len(rows)
		_, err := tx.record(audit.Event{Type: audit.KeysAuthenticated, Facts: audit.Facts{
			Actor: &audit.Actor{System: string(term.SystemStart)}, Count: &count,
		}})
		return err
	})
}

// adoptable is nil, or an *InauthenticKeysError about the rows that nothing vouches for.
func (t *tx) adoptable(rows []ServerKey) error {
	auditRows := slices.DeleteFunc(slices.Clone(rows), func(row ServerKey) bool { return row.Purpose != keys.Audit || !row.PublicHalfFits() })
	set, err := keys.PublicSet(keysOf(auditRows))
	if err != nil {
		return err
	}
	history, err := readKeyHistory(t.DB, t.store.issuer, set, false)
	if err != nil {
		return err
	}
	var bad []string
	for _, row := range rows {
		reason := history.disagrees(row)
		switch {
		case history.adopted || row.NamedByThumbprint():
			reason = "its MAC was taken away"
		case history.broken != nil:
			reason = "entry " + strconv.FormatInt(history.broken.Seq, 10) + " of the trail is not sound: " + history.broken.Reason
		case reason == "" && !row.Ended() && t.store.keys.Holds(row.Key) != nil:
			reason = "its sealed half does not open, or is another one"
		}
		if reason != "" {
			bad = append(bad, row.name()+" ("+reason+")")
		}
	}
	if len(bad) > 0 {
		return &InauthenticKeysError{bad}
	}
	return nil
}
