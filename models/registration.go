package models

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"countersign/audit/term"
	"countersign/oauth"
)

// Registration is a checked request to register a client instance (RFC 7591
// §3), or to replace a registration (RFC 7592 §2.2).
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
	Counted      bool // as Stranger.Counted
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
		return string(term.Verified)
	case publisherID != "":
		return string(term.NotVerified)
	}
	return ""
}
