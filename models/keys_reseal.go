package models

import (
	"context"

	"countersign/audit"
	"countersign/audit/term"
	"countersign/models/keys"
)

// ResealKeys seals every key with another master key, all in one transaction: there is
// no moment at which some open with the old one and some with the new. Nothing else
// about the keys changes. This store, and every process that was started with the old
// master key, goes on with the keys that it has opened, but can make no new ones: open
// again with the new master key. It returns how many keys were sealed. Error: keys.ErrMasterKey.
func (s *Store) ResealKeys(ctx context.Context, newMasterKey []byte) (int, error) {
	var count int
	err := s.write(ctx, func(tx *tx) error {
		count = 0
		if err := tx.lockKeys(); err != nil {
			return err
		}
		var rows []ServerKey
		if err := tx.Find(&rows).Error; err != nil {
			return err
		}
		for _, row := range rows {
			if err := tx.reseal(row, newMasterKey); err != nil {
				return err
			}
			if !row.Ended() {
				count++
			}
		}
		_, err := tx.record(audit.Event{Type: audit.KeysResealed, Facts: audit.Facts{
			Actor: &audit.Actor{System: string(term.SystemCommandLine)}, Count: &count,
		}})
		return err
	})
	return count, err
}

// reseal also vouches with the new master key for the row, an ended key's too.
func (t *tx) reseal(row ServerKey, newMasterKey []byte) error {
	if err := t.store.inauthentic([]ServerKey{row}); err != nil {
		return err
	}
	sealed := row
	var err error
	if !row.Ended() {
		if sealed.Sealed, err = t.store.keys.Reseal(row.Key, newMasterKey); err != nil {
			return err
		}
	}
	if sealed.MAC, err = keys.MAC(newMasterKey, sealed.Key, sealed.times()); err != nil {
		return err
	}
	return t.replaceKey(row, sealed)
}
