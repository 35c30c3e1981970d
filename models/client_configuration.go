package models

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"countersign/audit"
	"countersign/audit/term"
	"countersign/oauth"

	"github.com/go-jose/go-jose/v4"
	"gorm.io/gorm"
)

// A client's own registration: read, replaced and deleted with its registration access
// token (RFC 7592 §2).

// ManagedClient finds the client that the registration access token belongs to. Errors:
// ErrUnknownToken (also for a client that is not there or was deleted: the answer is the
// same), ErrClientNotActive.
func (s *Store) ManagedClient(ctx context.Context, id, token string) (Client, error) {
	client, err := s.reader(ctx).managed(id, token)
	if err != nil {
		return client, err
	}
	client.Scope, err = s.ScopeNow(ctx, id, client.Scope)
	return client, err
}

func (t *tx) managed(id, token string) (Client, error) {
	var client Client
	if err := t.forUpdate().Where("id = ?", id).Limit(1).Find(&client).Error; err != nil {
		return Client{}, err
	}
	t.readClock()
	right := subtle.ConstantTimeCompare([]byte(client.RegistrationTokenHash), []byte(oauth.HashRegistrationToken(token))) == 1
	switch {
	case !right || client.DeletedAt != 0:
		return Client{}, ErrUnknownToken
	case client.Status != ClientActive:
		return Client{}, ErrClientNotActive
	}
	return client, nil
}

// ReplaceClient puts a new registration in place of the client's old one: what is left
// out is gone, a software statement too. The key may change to one that nobody has
// registered, but at the same jwks_uri not back to one that was asked for earlier. Errors:
// as ManagedClient and RegisterClient; ErrStaleKey, ErrSoftwareChanged.
func (s *Store) ReplaceClient(ctx context.Context, id, token string, r Registration) (Client, error) {
	var replaced Client
	err := s.write(ctx, func(tx *tx) error {
		old, err := tx.managed(id, token)
		if err != nil {
			return err
		}
		client, publisher, err := tx.newClient(r)
		if err != nil {
			return err
		}
		if client.SoftwareID != old.SoftwareID { // what its app may have is what it was approved by
			return ErrSoftwareChanged
		}
		if older := client.JWKSFetchedAt < old.JWKSFetchedAt; older && client.JWKSURI == old.JWKSURI && client.JWK != old.JWK {
			return ErrStaleKey
		}
		client.ID, client.RegistrationTokenHash = old.ID, old.RegistrationTokenHash
		client.CreatedAddress, client.CreatedAt, client.UpdatedAt = old.CreatedAddress, old.CreatedAt, tx.now
		client.CountedHour = old.CountedHour
		client.KeyChangedAt = tx.keyChanged(old, client.JWKThumbprint)
		result := tx.Model(&Client{}).Where("id = ? AND status = ?", id, ClientActive).
			Select("*").Omit("id").Updates(&client)
		if errors.Is(result.Error, gorm.ErrDuplicatedKey) {
			return ErrKeyRegistered
		}
		if result.Error != nil {
			return result.Error
		}
		replaced = client
		return tx.recordUpdate(client, audit.Actor{Client: id}, publisher, term.UpdateByClient, Stranger{r.Address, r.Counted})
	})
	return replaced, err
}

// RotateClientKey takes the first of the keys that were asked for at the client's jwks_uri at
// that time in place of the one that was asked for before, or the same key under another
// name. The client as it is now is returned, also when somebody has asked later: a slower or
// older answer never brings a withdrawn key back. The answer that brought the registered key
// may bring another that lies beside it. Errors: ErrNotFound, ErrKeyRegistered.
func (s *Store) RotateClientKey(ctx context.Context, id string, keys jose.JSONWebKeySet, asked time.Time, by Stranger) (Client, error) {
	if len(keys.Keys) == 0 {
		return Client{}, errors.New("a rotation without its key")
	}
	metadata := oauth.ClientMetadata{JWKS: &jose.JSONWebKeySet{Keys: keys.Keys[:1]}}
	key, err := json.Marshal(keys.Keys[0])
	if err != nil {
		return Client{}, fmt.Errorf("client key: %w", err)
	}
	var client Client
	err = s.write(ctx, func(tx *tx) error {
		err := tx.forUpdate().Where("id = ? AND status = ? AND jwks_uri <> ''", id, ClientActive).First(&client).Error
		if err != nil || client.JWKSFetchedAt > At(asked) || client.JWKSFetchedAt == At(asked) && !beside(client.JWKThumbprint, keys) {
			return notFound(err)
		}
		tx.readClock()
		reason := term.UpdateKeyAtURI
		if client.JWKThumbprint == metadata.Thumbprint() {
			reason = term.UpdateNameOfKey
		}
		client.KeyChangedAt = tx.keyChanged(client, metadata.Thumbprint())
		client.JWK, client.JWKThumbprint, client.JWKSFetchedAt = string(key), metadata.Thumbprint(), At(asked)
		err = tx.Model(&Client{}).Where("id = ? AND jwks_fetched_at <= ?", id, At(asked)).Updates(map[string]any{
			"jwk": client.JWK, "jwk_thumbprint": client.JWKThumbprint, "jwks_fetched_at": client.JWKSFetchedAt,
			"key_changed_at": client.KeyChangedAt,
		}).Error
		if errors.Is(err, gorm.ErrDuplicatedKey) {
			return ErrKeyRegistered
		}
		if err != nil {
			return err
		}
		return tx.recordUpdate(client, audit.Actor{System: string(term.SystemJWKSURI)}, "", reason, by)
	})
	return client, err
}

// beside reports whether the key with the thumbprint is one of the further keys.
func beside(thumbprint string, keys jose.JSONWebKeySet) bool {
	return slices.ContainsFunc(keys.Keys[1:], func(key jose.JSONWebKey) bool {
		return oauth.ClientMetadata{JWKS: &jose.JSONWebKeySet{Keys: []jose.JSONWebKey{key}}}.Thumbprint() == thumbprint
	})
}

// keyChanged is when the client's key changed last, once it has this one: the same key in
// another registration or under another name is no change.
func (t *tx) keyChanged(old Client, thumbprint string) Instant {
	if old.JWKThumbprint == thumbprint {
		return old.KeyChangedAt
	}
	return t.now
}

func (t *tx) recordUpdate(client Client, actor audit.Actor, publisher string, reason term.ClientUpdate, by Stranger) error {
	return t.recordOrCount(audit.Event{Type: audit.ClientUpdated, Facts: audit.Facts{
		Actor: &actor, Client: client.ID, KeyThumbprint: client.JWKThumbprint,
		Publisher: publisher, Reason: string(reason), Address: by.Address,
	}}, t.countedHour(by.Counted))
}

// DeleteClient ends a client at its own wish (RFC 7592 §2.3), and with it, in the
// same transaction, its bindings, their tokens and every request that could still be
// decided or redeemed. Errors: as ManagedClient.
func (s *Store) DeleteClient(ctx context.Context, id, token string, by Stranger) error {
	count, err := s.fallingWithClient(ctx, id)
	if err != nil {
		return err
	}
	return s.write(ctx, func(t *tx) error {
		return t.endClient(id, clientEnd{
			event:   audit.Event{Type: audit.ClientDeleted, Facts: audit.Facts{Actor: &audit.Actor{Client: id}, Count: count, Address: by.Address}},
			counted: by.Counted,
			reason:  term.EndingClientDeleted,
			judge:   func(t *tx) (Client, error) { return t.managed(id, token) },
			changes: func() map[string]any {
				return map[string]any{"status": ClientDisabled, "deleted_at": t.now, "registration_token_hash": ""}
			},
		})
	})
}
