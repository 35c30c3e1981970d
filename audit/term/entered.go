package term

// Entered is how an operator entered a code, as their page says it: evidence of nothing.
type Entered string

// How a code was entered.
const (
	EnteredByScan   Entered = "scan"
	EnteredByTyping Entered = "typed"
	EnteredByCamera Entered = "camera"
	EnteredBySerial Entered = "serial"
)

// EnteredWays lists the set.
func EnteredWays() []Entered {
	return []Entered{
		EnteredByScan, EnteredByTyping, EnteredByCamera, EnteredBySerial,
	}
}

// Label returns it in plain English.
func (e Entered) Label() string {
	switch e {
	case EnteredByScan:
		return "scanned"
	case EnteredByTyping:
		return "typed"
	case EnteredByCamera:
		return "by camera"
	case EnteredBySerial:
		return "by serial scanner"
	}
	return string(e)
}
