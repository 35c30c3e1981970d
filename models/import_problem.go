package models

import "fmt"

// ImportProblem is a kind of problem in an accounts file. It is its English, with a place
// for each argument, and so a key of the catalogues of package views: the command says it
// as it is, the console in the language of its reader.
type ImportProblem string

// Problems of the file as a whole, or of a line.
const (
	ImportUTF16       ImportProblem = "this is UTF-16. Save it as CSV UTF-8, separated by commas"
	ImportWorkbook    ImportProblem = "this is a spreadsheet’s own file. Save it as CSV UTF-8, separated by commas"
	ImportSeparator   ImportProblem = "the columns are not separated by commas. Save it as CSV UTF-8, separated by commas"
	ImportEmpty       ImportProblem = "the file is empty"
	ImportNoAccounts  ImportProblem = "the file has no accounts"
	ImportUnread      ImportProblem = "the file cannot be read to its end: %s"
	ImportBareQuote   ImportProblem = "character %s: a quotation mark in a field that does not begin with one; the rest was not read"
	ImportQuote       ImportProblem = "character %s: a quotation mark is missing, or is one too many; the rest was not read"
	ImportFields      ImportProblem = "it has %s fields, the header has %s"
	ImportNoHeader    ImportProblem = "the first line does not name the columns: %s, separated by commas"
	ImportNameless    ImportProblem = "something stands here, and the column has no name in the first line"
	ImportOwnAccount  ImportProblem = "this is your own account: another administrator changes it"
	ImportNoColumn    ImportProblem = "the column is missing"
	ImportColumnTwice ImportProblem = "the column is there twice"
	ImportUnknown     ImportProblem = "unknown column; the columns are %s, and %s and %s if you like"
)

// Problems of a field.
const (
	ImportNotUTF8        ImportProblem = "not UTF-8. Save the file as CSV UTF-8, separated by commas"
	ImportLost           ImportProblem = "a character got lost when the file was saved. Save it again as CSV UTF-8, from where it came"
	ImportCutNumber      ImportProblem = "a spreadsheet has cut a number short, such as 4.47E+11. Give the column the format text, and fill it again from where it came"
	ImportFormula        ImportProblem = "a formula of a spreadsheet, or its error, and no value"
	ImportDateForm       ImportProblem = "a date that can be read in several ways, or the number of a day. Give the column the format YYYY-MM-DD"
	ImportControl        ImportProblem = "a control character or a line break"
	ImportDirection      ImportProblem = "a character that turns the direction of writing"
	ImportLong           ImportProblem = "longer than %s characters"
	ImportNoName         ImportProblem = "the name is missing"
	ImportNotLatin       ImportProblem = "the name is not in Latin letters"
	ImportNotADate       ImportProblem = "%s is not a date like 1980-05-31"
	ImportFuture         ImportProblem = "%s is in the future"
	ImportLongAgo        ImportProblem = "%s is too long ago"
	ImportLanguage       ImportProblem = "%s is not a language tag such as de, en or pt-BR"
	ImportStatus         ImportProblem = "%s is none of active, suspended, locked, closed"
	ImportRequired       ImportProblem = "%s is neither required nor empty"
	ImportNoIdentifier   ImportProblem = "there is no identifier"
	ImportBlank          ImportProblem = "an identifier is empty"
	ImportIdentifierLong ImportProblem = "an identifier is longer than %s characters"
	ImportIdentifierMany ImportProblem = "more than %s identifiers for one account"
	ImportHidden         ImportProblem = "an identifier contains a control, direction or zero-width character, or nothing that can be seen"
	ImportBlankInMailbox ImportProblem = "a mail address has a blank before its @; a plus sign is written as it is"
	ImportTwiceHere      ImportProblem = "%s is on this line twice; capitals and blanks make no difference"
	ImportTaken          ImportProblem = "%s belongs to another account"
	ImportTwice          ImportProblem = "%s is on line %s already"
	ImportOwners         ImportProblem = "the identifiers belong to different accounts: %s to one, %s to another; " +
		"give each account a line of its own, " +
		"or take the identifier away from its account first by importing that without it"
)

// MaxListed is how many problems of a file are listed. Further ones are counted.
const MaxListed = 50

// Refuse lists a problem, or counts it.
func (r *ReadAccounts) Refuse(problem ImportError) {
	if len(r.Problems) == MaxListed {
		r.Further++
		return
	}
	r.Problems = append(r.Problems, problem)
}

// ImportError is one problem in an accounts file. Line counts from 1 and includes
// the header; Column is the header's name, "" when the whole line is meant.
type ImportError struct {
	Line    int
	Column  string
	Problem ImportProblem
	Args    []string
}

func (e ImportError) Error() string {
	args := make([]any, len(e.Args))
	for i, arg := range e.Args {
		args[i] = arg
	}
	problem := fmt.Sprintf(string(e.Problem), args...)
	if e.Column == "" {
		return fmt.Sprintf("line %d: %s", e.Line, problem)
	}
	return fmt.Sprintf("line %d, column %s: %s", e.Line, e.Column, problem)
}
