package models

import (
	"context"
	"slices"
	"strings"
)

// Why an approval needs a second person.
const (
	SecondForAccount = "account"
	SecondForScope   = "scope"
	SecondForName    = "name differs"
	SecondForScan    = "scan overruled" // an earlier scan or check found a difference, and the last one none
	SecondForAsked   = "asked before"   // somebody was asked about this request before: the need stays, whatever is checked since
)

// secondNeeded says why the approval of a proofed request needs a second person; empty
// when it does not.
func (t *tx) secondNeeded(d DeviceAuthorization) ([]string, error) {
	var account Account
	if err := t.Where("id = ?", deref(d.AccountID)).First(&account).Error; err != nil {
		return nil, lost(err)
	}
	var proofing Proofing
	if err := t.Where("id = ?", deref(d.ProofingID)).Limit(1).Find(&proofing).Error; err != nil {
		return nil, err
	}
	why := t.store.policy.secondNeeded(account, d.Scope, proofing)
	var asked []SecondApproval
	if err := t.Where("device_authorization_id = ?", d.ID).Find(&asked).Error; err != nil {
		return nil, err
	}
	before := func(a SecondApproval) bool { return a.ProofingID != proofing.ID || a.Status == SecondReturned }
	if slices.ContainsFunc(asked, before) || len(asked) > 0 && len(why) == 0 {
		why = append(why, SecondForAsked)
	}
	return why, nil
}

func (p Policy) secondNeeded(account Account, scope string, proofing Proofing) []string {
	var why []string
	if account.TwoPersonRequired {
		why = append(why, SecondForAccount)
	}
	if slices.ContainsFunc(p.TwoPersonScopes, func(name string) bool { return slices.Contains(strings.Fields(scope), name) }) {
		why = append(why, SecondForScope)
	}
	if proofing.NameResult == Differs {
		why = append(why, SecondForName)
	}
	if proofing.Overruled != "" {
		why = append(why, SecondForScan)
	}
	return why
}

// SecondNeeded is why the approval needs a second person, for the page. Error: ErrNotFound.
func (s *Store) SecondNeeded(ctx context.Context, d DeviceAuthorization) ([]string, error) {
	return s.reader(ctx).secondNeeded(d)
}

// seconded refuses an approval that lacks the second person, and names them when there is
// one. Error: ErrSecondRequired.
func (t *tx) seconded(d DeviceAuthorization) (staff string, err error) {
	why, err := t.secondNeeded(d)
	if err != nil || len(why) == 0 {
		return "", err
	}
	return t.secondGiven(d)
}

// secondGiven names the second person who agreed to what the operator has checked now.
// Error: ErrSecondRequired.
func (t *tx) secondGiven(d DeviceAuthorization) (staff string, err error) {
	var row SecondApproval
	err = t.Where("proofing_id = ? AND status = ?", deref(d.ProofingID), SecondGiven).Limit(1).Find(&row).Error
	if err == nil && (row.ID == "" || row.AskedSessionID != deref(d.ClaimSessionID)) {
		err = ErrSecondRequired
	}
	return deref(row.AnsweredStaffID), err
}
