package models

import "countersign/audit/term"

// Entered is how the operator's page says that its box was filled. A page can say
// anything: it is a note in the trail, and nothing depends on it.
type Entered string

// What a page may say; EnteredUnknown where it has no script.
const (
	EnteredUnknown  Entered = ""
	EnteredByScan   Entered = Entered(term.EnteredByScan)
	EnteredByTyping Entered = Entered(term.EnteredByTyping)
	EnteredByCamera Entered = Entered(term.EnteredByCamera)
	EnteredBySerial Entered = Entered(term.EnteredBySerial)
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
