package views

// PracticeProps is the page that says how one person goes through a whole visit alone, with
// invented people.
type PracticeProps struct {
	PhonePage bool             // there is a page /phone
	Account   string           // an identifier, of the account to name on the phone
	Cards     []SpecimenCard   // at least one
	Notices   []PracticeNotice // what the accounts' contacts would have got, the newest first
}

// SpecimenCard is the ID document of nobody, to be pasted where a scan goes.
type SpecimenCard struct {
	ID         string // of the field that holds the text
	Person     string // whose account it is tried with
	Account    string // an identifier of that account
	Purpose    string // what can be learnt from it
	Born       string
	ValidUntil string
	Scan       string // what a scanner would type, lines ended by a line feed
}

// PracticeNotice is a notice that went to nobody.
type PracticeNotice struct{ Contact, Subject, Text string }
