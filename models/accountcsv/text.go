package accountcsv

import (
	"bufio"
	"io"
	"slices"
	"strings"
)

// textReader gives what a spreadsheet saved as CSV in the form that encoding/csv reads: lines end with LF, also those that
// end with CR alone; and ="0044", by which programs say that a number is a text, is "0044".
type textReader struct {
	in    *bufio.Reader
	comma byte
	state fieldState
}

// fieldState says where in a field the reader is (RFC 4180 §2).
type fieldState int

const (
	atStart fieldState = iota
	unquoted
	quoted
	afterQuote // one that ends the field, or is the first of two that stand for one
)

func (r *textReader) Read(p []byte) (int, error) {
	for n := range p {
		b, err := r.next()
		if err != nil {
			return n, err
		}
		p[n] = b
	}
	return len(p), nil
}

func (r *textReader) next() (byte, error) {
	b, err := r.in.ReadByte()
	if err == nil && b == '\r' {
		b = '\n'
		if r.followedBy('\n') {
			b, err = r.in.ReadByte()
		}
	}
	if err == nil && b == '=' && r.state == atStart && r.followedBy('"') {
		b, err = r.in.ReadByte()
	}
	r.state = r.state.after(b, r.comma)
	return b, err
}

func (r *textReader) followedBy(b byte) bool {
	ahead, _ := r.in.Peek(1)
	return len(ahead) == 1 && ahead[0] == b
}

func (s fieldState) after(b, comma byte) fieldState {
	switch {
	case s == quoted && b == '"':
		return afterQuote
	case s == quoted, s == afterQuote && b == '"', s == atStart && b == '"':
		return quoted
	case b == comma, b == '\n', s == atStart && b == ' ':
		return atStart
	}
	return unquoted
}

// separators are what spreadsheets put between columns, the first where nothing else is found.
const separators = ",;\t|"

// separatorLine begins a first line that names the separator, "sep=;", which spreadsheets read and write.
const separatorLine = "sep="

// separator finds what separates the columns by a first line that says it, or by the line of the header: the columns' names are
// known. "" means one that no spreadsheet uses.
func separator(in *bufio.Reader) string {
	start, _ := in.Peek(in.Size())
	for line := range strings.FieldsFuncSeq(string(start), func(r rune) bool { return r == '\n' || r == '\r' }) {
		if named, says := namedSeparator(line); says {
			return named
		}
		if strings.Trim(line, separators+`" `) == "" {
			continue
		}
		best, most := separators[:1], 0
		for _, candidate := range strings.Split(separators, "") {
			if n := knownColumns(strings.Split(line, candidate)); n > most {
				best, most = candidate, n
			}
		}
		return best
	}
	return separators[:1]
}

// namedSeparator reads "sep=;"; a spreadsheet that saved such a line again wrote it among its columns, as ""sep=",,,".
func namedSeparator(line string) (separator string, says bool) {
	rest, says := strings.CutPrefix(strings.ToLower(strings.NewReplacer(`"`, "", " ", "").Replace(line)), separatorLine)
	if rest == "" || !strings.Contains(separators, rest[:1]) || strings.Trim(rest, rest[:1]) != "" {
		return "", says
	}
	return rest[:1], says
}

func knownColumns(fields []string) int {
	n := 0
	for _, field := range fields {
		if isColumn(folded(strings.Trim(field, `="`))) {
			n++
		}
	}
	return n
}

// folded is the name of a column without capitals, and without blanks around it.
func folded(field string) string {
	return strings.ToLower(strings.TrimFunc(field, func(r rune) bool { return !filled(string(r)) }))
}

func isColumn(name string) bool {
	return slices.Contains(required, name) || slices.Contains(optional, name)
}

var _ io.Reader = (*textReader)(nil)
