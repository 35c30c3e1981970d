package models

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"countersign/audit"
	"countersign/audit/term"

	"github.com/go-jose/go-jose/v4"
	"gorm.io/gorm"
)

// ResourceServer is an API that may introspect the access tokens for its resource, and
// nothing else (docs/decisions/0010-resource-servers.md).
type ResourceServer struct {
	ID        string // its client_id
	Name      string
	Resource  string  // URI, the aud of the tokens that it may ask about
	JWKS      string  `gorm:"column:jwks"`
	CreatedAt Instant `gorm:"autoCreateTime:false"`
}

// AddResourceServer registers one with its public keys. Error: ErrExists (the name is
// taken).
func (s *Store) AddResourceServer(ctx context.Context, name, resource string, keys jose.JSONWebKeySet) (ResourceServer, error) {
	jwks, err := json.Marshal(keys)
	if err != nil {
		return ResourceServer{}, fmt.Errorf("keys of a resource server: %w", err)
	}
	var row ResourceServer
	err = s.write(ctx, func(tx *tx) error {
		id, err := newID(s.rand)
		if err != nil {
			return err
		}
		row = ResourceServer{ID: id, Name: name, Resource: resource, JWKS: string(jwks), CreatedAt: tx.now}
		if err := tx.Create(&row).Error; errors.Is(err, gorm.ErrDuplicatedKey) {
			return ErrExists
		} else if err != nil {
			return err
		}
		return tx.recordResourceServer(audit.ResourceServerAdded, row)
	})
	return row, err
}

// RemoveResourceServer ends one at once: it is unknown from now on. Error: ErrNotFound.
func (s *Store) RemoveResourceServer(ctx context.Context, id string) error {
	return s.write(ctx, func(tx *tx) error {
		var row ResourceServer
		if err := tx.forUpdate().Where("id = ?", id).First(&row).Error; err != nil {
			return notFound(err)
		}
		if err := tx.Where("id = ?", id).Delete(&ResourceServer{}).Error; err != nil {
			return err
		}
		return tx.recordResourceServer(audit.ResourceServerRemoved, row)
	})
}

func (t *tx) recordResourceServer(happened audit.Type, row ResourceServer) error {
	_, err := t.record(audit.Event{Type: happened, Facts: audit.Facts{
		Actor: &audit.Actor{System: string(term.SystemCommand)}, ResourceServer: row.ID, Resource: row.Resource,
	}})
	return err
}

// ResourceServers lists all of them by name.
func (s *Store) ResourceServers(ctx context.Context) ([]ResourceServer, error) {
	var rows []ResourceServer
	err := s.reading(ctx).Order("name").Find(&rows).Error
	return rows, err
}

// ResourceServer finds one by its client_id. Error: ErrNotFound.
func (s *Store) ResourceServer(ctx context.Context, id string) (ResourceServer, error) {
	var row ResourceServer
	err := s.reading(ctx).Where("id = ?", id).First(&row).Error
	return row, notFound(err)
}

// Keys are its registered keys.
func (r ResourceServer) Keys() (jose.JSONWebKeySet, error) {
	var keys jose.JSONWebKeySet
	if err := json.Unmarshal([]byte(r.JWKS), &keys); err != nil {
		return keys, fmt.Errorf("keys of resource server %s: %w", r.ID, err)
	}
	return keys, nil
}
