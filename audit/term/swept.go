package term

// Swept is a kind of row that a sweep removes when its time is over.
type Swept string

// Kinds of rows.
const (
	SweptRequests    Swept = "requests"     // that ended without an approval
	SweptClients     Swept = "clients"      // that never asked, or no longer have anything
	SweptFailures    Swept = "wrong codes"  // entered at a counter
	SweptScans       Swept = "scans"        // what scans of documents found
	SweptDifferences Swept = "differences"  // what documents said in other words than the record
	SweptSessions    Swept = "session data" // addresses of ended sessions of staff
	SweptDetails     Swept = "details"      // of events: addresses, and what was changed of accounts
)

// SweptKinds lists the set.
func SweptKinds() []Swept {
	return []Swept{SweptRequests, SweptClients, SweptFailures, SweptScans, SweptDifferences, SweptSessions, SweptDetails}
}

// Label returns it in plain English.
func (s Swept) Label() string {
	switch s {
	case SweptRequests:
		return "requests that ended without an approval"
	case SweptClients:
		return "apps on devices that have nothing here"
	case SweptFailures:
		return "wrong codes from long ago"
	case SweptScans:
		return "results of scans from long ago"
	case SweptDifferences:
		return "names on documents from long ago, where they differed"
	case SweptSessions:
		return "addresses of sessions that ended long ago"
	case SweptDetails:
		return "addresses and former values in events from long ago"
	}
	return string(s)
}
