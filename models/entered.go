package models

// Entered is how the operator's page says that its box was filled. A page can say
// anything: it is a note in the trail, and nothing depends on it.
type Entered string

// What a page may say; EnteredUnknown where it has no script.
const (
	EnteredUnknown  Entered = ""
	EnteredByScan   Entered = "scan"
	EnteredByTyping Entered = "typed"
	EnteredByCamera Entered = "camera"
	EnteredBySerial Entered = "serial"
)

// ParseEntered reads what a form says; any other word is EnteredUnknown.
func ParseEntered(word string) Entered {
	switch entered := Entered(word); entered {
	case EnteredByScan, EnteredByTyping, EnteredByCamera, EnteredBySerial:
		return entered
	}
	return EnteredUnknown
}

func first(entered []Entered) Entered {
	if len(entered) == 0 {
		return EnteredUnknown
	}
	return entered[0]
}
