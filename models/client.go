package models

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"reflect"
	"strings"

	"countersign/oauth"

	"github.com/go-jose/go-jose/v4"
)

// Client finds an active client instance. Error: ErrNotFound, also when it is
// disabled.
func (s *Store) Client(ctx context.Context, id string) (Client, error) {
	var client Client
	of, err := tableOf(s.read, reflect.TypeFor[Client]())
	if err != nil {
		return client, err
	}
	err = s.row(ctx, of.selection+"WHERE id = $1 AND status = 'active'", []any{id}, of.addresses(reflect.ValueOf(&client).Elem())...)
	if errors.Is(err, sql.ErrNoRows) {
		err = ErrNotFound
	}
	return client, err
}

// Keys is the client's registered key as a set, as the verifiers want it.
func (c Client) Keys() (jose.JSONWebKeySet, error) {
	key, err := oauth.ParsePublicKey(c.JWK)
	if err != nil {
		return jose.JSONWebKeySet{}, fmt.Errorf("key of client %s: %w", c.ID, err)
	}
	return jose.JSONWebKeySet{Keys: []jose.JSONWebKey{key}}, nil
}

// Metadata is everything that is registered of the client, as it is told back (RFC 7591
// §3.2.1).
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
