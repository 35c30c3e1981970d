package models

import (
	"context"
	"errors"
	"slices"

	"countersign/audit"
)

// What may be ended after a visit, and by whom (docs/decisions/0024-after-the-visit.md).

// Why nothing is ended, or nothing taken back, in this session now.
var (
	ErrNoVisit     = errors.New("no visit of this account in this session")
	ErrNotProofed  = errors.New("the ID document of this visit is not checked")
	ErrNotToRecall = errors.New("only a supervisor may recall this approval now")
)

// RevokeBinding ends one binding, redeemed or not. A supervisor may at any time; an
// operator while their visit of the binding's account lasts and its document is checked.
// A refusal is recorded. Errors: ErrOwnAccount, ErrNoVisit, ErrNotProofed, ErrDetailsDiffer,
// ErrSecondRequired, ErrNotFound, ErrBindingRevoked, ErrSessionEnded, ErrNotAllowed, ErrNoCounter.
func (s *Store) RevokeBinding(ctx context.Context, sessionID, bindingID, reason string) error {
	return s.refusable(ctx, func(tx *tx) (desk, DeviceAuthorization, error) {
		facts, desk, err := tx.labelling(sessionID)
		if err != nil {
			return desk, DeviceAuthorization{}, err
		}
		var binding Binding
		if err := tx.Where("id = ?", bindingID).First(&binding).Error; err != nil {
			return desk, DeviceAuthorization{}, lost(err)
		}
		about := DeviceAuthorization{ID: binding.DeviceAuthorizationID, ClientID: binding.ClientID, AccountID: &binding.AccountID}
		if err := tx.notTheirOwn(desk.actor(facts), binding.AccountID); err != nil {
			return desk.actor(facts), about, err
		}
		if err := tx.mayEnd(desk, binding.AccountID); err != nil {
			return desk, about, err
		}
		if err := tx.held().Where("id = ?", bindingID).First(&binding).Error; err != nil {
			return desk, about, lost(err)
		}
		if binding.RevokedAt != 0 {
			return desk, about, ErrBindingRevoked
		}
		facts.Reason = reason
		return desk, about, tx.revoke(binding, facts)
	})
}

// RevokeAll ends every binding of an account that lives or may still be redeemed, in one
// transaction, with an event for each; it says how many there were. Who may, and errors:
// as RevokeBinding.
func (s *Store) RevokeAll(ctx context.Context, sessionID, accountID, reason string) (ended int, err error) {
	err = s.refusable(ctx, func(tx *tx) (desk, DeviceAuthorization, error) {
		ended = 0
		facts, desk, err := tx.labelling(sessionID)
		about := DeviceAuthorization{AccountID: &accountID}
		if err == nil {
			err = lost(tx.Where("id = ?", accountID).First(&Account{}).Error)
		}
		if err == nil {
			err = tx.notTheirOwn(desk.actor(facts), accountID)
		}
		if err == nil {
			err = tx.mayEnd(desk, accountID)
		}
		if err != nil {
			return desk.actor(facts), about, err
		}
		facts.Reason = reason
		ended, err = tx.revokeAll(accountID, facts)
		return desk, about, err
	})
	return ended, err
}

func (t *tx) revokeAll(accountID string, facts audit.Facts) (int, error) {
	var bindings []Binding
	err := t.held().Where("account_id = ? AND revoked_at = 0 AND device_authorization_id IN (?)", accountID,
		t.Model(&DeviceAuthorization{}).Select("id").Where("account_id = ? AND (state = ? OR (state = ? AND redeem_until > ?))",
			accountID, Redeemed, Approved, t.now)).Order("id").Find(&bindings).Error
	if err != nil {
		return 0, err
	}
	for _, binding := range bindings {
		if err := t.revoke(binding, facts); err != nil {
			return 0, err
		}
	}
	return len(bindings), nil
}

// mayEnd lets a supervisor end what an account has, and an operator who has checked the
// document of its holder in a visit that lasts. Errors: ErrNoVisit, ErrNotProofed,
// ErrDetailsDiffer, ErrSecondRequired.
func (t *tx) mayEnd(desk desk, accountID string) error {
	if desk.session == "" {
		return nil
	}
	visits, err := t.visitsOf(desk, accountID)
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
		if !errors.Is(refusal, ErrDetailsDiffer) && !errors.Is(refusal, ErrSecondRequired) {
			return refusal
		}
	}
	return refusal
}

// identified refuses where the check leaves it to one operator's word whether this is the
// account's holder: a name that differs, something overruled, or a second person asked
// before; unless a second person agreed to that check. Errors: ErrDetailsDiffer,
// ErrSecondRequired.
func (t *tx) identified(d DeviceAuthorization) error {
	if err := t.agreeingDocument(d); err != nil {
		return err
	}
	why, err := t.secondNeeded(d)
	if err != nil {
		return err
	}
	doubtful := func(code string) bool {
		return code == SecondForName || code == SecondForScan || code == SecondForAsked
	}
	if slices.ContainsFunc(why, doubtful) {
		_, err = t.secondGiven(d)
	}
	return err
}

// visitsOf finds and holds the visits by which the holder of an account is in front of
// this operator: requests that the session matched at this counter, until their claims are
// over, also once they are approved. A declined one is none: who was turned away is not
// served.
func (t *tx) visitsOf(desk desk, accountID string) ([]DeviceAuthorization, error) {
	var visits []DeviceAuthorization
	err := t.held().Where("account_id = ? AND claim_session_id = ? AND claim_counter_id = ? AND claim_until > ?",
		accountID, desk.session, desk.counter, t.now).
		Where("state IN ? OR (state IN ? AND pending_until > ?)", []State{Approved, Redeemed}, []State{Matched, Proofed}, t.now).
		Order("id").Find(&visits).Error
	t.waited()
	return slices.DeleteFunc(visits, func(d DeviceAuthorization) bool { return d.ClaimUntil <= t.now }), err
}
