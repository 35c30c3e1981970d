package audit

import (
	"regexp"
	"strings"
)

// fits reports whether a text has a shape. Most texts of an entry are identifiers, thumbprints and words: for these a look at each
// byte says what the expression does, in a tenth of the time.
func fits(shape *regexp.Regexp, text string) bool {
	switch shape {
	case identifierShape:
		return len(text) >= 1 && len(text) <= 255 && all(text, func(c byte) bool { return '!' <= c && c <= '~' })
	case thumbprintShape:
		return len(text) == 43 && all(text, func(c byte) bool {
			return 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '-' || c == '_'
		})
	case wordShape:
		return len(text) >= 1 && len(text) <= 64 && !strings.ContainsRune(" _-", rune(text[0])) && all(text, func(c byte) bool {
			return 'a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == ' ' || c == '_' || c == '-'
		})
	}
	return shape.MatchString(text)
}

func all(text string, is func(byte) bool) bool {
	for i := range len(text) {
		if !is(text[i]) {
			return false
		}
	}
	return true
}
