package deviceclient

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"
)

var errNoToken = errors.New("the token answer has no access token")

// redeemed keeps the tokens of the device-code grant.
func (c *Client) redeemed(a answer) error {
	tokens, err := readTokens(a.body, c.now())
	if err != nil {
		return err
	}
	c.State.Tokens, c.State.Authorization = tokens, nil
	return c.save()
}

// readTokens reads RFC 6749 §5.1 and refuses a token that is not DPoP-bound
// (RFC 9449 §5): it asked for one.
func readTokens(body []byte, now time.Time) (*Tokens, error) {
	var b struct {
		AccessToken  Secret `json:"access_token"`
		TokenType    string `json:"token_type"`
		ExpiresIn    int64  `json:"expires_in"`
		RefreshToken Secret `json:"refresh_token"`
		Scope        string `json:"scope"`
	}
	if json.Unmarshal(body, &b) != nil || b.AccessToken == "" {
		return nil, errNoToken
	}
	if !strings.EqualFold(b.TokenType, "DPoP") {
		return nil, errors.New("the access token is not bound to this phone's key (token_type is not DPoP)")
	}
	tokens := &Tokens{AccessToken: b.AccessToken, RefreshToken: b.RefreshToken, Scope: b.Scope}
	if b.ExpiresIn > 0 {
		tokens.ExpiresAt = now.Add(time.Duration(min(b.ExpiresIn, maxLifetime)) * time.Second)
	}
	return tokens, nil
}

// Refresh trades the refresh token for a new access token (RFC 6749 §6). After
// invalid_grant the connection has ended: State.Tokens is gone.
func (c *Client) Refresh(ctx context.Context) error {
	old := c.State.Tokens
	if old == nil || old.RefreshToken == "" {
		return ErrNotConnected
	}
	metadata, err := c.Discover(ctx)
	if err != nil {
		return err
	}
	a, err := c.postForm(ctx, metadata.TokenEndpoint, url.Values{
		"grant_type": {"refresh_token"}, "refresh_token": {old.RefreshToken.Reveal()},
	})
	if err != nil {
		return err
	}
	if a.status != http.StatusOK {
		return c.refused(c.failure(a))
	}
	return c.refreshed(a, old)
}

func (c *Client) refused(err error) error {
	if ErrorCode(err) != ErrInvalidGrant {
		return err
	}
	c.State.Tokens = nil
	if failed := c.save(); failed != nil {
		return failed
	}
	return err
}

// refreshed keeps the old refresh token and scope where the answer names no new
// ones (RFC 6749 §5.1, §6).
func (c *Client) refreshed(a answer, old *Tokens) error {
	tokens, err := readTokens(a.body, c.now())
	if err != nil {
		return err
	}
	if tokens.RefreshToken == "" {
		tokens.RefreshToken = old.RefreshToken
	}
	if tokens.Scope == "" {
		tokens.Scope = old.Scope
	}
	c.State.Tokens = tokens
	return c.save()
}

// Revoke ends the connection at the server (RFC 7009) and forgets the tokens.
// After an error they are still kept: try again.
func (c *Client) Revoke(ctx context.Context) error {
	tokens := c.State.Tokens
	if tokens == nil {
		return ErrNotConnected
	}
	metadata, err := c.Discover(ctx)
	if err != nil {
		return err
	}
	if metadata.RevocationEndpoint == "" {
		return errors.New("the server offers no revocation")
	}
	form := url.Values{"token": {tokens.RefreshToken.Reveal()}, "token_type_hint": {"refresh_token"}}
	if tokens.RefreshToken == "" {
		form = url.Values{"token": {tokens.AccessToken.Reveal()}, "token_type_hint": {"access_token"}}
	}
	a, err := c.postForm(ctx, metadata.RevocationEndpoint, form)
	if err != nil {
		return err
	}
	if a.status != http.StatusOK {
		return c.failure(a)
	}
	c.State.Tokens = nil
	return c.save()
}
