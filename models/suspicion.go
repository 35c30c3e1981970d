package models

import (
	"context"

	"countersign/audit"
	"countersign/audit/term"
)

// What follows when an operator declines as suspicious (RFC 10027, detect and remediate): by a rule, what the same phone, or
// another one in its network, has asked for this account until now is declined too, what that phone holds of the account
// ends, and supervisors are alerted. Requests of the same app from elsewhere stay: the owner uses that app as well. So do
// requests that a session handles: its operator decides. What is asked for later is not touched, or one click would shut a
// carrier out for good.

// suspects are what a suspicion reaches beside its request.
type suspects struct {
	falling  Falling
	handled  []DeviceAuthorization // what is spared
	bindings []Binding             // what that phone holds of the account already, redeemed or not
}

// likeSuspect is the condition that d is of the same phone or network.
const likeSuspect = "(d.client_id = @client OR (d.network <> '' AND d.network = @network))"

// FallingAsSuspicious tells beforehand what a decline of this request as suspicious would end. Error: ErrNotFound (also for
// one that names no account).
func (s *Store) FallingAsSuspicious(ctx context.Context, id string) (Falling, error) {
	var d DeviceAuthorization
	if err := s.reading(ctx).Where("id = ? AND account_id IS NOT NULL", id).First(&d).Error; err != nil {
		return Falling{}, notFound(err)
	}
	return s.FallingWith(ctx, d)
}

// FallingWith is FallingAsSuspicious of a request for an account that was read.
func (s *Store) FallingWith(ctx context.Context, d DeviceAuthorization) (Falling, error) {
	return s.reader(ctx).falling(askFallingWith, given{"account": *d.AccountID, "id": d.ID, "client": d.ClientID, "network": d.Network})
}

var askFallingWith = askingFalling(newestOf("account_id = @account"), likeSuspect)

// suspects holds a request and what sessions handle of its likes, requests by their order first, before the trail is told
// anything (see lock.go); matches for the account wait. What is none of anybody's is decidable's to refuse. Errors: those of
// atCounter.
func (t *tx) suspects(around *suspects, sessionID, id string) error {
	around.handled, around.bindings = nil, nil
	if _, err := t.atCounter(sessionID); err != nil {
		return err
	}
	var d DeviceAuthorization
	if err := t.Where("id = ?", id).Limit(1).Find(&d).Error; err != nil || d.AccountID == nil {
		return err
	}
	if err := t.codesOf(*d.AccountID); err != nil {
		return err
	}
	held, err := t.handledOf(*d.AccountID, id)
	if err != nil {
		return err
	}
	for _, request := range held {
		alike := request.ClientID == d.ClientID || d.Network != "" && request.Network == d.Network
		if request.ID != d.ID && alike && request.PhaseAt(t.now).Claimed() {
			around.handled = append(around.handled, request)
		}
	}
	return t.forUpdate().Where("client_id = ? AND account_id = ? AND revoked_at = 0", d.ClientID, d.AccountID).
		Order("id").Find(&around.bindings).Error
}

// handledOf holds what sessions handle of an account, and one more request. The caller has called codesOf, so that nothing
// more can be matched. What a rule has ended already is declined: to spare it would bring it back.
func (t *tx) handledOf(accountID, id string) (requests []DeviceAuthorization, err error) {
	these := t.Raw(`SELECT id FROM device_authorizations WHERE id = @id
		UNION SELECT id FROM device_authorizations WHERE account_id = @account AND state IN ('matched', 'proofed') AND claim_until > @now`,
		map[string]any{"id": id, "account": accountID, "now": t.now})
	err = t.forUpdate().Where("id IN (?)", these).Order("id").Find(&requests).Error
	t.readClock()
	if err == nil {
		err = t.obeyRules(pointers(requests)...)
	}
	return requests, err
}

func (t *tx) reportSuspicion(who actor, d DeviceAuthorization, around suspects) error {
	for _, binding := range around.bindings {
		facts := who.facts()
		facts.Reason = string(term.RecallSuspicious)
		if err := t.revoke(binding, facts); err != nil {
			return err
		}
	}
	facts := who.facts()
	facts.Client, facts.KeyThumbprint, facts.DeviceAuthorization, facts.Address = d.ClientID, d.JWKThumbprint, d.ID, d.Address
	facts.Count = around.falling.fact()
	entry, err := t.record(audit.Event{Type: audit.SuspicionReported, Subject: deref(d.AccountID), Transaction: d.ID, Facts: facts})
	if err != nil {
		return err
	}
	rules := []EndingRule{{AccountID: deref(d.AccountID), ClientID: d.ClientID, Reason: string(term.DeclineSuspicious)}}
	if d.Network != "" {
		rules = append(rules, EndingRule{AccountID: deref(d.AccountID), Network: d.Network, Reason: string(term.DeclineSuspicious)})
	}
	return t.makeRules(entry.Seq, around.handled, rules...)
}
