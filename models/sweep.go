package models

import (
	"context"
	"errors"
	"time"
)

// sweepMargin is how long after its end something is kept: the clock of another process
// may be behind ours, and there the proof or the token is good for that much longer.
const sweepMargin = 5 * time.Minute

// Sweep forgets what has no further use: replay memory, revocations, sign-ins, accounts
// files and notices past their end. The server calls it now and then; nothing depends on when.
func (s *Store) Sweep(ctx context.Context) error {
	return s.write(ctx, func(tx *tx) error {
		for _, table := range []string{"used_proofs", "revoked_access_tokens", "sign_ins", "account_files"} {
			if err := tx.Exec("DELETE FROM "+table+" WHERE expires_at <= ?", tx.now.Add(-sweepMargin)).Error; err != nil {
				return err
			}
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
