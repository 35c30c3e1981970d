package models

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"countersign/models/keys"
)

// InauthenticKeysError names the rows of the key table that the master key does not vouch for. Somebody changed the table, or
// a program from before rows were vouched for did. They are neither used nor published.
type InauthenticKeysError struct{ Rows []string } // "purpose status identifier", sorted

func (e *InauthenticKeysError) Error() string {
	return "rows of the key table are not authentic: " + strings.Join(e.Rows, ", ")
}

// name is how a row is called in errors.
func (k ServerKey) name() string { return string(k.Purpose) + " " + string(k.Status) + " " + k.ID }

// times are those that the row's MAC covers.
func (k ServerKey) times() keys.Times {
	return keys.Times{
		Created: int64(k.CreatedAt), Activated: int64(k.ActivatedAt), Retired: int64(k.RetiredAt), InUseUntil: int64(k.InUseUntil),
	}
}

func (s *Store) authentic(row ServerKey) bool { return s.keys.Authentic(row.Key, row.times(), row.MAC) }

// inauthentic is an *InauthenticKeysError about those of rows that are not authentic, nil when all are.
func (s *Store) inauthentic(rows []ServerKey) error {
	var bad []string
	for _, row := range rows {
		if !s.authentic(row) {
			bad = append(bad, row.name())
		}
	}
	if len(bad) == 0 {
		return nil
	}
	slices.Sort(bad)
	return &InauthenticKeysError{bad}
}

// ErrOtherMasterKey says that the server's keys are sealed with another master key than this process has: with a newer one
// (countersign keys reseal), or it was given a wrong one. It is keys.ErrMasterKey too, which is also a damaged row's.
var ErrOtherMasterKey = fmt.Errorf("they are sealed with another master key than this process has: %w", keys.ErrMasterKey)

// activeKeys are the next and the current keys that are authentic. A current one that is not is an error. Errors:
// *InauthenticKeysError, ErrOtherMasterKey.
func (s *Store) activeKeys(ctx context.Context) ([]keys.Key, error) {
	rows, err := s.activeRows(ctx)
	if err != nil {
		return nil, err
	}
	superseded := s.checkMasterKey(rows)
	current := slices.DeleteFunc(slices.Clone(rows), func(row ServerKey) bool { return row.Status != keys.Current })
	if err := s.inauthentic(current); err != nil {
		return nil, cmp.Or(superseded, err)
	}
	return keysOf(slices.DeleteFunc(rows, func(row ServerKey) bool { return !s.authentic(row) })), nil
}

// checkMasterKey returns ErrOtherMasterKey once the keys were sealed with another master key than this process has: it goes on
// with the keys that it has found authentic before. All keys are sealed anew at once, so that one row which this master key
// vouches for says that it is the right one, and that what does not open is damaged.
func (s *Store) checkMasterKey(rows []ServerKey) error {
	anchor := slices.IndexFunc(rows, func(row ServerKey) bool { return row.Purpose == keys.UserCode })
	if anchor < 0 {
		return nil
	}
	other := s.keys.Check(rows[anchor].Key) != nil &&
		!slices.ContainsFunc(rows, func(row ServerKey) bool { return s.keys.Vouches(row.Key, row.times(), row.MAC) })
	s.keys.Supersede(other)
	if other {
		return ErrOtherMasterKey
	}
	return nil
}

// HasOldMasterKey reports that the keys were sealed with another master key while this process ran, as its last look found. It
// asks nothing of the database.
func (s *Store) HasOldMasterKey() bool { return s.keys.Superseded() }

func (d *Database) activeRows(ctx context.Context) ([]ServerKey, error) {
	var rows []ServerKey
	err := d.read.WithContext(ctx).Where("status <> ?", keys.Retired).Find(&rows).Error
	return rows, err
}

// vouch gives row the MAC of what it says now.
func (t *tx) vouch(row *ServerKey) (err error) {
	row.MAC, err = t.store.keys.MAC(row.Key, row.times())
	return err
}

// CheckKeyTable returns an *InauthenticKeysError about those of rows that masterKey does not vouch for.
func CheckKeyTable(rows []ServerKey, masterKey []byte) error {
	ring := keys.NewRing(keys.Config{MasterKey: masterKey})
	return (&Store{keys: ring}).inauthentic(rows)
}
