// Package accountcsv reads files of accounts, for the command accounts import and for the
// administrators' console. It only reads: what an import does is in models.
//
//	read.go    the file: encoding, header, rows
//	text.go    its characters: line ends, quotation marks, the separator
//	fields.go  the fields of a row
//	damage.go  what spreadsheets do to a field
//	sample.go  a file to begin with
//	one.go     one account that somebody typed
package accountcsv

import (
	"bufio"
	"encoding/csv"
	"errors"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"countersign/models"
)

// The columns of an accounts file, in any order; each but latin_name, language, staff, presence and two_person must be there.
const (
	columnIdentifiers = "identifiers"
	columnName        = "name"
	columnBirth       = "date_of_birth"
	columnContact     = "contact"
	columnStatus      = "status"
	columnLatinName   = "latin_name" // the name in Latin letters, as ID documents give it
	columnLanguage    = "language"   // of notices: a language tag (BCP 47)
	columnStaff       = "staff"      // the member of staff whose account it is: the subject (sub) that the OpenID Provider gives
	columnPresence    = "presence"   // whether only the device's own proof will do
	columnTwoPerson   = "two_person" // whether an approval needs a second person
)

var (
	required = []string{columnIdentifiers, columnName, columnBirth, columnContact, columnStatus}
	optional = []string{columnLatinName, columnLanguage, columnStaff, columnPresence, columnTwoPerson}
)

// Bounds of an accounts file, in characters.
const (
	longestName    = 200
	longestContact = 254
	longestTag     = 35  // BCP 47 §4.4.1
	longestSubject = 255 // OpenID Connect Core 1.0 §2: sub

	mostIdentifiers = 100 // of one account, which is imported in one piece
)

// byteOrderMark begins files that some programs write.
const byteOrderMark = "\ufeff"

// Read reads a CSV file (RFC 4180) as spreadsheets save it: with any line ends, a byte order mark, another separator that
// its first line or its header shows, and empty rows and columns. It returns its accounts, or the first problems and how many
// further there are. now is what a date of birth may not be after.
func Read(file io.Reader, now time.Time) models.ReadAccounts {
	buffered := bufio.NewReaderSize(file, 64<<10)
	r := &accountsReader{now: now, lines: map[string]int{}, line: 1}
	if !r.begin(buffered) || !r.header() {
		return r.read
	}
	for {
		record, ok := r.next()
		if !ok {
			break
		}
		if record, ok = r.fit(record); ok {
			r.read.Accounts = append(r.read.Accounts, r.account(record))
		}
	}
	if len(r.read.Accounts) == 0 && len(r.read.Problems) == 0 {
		r.refuse("", models.ImportNoAccounts)
	}
	if len(r.read.Problems) > 0 { // then nothing of the people in it is of use
		r.read.Accounts = nil
	}
	return r.read
}

// begin finds the file's encoding and separator; false when it can be read in none.
func (r *accountsReader) begin(file *bufio.Reader) bool {
	if start, _ := file.Peek(len(byteOrderMark)); string(start) == byteOrderMark {
		_, _ = file.Discard(len(byteOrderMark))
	} else if isWorkbook(file) {
		r.refuse("", models.ImportWorkbook)
		return false
	} else if isUTF16(start) {
		r.refuse("", models.ImportUTF16)
		return false
	}
	comma := separator(file)
	if comma == "" {
		r.refuse("", models.ImportSeparator)
		return false
	}
	r.csv = csv.NewReader(&textReader{in: file, comma: comma[0]})
	r.csv.Comma = rune(comma[0])
	r.csv.FieldsPerRecord = -1
	r.csv.TrimLeadingSpace = comma != "\t" // a tab would be a space that leads
	return true
}

// isWorkbook knows a spreadsheet's own file: a ZIP archive, or the compound file of older programs.
func isWorkbook(file *bufio.Reader) bool {
	start, _ := file.Peek(4)
	return string(start) == "PK\x03\x04" || string(start) == "\xd0\xcf\x11\xe0"
}

// isUTF16 knows that encoding by its byte order mark, or by the half of a letter that
// is zero.
func isUTF16(start []byte) bool {
	return strings.HasPrefix(string(start), "\xff\xfe") || strings.HasPrefix(string(start), "\xfe\xff") ||
		strings.Contains(string(start), "\x00")
}

type accountsReader struct {
	csv     *csv.Reader
	now     time.Time
	columns []string       // of the header; "" where it is empty
	line    int            // of the record that was read last
	lines   map[string]int // identifier key → the line that has it
	read    models.ReadAccounts
}

// refuse notes a problem. What befalls whole columns, of which one line is as good as all, is listed once.
func (r *accountsReader) refuse(column string, problem models.ImportProblem, args ...string) {
	listed := func(p models.ImportError) bool { return p.Problem == problem && p.Column == column }
	if slices.Contains(ofColumns, problem) && slices.ContainsFunc(r.read.Problems, listed) {
		r.read.Further++
		return
	}
	r.read.Refuse(models.ImportError{Line: r.line, Column: column, Problem: problem, Args: args})
}

// ofColumns are problems of how a whole file or column was saved.
var ofColumns = []models.ImportProblem{models.ImportNotUTF8, models.ImportCutNumber, models.ImportFormula, models.ImportDateForm,
	models.ImportLost}

// next reads a record that holds something; false at the end, and after text that is no CSV, since
// nobody knows where its next record begins.
func (r *accountsReader) next() ([]string, bool) {
	for {
		record, err := r.csv.Read()
		if err == io.EOF {
			return nil, false
		}
		if err != nil {
			r.broken(err)
			return nil, false
		}
		if !slices.ContainsFunc(record, filled) {
			continue
		}
		r.line, _ = r.csv.FieldPos(0)
		return record, true
	}
}

// filled reports whether a field holds what can be seen: not blanks, marks without width, or the character that ended files of DOS.
func filled(field string) bool {
	return strings.ContainsFunc(field, func(r rune) bool { return !unicode.IsSpace(r) && !strings.ContainsRune(unseen, r) })
}

const unseen = "\u200b\u2060" + byteOrderMark + "\x1a"

func (r *accountsReader) broken(err error) {
	broken, ok := errors.AsType[*csv.ParseError](err)
	switch {
	case !ok:
		r.refuse("", models.ImportUnread, err.Error())
		return
	case errors.Is(broken, csv.ErrBareQuote):
		r.line = broken.Line
		r.refuse("", models.ImportBareQuote, strconv.Itoa(broken.Column))
	default:
		r.line = broken.Line
		r.refuse("", models.ImportQuote, strconv.Itoa(broken.Column))
	}
}

// header reads the columns' names; false when the rest cannot be understood. Its messages name a column only by what no
// person's data looks like: a file without a header begins with somebody.
func (r *accountsReader) header() bool {
	record, ok := r.next()
	if ok && strings.HasPrefix(strings.ReplaceAll(folded(record[0]), " ", ""), separatorLine) {
		record, ok = r.next()
	}
	switch {
	case !ok && len(r.read.Problems) == 0:
		r.refuse("", models.ImportEmpty)
	case ok && knownColumns(record) == 0:
		r.refuse("", models.ImportNoHeader, strings.Join(required, ", "))
	case ok:
		r.readColumns(record)
	}
	return len(r.read.Problems) == 0
}

func (r *accountsReader) readColumns(record []string) {
	for i, field := range record {
		column := folded(field)
		switch {
		case column == "": // fit refuses what stands below it
		case !isColumn(column):
			r.refuse(shownColumn(record, i), models.ImportUnknown, strings.Join(required, ", "),
				strings.Join(optional[:len(optional)-1], ", "), optional[len(optional)-1])
		case slices.Contains(r.columns, column):
			r.refuse(column, models.ImportColumnTwice)
		}
		r.columns = append(r.columns, column)
	}
	for _, column := range required {
		if !slices.Contains(r.columns, column) {
			r.refuse(column, models.ImportNoColumn)
		}
	}
	for n := len(r.columns); n > 0 && r.columns[n-1] == ""; n-- {
		r.columns = r.columns[:n-1]
	}
}

// fit cuts off fields that are empty beyond the columns; false when something stands where no column is, or fields are missing.
func (r *accountsReader) fit(record []string) ([]string, bool) {
	for n := len(record); n > len(r.columns) && !filled(record[n-1]); n-- {
		record = record[:n-1]
	}
	if len(record) != len(r.columns) {
		r.refuse("", models.ImportFields, strconv.Itoa(len(record)), strconv.Itoa(len(r.columns)))
		return nil, false
	}
	for i, column := range r.columns {
		if column == "" && filled(record[i]) {
			r.refuse(strconv.Itoa(i+1), models.ImportNameless)
			return nil, false
		}
	}
	return record, true
}

// plainColumn is a word as the names of columns are, and as no number or address of a person is.
var plainColumn = regexp.MustCompile(`^[a-z]+(_[a-z]+)*$`)

// shownColumn names an unknown column, or says where it stands, counted from 1. A line in which anything is no such word may be
// a header and somebody's data in one, and none of it is shown.
func shownColumn(header []string, i int) string {
	for _, field := range header {
		if name := folded(field); name != "" && !plainColumn.MatchString(name) || len(name) > 30 {
			return strconv.Itoa(i + 1)
		}
	}
	return folded(header[i])
}
