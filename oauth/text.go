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

// IsIgnorable says whether a character shows nothing by itself and has no part in what a text says:
// Default_Ignorable_Code_Point (UAX #44), which NFKC_Casefold leaves out.
func IsIgnorable(r rune) bool {
	switch {
	case unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector):
		return true
	case !unicode.In(r, unicode.Cf), unicode.Is(unicode.Prepended_Concatenation_Mark, r):
		return false
	}
	return (r < 0xFFF9 || r > 0xFFFB) && (r < 0x13430 || r > 0x1343F) // annotations; Egyptian joiners
}

// deceptive finds control characters (Cc), line and paragraph separators (Zl, Zp), format characters (Cf), which are
// the direction overrides, the zero-width characters, the byte order mark and the tag characters, the invisible
// fillers that Unicode counts as letters, marks or symbols, and whatever else may be ignored. The two variation
// selectors that choose between the text and the picture of a sign are let through: keyboards put them behind hearts.
func deceptive(r rune) bool {
	switch r {
	case '\ufe0e', '\ufe0f':
		return false
	case '\u2800': // the braille blank
		return true
	}
	return IsIgnorable(r) || unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp)
}
