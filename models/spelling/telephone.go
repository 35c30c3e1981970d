package spelling

import (
	"regexp"
	"strings"
	"unicode"
)

// A number of ITU-T E.164 has at most 15 digits with its country code. The shortest in use have 7.
const (
	fewestDigits = 7
	mostDigits   = 15
)

// schemeTel begins a telephone number written as a URI (RFC 3966).
const schemeTel = "tel:"

// trunkZero is the national trunk prefix that people put in brackets into an international number.
var trunkZero = regexp.MustCompile(`\( ?0 ?\)`)

// telephone returns the E.164 form of a folded text that is a telephone number in international form. A number of RFC
// 3966 with parameters (an extension, a context) is another subscriber and is left alone; a national number behind
// "tel:" loses the scheme only.
func telephone(text string) (number string, is bool) {
	rest, scheme := strings.CutPrefix(text, schemeTel)
	rest = strings.TrimSpace(rest)
	if digits, international := internationalDigits(rest); international && isE164(digits) {
		return "+" + digits, true
	}
	return rest, scheme && rest != "" && isNumber(rest)
}

// internationalDigits returns the digits behind "+" or "00", separators and a bracketed trunk zero dropped. false when
// the text does not begin so, or holds anything else.
func internationalDigits(text string) (digits string, is bool) {
	compact, is := compactNumber(trunkZero.ReplaceAllString(text, ""))
	if !is {
		return "", false
	}
	digits, is = strings.CutPrefix(compact, "+")
	if !is {
		digits, is = strings.CutPrefix(compact, "00")
	}
	return digits, is && !strings.Contains(digits, "+")
}

// compactNumber drops the separators of a telephone number and writes its digits in ASCII. false when there is
// anything else but digits and "+".
func compactNumber(text string) (string, bool) {
	var b strings.Builder
	for _, r := range text {
		switch {
		case r == '+':
			b.WriteRune(r)
		case unicode.Is(unicode.Nd, r):
			b.WriteByte('0' + byte(digitValue(r)))
		case !isSeparator(r):
			return "", false
		}
	}
	return b.String(), b.Len() > 0
}

func isNumber(text string) bool {
	_, is := compactNumber(text)
	return is
}

// isSeparator reports what people put between the digits of a telephone number: blanks, hyphens and dashes of any
// kind, dots, slashes, brackets (RFC 3966 §5.1.1 calls the ASCII ones visual separators).
func isSeparator(r rune) bool {
	return strings.ContainsRune(" ./()·−", r) || unicode.Is(unicode.Pd, r)
}

// digitValue returns the value of a decimal digit of any script: each script's ten digits stand in one row, which
// begins where the character before is none.
func digitValue(r rune) int {
	zero := r
	for zero > 0 && r-zero < 9 && unicode.Is(unicode.Nd, zero-1) {
		zero--
	}
	return int(r - zero)
}

// isE164 reports whether digits can be a number with its country code: no code begins with 0.
func isE164(digits string) bool {
	return len(digits) >= fewestDigits && len(digits) <= mostDigits && digits[0] != '0'
}
