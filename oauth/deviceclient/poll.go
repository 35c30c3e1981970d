package deviceclient

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net/http"
	"net/url"
	"time"
)

const (
	slowDownStep = 5 // seconds that each slow_down adds for good, RFC 8628 §3.5

	// longestBackOff bounds the time between polls while the server cannot be
	// reached, jitter included. An answer with tokens may have got lost on the
	// way: the server gives it again for a few minutes only, and takes a later
	// poll for a replay.
	longestBackOff = 3 * time.Minute
)

// PollPause is one wait of WaitForTokens.
type PollPause struct {
	Cause error // why it goes on: *Error (pending, slow_down) or *UnreachableError; nil before the first poll
	Delay time.Duration
}

// WaitForTokens polls until the server ends the request, at the server's pace:
// never faster than the interval, 5 s slower for good after each slow_down,
// backing off with jitter while the server cannot be reached, and not before a
// Retry-After. It goes on past ExpiresAt, because an approval opens a second
// window that the phone cannot see. It returns nil when State.Tokens is set, an
// *Error when the server said no (see Poll), or ctx.Err(): then the request
// still stands, and a later call with the same State goes on with it.
func (c *Client) WaitForTokens(ctx context.Context) error {
	authorization := c.State.Authorization
	if authorization == nil {
		return ErrNoRequest
	}
	if authorization.NotBefore.IsZero() {
		authorization.NotBefore = c.now().Add(authorization.interval())
	}
	var cause error
	for failures := 0; ; {
		if err := c.pause(ctx, cause, failures); err != nil {
			return err
		}
		cause = c.Poll(ctx)
		switch {
		case stillPending(cause):
			failures = 0
		case isUnreachable(cause):
			failures++
		default:
			return cause
		}
	}
}

func (c *Client) pause(ctx context.Context, cause error, failures int) error {
	delay := c.State.Authorization.Due(c.now())
	if failures > 0 {
		delay = max(delay, c.backOff(c.State.Authorization.interval(), failures))
	}
	delay = max(delay, 0)
	if c.Note != nil {
		c.Note(ctx, PollPause{Cause: cause, Delay: delay})
	}
	return c.wait(ctx, delay)
}

// Poll asks once (RFC 8628 §3.4), at once: the caller minds Due. It returns nil
// when State.Tokens is set; an *Error that is Pending, or an *UnreachableError,
// when the request still stands; any other *Error ends it. After access_denied,
// expired_token and invalid_grant State.Authorization is gone: start again.
func (c *Client) Poll(ctx context.Context) error {
	authorization := c.State.Authorization
	if authorization == nil {
		return ErrNoRequest
	}
	metadata, err := c.Discover(ctx)
	if missing, ok := errors.AsType[*noMetadataError](err); ok {
		err = &UnreachableError{Status: missing.status, Err: err}
	}
	if isUnreachable(err) {
		return c.unredeemed(authorization, err)
	}
	if err != nil {
		return err
	}
	a, err := c.postForm(ctx, metadata.TokenEndpoint, url.Values{
		"grant_type": {grantDeviceCode}, "device_code": {authorization.DeviceCode.Reveal()},
	})
	if err != nil {
		return c.unredeemed(authorization, err)
	}
	if a.status != http.StatusOK {
		return c.unredeemed(authorization, unanswered(a.status, c.failure(a)))
	}
	err = c.redeemed(a)
	if errors.Is(err, errNoToken) {
		return c.unredeemed(authorization, unanswered(a.status, err))
	}
	return err
}

// unredeemed notes what an answer without tokens means for the next poll, and
// returns err. A state that cannot be kept is the graver news.
func (c *Client) unredeemed(authorization *DeviceAuthorization, err error) error {
	switch ErrorCode(err) {
	case ErrSlowDown:
		authorization.Interval = readInterval(authorization.Interval + slowDownStep)
	case ErrAccessDenied, ErrExpiredToken, ErrInvalidGrant:
		c.State.Authorization = nil
	}
	pause := authorization.interval()
	if unreachable, ok := errors.AsType[*UnreachableError](err); ok {
		pause = max(pause, unreachable.RetryAfter)
	}
	authorization.NotBefore = c.now().Add(pause)
	if failed := c.save(); failed != nil {
		return failed
	}
	return err
}

// stillPending, isUnreachable: the two reasons to ask again.
func stillPending(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.Pending()
}

func isUnreachable(err error) bool {
	_, ok := errors.AsType[*UnreachableError](err)
	return ok
}

// backOff doubles the interval with each failure and adds up to a fifth so that
// phones do not come back all at once (RFC 8628 §3.5). It never exceeds
// longestBackOff, or the interval where that is longer.
func (c *Client) backOff(interval time.Duration, failures int) time.Duration {
	delay := interval << min(failures, 16)
	delay = max(interval, min(delay, longestBackOff*5/6))
	var random [2]byte
	if _, err := io.ReadFull(c.random(), random[:]); err != nil {
		return delay // jitter is a courtesy
	}
	delay += delay / 5 * time.Duration(binary.BigEndian.Uint16(random[:])) / (1 << 16)
	return min(delay, max(interval, longestBackOff))
}

func (a *DeviceAuthorization) interval() time.Duration {
	return time.Duration(a.Interval) * time.Second
}
