package term

// Closing is what came of an alert that a supervisor closed.
type Closing string

// What came of it.
const (
	ClosingNothingWrong Closing = "nothing wrong"
	ClosingDealtWith    Closing = "dealt with"
	ClosingPassedOn     Closing = "passed on"
	ClosingNotToTell    Closing = "not to tell"
)

// Closings lists the set.
func Closings() []Closing {
	return []Closing{ClosingNothingWrong, ClosingDealtWith, ClosingPassedOn, ClosingNotToTell}
}

// Label returns it in plain English.
func (c Closing) Label() string {
	switch c {
	case ClosingNothingWrong:
		return "Nothing was wrong"
	case ClosingDealtWith:
		return "It was wrong, and has been dealt with"
	case ClosingPassedOn:
		return "Passed on outside Countersign"
	case ClosingNotToTell:
		return "It cannot be found out"
	}
	return string(c)
}
