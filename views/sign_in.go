package views

// SignInProps is the public page where staff begin to sign in.
type SignInProps struct {
	ReturnTo string // local path to go to afterwards; sent as return_to
	Provider string // name of the organisation's provider; "" for a general text
}

// StepUpProps is the page before a sign-in that an approval asks for.
type StepUpProps struct {
	ReturnTo string // local path of the visit; sent as return_to
	Second   bool   // it is the second person who agrees
}

// DemoSignInProps is the page of the demonstration's own OpenID Provider.
type DemoSignInProps struct {
	Action    string        // where the form posts to
	Hidden    []HiddenField // carried through the form unchanged
	FieldName string        // name of the field that says which person was chosen
	People    []DemoPerson
	Again     bool // whoever is signed in is to confirm that it is them
}

// DemoSignOutProps is the page on which the demonstration's own OpenID Provider asks
// whether to sign out there too.
type DemoSignOutProps struct {
	Action string
	Hidden []HiddenField
	Name   string // who is signed in
	Done   bool   // nobody is any more
}

// DemoPerson is one invented member of staff.
type DemoPerson struct {
	Value string // sent as FieldName
	Name  string
	Role  string
	Note  string // what this person may do
}

// HiddenField is a hidden input.
type HiddenField struct {
	Name  string
	Value string
}
