package models

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"countersign/audit"
	"countersign/oauth"

	"github.com/go-jose/go-jose/v4"
	"gorm.io/gorm"
)

// Registration is a checked request to register a client instance (RFC 7591 section
// 3), or to replace a registration (RFC 7592 section 2.2).
type Registration struct {
	Metadata    oauth.ClientMetadata // with its key in JWKS, also where it was fetched from JWKSURI
	KeyAsked    time.Time            // when JWKSURI was asked for the key
	ServerScope oauth.Scope          // the most that any client may ask for

	// The publisher whose keys have verified Metadata's software statement; "" when
	// there is no statement.
	PublisherID      string
	PresenceRequired bool // by the statement

	InitialToken string // "" when the request brought none
	Address      string
}

// RegisteredClient is a client with what is told to it once.
type RegisteredClient struct {
	Client
	RegistrationToken string // registration_access_token, RFC 7592 section 3
}

// RegisterClient makes a client instance. When the software_id belongs to a registered
// publisher, the registered app's scope is the most it gets, and its name wins over what
// the instance says; a verified statement's name wins over both. An initial access token
// is used up in the same transaction. Errors: ErrInitialToken (one is required, or this
// one cannot be used), ErrStatementRequired, ErrSoftwareUnapproved, ErrKeyRegistered,
// ErrSoftwareNotListed (Policy.ListedSoftwareOnly).
func (s *Store) RegisterClient(ctx context.Context, r Registration) (RegisteredClient, error) {
	var registered RegisteredClient
	err := s.write(ctx, func(tx *tx) error {
		token, err := tx.initialToken(r.InitialToken)
		if err != nil {
			return err
		}
		client, publisher, err := tx.newClient(r)
		if err != nil {
			return err
		}
		if client.ID, err = newID(s.rand); err != nil {
			return err
		}
		if registered.RegistrationToken, err = oauth.NewRegistrationToken(s.rand); err != nil {
			return err
		}
		client.RegistrationTokenHash = oauth.HashRegistrationToken(registered.RegistrationToken)
		client.CreatedAddress, client.CreatedAt = r.Address, tx.now
		if err := tx.Create(&client).Error; errors.Is(err, gorm.ErrDuplicatedKey) {
			return ErrKeyRegistered
		} else if err != nil {
			return err
		}
		if err := tx.useInitialToken(token, client.ID); err != nil {
			return err
		}
		registered.Client = client
		_, err = tx.record(audit.Event{Type: audit.ClientRegistered, Facts: audit.Facts{
			Actor: &audit.Actor{Client: client.ID}, Client: client.ID, KeyThumbprint: client.JWKThumbprint,
			Publisher: publisher, Reason: client.vouched(publisher), RegistrationToken: token.ID, Address: r.Address,
		}})
		return err
	})
	return registered, err
}

// newClient is the row that a registration describes, but for what RegisterClient alone
// gives it; with the publisher whose app it is or says it is, "" when none has it.
func (t *tx) newClient(r Registration) (client Client, publisherID string, err error) {
	m := r.Metadata
	if m.JWKS == nil || len(m.JWKS.Keys) != 1 {
		return Client{}, "", errors.New("a registration without its key")
	}
	key, err := json.Marshal(m.JWKS.Keys[0])
	if err != nil {
		return Client{}, "", fmt.Errorf("client key: %w", err)
	}
	scope, refusal := oauth.ParseScope(m.Scope)
	if refusal != nil {
		return Client{}, "", refusal
	}
	if len(scope) == 0 {
		scope = r.ServerScope
	}
	client = Client{
		Status: ClientActive, ClientName: m.ClientName, SoftwareID: m.SoftwareID, SoftwareVersion: m.SoftwareVersion,
		GrantTypes: strings.Join(m.GrantTypes, " "), Scope: intersect(scope, r.ServerScope).String(),
		JWK: string(key), JWKThumbprint: m.Thumbprint(), SigningAlg: m.TokenEndpointAuthSigningAlg,
		JWKSURI: m.JWKSURI, SoftwareStatement: m.SoftwareStatement, PresenceRequired: r.PresenceRequired,
	}
	if m.JWKSURI != "" {
		client.JWKSFetchedAt = At(r.KeyAsked)
	}
	publisherID, err = t.applySoftware(&client, r)
	return client, publisherID, err
}

// applySoftware holds the client to the registered app that it is or says it is, and
// returns the app's publisher, "" when no publisher has the software_id. Errors:
// ErrStatementRequired, ErrSoftwareUnapproved, ErrSoftwareNotListed.
func (t *tx) applySoftware(client *Client, r Registration) (publisherID string, err error) {
	if t.store.policy.Registration == RegistrationStated && r.PublisherID == "" {
		return "", ErrStatementRequired
	}
	var software Software
	if err := t.Where("id = ?", client.SoftwareID).Limit(1).Find(&software).Error; err != nil {
		return "", err
	}
	switch {
	case r.PublisherID != "" && software.PublisherID != r.PublisherID:
		return "", ErrSoftwareUnapproved
	case software.ID == "" && t.store.policy.ListedSoftwareOnly:
		return "", ErrSoftwareNotListed
	case software.ID == "":
		return "", nil
	case r.PublisherID == "":
		client.ClientName = software.Name
	default:
		client.VerifiedPublisherID = &r.PublisherID
	}
	client.Scope = intersect(strings.Fields(client.Scope), strings.Fields(software.Scope)).String()
	return software.PublisherID, nil
}

// vouched is the reason that events give: what makes the client its publisher's.
func (c Client) vouched(publisherID string) string {
	switch {
	case c.VerifiedPublisherID != nil:
		return "verified"
	case publisherID != "":
		return "not verified"
	}
	return ""
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

// Metadata is everything that is registered of the client, as it is told back (RFC 7591
// section 3.2.1).
func (c Client) Metadata() (oauth.ClientMetadata, error) {
	metadata := oauth.ClientMetadata{
		TokenEndpointAuthMethod: oauth.AuthMethodPrivateKeyJWT, TokenEndpointAuthSigningAlg: c.SigningAlg,
		GrantTypes: strings.Fields(c.GrantTypes), ResponseTypes: []string{},
		ClientName: c.ClientName, SoftwareID: c.SoftwareID, SoftwareVersion: c.SoftwareVersion, Scope: c.Scope,
		JWKSURI: c.JWKSURI, DPoPBoundAccessTokens: true, SoftwareStatement: c.SoftwareStatement,
	}
	if c.JWKSURI != "" {
		return metadata, nil
	}
	keys, err := c.Keys()
	metadata.JWKS = &keys
	return metadata, err
}
