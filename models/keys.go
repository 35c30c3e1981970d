package models

import (
	"cmp"
	"context"
	"errors"

	"countersign/models/keys"
	"countersign/oauth"
)

// The verbs of the server's keys: keys_open.go at the start (keys_adopt.go: the first one after the update), keys_list.go,
// keys_rotate.go, keys_reseal.go. Which rows are authentic is keys_authentic.go, what the trail says of them keys_history.go.
// What they are for, how they are sealed and which of them this process has opened is package keys.

// Nonces makes and knows the nonces of DPoP proofs (RFC 9449 §8). Every process of this server makes the same ones.
func (s *Store) Nonces() oauth.Nonces { return s.keys.Nonces() }

// freshKeys is called before each write: no process signs with keys that it last looked
// at more than a minute ago. A current key that cannot be opened is an error: an
// *UnavailableError with OldMasterKey where the keys were sealed with another master key,
// since another process can do what this one cannot any more.
func (s *Store) freshKeys(ctx context.Context) error {
	return s.orOldMasterKey(s.keys.Refresh(func() ([]keys.Key, error) { return s.activeKeys(ctx) }))
}

// hasKeysOfNow is freshKeys for a probe, which asks at once: what is known for a minute yet does not say that the process is ready.
func (s *Store) hasKeysOfNow(ctx context.Context) error {
	return s.orOldMasterKey(s.keys.Reload(func() ([]keys.Key, error) { return s.activeKeys(ctx) }))
}

func (s *Store) orOldMasterKey(err error) error {
	if errors.Is(err, keys.ErrMasterKey) && s.HasOldMasterKey() {
		return &UnavailableError{Outage: OldMasterKey, cause: err}
	}
	return err
}

// ReloadKeys looks at once for keys that another process made or rotated. It also
// complains of a next key that cannot be opened, which harms only once it is current,
// and names every row that is not authentic. Errors: ErrOtherMasterKey, *InauthenticKeysError.
func (s *Store) ReloadKeys(ctx context.Context) error {
	reloaded := s.keys.Reload(func() ([]keys.Key, error) { return s.activeKeys(ctx) })
	rows, err := s.Keys(ctx)
	if err != nil {
		return err
	}
	return cmp.Or(s.checkMasterKey(rows), s.inauthentic(rows), reloaded)
}

// keysOf leaves out the times.
func keysOf(rows []ServerKey) []keys.Key {
	list := make([]keys.Key, len(rows))
	for i, row := range rows {
		list[i] = row.Key
	}
	return list
}
