package models

import (
	"context"
	"crypto"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"countersign/audit"

	"github.com/go-jose/go-jose/v4"
	"gorm.io/gorm"
)

// SetPublisherKeys gives a publisher its keys in place of those it had, and makes it
// when it is not there yet. Clients that registered with a statement stay verified.
// Errors: ErrSessionEnded, ErrNotAllowed.
func (s *Store) SetPublisherKeys(ctx context.Context, n NewPublisher) (Publisher, error) {
	jwks, err := json.Marshal(n.Keys)
	if err != nil {
		return Publisher{}, fmt.Errorf("keys of a publisher: %w", err)
	}
	var publisher Publisher
	err = s.write(ctx, func(tx *tx) error {
		facts, err := tx.administrator(n.SessionID)
		if err != nil {
			return err
		}
		var made bool
		if publisher, made, err = tx.publisher(n.Name); err != nil {
			return err
		}
		facts.Publisher = publisher.ID
		if made {
			if _, err := tx.record(audit.Event{Type: audit.PublisherAdded, Facts: facts}); err != nil {
				return err
			}
		}
		before, _ := publisher.Keys() // of keys that cannot be read there is nothing to say, and they can be replaced
		publisher.JWKS = string(jwks)
		if err := tx.Model(&Publisher{}).Where("id = ?", publisher.ID).Update("jwks", publisher.JWKS).Error; err != nil {
			return err
		}
		count := len(n.Keys.Keys)
		facts.Count = &count
		_, err = tx.record(audit.Event{Type: audit.PublisherChanged, Facts: facts,
			Details: changed(audit.DetailKeys, keyIDs(before), keyIDs(n.Keys))})
		return err
	})
	return publisher, err
}

// publisher finds a publisher by its name, or makes it.
func (t *tx) publisher(name string) (row Publisher, made bool, err error) {
	err = t.forUpdate().Where("name = ?", name).First(&row).Error
	if !errors.Is(err, gorm.ErrRecordNotFound) {
		return row, false, err
	}
	id, err := newID(t.store.rand)
	if err != nil {
		return row, false, err
	}
	row = Publisher{ID: id, Name: name, CreatedAt: t.now}
	return row, true, t.Create(&row).Error
}

// PublisherByName finds a publisher as a software statement names it. Error: ErrNotFound.
func (s *Store) PublisherByName(ctx context.Context, name string) (Publisher, error) {
	var row Publisher
	err := s.reading(ctx).Where("name = ?", name).First(&row).Error
	return row, notFound(err)
}

// Keys are what the publisher signs statements with; none while it has none.
func (p Publisher) Keys() (jose.JSONWebKeySet, error) {
	var keys jose.JSONWebKeySet
	if p.JWKS == "" {
		return keys, nil
	}
	if err := json.Unmarshal([]byte(p.JWKS), &keys); err != nil {
		return keys, fmt.Errorf("keys of publisher %s: %w", p.ID, err)
	}
	return keys, nil
}

// keyIDs names keys by their identifiers; of one that has none, by its thumbprint (RFC 7638).
func keyIDs(set jose.JSONWebKeySet) string {
	var ids []string
	for _, key := range set.Keys {
		id := key.KeyID
		if sum, err := key.Thumbprint(crypto.SHA256); id == "" && err == nil {
			id = base64.RawURLEncoding.EncodeToString(sum)
		}
		ids = append(ids, id)
	}
	return strings.Join(ids, " ")
}

// Publishers lists the publishers by name, also those without any app.
func (s *Store) Publishers(ctx context.Context) ([]Publisher, error) {
	var rows []Publisher
	err := s.reading(ctx).Order("name").Find(&rows).Error
	return rows, err
}

// NewPublisher is a publisher with the keys that it signs software statements with.
type NewPublisher struct {
	SessionID string // as in NewSoftware
	Name      string // also the iss of its statements
	Keys      jose.JSONWebKeySet
}
