package models

import (
	"time"

	"countersign/audit/term"
)

// reissueWindow is the least time after a redemption in which its answer may be given
// again. A phone that polls seldom gets four of its intervals, so that its next polls
// fall into it whatever the network does.
const reissueWindow = 10 * time.Minute

// ReissueUntil is when a repetition of the redemption becomes a replay.
func (d DeviceAuthorization) ReissueUntil() Instant {
	return d.RedeemedAt.Add(max(reissueWindow, 4*time.Duration(d.PollInterval)*time.Second))
}

// reissue answers a redemption whose answer got lost on the way (docs/architecture.md §4.8):
// the binding stays; the first answer's tokens die. Errors: as lostAnswer.
func (t *tx) reissue(d DeviceAuthorization, binding Binding, r Redemption) (Tokens, error) {
	first, err := t.lostAnswer(d, binding, r)
	if err != nil {
		return Tokens{}, err
	}
	dead, err := t.do("DELETE FROM refresh_tokens WHERE token_hash = $1", first.TokenHash)
	if err != nil {
		return Tokens{}, err
	}
	if dead == 0 { // another process reissued first
		return Tokens{}, ErrTooSoon
	}
	// The process that signed it may have been configured with another lifetime.
	if _, err := t.do("INSERT INTO revoked_access_tokens (jti, expires_at) VALUES ($1, $2) ON CONFLICT (jti) DO NOTHING",
		first.AccessTokenID, first.CreatedAt.Add(LongestAccessToken)); err != nil {
		return Tokens{}, err
	}
	software, err := t.softwareOf(binding.ClientID)
	if err != nil {
		return Tokens{}, err
	}
	tokens, err := t.mint(binding, software, r.Thumbprint, r.Audience)
	if err != nil {
		return Tokens{}, err
	}
	return tokens, t.recordRedemption(binding, r, string(term.RedemptionAnswerLost))
}

// lostAnswer judges a redemption that comes again, and finds the answer that may have got
// lost: for the same client with the same key, until ReissueUntil, as long as no token of
// it was used.
//
// A repetition sooner than the poll interval after the latest answer is no lost answer
// but a phone that asked several times at once: ErrTooSoon, nothing changes
// (docs/protocol.md §6 parallel-redemption). Anything else is a replay: *StateConflictError.
func (t *tx) lostAnswer(d DeviceAuthorization, binding Binding, r Redemption) (RefreshToken, error) {
	first, err := ifAny(rowOf[RefreshToken](t, "WHERE binding_id = $1 ORDER BY created_at DESC LIMIT 1", binding.ID))
	if err != nil {
		return first, err
	}
	answered := max(d.RedeemedAt, first.CreatedAt)
	if t.now < answered.Add(time.Duration(d.PollInterval)*time.Second) {
		return first, ErrTooSoon
	}
	inTime := t.now < d.ReissueUntil()
	if !inTime || binding.UsedAt != 0 || first.TokenHash == "" || first.JWKThumbprint != r.Thumbprint {
		return first, t.conflict(d.ID, transitionRedeem)
	}
	return first, nil
}
