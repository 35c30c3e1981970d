package deviceclient

import (
	"errors"
	"net/http"
	"time"
)

// clockTolerance is how far this phone's clock may be from the server's without being taken
// for the cause of a refusal. Date has whole seconds, and an answer its way.
const clockTolerance = 20 * time.Second

// signingTime is now by the server's clock, as far as it is known: assertions and proofs are
// judged by that one.
func (c *Client) signingTime() time.Time { return c.now().Add(c.State.ClockOffset) }

// correctClock learns the server's time from the Date of an answer that refused an assertion or
// a proof (RFC 9110 §6.6.1), and reports whether it was another than was signed with. Only
// then is the same question worth asking again. Nothing else moves by it: waits and
// deadlines are spans of this phone's own clock.
func (c *Client) correctClock(a answer) (bool, error) {
	if code := ErrorCode(c.failure(a)); code != ErrInvalidClient && code != ErrInvalidDPoPProof {
		return false, nil
	}
	return c.learnTime(a.header)
}

func (c *Client) learnTime(header http.Header) (bool, error) {
	date, err := http.ParseTime(header.Get("Date"))
	if err != nil || date.Sub(c.signingTime()).Abs() <= clockTolerance {
		return false, nil //nolint:nilerr // no Date tells no time
	}
	c.State.ClockOffset = date.Sub(c.now()).Round(time.Second)
	return true, c.save()
}

// unanswered makes what answered a poll and is no OAuth error (RFC 6749 §5.2: 400 or 401, with a
// code in JSON) a server that was not reached: a gateway, a proxy or a hotel's sign-in page
// stood in its place, and RFC 8628 §3.5 lets only the server end the request.
func unanswered(status int, err error) error {
	known, isError := errors.AsType[*Error](err)
	if err == nil || isUnreachable(err) || isError && (status == http.StatusBadRequest || status == http.StatusUnauthorized) {
		return err
	}
	if isError { // not wrapped: its code is not the server's
		err = errors.New(known.Error())
	}
	return &UnreachableError{Status: status, Err: err}
}
