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
	count, err := s.fallingWithClient(ctx, id)
	if err != nil {
		return err
	}
	command := &audit.Actor{System: string(term.SystemCommand)}
	return s.write(ctx, func(t *tx) error {
		return t.endClient(id, clientEnd{
			event:   audit.Event{Type: audit.ClientDisabled, Facts: audit.Facts{Actor: command, Count: count}},
			reason:  term.EndingClientDisabled,
			judge:   func(t *tx) (Client, error) { return t.clientNot(id, ClientDisabled, ErrClientNotActive) },
			changes: func() map[string]any { return map[string]any{"status": ClientDisabled} },
		})
	})
}

// EnableClient lets a disabled client ask again; what ended stays ended. Errors:
// ErrNotFound (also for one that was deleted), ErrExists (it is active).
func (s *Store) EnableClient(ctx context.Context, id string) error {
	return s.write(ctx, func(tx *tx) error {
		client, err := tx.clientNot(id, ClientActive, ErrExists)
		if err != nil {
			return err
		}
		if err := tx.Model(&Client{}).Where("id = ?", id).Update("status", ClientActive).Error; err != nil {
			return err
		}
		_, err = tx.record(audit.Event{Type: audit.ClientEnabled, Facts: audit.Facts{
			Actor: &audit.Actor{System: string(term.SystemCommand)}, Client: id, KeyThumbprint: client.JWKThumbprint,
		}})
		return err
	})
}

// clientNot holds a client that has another status than this one. Errors: ErrNotFound (also
// for one that was deleted), already.
func (t *tx) clientNot(id, status string, already error) (Client, error) {
	var client Client
	if err := t.forUpdate().Where("id = ? AND deleted_at = 0", id).First(&client).Error; err != nil {
		return client, notFound(err)
	}
	t.readClock()
	if client.Status == status {
		return client, already
	}
	return client, nil
}
