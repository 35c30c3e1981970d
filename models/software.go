package models

import (
	"context"
	"errors"
	"strings"

	"countersign/audit"
	"countersign/oauth"
)

// What an app of a registered publisher may have, and since when: a change counts from its
// commit on, for clients, requests and bindings that there are too
// (docs/decisions/0013-who-may-register.md).

// What events say of an app's presence proof.
const (
	presenceIsRequired  = "required"
	presenceNotRequired = "not required"
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
		if err := tx.held().Where("id = ?", change.SoftwareID).First(&row).Error; err != nil {
			return lost(err)
		}
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
		_, err = tx.record(audit.Event{Type: audit.PublisherChanged, Facts: row.facts(facts)})
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

// Software finds an app. Error: ErrNotFound.
func (s *Store) Software(ctx context.Context, id string) (Software, error) {
	var row Software
	err := s.reading(ctx).Where("id = ?", id).First(&row).Error
	return row, lost(err)
}

// within is what the app may have of a scope now; the whole of it when no publisher has
// the app.
func (s Software) within(scope string) string {
	if s.ID == "" {
		return scope
	}
	return intersect(strings.Fields(scope), strings.Fields(s.Scope)).String()
}

// softwareOf is the app that a client is or says it is, and stays as it is until the
// transaction ends; the zero Software when no publisher has it.
func (t *tx) softwareOf(clientID string) (Software, error) {
	var row Software
	err := t.shared().Where("id = (SELECT software_id FROM clients WHERE id = ?)", clientID).Limit(1).Find(&row).Error
	return row, err
}

// scopeNow is what is left of a scope that a client asked for or was granted (RFC 6749
// section 3.3: the server may ignore a part of it). Error: ErrScopeWithdrawn, when nothing
// is left of one that was not empty.
func (t *tx) scopeNow(clientID, scope string) (string, error) {
	software, err := t.softwareOf(clientID)
	if err != nil {
		return "", err
	}
	left := software.within(scope)
	if left == "" && scope != "" {
		return "", ErrScopeWithdrawn
	}
	return left, nil
}

// scopeOfTokens is scopeNow for a token request: the refusal is the grant's own (RFC 6749
// section 5.2).
func (t *tx) scopeOfTokens(clientID, granted string) (string, error) {
	scope, err := t.scopeNow(clientID, granted)
	if errors.Is(err, ErrScopeWithdrawn) {
		return "", oauth.Errorf(oauth.ErrInvalidScope, "the app may have nothing of the granted scope any more")
	}
	return scope, err
}

// ScopeNow is what a token's scope means at this moment, "" when nothing is left of it.
func (s *Store) ScopeNow(ctx context.Context, clientID, scope string) (string, error) {
	software, err := s.reader(ctx).softwareOf(clientID)
	return software.within(scope), err
}
