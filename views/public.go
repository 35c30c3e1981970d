package views

// ErrorProps is a page that says what happened and what to do next.
type ErrorProps struct {
	Heading   string // for example "Already decided by another operator"
	What      string
	Next      string
	LinkText  string
	LinkURL   string // local path; "" shows no link
	Reference string // request id to quote; "" shows none
	Again     FormAgain
}

// FormAgain is a form that its reader sent and can send again as it was. Without an Action
// there is none.
type FormAgain struct {
	Action string // local path
	Fields []FormField
}

// FormField is one field of a form as it was sent.
type FormField struct{ Name, Value string }

// VerificationProps is the page that the verification URI leads people to.
type VerificationProps struct {
	Places        []Place
	PendingWindow string // for example "within 7 days"
	RedeemWindow  string // for example "within 7 days"
	PhonePage     bool   // there is a page /phone for people without an app
}

// Place is a counter as the public sees it.
type Place struct {
	Name    string
	Address string
	Hours   string   // in words; "" where they are data
	Lines   []string // data: the hours of days that are alike
	State   string   // data: whether it is open, or when next
	Open    bool
	Spans   string // for a page that is kept: when it is open, as handlers/web has it; its script then says the state
}

// where is what a calendar takes as the place.
func (p Place) where() string {
	if p.Address == "" {
		return p.Name
	}
	return p.Name + ", " + p.Address
}
