package models

import (
	"context"

	"countersign/audit"
)

// Release gives a claim back: the request is pending again, its match and its proofing
// must be done again. Errors: as Proof.
func (s *Store) Release(ctx context.Context, sessionID, id string) error {
	return s.refusable(ctx, func(tx *tx) (actor, subject, error) {
		who, d, err := tx.claimed(sessionID, id, transitionRelease)
		if err != nil {
			return who, d.subject(), err
		}
		return who, d.subject(), tx.release(who, d)
	})
}

var updateReleased = transitionRelease.update("claim_session_id = NULL, claim_staff_id = NULL, claim_counter_id = NULL, "+
	"claim_until = 0, matched_at = 0, presence = '', proofing_id = NULL", "claim_session_id = ? AND claim_until > ?")

func (t *tx) release(who actor, d DeviceAuthorization) error {
	err := t.move(d.ID, updateReleased, nil, who.session, t.now)
	if err != nil {
		return err
	}
	facts := who.facts()
	facts.Client, facts.DeviceAuthorization = d.ClientID, d.ID
	_, err = t.record(audit.Event{Type: audit.ClaimReleased, Subject: deref(d.AccountID), Transaction: d.ID, Facts: facts})
	return err
}
