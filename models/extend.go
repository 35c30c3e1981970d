package models

import (
	"context"
	"errors"
	"time"

	"countersign/audit"
)

// LongestClaim is how long after its match a claim can be prolonged to, where
// Policy.ClaimLength is not longer itself: a match says that the customer stood there, and
// an hour later it says so no more.
const LongestClaim = time.Hour

// ErrClaimLongest says that a claim lasts as long as one can.
var ErrClaimLongest = errors.New("this claim cannot be prolonged further")

// Extend prolongs the session's live claim: Policy.ClaimLength from now, and LongestClaim
// after the match at most. What was matched and proofed stays (WCAG 2.2.1: who needs more
// time gets it). Errors: ErrClaimLongest, and as Proof.
func (s *Store) Extend(ctx context.Context, sessionID, id string) error {
	return s.refusable(ctx, func(tx *tx) (actor, subject, error) {
		who, d, err := tx.claimed(sessionID, id, transitionExtend)
		if err == nil {
			err = tx.extend(who, d)
		}
		return who, d.subject(), err
	})
}

var updateExtended = transitionExtend.update("claim_until = ?", "claim_session_id = ? AND claim_until > ? AND pending_until > ?")

func (t *tx) extend(who actor, d DeviceAuthorization) error {
	until := min(t.now.Add(t.store.policy.ClaimLength), d.MatchedAt.Add(LongestClaim))
	if until <= d.ClaimUntil {
		return ErrClaimLongest
	}
	if err := t.move(d.ID, updateExtended, []any{until}, who.session, t.now, t.now); err != nil {
		return err
	}
	facts := who.facts()
	facts.Client, facts.DeviceAuthorization = d.ClientID, d.ID
	_, err := t.record(audit.Event{Type: audit.ClaimExtended, Subject: deref(d.AccountID), Transaction: d.ID, Facts: facts})
	return err
}

// ClaimLongest reports whether the claim lasts as long as it can.
func (d DeviceAuthorization) ClaimLongest() bool {
	return d.ClaimUntil >= d.MatchedAt.Add(LongestClaim)
}
