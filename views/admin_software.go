package views

import "strconv"

// SoftwareProps is the administrator's page about one app. Fields of the form:
// software_id, known_scope (several), scope, presence.
type SoftwareProps struct {
	ID     string // software_id
	App    string
	Scopes []Choice // that there are
	Form   SoftwareForm
}

// SoftwareForm is what the app may have, or what was typed.
type SoftwareForm struct {
	Known    []string // scopes that are ticked
	Scope    string   // others, with blanks between
	Presence bool     // presence proof required
}

func scopeField(place int) string {
	if place == 0 {
		return "known_scope"
	}
	return "known_scope-" + strconv.Itoa(place+1)
}
