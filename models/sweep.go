package models

import (
	"context"
	"errors"
	"time"
)

// sweepMargin is how long after its end something is kept: the clock of another process
// may be behind ours, and there the proof or the token is good for that much longer.
const sweepMargin = 5 * time.Minute

// sweptTogether is how many rows one transaction of a sweep removes: few, since nobody else writes to SQLite meanwhile.
const sweptTogether = 200

// Sweep removes what has no further use: replay memory, revocations, sign-ins, accounts files and notices past their
// end; and rows that a stranger or the years would pile up (docs/decisions/0029-sweeping.md). The server calls it now
// and then; nothing depends on when. Removing the latter is an event with their number, written before the first of
// them goes, so that the trail accounts for every row that is not there.
func (s *Store) Sweep(ctx context.Context) error {
	if err := errors.Join(s.sweepEphemeral(ctx), s.removeAbandoned(ctx)); err != nil {
		return err
	}
	for _, kind := range s.sweepers() {
		if err := s.sweepKind(ctx, kind); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) sweepEphemeral(ctx context.Context) error {
	return s.write(ctx, func(tx *tx) error {
		for _, table := range []string{"used_proofs", "revoked_access_tokens", "sign_ins", "account_files"} {
			if err := tx.Exec("DELETE FROM "+table+" WHERE expires_at <= ?", tx.now.Add(-sweepMargin)).Error; err != nil {
				return err
			}
		}
		if err := tx.Where("used_at <= ?", tx.now.Add(-openingsKept)).Delete(&AccountOpening{}).Error; err != nil {
			return err
		}
		const over = "finished_at > 0 AND finished_at <= ? AND NOT EXISTS (SELECT 1 FROM account_import_chunks AS c WHERE c.import_id = account_imports.id)"
		if err := tx.Where(over, tx.now.Add(-importKept)).Delete(&AccountImport{}).Error; err != nil {
			return err
		}
		return tx.forgetNotices()
	})
}

// forgetNotices removes notices whose links are over, and former contacts for which there
// was no channel.
func (t *tx) forgetNotices() error {
	return errors.Join(
		t.Where("former_contact <> '' AND useful_until <= ?", t.now.Add(-24*time.Hour)).Delete(&Notice{}).Error,
		t.Where("created_at <= ?", t.now.Add(-RepudiationLife)).Delete(&Notice{}).Error,
		t.Where("told_at <= ?", t.now.Add(-24*time.Hour)).Delete(&NoticeTold{}).Error,
	)
}
