package models

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"countersign/audit"
	"countersign/audit/term"
	"countersign/models/keys"
)

const (
	// NextKeyPublished is how long a next key is published before it signs: longer
	// than anybody may keep the JWKS, so that an API that checks tokens knows it by then.
	NextKeyPublished = time.Hour

	// LongestAccessToken bounds Policy.AccessTokenLifetime: so long a retired key's
	// tokens may live, whatever the processes are configured with.
	LongestAccessToken = time.Hour

	// stillSigning is how long after a rotation another process may sign with the
	// retired key: until it reloads, and for one request that has begun.
	stillSigning = 2 * keys.ReloadInterval
)

var (
	// ErrNoSuchKey says that there is no key with this kid that signs.
	ErrNoSuchKey = errors.New("no signing key has this identifier")

	// ErrKeyNotRetired says that only a retired key can be ended.
	ErrKeyNotRetired = errors.New("the key is not retired: rotate first")

	errRotatedMeanwhile = errors.New("another process has rotated this key")
)

// NextKeyTooNewError says that the next key has not been published for long enough.
type NextKeyTooNewError struct {
	Purpose keys.Purpose
	Until   time.Time // from then on it may sign
}

func (e *NextKeyTooNewError) Error() string {
	return "the next key for " + string(e.Purpose) + " was published too short a time ago"
}

// KeyInUseError says that tokens signed by a retired key may still live, or that a
// process may still sign with it.
type KeyInUseError struct{ Until time.Time }

func (e *KeyInUseError) Error() string { return "what the key signed may still be in use" }

// RotateKey makes the next key of a signing purpose the current one and the current one
// retired, and makes a new next one. The tokens of the retired key stay valid for their
// life. force does it although the next key was just published, for a key that is known
// to somebody: an API that checks tokens without asking us may refuse good ones for as long
// as it keeps the old JWKS. Errors: ErrNoSuchKey (no such purpose), *NextKeyTooNewError,
// keys.ErrMasterKey.
func (s *Store) RotateKey(ctx context.Context, purpose keys.Purpose, force bool) error {
	if !slices.Contains(keys.SigningPurposes(), purpose) {
		return fmt.Errorf("%w: nothing of %q takes turns", ErrNoSuchKey, purpose)
	}
	return s.rotated(ctx, func(tx *tx) error {
		return tx.rotate(purpose, func(current, next ServerKey) error {
			if ready := next.CreatedAt.Add(NextKeyPublished); !force && tx.now < ready {
				return &NextKeyTooNewError{purpose, ready.Time()}
			}
			return nil
		}, term.SystemCommandLine)
	})
}

// RotateDueKeys rotates every key that takes turns by the clock and has signed for longer than after, and
// says which purposes. Every process of the server may call it, as often as it likes:
// one of them rotates, the others find it done. Error: keys.ErrMasterKey.
func (s *Store) RotateDueKeys(ctx context.Context, after time.Duration) ([]keys.Purpose, error) {
	var due []ServerKey
	err := s.reading(ctx).Where("status = ? AND purpose IN ? AND activated_at <= ?",
		keys.Current, keys.TurningPurposes(), At(s.now()).Add(-after)).Find(&due).Error
	if err != nil {
		return nil, err
	}
	var done []keys.Purpose
	for _, row := range due {
		err := s.rotated(ctx, func(tx *tx) error {
			return tx.rotate(row.Purpose, func(current, next ServerKey) error {
				if current.ID != row.ID || tx.now < next.CreatedAt.Add(NextKeyPublished) {
					return errRotatedMeanwhile
				}
				return nil
			}, term.SystemKeyRotation)
		})
		if err != nil && !errors.Is(err, errRotatedMeanwhile) {
			return done, err
		}
		if err == nil {
			done = append(done, row.Purpose)
		}
	}
	return done, nil
}

// rotated writes, with the keys of now, and has this process sign with the new key at once.
func (s *Store) rotated(ctx context.Context, fn func(tx *tx) error) error {
	if err := s.ReloadKeys(ctx); err != nil {
		return err
	}
	if err := s.write(ctx, fn); err != nil {
		return err
	}
	return s.ReloadKeys(ctx)
}

// rotate makes the turn when allow lets it. Each update names the state that it expects,
// so that of several rotations at once one happens. The event is still signed by the old
// key: it vouches for the new one.
func (t *tx) rotate(purpose keys.Purpose, allow func(current, next ServerKey) error, system term.System) error {
	if err := t.lockKeys(); err != nil {
		return err
	}
	var current, next ServerKey
	if err := t.Where("purpose = ? AND status = ?", purpose, keys.Current).First(&current).Error; err != nil {
		return err
	}
	if err := t.Where("purpose = ? AND status = ?", purpose, keys.Next).First(&next).Error; err != nil {
		return err
	}
	if err := allow(current, next); err != nil {
		return err
	}
	if purpose == keys.Audit && t.store.keys.Log().Signer.KeyID != current.ID {
		return errRotatedMeanwhile // the current key names its successor, and this process does not know it yet
	}
	if err := t.turnKey(current, func(k *ServerKey) {
		k.Status, k.RetiredAt, k.InUseUntil = keys.Retired, t.now, t.now.Add(current.lastUse())
	}); err != nil {
		return err
	}
	if err := t.turnKey(next, func(k *ServerKey) { k.Status, k.ActivatedAt = keys.Current, t.now }); err != nil {
		return err
	}
	made, err := t.createKeys([]keys.Wanted{{Purpose: purpose, Status: keys.Next}})
	if err != nil {
		return err
	}
	if err := t.recordKey(audit.SigningKeyRotated, next.ID, string(purpose), system); err != nil {
		return err
	}
	return t.recordCreated(made, system)
}

// lastUse is for how long after its retirement something may still depend on a key.
func (k ServerKey) lastUse() time.Duration {
	if k.Purpose == keys.AccessToken {
		return stillSigning + LongestAccessToken
	}
	return stillSigning
}

// turnKey changes a key that is as it was read, and vouches for what it becomes. Error: *InauthenticKeysError.
func (t *tx) turnKey(key ServerKey, change func(*ServerKey)) error {
	if err := t.store.inauthentic([]ServerKey{key}); err != nil {
		return err
	}
	changed := key
	change(&changed)
	if err := t.vouch(&changed); err != nil {
		return err
	}
	return t.replaceKey(key, changed)
}

// replaceKey writes what may change of a row. The row is as it was read, or it is not replaced.
func (t *tx) replaceKey(key, changed ServerKey) error {
	result := t.Model(&ServerKey{}).Where("id = ? AND status = ? AND mac = ?", key.ID, key.Status, key.MAC).Updates(map[string]any{
		"status": changed.Status, "sealed": changed.Sealed, "activated_at": changed.ActivatedAt, "retired_at": changed.RetiredAt,
		"in_use_until": changed.InUseUntil, "mac": changed.MAC,
	})
	if result.Error == nil && result.RowsAffected == 0 {
		return errRotatedMeanwhile
	}
	return result.Error
}

// RetireKey ends a retired key for good: its private half is erased, it leaves the JWKS,
// and tokens that it signed are refused. Its public half stays, so that what an audit
// key signed can be verified for ever. force does it while tokens may still live, for a
// key that is known to somebody. A key that was ended already is left as it is. Errors:
// ErrNoSuchKey, ErrKeyNotRetired, *KeyInUseError, keys.ErrMasterKey.
func (s *Store) RetireKey(ctx context.Context, id string, force bool) error {
	return s.write(ctx, func(tx *tx) error {
		if err := tx.lockKeys(); err != nil {
			return err
		}
		var key ServerKey
		err := tx.Where("id = ? AND purpose IN ?", id, keys.SigningPurposes()).Limit(1).Find(&key).Error
		inUse := tx.now < key.InUseUntil
		switch {
		case err != nil:
			return err
		case key.ID == "":
			return ErrNoSuchKey
		case key.Status != keys.Retired:
			return ErrKeyNotRetired
		case key.Ended():
			return nil
		case inUse && !force:
			return &KeyInUseError{key.InUseUntil.Time()}
		}
		if err := tx.turnKey(key, func(k *ServerKey) { k.Sealed, k.InUseUntil = "", min(key.InUseUntil, tx.now) }); err != nil {
			return err
		}
		reason := term.ServerKey(key.Purpose).Retirement(inUse)
		return tx.recordKey(audit.SigningKeyRetired, key.ID, string(reason), term.SystemCommandLine)
	})
}
