package handlerstest

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/net/html"
)

// English knows the English texts that have a German of their own, to find them where
// somebody reads German.
type English struct {
	whole map[string]bool // texts without arguments
	parts []string        // two words or more, between the arguments of a text
}

var englishDate = regexp.MustCompile(`\d (January|February|March|April|May|June|July|August|September|October|November|December) \d{4}|\d{4} at \d`)

var argument = regexp.MustCompile(`%(\[\d+\])?[a-z]|\{[a-z]+\}`)

// NewEnglish reads the German catalogue.
func NewEnglish(t testing.TB) English {
	t.Helper()
	_, here, _, _ := runtime.Caller(0)
	content := must(os.ReadFile(filepath.Join(filepath.Dir(here), "..", "..", "views", "words", "de.json")))
	var texts map[string]any
	if err := json.Unmarshal(content, &texts); err != nil {
		t.Fatal(err)
	}
	delete(texts, "") // the head of the file
	german := map[string]bool{}
	for _, text := range texts {
		if text, one := text.(string); one {
			german[text] = true
		}
	}
	e := English{whole: map[string]bool{}}
	for text := range texts {
		if german[text] { // the same word in both
			continue
		}
		if !argument.MatchString(text) {
			e.whole[text] = true
		}
		for _, part := range argument.Split(text, -1) {
			part = strings.TrimFunc(part, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
			if strings.Contains(part, " ") && strings.ContainsFunc(part, unicode.IsLetter) {
				e.parts = append(e.parts, part)
			}
		}
	}
	return e
}

// In lists the English that a page shows or tells. What is marked as of another language
// is not looked at.
func (e English) In(p *Page) []string {
	var found []string
	for _, text := range p.spoken() {
		if e.whole[text] || englishDate.MatchString(text) || slices.ContainsFunc(e.parts, func(part string) bool { return holds(text, part) }) {
			found = append(found, text)
		}
	}
	return found
}

// holds reports whether a text has a part as words of its own.
func holds(text, part string) bool {
	at := strings.Index(text, part)
	if at < 0 {
		return false
	}
	before, after := []rune(text[:at]), []rune(text[at+len(part):])
	return (len(before) == 0 || !unicode.IsLetter(before[len(before)-1])) && (len(after) == 0 || !unicode.IsLetter(after[0]))
}

// spoken returns all texts and worded attributes of the whole document.
func (p *Page) spoken() []string {
	var list []string
	var walk func(n *html.Node)
	walk = func(n *html.Node) {
		switch {
		case n.Type == html.TextNode:
			if text := strings.Join(strings.Fields(n.Data), " "); text != "" {
				list = append(list, text)
			}
		case n.Type == html.ElementNode && (n.Data == "script" || n.Data != "html" && has(n, "lang")):
			return
		}
		for _, a := range n.Attr {
			code := strings.HasPrefix(a.Key, "data-") && a.Key != "data-label" && !strings.Contains(a.Val, " ") // for a script
			if strings.HasPrefix(a.Key, "data-") && !code || slices.Contains([]string{"aria-label", "title", "placeholder", "alt", "label"}, a.Key) {
				list = append(list, a.Val)
			}
		}
		for child := range n.ChildNodes() {
			walk(child)
		}
	}
	walk(p.document)
	return list
}

// Language returns the language that the page says it is in.
func (p *Page) Language() string { return attribute(find(p.document, "html"), "lang") }
