package models

import (
	"context"

	"countersign/audit"
)

// UnlockMatching lets codes be entered for an account again: a supervisor has looked.
// Never for their own account. Errors: ErrOwnAccount, ErrOwnAccountUnknown, ErrNotFound, ErrSessionEnded,
// ErrNotAllowed.
func (s *Store) UnlockMatching(ctx context.Context, sessionID, accountID string) error {
	return s.refusable(ctx, func(tx *tx) (actor, subject, error) {
		who, err := tx.acting(sessionID, Supervisor)
		if err == nil {
			err = tx.surelyNotOwnAccount(who, accountID)
		}
		if err == nil {
			err = tx.unlock(who, accountID)
		}
		return who, subject{account: accountID}, err
	})
}

func (t *tx) unlock(who actor, accountID string) error {
	err := t.Model(&Account{}).Where("id = ?", accountID).
		Updates(map[string]any{"match_locked_at": 0, "match_unlocked_at": t.now}).Error
	if err != nil {
		return err
	}
	_, err = t.record(audit.Event{Type: audit.MatchUnlocked, Subject: accountID, Facts: who.facts()})
	return err
}

// LockedAccounts lists the accounts whose matching is locked, for the supervisors.
func (s *Store) LockedAccounts(ctx context.Context) ([]FoundAccount, error) {
	var rows []AccountIdentifier
	err := s.reading(ctx).Raw(`SELECT i.* FROM accounts a JOIN account_identifiers i ON i.account_id = a.id AND i.position = 0
		WHERE a.match_locked_at > 0 ORDER BY a.match_locked_at DESC LIMIT 50`).Scan(&rows).Error
	var list []FoundAccount
	for _, row := range rows {
		found, err := s.reader(ctx).foundAccount(row)
		if err != nil {
			return nil, err
		}
		list = append(list, found)
	}
	return list, err
}
