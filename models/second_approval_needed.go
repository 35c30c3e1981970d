package models

import (
	"context"
	"slices"
	"strings"

	"countersign/audit/term"
)

// Why an approval needs a second person.
const (
	SecondApprovalForAccount = string(term.NeedAccount)
	SecondApprovalForScope   = string(term.NeedScope)
	SecondApprovalForName    = string(term.NeedName)
	SecondApprovalForScan    = string(term.NeedScan) // an earlier scan or check found a difference, and the last one none
	SecondApprovalForAsked   = string(term.NeedAsked)
)

// secondApprovalNeeded says why the approval of a proofed request needs a second person; empty
// when it does not.
func (t *tx) secondApprovalNeeded(d DeviceAuthorization, on grounds) ([]string, error) {
	why := t.store.policy.secondApprovalNeeded(on.account, d.Scope, on.proofing)
	if !slices.Contains(why, SecondApprovalForScan) {
		late, err := t.differsSince(d, on.proofing)
		if err != nil {
			return nil, err
		}
		if late {
			why = append(why, SecondApprovalForScan)
		}
	}
	asked, err := allOf[SecondApproval](t, "WHERE device_authorization_id = $1", d.ID)
	if err != nil {
		return nil, err
	}
	before := func(a SecondApproval) bool {
		return a.ProofingID != on.proofing.ID || a.Status == SecondApprovalReturned
	}
	if slices.ContainsFunc(asked, before) || len(asked) > 0 && len(why) == 0 {
		why = append(why, SecondApprovalForAsked)
	}
	return why, nil
}

func (p Policy) secondApprovalNeeded(account Account, scope string, proofing Proofing) []string {
	var why []string
	if account.TwoPersonRequired {
		why = append(why, SecondApprovalForAccount)
	}
	if slices.ContainsFunc(p.TwoPersonScopes, func(name string) bool { return slices.Contains(strings.Fields(scope), name) }) {
		why = append(why, SecondApprovalForScope)
	}
	if proofing.NameResult == Differs {
		why = append(why, SecondApprovalForName)
	}
	if proofing.Overruled != "" {
		why = append(why, SecondApprovalForScan)
	}
	return why
}

// SecondApprovalNeeded is why the approval needs a second person, for the page. Error: ErrNotFound.
func (s *Store) SecondApprovalNeeded(ctx context.Context, d DeviceAuthorization) ([]string, error) {
	reading := s.reader(ctx)
	on, err := reading.grounds(d)
	if err != nil {
		return nil, err
	}
	return reading.secondApprovalNeeded(d, on)
}

// SecondApprovalOn is SecondApprovalNeeded on an account and a check of the document that were read.
func (s *Store) SecondApprovalOn(ctx context.Context, d DeviceAuthorization, account Account, proofing Proofing) ([]string, error) {
	return s.reader(ctx).secondApprovalNeeded(d, grounds{account, proofing})
}

// withSecondApproval refuses an approval that lacks the second person, and names them when there is
// one. Error: ErrSecondApprovalRequired.
func (t *tx) withSecondApproval(d DeviceAuthorization, now Shown) (staff string, err error) {
	if now.Second == "" {
		return "", nil
	}
	return t.secondApprovalGiven(d, now.Digest())
}

// secondApprovalGiven names the second person who agreed to what the operator has checked now, and
// to what is shown now as agreedTo has it (Shown.Digest); "" for whatever was shown.
// Error: ErrSecondApprovalRequired.
func (t *tx) secondApprovalGiven(d DeviceAuthorization, agreedTo string) (staff string, err error) {
	row, err := ifAny(rowOf[SecondApproval](t, "WHERE proofing_id = $1 AND status = '"+SecondApprovalGiven+"' AND (agreed_to = $2 OR $2 = '')",
		deref(d.ProofingID), agreedTo))
	if err == nil && (row.ID == "" || row.AskedSessionID != deref(d.ClaimSessionID)) {
		err = ErrSecondApprovalRequired
	}
	return deref(row.AnsweredStaffID), err
}
