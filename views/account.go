package views

import (
	"context"
	"slices"
	"strconv"
)

// AccountProps is an account with its waiting requests and the code entry.
// Fields, each in a form of its own: user_code, which is never shown again; reason.
type AccountProps struct {
	Account    AccountFacts
	Requests   []WaitingRequest
	NotShown   int      // further requests that wait; above NotShownCounted: any number
	Ended      []string // sentences about requests that ended lately
	Locked     bool     // too many wrong codes; a supervisor must unlock
	OwnAccount bool     // the operator's own: another operator must handle it

	Lost LostDeviceProps

	AccountUnknown bool // which account is the operator's own, so that they may not approve
}

// WaitingRequest is a row of the pending table.
type WaitingRequest struct {
	RequestFacts
	HandledBy    string // operator and counter of the claim; "" when it waits
	HandledUntil string // when that claim lapses
	ContinueURL  string // set when this session holds the claim
	MayDecline   bool
	// PresenceRequired: the device's own proof is needed, its code is not enough.
	PresenceRequired bool
}

// WrongCode is the error beside the code entry after a mismatch.
func WrongCode(ctx context.Context, triesLeft int) FieldError {
	return FieldError{Field: "user_code", Message: say(ctx, "Not the code for this account. %d tries left.", triesLeft)}
}

// MaySeeDevices says whether this session has a visit of the account.
func (p AccountProps) MaySeeDevices() bool {
	return slices.ContainsFunc(p.Requests, func(r WaitingRequest) bool { return r.ContinueURL != "" })
}

// MayMatch says whether the page takes a code.
func (p AccountProps) MayMatch() bool {
	return len(p.Requests) > 0 && p.mayHaveVisit()
}

// MayStart says whether all that is missing for a visit is a request.
func (p AccountProps) MayStart() bool {
	return len(p.Requests) == 0 && p.mayHaveVisit()
}

func (p AccountProps) mayHaveVisit() bool {
	return !p.Locked && !p.OwnAccount && !p.AccountUnknown && !p.Account.NotActive
}

// NotShownCounted is as far as requests are counted that wait and are not shown.
const NotShownCounted = 1000

// waitingShown is as far as the requests of an account are counted that a search found.
const waitingShown = 100

// waitingCount is a number of waiting requests, up to what is counted.
func waitingCount(count int) string {
	if count > waitingShown {
		return strconv.Itoa(waitingShown) + "+"
	}
	return strconv.Itoa(count)
}
