package models

import (
	"context"

	"countersign/models/keys"
	"countersign/oauth"
)

// The verbs of the server's keys: keys_open.go at the start, keys_list.go, keys_rotate.go, keys_reseal.go. What they
// are for, how they are sealed and which of them this process has opened is package keys.

// Nonces makes and knows the nonces of DPoP proofs (RFC 9449 §8). Every process of this server makes the same ones.
func (s *Store) Nonces() oauth.Nonces { return s.keys.Nonces() }

// freshKeys is called before each write: no process signs with keys that it last looked
// at more than a minute ago. A current key that cannot be opened is an error.
func (s *Store) freshKeys(ctx context.Context) error {
	return s.keys.Refresh(func() ([]keys.Key, error) { return s.activeKeys(ctx) })
}

// ReloadKeys looks at once for keys that another process made or rotated. It also
// complains of a next key that cannot be opened, which harms only once it is current.
func (s *Store) ReloadKeys(ctx context.Context) error {
	return s.keys.Reload(func() ([]keys.Key, error) { return s.activeKeys(ctx) })
}

// activeKeys are the next and the current keys.
func (d *Database) activeKeys(ctx context.Context) ([]keys.Key, error) {
	var active []keys.Key
	err := d.read.WithContext(ctx).Model(&ServerKey{}).Where("status <> ?", keys.Retired).Find(&active).Error
	return active, err
}

// keysOf leaves out the times.
func keysOf(rows []ServerKey) []keys.Key {
	list := make([]keys.Key, len(rows))
	for i, row := range rows {
		list[i] = row.Key
	}
	return list
}
