package deviceclient

import (
	"context"
	"errors"
	"net/http"
	"net/url"
)

// Deregister deletes this phone's registration (RFC 7592 §2.3) and forgets everything:
// key, codes and tokens. The server ends what hangs on it, the connection too. A server
// that does not know the registration any more (401) has nothing to delete. After
// another error everything is still kept: try again.
func (c *Client) Deregister(ctx context.Context) error {
	issuer, err := c.issuer()
	if err != nil {
		return err
	}
	management := c.State.Management
	if c.State.ClientID == "" {
		return ErrNotRegistered
	}
	if management == nil {
		return errors.New("the server offered no way to delete the registration")
	}
	if err := sameOrigin(management.URI, issuer); err != nil {
		return err
	}
	header := http.Header{"Authorization": {"Bearer " + management.AccessToken.Reveal()}}
	a, err := c.exchange(ctx, http.MethodDelete, management.URI, header, nil)
	if err != nil {
		return err
	}
	if a.status != http.StatusNoContent && a.status != http.StatusUnauthorized {
		return c.failure(a)
	}
	c.State = State{Issuer: issuer}
	return c.save()
}

// sameOrigin keeps the registration token with the server that gave it.
func sameOrigin(address, issuer string) error {
	u, err := secureURL(address)
	if err != nil {
		return err
	}
	home, err := url.Parse(issuer)
	if err != nil || u.Scheme != home.Scheme || u.Host != home.Host {
		return errors.New("the registration is at another server than the issuer")
	}
	return nil
}

// Forget takes the registration out of the state: the next Register makes a new client with a new key. It is for a
// phone that the server does not know any more (invalid_client), and asks nothing of the server.
func (c *Client) Forget() {
	c.State.ClientID, c.State.Key, c.State.Management = "", nil, nil
	c.State.Authorization, c.State.Tokens = nil, nil
}
