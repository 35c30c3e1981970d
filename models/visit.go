package models

import (
	"errors"
	"slices"
)

// mayEnd lets a supervisor end what an account has, and an operator who has checked the
// document of its holder in a visit that lasts. Errors: ErrNoVisit, ErrNotProofed,
// ErrDetailsDiffer, ErrSecondApprovalRequired.
func (t *tx) mayEnd(who actor, accountID string) error {
	if who.role == Supervisor {
		return nil
	}
	visits, err := t.visitsOf(who, accountID)
	if err != nil {
		return err
	}
	refusal := ErrNoVisit
	for _, visit := range visits {
		if visit.ProofingID == nil && errors.Is(refusal, ErrNoVisit) {
			refusal = ErrNotProofed
		}
		if visit.ProofingID == nil {
			continue
		}
		refusal = t.identified(visit)
		if !errors.Is(refusal, ErrDetailsDiffer) && !errors.Is(refusal, ErrSecondApprovalRequired) {
			return refusal
		}
	}
	return refusal
}

// identified refuses where the check leaves it to one operator's word whether this is the
// account's holder: a name that differs, something overruled, or a second person asked
// before; unless a second person agreed to that check. Errors: ErrDetailsDiffer,
// ErrSecondApprovalRequired.
func (t *tx) identified(d DeviceAuthorization) error {
	on, err := t.grounds(d)
	if err == nil {
		err = on.proofing.agreeing()
	}
	if err != nil {
		return err
	}
	why, err := t.secondApprovalNeeded(d, on)
	if err != nil {
		return err
	}
	doubtful := func(code string) bool {
		return code == SecondApprovalForName || code == SecondApprovalForScan || code == SecondApprovalForAsked
	}
	if slices.ContainsFunc(why, doubtful) {
		_, err = t.secondApprovalGiven(d, "")
	}
	return err
}

// visitsOf finds and holds the visits by which the holder of an account is in front of
// this operator: requests that the session matched at this counter, until their claims are
// over, also once they are approved. A declined one is none: who was turned away is not
// served.
func (t *tx) visitsOf(who actor, accountID string) ([]DeviceAuthorization, error) {
	visits, err := allOf[DeviceAuthorization](t, `WHERE account_id = $1 AND claim_session_id = $2 AND claim_counter_id = $3
		AND claim_until > $4 AND (state IN ('approved', 'redeemed') OR state IN ('matched', 'proofed') AND pending_until > $4)
		ORDER BY id`+t.holding(forUpdate), accountID, who.session, who.counter, t.now)
	t.readClock()
	if err == nil {
		err = t.obeyRules(pointers(visits)...)
	}
	return slices.DeleteFunc(visits, func(d DeviceAuthorization) bool { return d.ClaimUntil <= t.now || d.State == Declined }), err
}
