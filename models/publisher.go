package models

import (
	"context"
	"errors"

	"countersign/audit"
	"countersign/oauth"

	"gorm.io/gorm"
)

// NewSoftware is an app of a registered publisher. The publisher is made when it is
// not there yet.
type NewSoftware struct {
	Publisher  string
	SoftwareID string
	Name       string
	Scope      oauth.Scope
}

// AddSoftware registers an app, and its publisher. Error: ErrExists (the software_id
// is taken).
func (s *Store) AddSoftware(ctx context.Context, n NewSoftware) (Software, error) {
	var row Software
	err := s.write(ctx, func(tx *tx) error {
		publisher, err := tx.publisher(n.Publisher)
		if err != nil {
			return err
		}
		row = Software{ID: n.SoftwareID, PublisherID: publisher.ID, Name: n.Name, Scope: n.Scope.String(), CreatedAt: tx.now}
		if err := tx.Create(&row).Error; errors.Is(err, gorm.ErrDuplicatedKey) {
			return ErrExists
		} else if err != nil {
			return err
		}
		_, err = tx.record(audit.Event{Type: audit.PublisherAdded, Facts: audit.Facts{
			Actor: &audit.Actor{System: "command"}, Publisher: publisher.ID, Scope: row.Scope,
		}})
		return err
	})
	return row, err
}

func (t *tx) publisher(name string) (Publisher, error) {
	var row Publisher
	err := t.Where("name = ?", name).First(&row).Error
	if !errors.Is(err, gorm.ErrRecordNotFound) {
		return row, err
	}
	id, err := newID(t.store.rand)
	if err != nil {
		return row, err
	}
	row = Publisher{ID: id, Name: name, CreatedAt: t.now}
	return row, t.Create(&row).Error
}

// RegisteredSoftware is an app with its publisher's name.
type RegisteredSoftware struct {
	Software
	PublisherName string
}

// RegisteredSoftware lists the apps of registered publishers.
func (s *Store) RegisteredSoftware(ctx context.Context) ([]RegisteredSoftware, error) {
	var rows []RegisteredSoftware
	err := s.reading(ctx).Table("software").
		Select("software.*, publishers.name AS publisher_name").
		Joins("JOIN publishers ON publishers.id = software.publisher_id").
		Order("publishers.name, software.name").Scan(&rows).Error
	return rows, err
}
