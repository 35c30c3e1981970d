package notices

import (
	"strings"
	"unicode"
)

// Bounds of what an app or a device says of itself, as it stands in a notice.
const (
	longestName = 48
	mostDigits  = 6
)

// inert makes a name that a stranger chose safe to stand in a mail: one line of letters,
// digits and few signs. No mail program makes a link, an address or a telephone number of
// what is left, and it cannot end the quotation that it stands in.
func inert(name string) string {
	digits := 0
	for _, r := range name {
		if unicode.IsDigit(r) {
			digits++
		}
	}
	var kept strings.Builder
	for _, r := range name {
		switch {
		case unicode.IsDigit(r) && digits > mostDigits:
			kept.WriteRune(' ')
		case unicode.IsLetter(r), unicode.IsMark(r), unicode.IsDigit(r), strings.ContainsRune("-'’(),", r):
			kept.WriteRune(r)
		default:
			kept.WriteRune(' ')
		}
	}
	words := []rune(strings.Join(strings.Fields(kept.String()), " "))
	if len(words) > longestName {
		words = append(words[:longestName-1], '…')
	}
	return string(words)
}

// oneLine is for the organisation's own names: of counters and publishers.
func oneLine(name string) string { return strings.Join(strings.Fields(name), " ") }
