package views

// SoftwareProps is the administrator's page about one app. Fields of the form:
// software_id, scope, presence.
type SoftwareProps struct {
	ID     string // software_id
	App    string
	Scopes string // the scopes that there are
	Form   SoftwareForm
}

// SoftwareForm is what the app may have, or what was typed.
type SoftwareForm struct {
	Scope    string
	Presence bool // presence proof required
}
