package oauth

import (
	"slices"
	"strings"
)

// plainJSON reads JSON that is plainly written: one object of strings without escapes, of whole numbers and of objects, each
// name once. Nearly every JWT holds such objects, and reading them so takes a tenth of the time. Whatever else may be JSON
// too it does not read: the caller then goes the long way, by go-jose, which alone refuses anything (FuzzPlainJWT).
type plainJSON struct {
	rest string // what is still to be read
}

// mostPlainMembers is how many members a plain object has at most: their names are compared with each other.
const mostPlainMembers = 16

// readPlain reports whether text is one plain object whose members were all taken. A member's value is still to be read when
// take gets its name.
func readPlain(text string, take func(p *plainJSON, name string) bool) bool {
	p := plainJSON{text}
	return p.object(take) && p.trim() == ""
}

func (p *plainJSON) object(take func(p *plainJSON, name string) bool) bool {
	var names [mostPlainMembers]string
	if !p.skip("{") {
		return false
	}
	for count := range names {
		name := ""
		if !p.text(&name) || slices.Contains(names[:count], name) || !p.skip(":") || !take(p, name) {
			return false
		}
		if names[count] = name; !p.skip(",") {
			return p.skip("}")
		}
	}
	return false
}

// trim takes the white space away that JSON has between its parts (RFC 8259 §2).
func (p *plainJSON) trim() string {
	at := 0
	for at < len(p.rest) && (p.rest[at] == ' ' || p.rest[at] == '\t' || p.rest[at] == '\r' || p.rest[at] == '\n') {
		at++
	}
	p.rest = p.rest[at:]
	return p.rest
}

func (p *plainJSON) skip(sign string) (there bool) {
	p.rest, there = strings.CutPrefix(p.trim(), sign)
	return there
}

// text reads a string of printable ASCII without escapes.
func (p *plainJSON) text(into *string) bool {
	text, begun := strings.CutPrefix(p.trim(), `"`)
	for i := 0; begun && i < len(text); i++ {
		switch c := text[i]; {
		case c == '"':
			*into, p.rest = text[:i], text[i+1:]
			return true
		case c < 0x20 || c > 0x7e || c == '\\':
			return false
		}
	}
	return false
}

// mostDigits keeps a number within what a float64 holds exactly.
const mostDigits = 15

// number reads a whole number that is not negative.
func (p *plainJSON) number(into *int64) bool {
	digits := len(p.trim()) - len(strings.TrimLeft(p.rest, "0123456789"))
	if digits == 0 || digits > mostDigits || digits > 1 && p.rest[0] == '0' {
		return false
	}
	*into = 0
	for _, digit := range []byte(p.rest[:digits]) {
		*into = *into*10 + int64(digit-'0')
	}
	p.rest = p.rest[digits:]
	return true
}

// other reads a string or a number that nobody asks for.
func (p *plainJSON) other() bool {
	text, number := "", int64(0)
	return p.text(&text) || p.number(&number)
}
