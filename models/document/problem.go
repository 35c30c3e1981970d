package document

import "fmt"

// Problem says what is wrong, where, and holds nothing of what was scanned or typed, so it may be logged.
type Problem struct {
	Field Field
	Line  int // of the machine-readable zone, counted from 1; 0 when no line is to be named
	Kind  Kind
}

// String names the problem for tests and logs: "number, line 2: check digit".
func (p Problem) String() string {
	if p.Line == 0 {
		return fmt.Sprintf("%s: %s", p.Field, p.Kind)
	}
	return fmt.Sprintf("%s, line %d: %s", p.Field, p.Line, p.Kind)
}

// Field is the part of a document that a problem is in. The value is the word for it on a page.
type Field string

// The fields. Whole is what the last check digit of an MRZ covers: several fields, none of them wrong by itself.
const (
	FieldScan        Field = "scan"
	FieldType        Field = "document type"
	FieldIssuer      Field = "issuer"
	FieldNumber      Field = "document number"
	FieldName        Field = "name"
	FieldNationality Field = "nationality"
	FieldBorn        Field = "date of birth"
	FieldSex         Field = "sex"
	FieldExpires     Field = "expiry date"
	FieldOptional    Field = "optional data"
	FieldWhole       Field = "whole zone"
	FieldPhoto       Field = "photo"
	FieldHandled     Field = "handled"
)

// Kind is what is wrong. Each says here the words that a page has for it.
type Kind string

// The kinds that Parse finds.
const (
	// Empty: nothing was scanned. "Scan the document or type its fields."
	Empty Kind = "empty"
	// TooLong: more than any document has. "That is no ID document."
	TooLong Kind = "too long"
	// NotADocument: nothing known. "That is no ID document."
	NotADocument Kind = "not a document"
	// IsUserCode: eight letters of the code's alphabet. "That is the phone's code. Scan the ID document."
	IsUserCode Kind = "user code"
	// IsPresenceProof: a signed token. "That is the phone's proof. Scan the ID document."
	IsPresenceProof Kind = "presence proof"
	// IsURL: an address. "That is an address of a page. Scan the ID document."
	IsURL Kind = "URL"
	// Unsupported: a code or zone of another make, such as a magnetic stripe's text or the French identity card before
	// 2021. "This kind of code cannot be read. Type the fields."
	Unsupported Kind = "unsupported"
	// StoppedEarly: the end is missing. "The scan stopped early. Scan again or type it."
	StoppedEarly Kind = "stopped early"
	// LineLength: a line of the zone is too long or too short. "Line 1 has not the right length. Scan again or type it."
	LineLength Kind = "line length"
	// LineBreaksDropped: a PDF417 in one run. "The scanner drops line breaks: open the scanner test."
	LineBreaksDropped Kind = "line breaks dropped"
	// KeyboardLayout: another character stands where < belongs. "The scanner's keyboard layout is wrong: open the scanner
	// test."
	KeyboardLayout Kind = "keyboard layout"
	// CheckDigit: "Check digit wrong in line 2 (document number). Scan again or type it." The field named is the one whose
	// own digit is wrong; which of its characters was misread is not known, and none is put right.
	CheckDigit Kind = "check digit"
	// Unreadable: a character that cannot stand there. "Line 1 cannot be read (name). Scan again or type it."
	Unreadable Kind = "unreadable"
	// Damaged: a character that a converter put in place of another, such as ? for É. "Characters of the code are damaged
	// (name). Type the fields."
	Damaged Kind = "damaged"
	// Conflicting: a code gives the field twice, and not alike. "The code gives two dates of birth. Type the fields."
	Conflicting Kind = "conflicting"
)

// The kinds that both Parse and Check find.
const (
	// Missing: the field is not there, and must be. "Enter the document number."
	Missing Kind = "missing"
	// NotADate: "Enter a real date, for example 2030-05-31 or 20300531."
	NotADate Kind = "not a date"
	// NotAccepted: the document is of a type that the rules do not have, a visa among others. "This kind of document is
	// not accepted here."
	NotAccepted Kind = "not accepted"
)

// The kinds that Check finds.
const (
	// Expired: "Expired on 3 May 2026." The last day counts as good.
	Expired Kind = "expired"
	// PrintedYear: the year has two digits that do not tell it. "Enter the date that is printed on the document."
	PrintedYear Kind = "printed year"
	// Endless: the document has no end, and its type needs one. "A document of this kind without an end is not accepted here."
	Endless Kind = "endless"
	// UnderAge: "The person is under the age of 16."
	UnderAge Kind = "under age"
	// NotConfirmed: the operator has not said that the photo matches, or that the document was in their hand.
	NotConfirmed Kind = "not confirmed"
)
