package models

import "context"

// Sweep forgets what has no further use: replay memory, revocations, sign-ins and notices
// past their end. The server calls it now and then; nothing depends on when.
func (s *Store) Sweep(ctx context.Context) error {
	return s.write(ctx, func(tx *tx) error {
		for _, table := range []string{"used_proofs", "revoked_access_tokens", "sign_ins"} {
			if err := tx.Exec("DELETE FROM "+table+" WHERE expires_at <= ?", tx.now).Error; err != nil {
				return err
			}
		}
		return tx.forgetNotices()
	})
}
