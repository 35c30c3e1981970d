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
	return s.refusable(ctx, func(tx *tx) (actor, subject, error) {
		var around suspects
		if reason == term.DeclineSuspicious {
			var err error
			if around, err = tx.suspects(sessionID, id); err != nil {
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

func (t *tx) decline(who actor, d DeviceAuthorization, reason term.Decline) error {
	set := map[string]any{
		"decided_at": t.now, "decided_staff_id": who.staff, "decided_counter_id": who.counter, "decline_reason": string(reason),
	}
	// A match and a proofing of a claim that is over count for nothing.
	phase := d.PhaseAt(t.now)
	if !phase.Is(Proofed) {
		d.ProofingID, set["proofing_id"] = nil, nil
	}
	presence := d.PresenceShown()
	if phase.Is(Pending) {
		presence, set["presence"], set["matched_at"] = "", "", 0
	}
	err := t.move(d.ID, transitionDecline, set, "pending_until > ? AND (state = ? OR claim_until <= ? OR claim_session_id = ?)",
		t.now, Pending, t.now, who.session)
	if err != nil {
		return err
	}
	facts := who.facts()
	facts.Client, facts.DeviceAuthorization, facts.Reason = d.ClientID, d.ID, string(reason)
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

// reportSuspicion is what follows when an operator declines as suspicious (RFC 10027,
// detect and remediate): what the same phone, or another one in its network, has asked
// for this account is declined too, what that phone holds of the account ends, and
// supervisors are alerted. Requests of the same app from elsewhere stay: the owner uses
// that app as well. So do requests that another session handles: its operator decides.
func (t *tx) reportSuspicion(who actor, d DeviceAuthorization, around suspects) error {
	ended := 0
	for _, sibling := range around.siblings {
		var conflict *StateConflictError
		err := t.decline(who, sibling, term.DeclineSuspicious)
		if errors.As(err, &conflict) {
			continue
		}
		if err != nil {
			return err
		}
		ended++
	}
	for _, binding := range around.bindings {
		facts := who.facts()
		facts.Reason = string(term.RecallSuspicious)
		if err := t.revoke(binding, facts); err != nil {
			return err
		}
	}
	facts := who.facts()
	facts.Client, facts.KeyThumbprint, facts.DeviceAuthorization, facts.Address = d.ClientID, d.JWKThumbprint, d.ID, d.Address
	facts.Count = &ended
	_, err := t.record(audit.Event{Type: audit.SuspicionReported, Subject: deref(d.AccountID), Transaction: d.ID, Facts: facts})
	return err
}

// suspects are what falls with a request: what waits of the same phone and its network for
// the same account, and what that phone holds of the account already, redeemed or not.
type suspects struct {
	siblings []DeviceAuthorization
	bindings []Binding
}

// suspects holds a request and all that may fall with it, requests by their order first,
// before the trail is told anything (see lock.go). A request that names no account has
// none: decidable refuses it. Errors: those of atCounter.
func (t *tx) suspects(sessionID, id string) (suspects, error) {
	var around suspects
	if _, err := t.atCounter(sessionID); err != nil {
		return around, err
	}
	var d DeviceAuthorization
	if err := t.Where("id = ?", id).Limit(1).Find(&d).Error; err != nil || d.AccountID == nil {
		return around, err
	}
	var requests []DeviceAuthorization
	err := t.forUpdate().Where(`account_id = ? AND (id = ?
		OR pending_until > ? AND state IN ? AND (client_id = ? OR (network <> '' AND network = ?)))`,
		d.AccountID, d.ID, t.now, openStates(), d.ClientID, d.Network).Order("id").Find(&requests).Error
	if err != nil {
		return around, err
	}
	for _, request := range requests {
		if request.ID != d.ID {
			around.siblings = append(around.siblings, request)
		}
	}
	err = t.forUpdate().Where("client_id = ? AND account_id = ? AND revoked_at = 0", d.ClientID, d.AccountID).
		Order("id").Find(&around.bindings).Error
	return around, err
}
