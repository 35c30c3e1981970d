package deviceclient

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"net/http"
	"time"
)

const (
	requestTimeout = 30 * time.Second // one question and its answer
	expiryMargin   = 10 * time.Second // an access token is renewed this long before its end
	longestWait    = 24 * time.Hour   // whatever a server or a clock says
	longestBody    = 1 << 20          // bytes of an answer that are read
	longestText    = 200              // characters of a server's text that are shown
)

// Client is one client instance: one installed app on one phone. Only Issuer is
// needed for a new phone; set State (and Save) to go on where it stopped. It is
// for one goroutine at a time, and one process at a time may use one State: two
// that poll with the same device code look like a stolen code to the server.
type Client struct {
	Issuer string // must be https, or http on loopback; empty means State.Issuer

	HTTP *http.Client                               // nil: one that gives up after 30 s. Redirects are never followed
	Now  func() time.Time                           // nil: time.Now
	Rand io.Reader                                  // nil: crypto/rand. For jti values and jitter
	Wait func(context.Context, time.Duration) error // nil: sleeps. Returns early with ctx.Err()
	Save func(State) error                          // nil: nothing is kept. Called on each change of State
	Note func(ctx context.Context, pause PollPause) // nil: silence. Told before each wait of WaitForTokens

	// InitialAccessToken lets Register in where the server asks for one (RFC 7591 §3).
	InitialAccessToken Secret

	State State

	metadata *Metadata
	nonces   map[string]string // DPoP nonces by origin, RFC 9449 §8.2
}

func (c *Client) now() time.Time {
	if c.Now == nil {
		return time.Now()
	}
	return c.Now()
}

func (c *Client) random() io.Reader {
	if c.Rand == nil {
		return rand.Reader
	}
	return c.Rand
}

func (c *Client) wait(ctx context.Context, d time.Duration) error {
	if c.Wait != nil {
		return c.Wait(ctx, d)
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

func (c *Client) save() error {
	if c.Save == nil {
		return nil
	}
	if err := c.Save(c.State); err != nil {
		return fmt.Errorf("keeping the phone's state: %w", err)
	}
	return nil
}

// issuer settles which issuer this client and its State belong to.
func (c *Client) issuer() (string, error) {
	if c.Issuer == "" {
		c.Issuer = c.State.Issuer
	}
	if c.State.Issuer != "" && c.State.Issuer != c.Issuer {
		return "", fmt.Errorf("the kept state belongs to another issuer, %s", c.State.Issuer)
	}
	return c.Issuer, nil
}
