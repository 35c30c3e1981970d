package models

import (
	"context"
	"errors"

	"countersign/audit"
	"countersign/oauth"

	"gorm.io/gorm"
)

// RegisteredClient is a client with what is told to it once.
type RegisteredClient struct {
	Client
	RegistrationToken string // registration_access_token, RFC 7592 §3
}

// RegisterClient makes a client instance. When the software_id belongs to a registered
// publisher, the registered app's scope is the most it gets, and its name wins over what
// the instance says; a verified statement's name wins over both. An initial access token
// is used up in the same transaction. Errors: ErrInitialToken (one is required, or this
// one cannot be used), ErrStatementRequired, ErrSoftwareUnapproved, ErrKeyRegistered,
// ErrSoftwareNotListed (Policy.ListedSoftwareOnly).
func (s *Store) RegisterClient(ctx context.Context, r Registration) (RegisteredClient, error) {
	var registered RegisteredClient
	err := s.writePastTrail(ctx, func(tx *tx) error {
		token, err := tx.initialToken(r.InitialToken)
		if err != nil {
			return err
		}
		client, publisher, err := tx.newClient(r)
		if err != nil {
			return err
		}
		if client.ID, err = newIDAt(s.rand, tx.now); err != nil {
			return err
		}
		if registered.RegistrationToken, err = oauth.NewRegistrationToken(s.rand); err != nil {
			return err
		}
		client.RegistrationTokenHash = oauth.HashRegistrationToken(registered.RegistrationToken)
		client.CreatedAddress, client.CreatedAt = r.Address, tx.now
		client.CountedHour = tx.countedHour(r.Counted && token.ID == "")
		if err := tx.Create(&client).Error; errors.Is(err, gorm.ErrDuplicatedKey) {
			return ErrKeyRegistered
		} else if err != nil {
			return err
		}
		if err := tx.useInitialToken(token, client.ID); err != nil {
			return err
		}
		registered.Client = client
		return tx.recordOrCount(audit.Event{Type: audit.ClientRegistered, Facts: audit.Facts{
			Actor: &audit.Actor{Client: client.ID}, Client: client.ID, KeyThumbprint: client.JWKThumbprint,
			Publisher: publisher, Reason: client.vouched(publisher), RegistrationToken: token.ID, Address: r.Address,
		}}, client.CountedHour)
	})
	return registered, err
}
