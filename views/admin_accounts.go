package views

import "context"

// AccountsProps is the administrator's page to find accounts, and to import them.
// Fields: identifier; file.
type AccountsProps struct {
	Identifier string
	Searched   bool
	Accounts   []AccountRow
	More       bool
	Importing  bool // an import is under way
}

// AccountRow is an account that was found.
type AccountRow struct {
	ID, Identifier, Initials string
	Status                   string
	NotActive                bool
}

// AccountSettingsProps is the administrator's page about one account. Fields: reason;
// presence, two_person.
type AccountSettingsProps struct {
	ID, Name, LatinName, Contact, Language, BirthDate string

	Identifiers              []string
	Status                   string
	NotActive                bool
	Erased                   bool // its name says when
	MaySuspend, MayReinstate bool
	Reasons                  []Choice // for the one of the two that there is
	Presence, TwoPerson      bool
}

// ImportProps is the preview of an accounts file.
type ImportProps struct {
	Digest                    string // of the plan; "" when it cannot be imported
	Added, Changed, Unchanged int
	Lines                     []ImportLine // changed ones first
	Hidden                    int          // lines that are not shown
	Problems                  []ImportProblem
	Further                   int // problems that are not shown
}

// ImportLine is what becomes of one line.
type ImportLine struct {
	Line    int
	Kind    string // LineAdded, LineChanged or LineUnchanged
	Name    string
	Changes []ImportChange
}

// ImportChange is one field that changes.
type ImportChange struct{ Field, Before, After string }

// ImportProblem is what is wrong with a line.
type ImportProblem struct {
	Line    int
	Column  string
	Problem string
}

// What becomes of a line.
const (
	LineAdded     = "added"
	LineChanged   = "changed"
	LineUnchanged = "unchanged"
)

func lineWords(ctx context.Context, kind string) string {
	switch kind {
	case LineAdded:
		return say(ctx, "added")
	case LineChanged:
		return say(ctx, "changed")
	}
	return say(ctx, "unchanged")
}

// PoliciesProps are the policies in force.
type PoliciesProps struct{ Groups []PolicyGroup }

// PolicyGroup is policies of one kind.
type PolicyGroup struct {
	Title    string
	Policies []PolicyRow
}

// PolicyRow is one policy with the flag that sets it. Settings are one, or a list.
type PolicyRow struct {
	What, Flag, Meaning string
	Settings            []string
}
