package deviceclient

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
)

// Metadata is the part of RFC 8414 §2 that a phone needs.
type Metadata struct {
	Issuer                      string `json:"issuer"`
	TokenEndpoint               string `json:"token_endpoint"`
	DeviceAuthorizationEndpoint string `json:"device_authorization_endpoint"`
	RegistrationEndpoint        string `json:"registration_endpoint"`
	RevocationEndpoint          string `json:"revocation_endpoint"`
}

// Discover reads the issuer's metadata and remembers it. The issuer in the
// answer must be the very string that was asked for (RFC 8414 §3.3), and no
// endpoint may leave TLS (RFC 8628 §3.1; loopback excepted).
func (c *Client) Discover(ctx context.Context) (Metadata, error) {
	if c.metadata != nil {
		return *c.metadata, nil
	}
	issuer, err := c.issuer()
	if err != nil {
		return Metadata{}, err
	}
	address, err := metadataURL(issuer)
	if err != nil {
		return Metadata{}, err
	}
	a, err := c.exchange(ctx, http.MethodGet, address, nil, nil)
	if err != nil {
		return Metadata{}, err
	}
	m, err := c.readMetadata(a, issuer)
	if err != nil {
		return Metadata{}, fmt.Errorf("metadata of %s: %w", issuer, err)
	}
	c.metadata = &m
	return m, nil
}

// noMetadataError says that something else than metadata was answered: by the server, or by
// what stands in its place.
type noMetadataError struct {
	status int // HTTP
	err    error
}

func (e *noMetadataError) Error() string { return e.err.Error() }
func (e *noMetadataError) Unwrap() error { return e.err }

func (c *Client) readMetadata(a answer, issuer string) (Metadata, error) {
	if a.status != http.StatusOK {
		return Metadata{}, &noMetadataError{a.status, c.failure(a)}
	}
	var m Metadata
	if err := json.Unmarshal(a.body, &m); err != nil {
		return Metadata{}, &noMetadataError{a.status, errors.New("the answer is not RFC 8414 metadata")}
	}
	if m.Issuer != issuer {
		return Metadata{}, fmt.Errorf("the issuer calls itself %q, which is not exactly what was asked for", c.clean(m.Issuer))
	}
	return m, m.check()
}

func (m Metadata) check() error {
	required := []string{m.TokenEndpoint, m.DeviceAuthorizationEndpoint, m.RegistrationEndpoint}
	for _, endpoint := range required {
		if endpoint == "" {
			return errors.New("it lacks the token, device authorization or registration endpoint")
		}
	}
	for _, endpoint := range append(required, m.RevocationEndpoint) {
		if endpoint == "" {
			continue
		}
		if _, err := secureURL(endpoint); err != nil {
			return err
		}
	}
	return nil
}

// metadataURL puts the well-known part between host and path, RFC 8414 §3.1.
func metadataURL(issuer string) (string, error) {
	u, err := secureURL(issuer)
	if err != nil {
		return "", err
	}
	if u.RawQuery != "" || u.ForceQuery || u.Fragment != "" || u.User != nil {
		return "", fmt.Errorf("issuer %q: it has no query, fragment or user", issuer)
	}
	return u.Scheme + "://" + u.Host + "/.well-known/oauth-authorization-server" + strings.TrimSuffix(u.EscapedPath(), "/"), nil
}

// secureURL accepts https anywhere and http on loopback.
func secureURL(address string) (*url.URL, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return nil, fmt.Errorf("%q is not an absolute URL", address)
	}
	if u.Scheme == "https" || u.Scheme == "http" && loopback(u.Hostname()) {
		return u, nil
	}
	return nil, fmt.Errorf("%q: only https is spoken here (http on loopback)", address)
}

func loopback(host string) bool {
	return host == "localhost" || net.ParseIP(host).IsLoopback()
}
