package deviceclient

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/go-jose/go-jose/v4"
)

const grantDeviceCode = "urn:ietf:params:oauth:grant-type:device_code" // RFC 8628 §3.4

// Software says which app this is: the same on every phone (RFC 7591 §2).
type Software struct {
	Name    string // client_name, as people know it
	ID      string // software_id
	Version string // software_version

	// Statement is what the app's publisher has signed about it (RFC 7591 §2.3); "" for
	// none. It is the same on every phone, and no secret.
	Statement string
}

type registration struct {
	ClientName      string             `json:"client_name"`
	SoftwareID      string             `json:"software_id"`
	SoftwareVersion string             `json:"software_version"`
	GrantTypes      []string           `json:"grant_types"`
	ResponseTypes   []string           `json:"response_types"`
	AuthMethod      string             `json:"token_endpoint_auth_method"`
	AuthAlgorithm   string             `json:"token_endpoint_auth_signing_alg"`
	DPoPBound       bool               `json:"dpop_bound_access_tokens"`
	JWKS            jose.JSONWebKeySet `json:"jwks"`
	Statement       string             `json:"software_statement,omitempty"`
}

// Register makes this phone a client instance with a key of its own
// (RFC 7591 §3). It does nothing when State already has one. The key is kept
// only together with the client_id that the server gave it: after a lost answer
// the next attempt takes a new key, because a server may refuse one key twice.
// A key that the server put off (429) is kept: the next attempt, which should wait
// as long as UnreachableError.RetryAfter says, is known by it and goes first.
func (c *Client) Register(ctx context.Context, software Software) error {
	if c.State.ClientID != "" && c.State.Key != nil {
		return nil
	}
	metadata, err := c.Discover(ctx)
	if err != nil {
		return err
	}
	putOff := c.State.Key
	key := putOff
	if key == nil {
		if key, err = NewKey(c.random()); err != nil {
			return err
		}
	}
	body, err := json.Marshal(newRegistration(software, key))
	if err != nil {
		return fmt.Errorf("registering: %w", err)
	}
	header := http.Header{"Content-Type": {"application/json"}}
	if c.InitialAccessToken != "" {
		header.Set("Authorization", "Bearer "+c.InitialAccessToken.Reveal())
	}
	a, err := c.exchange(ctx, http.MethodPost, metadata.RegistrationEndpoint, header, bytes.NewReader(body))
	if err == nil && a.status == http.StatusCreated {
		return c.registered(a, key)
	}
	if err == nil {
		err = c.failure(a)
	}
	return c.notRegistered(err, a.status, putOff, key)
}

// notRegistered keeps the key of a registration that was put off, and no other.
func (c *Client) notRegistered(failure error, status int, putOff, key *Key) error {
	c.State.Key = nil
	if status == http.StatusTooManyRequests {
		c.State.Key = key
	}
	if c.State.Key == putOff {
		return failure
	}
	return errors.Join(failure, c.save())
}

func newRegistration(software Software, key *Key) registration {
	return registration{
		ClientName: software.Name, SoftwareID: software.ID, SoftwareVersion: software.Version,
		GrantTypes:    []string{grantDeviceCode, "refresh_token"},
		ResponseTypes: []string{}, // written as [], because leaving it out means "code"
		AuthMethod:    "private_key_jwt", AuthAlgorithm: string(jose.ES256), DPoPBound: true,
		JWKS: jose.JSONWebKeySet{Keys: []jose.JSONWebKey{key.Public()}}, Statement: software.Statement,
	}
}

// registered reads the client information response, RFC 7591 §3.2.1.
func (c *Client) registered(a answer, key *Key) error {
	var body struct {
		ClientID string `json:"client_id"`
		Management
	}
	if json.Unmarshal(a.body, &body) != nil || body.ClientID == "" {
		return errors.New("the registration answer has no client_id")
	}
	c.State = State{Issuer: c.Issuer, ClientID: body.ClientID, Key: key}
	if body.URI != "" && body.AccessToken != "" {
		c.State.Management = &body.Management
	}
	return c.save()
}
