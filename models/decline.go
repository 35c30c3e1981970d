package models

import (
	"context"

	"countersign/audit"
	"countersign/oauth"
)

// Decline ends a request: the phone's next poll is answered access_denied. A request
// that somebody handles can be declined by that session only; one that waits, by any
// operator at a counter. Errors: as Approve, but for ErrAccountNotActive
// and ErrDetailsDiffer.
//
// reason is one of the codes that the page offers, in small letters; see ToldReason for
// who hears it.
func (s *Store) Decline(ctx context.Context, sessionID, id, reason string) error {
	return s.refusable(ctx, func(tx *tx) (desk, DeviceAuthorization, error) {
		var around suspects
		if reason == Suspicious {
			var err error
			if around, err = tx.suspects(sessionID, id); err != nil {
				return desk{}, DeviceAuthorization{}, err
			}
		}
		desk, d, err := tx.decidable(sessionID, id, transitionDecline)
		if err == nil {
			err = tx.decline(desk, d, reason)
		}
		if err == nil { // of what falls with it nobody is told: a flood must not reach the mailbox
			err = tx.notifyOf(NoticeDeclined, deref(d.AccountID), d.ID)
		}
		if err == nil && reason == Suspicious {
			err = tx.reportSuspicion(desk, d, around)
		}
		return desk, d, err
	})
}

func (t *tx) decline(desk desk, d DeviceAuthorization, reason string) error {
	set := map[string]any{
		"decided_at": t.now, "decided_staff_id": desk.staff, "decided_counter_id": desk.counter, "decline_reason": reason,
	}
	// A match and a proofing of a claim that is over count for nothing.
	phase := d.PhaseAt(t.now)
	if phase != Phase(Proofed) {
		d.ProofingID, set["proofing_id"] = nil, nil
	}
	presence := d.PresenceShown()
	if phase == Phase(Pending) {
		presence, set["presence"], set["matched_at"] = "", "", 0
	}
	err := t.move(d.ID, transitionDecline, set, "pending_until > ? AND (state = ? OR claim_until <= ? OR claim_session_id = ?)", t.now, Pending, t.now, desk.session)
	if err != nil {
		return err
	}
	facts := desk.facts()
	facts.Client, facts.DeviceAuthorization, facts.Reason = d.ClientID, d.ID, reason
	facts.KeyThumbprint, facts.Proofing, facts.Presence = d.JWKThumbprint, deref(d.ProofingID), presence
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
