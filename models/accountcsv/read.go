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
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"countersign/models"
	"countersign/models/spelling"
	"countersign/oauth"
)

// The columns of an accounts file, in any order; each but latin_name, staff, presence and two_person must be there.
const (
	columnIdentifiers = "identifiers"
	columnName        = "name"
	columnBirth       = "date_of_birth"
	columnContact     = "contact"
	columnStatus      = "status"
	columnLatinName   = "latin_name" // the name in Latin letters, as ID documents give it
	columnStaff       = "staff"      // the member of staff whose account it is: the subject (sub) that the OpenID Provider gives
	columnPresence    = "presence"   // whether only the device's own proof will do
	columnTwoPerson   = "two_person" // whether an approval needs a second person
)

// Bounds of an accounts file, in characters.
const (
	longestName    = 200
	longestContact = 254
	longestSubject = 255 // OpenID Connect Core 1.0 §2: sub
)

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
		r.refuse("", models.ImportUTF16)
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
			r.refuse("", models.ImportFields, strconv.Itoa(len(record)), strconv.Itoa(len(r.columns)))
			continue
		}
		accounts = append(accounts, r.account(record))
	}
	if len(accounts) == 0 && len(r.problems) == 0 {
		r.refuse("", models.ImportNoAccounts)
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

func (r *accountsReader) refuse(column string, problem models.ImportProblem, args ...string) {
	r.problems = append(r.problems, models.ImportError{Line: r.line, Column: column, Problem: problem, Args: args})
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
		problem := models.ImportQuote
		if errors.Is(broken, csv.ErrBareQuote) {
			problem = models.ImportBareQuote
		}
		r.refuse("", problem, strconv.Itoa(broken.Column))
		return nil, false
	}
	if err != nil {
		r.refuse("", models.ImportUnread, err.Error())
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
			r.refuse("", models.ImportEmpty)
		}
		return false
	}
	if len(record) == 1 && strings.ContainsAny(record[0], ";\t") {
		r.refuse("", models.ImportSeparator)
		return false
	}
	known := []string{columnIdentifiers, columnName, columnBirth, columnContact, columnStatus}
	optional := []string{columnLatinName, columnStaff, columnPresence, columnTwoPerson}
	for _, field := range record {
		column := strings.ToLower(strings.TrimSpace(field))
		switch {
		case !slices.Contains(known, column) && !slices.Contains(optional, column):
			r.refuse(shown(field), models.ImportUnknown, strings.Join(known, ", "), strings.Join(optional[:len(optional)-1], ", "), optional[len(optional)-1])
		case slices.Contains(r.columns, column):
			r.refuse(column, models.ImportColumnTwice)
		}
		r.columns = append(r.columns, column)
	}
	for _, column := range known {
		if !slices.Contains(r.columns, column) {
			r.refuse(column, models.ImportNoColumn)
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
				r.refuse(column, models.ImportNoName)
			}
		case columnStaff:
			subject := r.text(column, field, longestSubject)
			account.StaffSubject = &subject
		case columnLatinName:
			account.LatinName = r.latinName(field)
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
		if utf8.RuneCountInString(identifier) > oauth.MaxLoginHint {
			r.refuse(columnIdentifiers, models.ImportIdentifierLong, strconv.Itoa(oauth.MaxLoginHint))
			continue
		}
		if oauth.HasUnencodedPlus(identifier) {
			r.refuse(columnIdentifiers, models.ImportBlankInMailbox)
			continue
		}
		if _, err := oauth.ReadLoginHint(oauth.Parameters{oauth.ParamLoginHint: identifier}); err != nil {
			r.refuse(columnIdentifiers, models.ImportHidden)
			continue
		}
		key := spelling.Key(identifier)
		switch line, taken := r.lines[key]; {
		case taken && line == r.line:
			r.refuse(columnIdentifiers, models.ImportTwiceHere, shown(identifier))
			continue
		case taken:
			r.refuse(columnIdentifiers, models.ImportTwice, shown(identifier), strconv.Itoa(line))
			continue
		}
		r.lines[key] = r.line
		list = append(list, identifier)
	}
	if strings.Trim(field, "; ") == "" {
		r.refuse(columnIdentifiers, models.ImportNoIdentifier)
	}
	return list
}

func (r *accountsReader) text(column, field string, longest int) string {
	if utf8.RuneCountInString(field) > longest {
		r.refuse(column, models.ImportLong, strconv.Itoa(longest))
	}
	return field
}

// latinName may be empty: then the record has none.
func (r *accountsReader) latinName(field string) *string {
	other := func(c rune) bool { return unicode.IsLetter(c) && !unicode.Is(unicode.Latin, c) }
	if strings.ContainsFunc(field, other) || field != "" && !strings.ContainsFunc(field, unicode.IsLetter) {
		r.refuse(columnLatinName, models.ImportNotLatin)
	}
	name := r.text(columnLatinName, field, longestName)
	return &name
}

// dateOfBirth may be unknown, which is empty.
func (r *accountsReader) dateOfBirth(field string) string {
	if field == "" {
		return ""
	}
	date, err := time.Parse(time.DateOnly, field)
	switch {
	case err != nil:
		r.refuse(columnBirth, models.ImportNotADate, shown(field))
	case field > r.today:
		r.refuse(columnBirth, models.ImportFuture, field)
	case date.Year() < 1850:
		r.refuse(columnBirth, models.ImportLongAgo, field)
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
	r.refuse(columnStatus, models.ImportStatus, shown(field))
	return ""
}

// required may be empty, which requires nothing.
func (r *accountsReader) required(column, field string) *bool {
	required := strings.EqualFold(field, "required")
	if field != "" && !required {
		r.refuse(column, models.ImportRequired, shown(field))
	}
	return &required
}

// unreadable says why a text cannot be shown as it is.
func unreadable(text string) models.ImportProblem {
	switch {
	case !utf8.ValidString(text):
		return models.ImportNotUTF8
	case strings.ContainsFunc(text, func(r rune) bool { return unicode.Is(unicode.Cc, r) }):
		return models.ImportControl
	case strings.ContainsFunc(text, func(r rune) bool { return unicode.Is(unicode.Bidi_Control, r) }):
		return models.ImportDirection
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
