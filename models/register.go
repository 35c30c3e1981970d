package models

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"countersign/audit"
	"countersign/oauth"

	"github.com/go-jose/go-jose/v4"
	"gorm.io/gorm"
)

// RegisterClient makes a client instance of checked metadata (RFC 7591 section 3). When
// the software_id belongs to a registered publisher, the registered app's name and
// scope win over what the instance says. Errors: ErrKeyRegistered,
// ErrSoftwareNotListed (Policy.ListedSoftwareOnly).
//
// serverScope is the most that any client may ask for.
func (s *Store) RegisterClient(ctx context.Context, metadata oauth.ClientMetadata, serverScope oauth.Scope, address string) (Client, error) {
	var client Client
	err := s.write(ctx, func(tx *tx) (err error) {
		if client, err = newClient(s, metadata, serverScope, address, tx.now); err != nil {
			return err
		}
		publisher, err := tx.applySoftware(&client)
		if err != nil {
			return err
		}
		if err := tx.Create(&client).Error; errors.Is(err, gorm.ErrDuplicatedKey) {
			return ErrKeyRegistered
		} else if err != nil {
			return err
		}
		_, err = tx.record(audit.Event{Type: audit.ClientRegistered, Facts: audit.Facts{
			Actor: &audit.Actor{Client: client.ID}, Client: client.ID, KeyThumbprint: client.JWKThumbprint,
			Publisher: publisher, Address: address,
		}})
		return err
	})
	return client, err
}

func newClient(s *Store, metadata oauth.ClientMetadata, serverScope oauth.Scope, address string, now Instant) (Client, error) {
	id, err := newID(s.rand)
	if err != nil {
		return Client{}, err
	}
	key, err := json.Marshal(metadata.JWKS.Keys[0])
	if err != nil {
		return Client{}, fmt.Errorf("client key: %w", err)
	}
	scope, refusal := oauth.ParseScope(metadata.Scope)
	if refusal != nil {
		return Client{}, refusal
	}
	if len(scope) == 0 {
		scope = serverScope
	}
	return Client{
		ID: id, Status: ClientActive, ClientName: metadata.ClientName,
		SoftwareID: metadata.SoftwareID, SoftwareVersion: metadata.SoftwareVersion,
		GrantTypes: strings.Join(metadata.GrantTypes, " "), Scope: intersect(scope, serverScope).String(),
		JWK: string(key), JWKThumbprint: metadata.Thumbprint(), CreatedAddress: address, CreatedAt: now,
	}, nil
}

// applySoftware lets the registered app's values win and returns its publisher's
// identifier, "" when no publisher has the software_id.
func (t *tx) applySoftware(client *Client) (publisherID string, err error) {
	var software Software
	if err := t.Where("id = ?", client.SoftwareID).Limit(1).Find(&software).Error; err != nil {
		return "", err
	}
	if software.ID == "" {
		if t.store.policy.ListedSoftwareOnly {
			return "", ErrSoftwareNotListed
		}
		return "", nil
	}
	client.ClientName = software.Name
	client.Scope = intersect(strings.Fields(client.Scope), strings.Fields(software.Scope)).String()
	return software.PublisherID, nil
}

// intersect keeps the wanted values that are allowed, in the wanted order.
func intersect(wanted, allowed oauth.Scope) oauth.Scope {
	var kept oauth.Scope
	for _, value := range wanted {
		if allowed.Contains(value) {
			kept = append(kept, value)
		}
	}
	return kept
}

// Client finds an active client instance. Error: ErrNotFound, also when it is
// disabled.
func (s *Store) Client(ctx context.Context, id string) (Client, error) {
	var client Client
	err := s.reading(ctx).Where("id = ? AND status = ?", id, ClientActive).First(&client).Error
	return client, lost(err)
}

// Keys is the client's registered key as a set, as the verifiers want it.
func (c Client) Keys() (jose.JSONWebKeySet, error) {
	var key jose.JSONWebKey
	if err := json.Unmarshal([]byte(c.JWK), &key); err != nil {
		return jose.JSONWebKeySet{}, fmt.Errorf("key of client %s: %w", c.ID, err)
	}
	return jose.JSONWebKeySet{Keys: []jose.JSONWebKey{key}}, nil
}
