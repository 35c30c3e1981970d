package main

import (
	"errors"
	"fmt"
	"time"

	"countersign/models"
	"countersign/models/keys"
)

// KeysRotateCmd is countersign keys rotate.
type KeysRotateCmd struct {
	StoreFlags
	Purpose string `arg:"" optional:"" enum:"access-token,audit,checkpoint,all" default:"all" help:"Whose key: access-token, audit, or all, which is these two; checkpoint only when it is named, since outsiders keep its public half."`
	Force   bool   `help:"Do it although the next key was published only just now, for a key that somebody else has got hold of." env:"COUNTERSIGN_KEYS_FORCE"`

	settings storeSettings `kong:"-"`
}

// Check is part of checker.
func (r *KeysRotateCmd) Check(c *checks) { r.settings = r.check(c) }

// Run rotates one key, or all that take turns by the clock.
func (r *KeysRotateCmd) Run(env *Environment) error {
	purposes := keys.TurningPurposes()
	if r.Purpose != "all" {
		purposes = []keys.Purpose{keys.Purpose(r.Purpose)}
	}
	return withStore(env, r.settings, func(store *models.Store) error {
		for _, purpose := range purposes {
			if err := store.RotateKey(env.Context, purpose, r.Force); err != nil {
				return keyAdvice(env, err)
			}
			_, _ = fmt.Fprintf(env.Stdout, "rotated %s; every process signs with the new key within a minute\n", purpose)
		}
		return nil
	})
}

// KeysRetireCmd is countersign keys retire.
type KeysRetireCmd struct {
	StoreFlags
	Key   string `arg:"" help:"Which key, as keys list names it."`
	Force bool   `help:"Do it although tokens that it signed may still live: they are refused from now on." env:"COUNTERSIGN_KEYS_FORCE"`

	settings storeSettings `kong:"-"`
}

// Check is part of checker.
func (r *KeysRetireCmd) Check(c *checks) { r.settings = r.check(c) }

// Run ends the key.
func (r *KeysRetireCmd) Run(env *Environment) error {
	return withStore(env, r.settings, func(store *models.Store) error {
		if err := store.RetireKey(env.Context, r.Key, r.Force); err != nil {
			return keyAdvice(env, err)
		}
		_, err := fmt.Fprintf(env.Stdout, "ended %s: its private half is gone\n", r.Key)
		return err
	})
}

// keyAdvice adds what to do about a refusal.
func keyAdvice(env *Environment, err error) error {
	at := func(t time.Time) string { return t.In(env.Now().Location()).Format(time.RFC3339) }
	tooNew, isTooNew := errors.AsType[*models.NextKeyTooNewError](err)
	inUse, isInUse := errors.AsType[*models.KeyInUseError](err)
	switch {
	case isTooNew:
		return fmt.Errorf("%w: APIs may not know it yet.\nNext: wait until %s, or add --force if somebody else has the current key", err,
			at(tooNew.Until))
	case isInUse:
		return fmt.Errorf("%w.\nNext: wait until %s, or add --force if somebody else has the key", err, at(inUse.Until))
	case errors.Is(err, models.ErrKeyNotRetired):
		return fmt.Errorf("%w.\nNext: countersign keys rotate", err)
	case errors.Is(err, models.ErrNoSuchKey):
		return fmt.Errorf("%w.\nNext: countersign keys list", err)
	}
	return err
}
