package views

import (
	"strconv"
	"strings"
)

// ImportProgressProps says how far an import of accounts is.
type ImportProgressProps struct {
	Known    bool // there is one, or was within a day
	Finished bool

	Lines, Done               int // that change something, and those of them that are done
	Added, Changed, Unchanged int // so far
	PassedOver                int // lines of accounts that somebody else changed meanwhile
	PassedLines               []int
}

func (p ImportProgressProps) passedLines() string {
	var list []string
	for _, line := range p.PassedLines {
		list = append(list, strconv.Itoa(line))
	}
	if len(p.PassedLines) < p.PassedOver {
		list = append(list, "…")
	}
	return strings.Join(list, ", ")
}

// AccountFormProps is the form in which an administrator adds an account, or corrects its record. Fields: identifiers (one a
// line), name, latin_name, date_of_birth, contact, language, staff, shown.
type AccountFormProps struct {
	ID, Name string // "" for a new account
	Shown    string // stands for the record that the form was filled with
	Form     AccountForm
}

// AccountForm is what stands in it.
type AccountForm struct {
	IdentifierLines                                            string
	FullName, LatinName, BirthDate, Contact, Language, StaffOf string
}
