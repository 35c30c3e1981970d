package document

import (
	"fmt"
	"io"
	"log/slog"
	"strings"
)

// Type is what a document is, in the words of OpenID Identity Assurance 1.0 (document_details.type).
type Type string

// The document types. OrganisationCard is no word of the vocabulary: it is what a deployment issues itself, such as a
// staff or student card.
const (
	Passport         Type = "passport"
	IDCard           Type = "idcard"
	DrivingPermit    Type = "driving_permit"
	ResidencePermit  Type = "residence_permit"
	OrganisationCard Type = "organisation_card"
)

// Types lists every document type, in the order of a page.
func Types() []Type {
	return []Type{Passport, IDCard, DrivingPermit, ResidencePermit, OrganisationCard}
}

// Source is how a document was read.
type Source string

// The sources. A typed document has none.
const (
	MRZ    Source = "mrz"    // machine-readable zone, ICAO Doc 9303
	PDF417 Source = "pdf417" // AAMVA DL/ID Card Design Standard, annex D
)

// Document is what was read from a scan, whole and with every check digit right. Text is upper case where the document
// has it so; a field that the document does not give is empty.
type Document struct {
	Source       Source
	Type         Type
	Issuer       string // of three letters, as ICAO Doc 9303-3 §5 has them (D for Germany); USA, CAN or MEX of a PDF417
	Jurisdiction string // state or province of a PDF417, such as VA
	Number       string
	Name         Name
	Nationality  string // of an MRZ
	Sex          string // F, M or X for not specified; "" when it was not given
	Born         Date
	Expires      Date // zero when it is not given; NoEnd; or a day, of which the year may be left to the print (NeedsPrintedYear)
}

// Fields are what Check judges, with the two statements of the operator still to be made.
func (d Document) Fields() Fields {
	return Fields{Type: d.Type, Issuer: d.Issuer, Number: d.Number, Born: d.Born, Expires: d.Expires}
}

// Name is a person's name as a document has it, and where the document itself says that it was cut.
//
// An MRZ gives no middle names apart, and marks truncation for the whole name: all its flags are then set.
//
// Without a surname the document does not say which part is the surname: all of the name stands in GivenNames.
type Name struct {
	Surname     string // or the only name
	GivenNames  string
	MiddleNames string
	Suffix      string // JR, 3RD

	SurnameTruncated, GivenNamesTruncated, MiddleNamesTruncated bool
}

// Given is all that is no surname, in the order of the document.
func (n Name) Given() string { return joinWords(n.GivenNames, n.MiddleNames) }

// Truncated says that the document marks some part as cut.
func (n Name) Truncated() bool {
	return n.SurnameTruncated || n.GivenNamesTruncated || n.MiddleNamesTruncated
}

func joinWords(words ...string) string {
	return strings.Join(strings.Fields(strings.Join(words, " ")), " ")
}

const (
	hiddenDocument = "[document]"
	hiddenName     = "[name]"
	hiddenFields   = "[document fields]"
)

// String never reveals the document.
func (d Document) String() string { return hiddenDocument }

// GoString never reveals the document.
func (d Document) GoString() string { return hiddenDocument }

// Format never reveals the document, whatever the verb.
func (d Document) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, hiddenDocument) }

// LogValue never reveals the document.
func (d Document) LogValue() slog.Value { return slog.StringValue(hiddenDocument) }

// MarshalText never reveals the document, to JSON among others. Who must keep a field names it.
func (d Document) MarshalText() ([]byte, error) { return []byte(hiddenDocument), nil }

// String never reveals the name.
func (n Name) String() string { return hiddenName }

// GoString never reveals the name.
func (n Name) GoString() string { return hiddenName }

// Format never reveals the name, whatever the verb.
func (n Name) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, hiddenName) }

// LogValue never reveals the name.
func (n Name) LogValue() slog.Value { return slog.StringValue(hiddenName) }

// MarshalText never reveals the name.
func (n Name) MarshalText() ([]byte, error) { return []byte(hiddenName), nil }
