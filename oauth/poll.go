package oauth

import "time"

// PollQuestion is what a verdict needs to know of the device authorization that a poll names. That the polling client
// owns the code, and proves the same DPoP key, is judged before: another client's code is invalid_grant.
type PollQuestion struct {
	Approved bool
	Redeemed bool // the device code was traded for tokens
	Declined bool // declined, or the approval recalled

	PendingUntil time.Time // end of the pending window
	RedeemUntil  time.Time // end of the redemption window, kept after a recall; unset before an approval
	Now          time.Time
	TooFast      bool // what the Pacer says of this poll
}

// PollVerdict is the answer to a poll (RFC 8628 §3.5).
type PollVerdict int

// The verdicts. The zero value is Pending: it gives nothing away.
const (
	Pending PollVerdict = iota
	SlowDown
	Denied
	Expired
	Redeem   // trade the code for tokens, now
	Replayed // the code was already traded
)

// Verdict answers a poll, in this order: redeemed, expired, declined, approved, too fast, pending. Expiry is judged
// before everything that could still change, a window that ends now is over, and speed is judged last, so that a
// fast poller still collects what was approved and hears of a decline at once. A recalled approval is answered as
// declined for as long as it could have been redeemed.
func Verdict(q PollQuestion) PollVerdict {
	limit := q.PendingUntil
	if q.Approved || q.Declined && q.RedeemUntil.After(limit) {
		limit = q.RedeemUntil
	}
	switch {
	case q.Redeemed:
		return Replayed
	case !q.Now.Before(limit):
		return Expired
	case q.Declined:
		return Denied
	case q.Approved:
		return Redeem
	case q.TooFast:
		return SlowDown
	}
	return Pending
}

// Error is the verdict as it goes to the phone, nil for Redeem. It is the same one each time, and not to be changed.
func (v PollVerdict) Error() *Error {
	switch v {
	case Redeem:
		return nil
	case SlowDown:
		return slowDown
	case Denied:
		return denied
	case Expired:
		return expired
	case Replayed:
		return replayed
	}
	return pending
}

var (
	pending  = Errorf(ErrAuthorizationPending, "nobody has decided yet")
	slowDown = Errorf(ErrSlowDown, "wait 5 seconds longer between polls from now on")
	denied   = Errorf(ErrAccessDenied, "the request was declined")
	expired  = Errorf(ErrExpiredToken, "the device code has expired: start again")
	replayed = Errorf(ErrInvalidGrant, "the device code is unknown, used, or not this client's")
)

// String names the verdict for logs and tests.
func (v PollVerdict) String() string {
	switch v {
	case Pending:
		return "pending"
	case SlowDown:
		return "slow down"
	case Denied:
		return "denied"
	case Expired:
		return "expired"
	case Redeem:
		return "redeem"
	case Replayed:
		return "replayed"
	}
	return "unknown verdict"
}
