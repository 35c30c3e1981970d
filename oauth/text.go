package oauth

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// readText judges text that people will read and nobody has validated: at most limit characters, something to see,
// nothing that hides or reorders what stands beside it. The refusal names the parameter, never the value.
func readText(code, name, value string, limit int) *Error {
	switch {
	case !utf8.ValidString(value):
		return Errorf(code, "%s is not valid UTF-8", name)
	case utf8.RuneCountInString(value) > limit:
		return Errorf(code, "%s is longer than %d characters", name, limit)
	case !strings.ContainsFunc(value, visible):
		return Errorf(code, "%s is blank", name)
	case strings.ContainsFunc(value, deceptive):
		return Errorf(code, "%s contains a control, direction or zero-width character", name)
	}
	return nil
}

// visible says whether there is something to see: marks and variation selectors alone show nothing.
func visible(r rune) bool { return unicode.In(r, unicode.L, unicode.N, unicode.P, unicode.S) }

// deceptive finds control characters (Cc), line and paragraph separators (Zl, Zp), format characters (Cf), which are
// the direction overrides, the zero-width characters, the byte order mark and the tag characters, and the invisible
// fillers that Unicode counts as letters, marks or symbols.
func deceptive(r rune) bool {
	switch r {
	case '\u034f', '\u2800', '\u115f', '\u1160', '\u17b4', '\u17b5', '\u3164', '\uffa0':
		return true
	}
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp)
}
