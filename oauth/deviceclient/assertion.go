package deviceclient

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"time"

	"github.com/go-jose/go-jose/v4"
)

const (
	// assertionLifetime is 4 of the 5 minutes that the server allows: clocks differ, and bad
	// lines are slow.
	assertionLifetime = 4 * time.Minute

	assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer" // RFC 7523 §2.2
)

// assertionClaims are those of RFC 7523 §3. The audience is the issuer and
// nothing else, as a string (RFC 10070).
type assertionClaims struct {
	Issuer    string `json:"iss"`
	Subject   string `json:"sub"`
	Audience  string `json:"aud"`
	ID        string `json:"jti"`
	IssuedAt  int64  `json:"iat"`
	ExpiresAt int64  `json:"exp"`
}

// authenticate puts a fresh client assertion into the form.
func (c *Client) authenticate(form url.Values) error {
	if c.State.Key == nil || c.State.ClientID == "" {
		return ErrNotRegistered
	}
	id, err := c.newID()
	if err != nil {
		return err
	}
	now := c.signingTime()
	assertion, err := sign(c.State.Key.assertionKey(), "client-authentication+jwt", false, assertionClaims{
		Issuer: c.State.ClientID, Subject: c.State.ClientID, Audience: c.Issuer, ID: id,
		IssuedAt: now.Unix(), ExpiresAt: now.Add(assertionLifetime).Unix(),
	})
	if err != nil {
		return err
	}
	form.Set("client_id", c.State.ClientID)
	form.Set("client_assertion_type", assertionType)
	form.Set("client_assertion", assertion)
	return nil
}

// assertionKey carries the kid, which a DPoP proof has no use for.
func (k *Key) assertionKey() any { return jose.JSONWebKey{Key: k.private, KeyID: k.Thumbprint()} }

// newID makes a jti of 128 random bits.
func (c *Client) newID() (string, error) {
	var id [16]byte
	if _, err := io.ReadFull(c.random(), id[:]); err != nil {
		return "", fmt.Errorf("reading randomness: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(id[:]), nil
}

// sign makes a compact ES256 JWS with the given typ.
func sign(key any, typ jose.ContentType, embedKey bool, claims any) (string, error) {
	options := (&jose.SignerOptions{EmbedJWK: embedKey}).WithType(typ)
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: key}, options)
	if err != nil {
		return "", fmt.Errorf("signing: %w", err)
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		return "", fmt.Errorf("signing: %w", err)
	}
	signed, err := signer.Sign(payload)
	if err != nil {
		return "", fmt.Errorf("signing: %w", err)
	}
	return signed.CompactSerialize()
}
