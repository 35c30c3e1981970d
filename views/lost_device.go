package views

// LostDeviceProps is who can disconnect a device that an operator cannot, and what was asked of them. Field: reason.
type LostDeviceProps struct {
	Action      string // what the form posts to; "" where nothing is to be asked
	OwnURL      string // where a supervisor, who needs to ask nobody, does it; "" for others
	Supervisors []ColleagueFacts
	Telephone   string // the organisation's, as people write it; "" for none
	Asked       []AskedFacts
	Open        bool // it was asked, and nobody has answered: the form is not there
}

// ColleagueFacts is a supervisor who is signed in.
type ColleagueFacts struct {
	Name string
	Here bool // at the same counter
}

// AskedFacts is what was asked and what came of it, newest first.
type AskedFacts struct {
	By, Counter, At string
	Reason          string
	Answer          string // a sentence
}

// show reports whether there is anything to say.
func (p LostDeviceProps) show() bool { return p.Action != "" || p.OwnURL != "" || len(p.Asked) > 0 }
