package models

import (
	"context"

	"countersign/audit"
)

// What an administrator does with client instances.

// Why a request or a binding ended with its client.
const (
	ClientDeleted     = "client deleted"
	ClientWasDisabled = "client disabled"
)

// ListedClient is a client with the name of the publisher whose app it is or says it is.
type ListedClient struct {
	Client
	PublisherName string
}

// clientsListed is how many clients a list shows, newest first.
const clientsListed = 1000

// Clients lists the client instances that are not deleted, the newest first, of one
// software_id or of all ("").
func (s *Store) Clients(ctx context.Context, softwareID string) ([]ListedClient, error) {
	query := s.reading(ctx).Table("clients").
		Select("clients.*, coalesce(publishers.name, '') AS publisher_name").
		Joins("LEFT JOIN software ON software.id = clients.software_id").
		Joins("LEFT JOIN publishers ON publishers.id = software.publisher_id").
		Where("clients.deleted_at = 0")
	if softwareID != "" {
		query = query.Where("clients.software_id = ?", softwareID)
	}
	var rows []ListedClient
	err := query.Order("clients.created_at DESC, clients.id").Limit(clientsListed).Scan(&rows).Error
	return rows, err
}

// DisableClient ends a client instance's bindings, their tokens and every request that
// could still be decided or redeemed, and refuses it from now on. Errors: ErrNotFound
// (also for one that was deleted), ErrClientNotActive (already).
func (s *Store) DisableClient(ctx context.Context, id string) error {
	command := &audit.Actor{System: "command"}
	return s.write(ctx, func(tx *tx) error {
		if err := tx.endRequests(id, audit.Facts{Actor: command, Reason: ClientWasDisabled}); err != nil {
			return err
		}
		return tx.setStatus(id, ClientDisabled, audit.ClientDisabled, command)
	})
}

// EnableClient lets a disabled client ask again; what ended stays ended. Errors:
// ErrNotFound (also for one that was deleted), ErrExists (it is active).
func (s *Store) EnableClient(ctx context.Context, id string) error {
	return s.write(ctx, func(tx *tx) error {
		return tx.setStatus(id, ClientActive, audit.ClientEnabled, &audit.Actor{System: "command"})
	})
}

func (t *tx) setStatus(id, status string, happened audit.Type, actor *audit.Actor) error {
	var client Client
	if err := t.held().Where("id = ? AND deleted_at = 0", id).First(&client).Error; err != nil {
		return lost(err)
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

// endRequests cancels every request of the client that could still be decided or
// redeemed, and revokes its bindings; facts says who did it and why. Requests first,
// then bindings, and the caller changes the client last: an approval that is under way
// holds its request, and is waited for. So is a new request (see requestsOf).
func (t *tx) endRequests(clientID string, facts audit.Facts) error {
	if err := t.requestsOf(clientID); err != nil {
		return err
	}
	var requests []DeviceAuthorization
	err := t.held().Where("client_id = ? AND (state IN ? AND pending_until > ? OR state = ? AND redeem_until > ?)",
		clientID, transitionDecline.from, t.now, Approved, t.now).Order("id").Find(&requests).Error
	if err != nil {
		return err
	}
	var bindings []Binding
	if err := t.held().Where("client_id = ? AND revoked_at = 0", clientID).Order("id").Find(&bindings).Error; err != nil {
		return err
	}
	t.waited()
	for _, request := range requests {
		if err := t.cancel(request, facts); err != nil {
			return err
		}
	}
	for _, binding := range bindings {
		if err := t.revoke(binding, facts); err != nil {
			return err
		}
	}
	return nil
}

// cancel ends one request that this transaction holds: whoever asks about it is told
// access_denied.
func (t *tx) cancel(request DeviceAuthorization, facts audit.Facts) error {
	set := map[string]any{"state": transitionCancel.to, "decline_reason": facts.Reason}
	if request.State != Approved { // an approval stays on record
		set["decided_at"] = t.now
	}
	result := t.Model(&DeviceAuthorization{}).Where("id = ? AND state IN ?", request.ID, transitionCancel.from).Updates(set)
	if result.Error != nil || result.RowsAffected == 0 {
		return result.Error
	}
	facts.Client, facts.DeviceAuthorization, facts.KeyThumbprint = request.ClientID, request.ID, request.JWKThumbprint
	_, err := t.record(audit.Event{Type: audit.DeviceAuthorizationCancelled, Subject: deref(request.AccountID),
		Transaction: request.ID, Facts: facts})
	return err
}
