package models

import (
	"context"
	"errors"

	"countersign/audit"
	"countersign/audit/term"
	"countersign/oauth"
)

// Decline ends a request: the phone's next poll is answered access_denied. A request
// that somebody handles can be declined by that session only; one that waits, by any
// operator at a counter. A refusal is recorded. Errors: ErrOwnAccount, ErrNotTheClaim,
// *StateConflictError, ErrNotFound, ErrSessionEnded, ErrNotAllowed, ErrNoCounter.
//
// reason is one of the codes that the page offers, in small letters; see ToldReason for
// who hears it.
func (s *Store) Decline(ctx context.Context, sessionID, id string, reason term.Decline) error {
	if err := oneOf(reason, term.Declines()); err != nil {
		return err
	}
	var falling Falling
	if reason == term.DeclineSuspicious {
		var err error
		if falling, err = s.FallingAsSuspicious(ctx, id); err != nil && !errors.Is(err, ErrNotFound) {
			return err
		}
	}
	return s.refusable(ctx, func(tx *tx) (actor, subject, error) {
		around := suspects{falling: falling}
		if reason == term.DeclineSuspicious {
			if err := tx.suspects(&around, sessionID, id); err != nil {
				return actor{}, subject{}, err
			}
		}
		who, d, err := tx.decidable(sessionID, id, transitionDecline)
		if err == nil {
			err = tx.decline(who, d, reason)
		}
		if err == nil { // of what falls with it nobody is told: a flood must not reach the mailbox
			err = tx.notifyOf(NoticeDeclined, deref(d.AccountID), d.ID)
		}
		if err == nil && reason == term.DeclineSuspicious {
			err = tx.reportSuspicion(who, d, around)
		}
		return who, d.subject(), err
	})
}

var updateDeclined = transitionDecline.update("decided_at = ?, decided_staff_id = ?, decided_counter_id = ?, decline_reason = ?, "+
	"proofing_id = ?, presence = ?, matched_at = ?",
	"pending_until > ? AND (state = 'pending' OR claim_until <= ? OR claim_session_id = ?)")

func (t *tx) decline(who actor, d DeviceAuthorization, reason term.Decline) error {
	// A match and a proofing of a claim that is over count for nothing.
	phase := d.PhaseAt(t.now)
	if !phase.Is(Proofed) {
		d.ProofingID = nil
	}
	presence := d.PresenceShown()
	if phase.Is(Pending) {
		presence, d.Presence, d.MatchedAt = "", "", 0
	}
	set := []any{t.now, who.staff, who.counter, string(reason), d.ProofingID, d.Presence, d.MatchedAt}
	err := t.move(d.ID, updateDeclined, set, t.now, t.now, who.session)
	if err != nil {
		return err
	}
	facts := who.facts()
	facts.Client, facts.DeviceAuthorization, facts.Reason = d.ClientID, d.ID, string(reason)
	facts.KeyThumbprint, facts.Proofing, facts.Presence = d.JWKThumbprint, deref(d.ProofingID), presence
	if err := t.makingInFull(d, &facts); err != nil {
		return err
	}
	_, err = t.record(audit.Event{Type: audit.DeviceAuthorizationDeclined, Subject: deref(d.AccountID), Transaction: d.ID, Facts: facts})
	return err
}

// ToldReason is the reason of a decline as far as the device and the customer's paper say
// it, "" for none: one of oauth's, by an operator, of a request whose code was entered at
// the counter. Then somebody stands there who hears it anyway; of what an operator
// declines from the list, whoever asked learns nothing but the decline.
func (d DeviceAuthorization) ToldReason() string {
	if d.State != Declined || d.RedeemUntil != 0 || d.DecidedStaffID == nil || d.Presence == "" || !oauth.IsToldReason(d.DeclineReason) {
		return ""
	}
	return d.DeclineReason
}
