package term

// Return is why a second person gives a visit back unapproved.
type Return string

// Why a visit is given back.
const (
	ReturnLookAgain   Return = "look again"
	ReturnWrongPerson Return = "wrong person" // an alert
	ReturnSuspicious  Return = "suspicious"   // an alert
	ReturnNotForUs    Return = "not for us"
)

// Returns lists the set.
func Returns() []Return {
	return []Return{
		ReturnLookAgain, ReturnWrongPerson, ReturnSuspicious, ReturnNotForUs,
	}
}

// Label returns it in plain English.
func (r Return) Label() string {
	switch r {
	case ReturnLookAgain:
		return "Something should be looked at again"
	case ReturnWrongPerson:
		return "This may not be the account holder"
	case ReturnSuspicious:
		return "Suspicious"
	case ReturnNotForUs:
		return "It should not be decided at this counter"
	}
	return string(r)
}

// Alarming reports whether supervisors must hear of it.
func (r Return) Alarming() bool { return r == ReturnWrongPerson || r == ReturnSuspicious }
