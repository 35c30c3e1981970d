package models

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"countersign/audit"
	"countersign/audit/term"
	"countersign/models/keys"

	"gorm.io/gorm"
)

// openKeys opens the server's keys, or makes the first ones in a database that has
// none. Two processes may start at once: the loser of the race opens the winner's.
// Errors: ErrOtherMasterKey, *InauthenticKeysError.
func (s *Store) openKeys(ctx context.Context) error {
	rows, err := s.Keys(ctx)
	if err == nil && len(rows) == 0 {
		if err = s.makeFirstKeys(ctx); errors.Is(err, gorm.ErrDuplicatedKey) {
			err = nil
		}
	} else if err == nil && fromBefore(rows) {
		err = s.adoptKeys(ctx)
	}
	if err != nil {
		return err
	}
	missing, err := s.takeKeys(ctx)
	if err != nil || !missing {
		return err
	}
	// A database from before keys took turns has no next keys and no key for nonces.
	// Nothing hangs on those, so that they are made; every other one would be missed.
	if err := s.makeMissingKeys(ctx); err != nil {
		return err
	}
	_, err = s.takeKeys(ctx)
	return err
}

// takeKeys opens the keys that there are, and reports whether some are missing. A row that is not authentic is an error:
// with another master key none is, and that is said instead.
func (s *Store) takeKeys(ctx context.Context) (missing bool, err error) {
	rows, err := s.Keys(ctx)
	if err != nil {
		return false, err
	}
	active := slices.DeleteFunc(slices.Clone(rows), func(row ServerKey) bool { return row.Status == keys.Retired })
	inauthentic := s.inauthentic(rows)
	if slices.ContainsFunc(rows, s.authentic) && inauthentic != nil {
		return false, inauthentic
	}
	if err := s.keys.Take(keysOf(active)); err != nil {
		return false, cmp.Or(s.checkMasterKey(rows), err)
	}
	return len(keys.Missing(keysOf(active))) > 0, inauthentic
}

// makeFirstKeys makes every key, in one transaction with their events, which the first
// audit key among them signs.
func (s *Store) makeFirstKeys(ctx context.Context) error {
	return s.write(ctx, func(tx *tx) error {
		rows, err := tx.createKeys(keys.Missing(nil))
		if err != nil {
			return err
		}
		if err := s.keys.Begin(keysOf(rows)); err != nil {
			return err
		}
		return tx.recordCreated(rows, term.SystemStart)
	})
}

func (s *Store) makeMissingKeys(ctx context.Context) error {
	return s.write(ctx, func(tx *tx) error {
		if err := tx.lockKeys(); err != nil {
			return err
		}
		var rows []ServerKey
		if err := tx.Where("status <> ?", keys.Retired).Find(&rows).Error; err != nil {
			return err
		}
		made, err := tx.createKeys(keys.Missing(keysOf(rows)))
		if err != nil {
			return err
		}
		return tx.recordCreated(made, term.SystemStart)
	})
}

// lockKeys lets one change of the keys happen at a time, and holds it to the master
// key: a process that was started before the keys were sealed anew must not make one
// that nobody else can open. The row that everybody locks is one that is never replaced.
// Error: keys.ErrMasterKey.
func (t *tx) lockKeys() error {
	var anchor ServerKey
	if err := t.forUpdate().Where("purpose = ? AND status = ?", keys.UserCode, keys.Current).First(&anchor).Error; err != nil {
		return err
	}
	return t.store.keys.Check(anchor.Key)
}

func (t *tx) createKeys(wanted []keys.Wanted) ([]ServerKey, error) {
	var rows []ServerKey
	for _, want := range wanted {
		row, err := t.newServerKey(want)
		if err != nil {
			return nil, err
		}
		if err := t.Create(&row).Error; err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	return rows, nil
}

func (t *tx) recordCreated(rows []ServerKey, system term.System) error {
	for _, row := range rows {
		if err := t.recordKey(audit.SigningKeyCreated, row.ID, string(row.Purpose), system); err != nil {
			return err
		}
	}
	return nil
}

func (t *tx) recordKey(kind audit.Type, id, reason string, system term.System) error {
	_, err := t.record(audit.Event{Type: kind, Facts: audit.Facts{
		Actor: &audit.Actor{System: string(system)}, Key: id, Reason: reason,
	}})
	return err
}

func (t *tx) newServerKey(want keys.Wanted) (ServerKey, error) {
	id := "" // of a key that signs it is its thumbprint
	var err error
	if !slices.Contains(keys.SigningPurposes(), want.Purpose) {
		if id, err = newID(t.store.rand); err != nil {
			return ServerKey{}, err
		}
	}
	key, err := t.store.keys.Generate(id, want)
	if err != nil {
		return ServerKey{}, err
	}
	row := ServerKey{Key: key, CreatedAt: t.now}
	if want.Status == keys.Current {
		row.ActivatedAt = t.now
	}
	return row, t.vouch(&row)
}
