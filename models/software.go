package models

import (
	"context"
	"errors"

	"countersign/audit"
	"countersign/audit/term"
	"countersign/oauth"

	"gorm.io/gorm"
)

// What an app of a registered publisher may have, and since when: a change counts from its
// commit on, for clients, requests and bindings that there are too
// (docs/decisions/0013-who-may-register.md).

// What events say of an app's presence proof.
const (
	presenceIsRequired  = string(term.PresenceRequired)
	presenceNotRequired = string(term.PresenceNotRequired)
)

// SoftwareChange is what an app gets in place of what it had. SessionID is as in
// NewSoftware.
type SoftwareChange struct {
	SessionID        string
	SoftwareID       string
	Scope            *oauth.Scope // nil: as it was
	PresenceRequired *bool        // nil: as it was
}

// ChangeSoftware changes an app. Errors: ErrNotFound, ErrSessionEnded, ErrNotAllowed.
//
// Nothing that exists is rewritten: a request is matched and approved, and tokens are
// made, by what the app may have at that moment. What it lost is out of reach at once but
// for access tokens that are out, and what it gets back is there again; what it gains
// reaches a client when that registers again, or replaces its registration.
func (s *Store) ChangeSoftware(ctx context.Context, change SoftwareChange) (Software, error) {
	var row Software
	err := s.write(ctx, func(tx *tx) error {
		facts, err := tx.administrator(change.SessionID)
		if err != nil {
			return err
		}
		if err := tx.forUpdate().Where("id = ?", change.SoftwareID).First(&row).Error; err != nil {
			return notFound(err)
		}
		before := row
		if change.Scope != nil {
			row.Scope = change.Scope.String()
		}
		if change.PresenceRequired != nil {
			row.PresenceRequired = *change.PresenceRequired
		}
		err = tx.Model(&Software{}).Where("id = ?", row.ID).
			Updates(map[string]any{"scope": row.Scope, "presence_required": row.PresenceRequired}).Error
		if err != nil {
			return err
		}
		_, err = tx.record(audit.Event{
			Type: audit.PublisherChanged, Facts: row.facts(facts), Details: row.details(before)})
		return err
	})
	return row, err
}

// facts adds what an app may have to the facts of an event about it.
func (s Software) facts(facts audit.Facts) audit.Facts {
	facts.Publisher, facts.Software, facts.Scope, facts.Presence = s.PublisherID, s.ID, s.Scope, presenceNotRequired
	if s.PresenceRequired {
		facts.Presence = presenceIsRequired
	}
	return facts
}

// details are what was changed of an app.
func (s Software) details(before Software) []audit.Detail {
	was, is := before.facts(audit.Facts{}), s.facts(audit.Facts{})
	return append(changed(audit.DetailScope, was.Scope, is.Scope), changed(audit.DetailPresence, was.Presence, is.Presence)...)
}

// Software finds an app. Error: ErrNotFound.
func (s *Store) Software(ctx context.Context, id string) (Software, error) {
	var row Software
	err := s.reading(ctx).Where("id = ?", id).First(&row).Error
	return row, notFound(err)
}

// NewSoftware is an app of a registered publisher. The publisher is made when it is
// not there yet. SessionID is the administrator's; "" is the command.
type NewSoftware struct {
	SessionID  string
	Publisher  string
	SoftwareID string
	Name       string
	Scope      oauth.Scope

	PresenceRequired bool // only a presence proof matches requests of its instances
}

// AddSoftware registers an app, and its publisher. Errors: ErrExists (the software_id
// is taken), ErrSessionEnded, ErrNotAllowed.
func (s *Store) AddSoftware(ctx context.Context, n NewSoftware) (Software, error) {
	var row Software
	err := s.write(ctx, func(tx *tx) error {
		facts, err := tx.administrator(n.SessionID)
		if err != nil {
			return err
		}
		publisher, _, err := tx.publisher(n.Publisher)
		if err != nil {
			return err
		}
		row = Software{
			ID: n.SoftwareID, PublisherID: publisher.ID, Name: n.Name, Scope: n.Scope.String(),
			PresenceRequired: n.PresenceRequired, CreatedAt: tx.now,
		}
		if err := tx.Create(&row).Error; errors.Is(err, gorm.ErrDuplicatedKey) {
			return ErrExists
		} else if err != nil {
			return err
		}
		_, err = tx.record(audit.Event{Type: audit.PublisherAdded, Facts: row.facts(facts)})
		return err
	})
	return row, err
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
