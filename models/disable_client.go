package models

import (
	"context"

	"countersign/audit"
	"countersign/audit/term"
)

// DisableClient ends a client instance's bindings, their tokens and every request that
// could still be decided or redeemed, and refuses it from now on. Errors: ErrNotFound
// (also for one that was deleted), ErrClientNotActive (already).
func (s *Store) DisableClient(ctx context.Context, id string) error {
	command := &audit.Actor{System: string(term.SystemCommand)}
	return s.write(ctx, func(tx *tx) error {
		if err := tx.endRequests(id, audit.Facts{Actor: command, Reason: string(term.EndingClientDisabled)}); err != nil {
			return err
		}
		return tx.setStatus(id, ClientDisabled, audit.ClientDisabled, command)
	})
}

// EnableClient lets a disabled client ask again; what ended stays ended. Errors:
// ErrNotFound (also for one that was deleted), ErrExists (it is active).
func (s *Store) EnableClient(ctx context.Context, id string) error {
	return s.write(ctx, func(tx *tx) error {
		return tx.setStatus(id, ClientActive, audit.ClientEnabled, &audit.Actor{System: string(term.SystemCommand)})
	})
}

func (t *tx) setStatus(id, status string, happened audit.Type, actor *audit.Actor) error {
	var client Client
	if err := t.forUpdate().Where("id = ? AND deleted_at = 0", id).First(&client).Error; err != nil {
		return notFound(err)
	}
	switch {
	case client.Status == status && status == ClientActive:
		return ErrExists
	case client.Status == status:
		return ErrClientNotActive
	}
	if err := t.Model(&Client{}).Where("id = ?", id).Update("status", status).Error; err != nil {
		return err
	}
	_, err := t.record(audit.Event{Type: happened, Facts: audit.Facts{
		Actor: actor, Client: id, KeyThumbprint: client.JWKThumbprint,
	}})
	return err
}
