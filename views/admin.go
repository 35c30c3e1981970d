package views

// PublishersProps is the administrator's page about who may register apps. Fields of the
// forms: publisher, jwks; app_publisher, software_id, name, known_scope (several), scope, presence; note, days.
type PublishersProps struct {
	Publishers []PublisherRow
	Scopes     []Choice // that there are
	Policy     string   // what registering needs here, in words
	Tokens     []TokenRow
	NewToken   string      // shown this once
	TokenTexts []TokenText // to send with it, one a language
	Form       PublisherForm
}

// PublisherRow is one publisher with its apps.
type PublisherRow struct {
	Name string
	Keys string // how many, in words
	Apps []AppRow
}

// AppRow is one app of a publisher.
type AppRow struct {
	ID    string // software_id
	App   string
	Scope string

	Presence bool // presence proof required
}

// TokenRow is one initial access token: never the token itself.
type TokenRow struct {
	ID        string
	Remark    string
	State     string // unused, used, expired or revoked
	MadeAt    string
	Until     string
	MayRevoke bool
}

// TokenText is a text to send with an initial access token, in one language.
type TokenText struct {
	Language, Name string // its tag, and its own name
	Text           string
}

// PublisherForm is what was typed, kept when something is to mend. What a field holds
// stands under the field's name.
type PublisherForm struct {
	Name     string // publisher
	JWKS     string
	AppOf    string
	Software string
	App      string
	Known    []string // scopes that are ticked
	Scope    string   // those that are typed, with blanks between
	Presence bool     // presence proof required
	Remark   string   // note
	Days     string
}

func adminField(frame Frame, name, label, hint, value string) textField {
	return textField{Name: name, Label: label, Hint: hint, Value: value, Error: frame.ErrorFor(name)}
}
