package models

import (
	"cmp"
	"context"
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

// activeKeys are the next and the current keys that are authentic. A current one that is not is an error. Errors:
// *InauthenticKeysError, keys.ErrMasterKey when this process has an old master key.
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

// checkMasterKey returns keys.ErrMasterKey once the keys were sealed with another master key than this process has: it goes on
// with the keys that it has found authentic before.
func (s *Store) checkMasterKey(rows []ServerKey) error {
	anchor := slices.IndexFunc(rows, func(row ServerKey) bool { return row.Purpose == keys.UserCode })
	if anchor < 0 {
		return nil
	}
	err := s.keys.Check(rows[anchor].Key)
	s.keys.Supersede(err != nil)
	return err
}

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
