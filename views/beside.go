package views

import "strconv"

// HeldVisit is a visit that the session holds, on the pages beside it. It names nobody: another
// customer may read the screen.
type HeldVisit struct {
	URL        string // the step at which it is
	App        string
	ClaimUntil string // in words
	Until, Now string // RFC 3339: when the claim ends, and what the server's clock says
}

// CallsCounted bounds how many visits are counted that wait for a second person.
const CallsCounted = 10

// CallsPath is the number on the tab, for the part that keeps itself up to date.
const CallsPath = SecondApprovalListPath + "/calls"

// callsText is the number as a person reads it.
func callsText(calls int) string {
	if calls >= CallsCounted {
		return strconv.Itoa(CallsCounted-1) + "+"
	}
	return strconv.Itoa(calls)
}
