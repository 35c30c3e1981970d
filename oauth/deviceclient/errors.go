package deviceclient

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// Error codes that change what the client does (RFC 6749 §5.2, RFC 8628 §3.5,
// RFC 6750 §3.1, RFC 9449 §8).
const (
	ErrAuthorizationPending = "authorization_pending"
	ErrSlowDown             = "slow_down"
	ErrAccessDenied         = "access_denied"
	ErrExpiredToken         = "expired_token"
	ErrInvalidGrant         = "invalid_grant"
	ErrInvalidClient        = "invalid_client"
	ErrInvalidToken         = "invalid_token"
	ErrUseDPoPNonce         = "use_dpop_nonce"
	ErrInvalidDPoPProof     = "invalid_dpop_proof"
)

// ErrNotRegistered, ErrNoRequest and ErrNotConnected name the step that has to
// come first.
var (
	ErrNotRegistered = errors.New("this phone is not registered yet")
	ErrNoRequest     = errors.New("no request is waiting")
	ErrNotConnected  = errors.New("this phone is not connected to an account")
)

// Error is a protocol error that the server answered (RFC 6749 §5.2,
// RFC 7591 §3.2.2). Its text holds printable characters only, and none of the
// client's codes and tokens even if the server sent them back.
type Error struct {
	Code          string // for example "access_denied"
	Description   string // may be empty
	DeclineReason string // with access_denied, why, where the server says so; may be empty
	Status        int    // HTTP
}

// The reasons that a Countersign server gives for a decline. Another one, or none, says
// only that it was declined.
const (
	DeclinedDocumentExpired     = "document_expired"
	DeclinedDocumentNotAccepted = "document_not_accepted"
	DeclinedCounterTrouble      = "counter_trouble"
)

func (e *Error) Error() string {
	if e.Description == "" {
		return e.Code
	}
	return e.Code + ": " + e.Description
}

// Pending reports whether the request is still undecided: authorization_pending
// or slow_down.
func (e *Error) Pending() bool {
	return e.Code == ErrAuthorizationPending || e.Code == ErrSlowDown
}

// ErrorCode returns the code of the protocol error in err, or "".
func ErrorCode(err error) string {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	return ""
}

// UnreachableError says that the server gave no usable answer this time: the
// connection failed or timed out, it answered 408, 429 or 5xx, or a poll was
// answered with what is no answer of RFC 8628. The same question may be asked
// again later.
type UnreachableError struct {
	Status     int           // HTTP; 0 when there was no answer at all
	RetryAfter time.Duration // asked for by the server; 0 when it did not say
	Err        error         // the cause, when more is known than Status
}

func (e *UnreachableError) Error() string {
	switch {
	case e.Status != 0 && e.Err != nil:
		return fmt.Sprintf("something answered HTTP %d in the server's place", e.Status)
	case e.Status != 0:
		return fmt.Sprintf("the server answered HTTP %d", e.Status)
	}
	return "the server could not be reached: " + e.Err.Error()
}

func (e *UnreachableError) Unwrap() error { return e.Err }

// Timeout reports whether the connection timed out.
func (e *UnreachableError) Timeout() bool {
	timeout, ok := errors.AsType[interface {
		error
		Timeout() bool
	}](e.Err)
	return errors.Is(e.Err, context.DeadlineExceeded) || ok && timeout.Timeout()
}

// failure turns an answer that is not the hoped-for one into an error.
func (c *Client) failure(a answer) error {
	if a.status == http.StatusRequestTimeout || a.status == http.StatusTooManyRequests || a.status >= 500 {
		return &UnreachableError{Status: a.status, RetryAfter: retryAfter(a.header, c.now())}
	}
	var body struct {
		Error         string `json:"error"`
		Description   string `json:"error_description"`
		DeclineReason string `json:"countersign_decline_reason"`
	}
	if json.Unmarshal(a.body, &body) != nil || body.Error == "" {
		if a.status == http.StatusUnauthorized && len(challenges(a.header)) > 0 { // RFC 6750 §3.1
			return errors.New("the server wants a token that this phone did not send")
		}
		return fmt.Errorf("the server answered HTTP %d without a protocol error that could be read", a.status)
	}
	return &Error{Code: c.clean(body.Error), Description: c.clean(body.Description), DeclineReason: c.clean(body.DeclineReason),
		Status: a.status}
}

// clean makes a server's text fit to be shown: no control or invisible
// characters, a bounded length, and none of our own secrets.
func (c *Client) clean(text string) string {
	for _, secret := range c.secrets() {
		if secret != "" {
			text = strings.ReplaceAll(text, string(secret), hidden)
		}
	}
	shown := []rune(strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return ' '
	}, text))
	return string(shown[:min(len(shown), longestText)])
}

func (c *Client) secrets() []Secret {
	var all []Secret
	all = append(all, c.InitialAccessToken)
	if m := c.State.Management; m != nil {
		all = append(all, m.AccessToken)
	}
	if a := c.State.Authorization; a != nil {
		all = append(all, a.DeviceCode, a.UserCode)
	}
	if t := c.State.Tokens; t != nil {
		all = append(all, t.AccessToken, t.RefreshToken)
	}
	return all
}

// retryAfter reads RFC 9110 §10.2.3: seconds or a date.
func retryAfter(h http.Header, now time.Time) time.Duration {
	value := h.Get("Retry-After")
	if seconds, err := strconv.Atoi(value); err == nil {
		return clampWait(time.Duration(min(seconds, int(longestWait/time.Second))) * time.Second)
	}
	if at, err := http.ParseTime(value); err == nil {
		return clampWait(at.Sub(now))
	}
	return 0
}

func clampWait(d time.Duration) time.Duration { return max(0, min(d, longestWait)) }
