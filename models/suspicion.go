package models

import (
	"errors"

	"countersign/audit"
)

// Suspicious is the reason of a decline that says: somebody is after this account.
const Suspicious = "suspicious"

// reportSuspicion is what follows when an operator declines as suspicious (RFC 10027,
// detect and remediate): what the same phone, or another one in its network, has asked
// for this account is declined too, what that phone holds of the account ends, and
// supervisors are alerted. Requests of the same app from elsewhere stay: the owner uses
// that app as well. So do requests that another session handles: its operator decides.
func (t *tx) reportSuspicion(desk desk, d DeviceAuthorization, around suspects) error {
	ended := 0
	for _, sibling := range around.siblings {
		var conflict *StateConflictError
		err := t.decline(desk, sibling, Suspicious)
		if errors.As(err, &conflict) {
			continue
		}
		if err != nil {
			return err
		}
		ended++
	}
	for _, binding := range around.bindings {
		facts := desk.facts()
		facts.Reason = Suspicious
		if err := t.revoke(binding, facts); err != nil {
			return err
		}
	}
	facts := desk.facts()
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
// before the trail is told anything (see held). What is none of anybody's is decidable's
// to refuse. Errors: those of desk.
func (t *tx) suspects(sessionID, id string) (suspects, error) {
	var around suspects
	if _, err := t.desk(sessionID); err != nil {
		return around, err
	}
	var d DeviceAuthorization
	if err := t.Where("id = ?", id).Limit(1).Find(&d).Error; err != nil || d.AccountID == nil {
		return around, err
	}
	var held []DeviceAuthorization
	err := t.held().Where("account_id = ? AND (id = ? OR pending_until > ? AND state IN ? AND (client_id = ? OR (network <> '' AND network = ?)))",
		d.AccountID, d.ID, t.now, []State{Pending, Matched, Proofed}, d.ClientID, d.Network).Order("id").Find(&held).Error
	if err != nil {
		return around, err
	}
	for _, request := range held {
		if request.ID != d.ID {
			around.siblings = append(around.siblings, request)
		}
	}
	err = t.held().Where("client_id = ? AND account_id = ? AND revoked_at = 0", d.ClientID, d.AccountID).Order("id").Find(&around.bindings).Error
	return around, err
}

// spentCode raises an alert when a wrong code is one that this account had once: spent,
// expired or declined (design section 6, unique codes). It is a wrong code all the same.
func (t *tx) spentCode(account Account, desk desk, codeMAC string) error {
	var d DeviceAuthorization
	err := t.Where("account_id = ? AND user_code_mac = ?", account.ID, codeMAC).Limit(1).Find(&d).Error
	phase := d.PhaseAt(t.now)
	if err != nil || d.ID == "" || phase == Phase(Pending) || phase == Phase(Matched) || phase == Phase(Proofed) {
		return err // a live one: a presence proof names its code, but not its client
	}
	facts := desk.facts()
	facts.Client, facts.KeyThumbprint, facts.DeviceAuthorization = d.ClientID, d.JWKThumbprint, d.ID
	facts.Reason = string(phase)
	_, err = t.record(audit.Event{Type: audit.SpentCodeEntered, Subject: account.ID, Transaction: d.ID, Facts: facts})
	return err
}

// wrongKey ends a binding whose refresh token came with another key than its own, also
// while its account is not active: somebody else has the token and the client's key. A
// binding that has ended already raises no further alert.
func (t *tx) wrongKey(binding Binding, r Refreshment) error {
	if binding.RevokedAt != 0 {
		return nil
	}
	if err := t.useProofs(r.Proofs); err != nil {
		return err
	}
	if _, err := t.record(audit.Event{Type: audit.WrongKeyUsed, Subject: binding.AccountID, Transaction: binding.DeviceAuthorizationID,
		Facts: r.facts(binding)}); err != nil {
		return err
	}
	return t.revoke(binding, audit.Facts{Actor: &audit.Actor{System: "token endpoint"}, Reason: "wrong key"})
}
