// Package accountcsv reads files of accounts, for the command accounts import and for the
// administrators' console. It only reads: what an import does is in models.
package accountcsv

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"countersign/models"
	"countersign/oauth"
)

// The columns of an accounts file, in any order; each but presence and two_person must be there.
const (
	columnIdentifiers = "identifiers"
	columnName        = "name"
	columnBirth       = "date_of_birth"
	columnContact     = "contact"
	columnStatus      = "status"
	columnPresence    = "presence"   // whether only the device's own proof will do
	columnTwoPerson   = "two_person" // whether an approval needs a second person
)

// Bounds of an accounts file, in characters.
const (
	longestName    = 200
	longestContact = 254
)

// saveAs is for whoever made the file with a spreadsheet program.
const saveAs = "Save it as CSV UTF-8, separated by commas"

// byteOrderMark begins files that some programs write.
const byteOrderMark = "\ufeff"

// Read reads a CSV file (RFC 4180; a byte order mark and any line ends are fine) and
// returns its accounts, or every problem. today is what a date of birth may not be after.
func Read(file io.Reader, today time.Time) ([]models.ImportedAccount, []models.ImportError) {
	buffered := bufio.NewReader(file)
	r := &accountsReader{csv: csv.NewReader(buffered), today: today.Format(time.DateOnly), lines: map[string]int{}}
	if start, _ := buffered.Peek(len(byteOrderMark)); string(start) == byteOrderMark {
		_, _ = buffered.Discard(len(byteOrderMark))
	} else if isUTF16(start) {
		r.line = 1
		r.refuse("", "this is UTF-16. "+saveAs)
		return nil, r.problems
	}
	r.csv.FieldsPerRecord = -1
	r.csv.TrimLeadingSpace = true
	if !r.header() {
		return nil, r.problems
	}
	var accounts []models.ImportedAccount
	for {
		record, ok := r.next()
		if !ok {
			break
		}
		if len(record) != len(r.columns) {
			r.refuse("", fmt.Sprintf("it has %d fields, the header has %d", len(record), len(r.columns)))
			continue
		}
		accounts = append(accounts, r.account(record))
	}
	if len(accounts) == 0 && len(r.problems) == 0 {
		r.refuse("", "the file has no accounts")
	}
	return accounts, r.problems
}

// isUTF16 knows that encoding by its byte order mark, or by the half of a letter that
// is zero.
func isUTF16(start []byte) bool {
	return strings.HasPrefix(string(start), "\xff\xfe") || strings.HasPrefix(string(start), "\xfe\xff") || strings.Contains(string(start), "\x00")
}

type accountsReader struct {
	csv      *csv.Reader
	today    string
	columns  []string
	line     int            // of the record that was read last
	lines    map[string]int // identifier key → the line that has it
	problems []models.ImportError
}

func (r *accountsReader) refuse(column, problem string) {
	r.problems = append(r.problems, models.ImportError{Line: r.line, Column: column, Problem: problem})
}

// next reads a record; false at the end, and after text that is no CSV, since
// nobody knows where its next record begins.
func (r *accountsReader) next() ([]string, bool) {
	record, err := r.csv.Read()
	if err == io.EOF {
		return nil, false
	}
	if broken, ok := errors.AsType[*csv.ParseError](err); ok {
		r.line = broken.Line
		r.refuse("", fmt.Sprintf("character %d: %v; the rest was not read", broken.Column, broken.Err))
		return nil, false
	}
	if err != nil {
		r.refuse("", err.Error())
		return nil, false
	}
	r.line, _ = r.csv.FieldPos(0)
	return record, true
}

// header reads the first record; false when the rest cannot be understood.
func (r *accountsReader) header() bool {
	r.line = 1
	record, ok := r.next()
	if !ok {
		if len(r.problems) == 0 {
			r.refuse("", "the file is empty")
		}
		return false
	}
	if len(record) == 1 && strings.ContainsAny(record[0], ";\t") {
		r.refuse("", "the columns are not separated by commas. "+saveAs)
		return false
	}
	known := []string{columnIdentifiers, columnName, columnBirth, columnContact, columnStatus}
	for _, field := range record {
		column := strings.ToLower(strings.TrimSpace(field))
		switch {
		case !slices.Contains(known, column) && column != columnPresence && column != columnTwoPerson:
			r.refuse(shown(field), "unknown column; the columns are "+strings.Join(known, ", ")+", and "+columnPresence+" and "+columnTwoPerson+" if you like")
		case slices.Contains(r.columns, column):
			r.refuse(column, "the column is there twice")
		}
		r.columns = append(r.columns, column)
	}
	for _, column := range known {
		if !slices.Contains(r.columns, column) {
			r.refuse(column, "the column is missing")
		}
	}
	return len(r.problems) == 0
}

// account reads one line, noting everything that is wrong with it.
func (r *accountsReader) account(record []string) models.ImportedAccount {
	account := models.ImportedAccount{Line: r.line}
	for i, column := range r.columns {
		field := strings.TrimSpace(record[i])
		if problem := unreadable(field); problem != "" {
			r.refuse(column, problem)
			continue
		}
		switch column {
		case columnIdentifiers:
			account.Identifiers = r.identifiers(field)
		case columnName:
			account.FullName = r.text(column, field, longestName)
			if field == "" {
				r.refuse(column, "the name is missing")
			}
		case columnBirth:
			account.DateOfBirth = r.dateOfBirth(field)
		case columnContact:
			account.Contact = r.text(column, field, longestContact)
		case columnStatus:
			account.Status = r.status(field)
		case columnPresence:
			account.PresenceRequired = r.required(column, field)
		case columnTwoPerson:
			account.TwoPersonRequired = r.required(column, field)
		}
	}
	return account
}

// identifiers are what a phone can name the account by, so each must be a
// login_hint that the server takes.
func (r *accountsReader) identifiers(field string) []string {
	var list []string
	for identifier := range strings.SplitSeq(field, ";") {
		identifier = strings.TrimSpace(identifier)
		if identifier == "" {
			continue
		}
		if _, err := oauth.ReadLoginHint(oauth.Parameters{oauth.ParamLoginHint: identifier}); err != nil {
			r.refuse(columnIdentifiers, strings.ReplaceAll(err.Description, oauth.ParamLoginHint, "an identifier"))
			continue
		}
		key := models.IdentifierKey(identifier)
		switch line, taken := r.lines[key]; {
		case taken && line == r.line:
			r.refuse(columnIdentifiers, shown(identifier)+" is on this line twice; capitals and blanks make no difference")
			continue
		case taken:
			r.refuse(columnIdentifiers, fmt.Sprintf("%s is on line %d already", shown(identifier), line))
			continue
		}
		r.lines[key] = r.line
		list = append(list, identifier)
	}
	if strings.Trim(field, "; ") == "" {
		r.refuse(columnIdentifiers, "there is no identifier")
	}
	return list
}

func (r *accountsReader) text(column, field string, longest int) string {
	if utf8.RuneCountInString(field) > longest {
		r.refuse(column, fmt.Sprintf("longer than %d characters", longest))
	}
	return field
}

// dateOfBirth may be unknown, which is empty.
func (r *accountsReader) dateOfBirth(field string) string {
	if field == "" {
		return ""
	}
	date, err := time.Parse(time.DateOnly, field)
	switch {
	case err != nil:
		r.refuse(columnBirth, shown(field)+" is not a date like 1980-05-31")
	case field > r.today:
		r.refuse(columnBirth, field+" is in the future")
	case date.Year() < 1850:
		r.refuse(columnBirth, field+" is too long ago")
	}
	return field
}

func (r *accountsReader) status(field string) string {
	switch status := strings.ToLower(field); status {
	case "":
		return models.AccountActive
	case models.AccountActive, models.AccountSuspended, models.AccountLocked, models.AccountClosed:
		return status
	}
	r.refuse(columnStatus, shown(field)+" is none of active, suspended, locked, closed")
	return ""
}

// required may be empty, which requires nothing.
func (r *accountsReader) required(column, field string) *bool {
	required := strings.EqualFold(field, "required")
	if field != "" && !required {
		r.refuse(column, shown(field)+" is neither required nor empty")
	}
	return &required
}

// unreadable says why a text cannot be shown as it is.
func unreadable(text string) string {
	switch {
	case !utf8.ValidString(text):
		return "not UTF-8"
	case strings.ContainsFunc(text, func(r rune) bool { return unicode.Is(unicode.Cc, r) }):
		return "a control character or a line break"
	case strings.ContainsFunc(text, func(r rune) bool { return unicode.Is(unicode.Bidi_Control, r) }):
		return "a character that turns the direction of writing"
	}
	return ""
}

// shown is a text from a file, fit for a terminal.
func shown(text string) string {
	runes := []rune(fmt.Sprintf("%q", text))
	if len(runes) > 60 {
		return string(runes[:58]) + `…"`
	}
	return string(runes)
}
