package term

// Undelivered is why a notice was given up.
type Undelivered string

// Why it was.
const (
	UndeliveredRefused Undelivered = "refused"
	UndeliveredAddress Undelivered = "address"
	UndeliveredLate    Undelivered = "late"
	UndeliveredUnsure  Undelivered = "unsure"
	UndeliveredUnknown Undelivered = "unknown" // by a program from before there were causes
)

// Undelivereds lists the set.
func Undelivereds() []Undelivered {
	return []Undelivered{UndeliveredRefused, UndeliveredAddress, UndeliveredLate, UndeliveredUnsure, UndeliveredUnknown}
}

// Label returns it in plain English.
func (u Undelivered) Label() string {
	switch u {
	case UndeliveredRefused:
		return "Refused for good"
	case UndeliveredAddress:
		return "The contact is no mail address"
	case UndeliveredLate:
		return "Tried for as long as it was of use, or for five days"
	case UndeliveredUnsure:
		return "Perhaps sent: the mail server never said whether it took it"
	}
	return "Given up by an earlier version"
}
