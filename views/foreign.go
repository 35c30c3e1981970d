package views

import (
	"bytes"
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/text/unicode/bidi"
)

// English in the page of a language that lacks a text: it stands in left-to-right isolates, so that it is told in its own direction
// wherever it goes, into a mail as well. On a page these become elements of that language (WCAG 3.1.2).

// The characters of isolates (UAX #9 §2.4).
const (
	leftToRightIsolate = '\u2066'
	rightToLeftIsolate = '\u2067'
	firstStrongIsolate = '\u2068'
	popIsolate         = '\u2069'
)

func foreign(text string) string { return string(leftToRightIsolate) + text + string(popIsolate) }

// isolatedArgs wraps the arguments of an English text that run from right to left: a date, in an Arabic page.
func isolatedArgs(args []any) []any {
	args = slices.Clone(args)
	for i, arg := range args {
		if text, ok := arg.(string); ok && strings.ContainsFunc(text, isRightToLeft) {
			args[i] = isolate(text)
		}
	}
	return args
}

func isRightToLeft(r rune) bool {
	properties, _ := bidi.LookupRune(r)
	return properties.Class() == bidi.R || properties.Class() == bidi.AL
}

// MarkForeign puts what Say has marked on a page into elements with the language and direction of English. Where no element may
// stand, in attributes and titles, the isolates stay. The elements are whole whatever the page holds: a mark that is opened in an
// element ends in it.
func MarkForeign(page []byte) []byte {
	if !bytes.ContainsRune(page, leftToRightIsolate) {
		return page
	}
	m := marker{tokens: html.NewTokenizer(bytes.NewReader(page))}
	for m.next() {
	}
	return m.out.Bytes()
}

const (
	foreignStart = `<span lang="en" dir="ltr">`
	foreignEnd   = `</span>`
)

// textOnly are elements that hold no other; void ones hold nothing.
var (
	textOnly = []string{"title", "textarea", "option", "script", "style"}
	voids    = []string{"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
)

type marker struct {
	tokens *html.Tokenizer
	out    bytes.Buffer
	open   []string      // elements
	marks  []openIsolate // isolates
}

// openIsolate is an isolate that is open: as an element, or as itself.
type openIsolate struct {
	depth   int
	element bool
}

func (m *marker) next() bool {
	kind := m.tokens.Next()
	raw := m.tokens.Raw()
	switch kind {
	case html.ErrorToken:
		return false
	case html.TextToken:
		m.text(string(raw))
	case html.StartTagToken:
		m.out.Write(raw)
		if name, _ := m.tokens.TagName(); !slices.Contains(voids, string(name)) {
			m.open = append(m.open, string(name))
		}
	case html.EndTagToken:
		m.leave()
		m.out.Write(raw)
	default:
		m.out.Write(raw)
	}
	return true
}

// leave ends an element, and the marks in it first.
func (m *marker) leave() {
	for len(m.marks) > 0 && m.marks[len(m.marks)-1].depth >= len(m.open) {
		m.end()
	}
	m.open = m.open[:max(0, len(m.open)-1)]
}

func (m *marker) end() {
	if m.marks[len(m.marks)-1].element {
		m.out.WriteString(foreignEnd)
	}
	m.marks = m.marks[:len(m.marks)-1]
}

func (m *marker) text(text string) {
	if len(m.open) > 0 && slices.Contains(textOnly, m.open[len(m.open)-1]) {
		m.out.WriteString(text)
		return
	}
	for _, r := range text {
		switch {
		case r == leftToRightIsolate:
			m.marks = append(m.marks, openIsolate{len(m.open), true})
			m.out.WriteString(foreignStart)
			continue
		case r == rightToLeftIsolate || r == firstStrongIsolate:
			m.marks = append(m.marks, openIsolate{len(m.open), false})
		case r == popIsolate && len(m.marks) > 0 && m.marks[len(m.marks)-1].depth == len(m.open):
			isElement := m.marks[len(m.marks)-1].element
			m.end()
			if isElement {
				continue
			}
		}
		m.out.WriteRune(r)
	}
}
