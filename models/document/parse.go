package document

import (
	"strings"
	"time"
	"unicode"
)

const (
	// longestScan bounds what Parse looks at, in bytes. A PDF417 holds 1850 characters at most.
	longestScan = 4096
	// mostNoise bounds what a scanner may put around a code, in characters: prefix, AIM identifier, suffix.
	mostNoise = 16
)

// Parse reads a scan. now, in the counter's zone, says which century a year of two digits belongs to.
//
// With no problem the document is whole: every check digit is right and every field that its standard demands is there.
// With problems the document is empty, so that nothing is shown beside the record that might be misread; they are in
// the order of the lines. Nothing is repaired: a 0 where an O belongs stays a wrong check digit.
func Parse(scan string, now time.Time) (Document, []Problem) {
	today := DateOf(now)
	if len(scan) > longestScan {
		return refuse(FieldScan, 0, TooLong)
	}
	text := unspell(strings.ToValidUTF8(latin1(scan), ""))
	if upper := unspell(strings.ToUpper(text)); !aamvaHeader.MatchString(text) && aamvaHeader.MatchString(upper) {
		text = upper // Caps Lock was on: a card has capitals
	}
	switch trimmed := strings.TrimFunc(text, noise); {
	case trimmed == "":
		return refuse(FieldScan, 0, Empty)
	case aamvaHeader.MatchString(text):
		return parseAAMVA(text, today)
	case isURL(trimmed):
		return refuse(FieldScan, 0, IsURL)
	case isPresenceProof(trimmed):
		return refuse(FieldScan, 0, IsPresenceProof)
	case isUserCode(trimmed):
		return refuse(FieldScan, 0, IsUserCode)
	case isMagneticStripe(trimmed):
		return refuse(FieldScan, 0, Unsupported)
	}
	return parseMRZ(text, today)
}

func refuse(field Field, line int, kind Kind) (Document, []Problem) {
	return Document{}, []Problem{{field, line, kind}}
}

// noise is what a scanner or a browser puts around a code without meaning anything.
func noise(r rune) bool {
	return unicode.IsSpace(r) || unicode.IsControl(r) || r == '\uFEFF' || r == '\u200B'
}

// latin1 reads bytes that are no UTF-8 as ISO 8859-1, which a serial scanner sends of a card from Québec.
func latin1(scan string) string {
	if strings.ToValidUTF8(scan, "") == scan {
		return scan
	}
	runes := make([]rune, len(scan))
	for i := range len(scan) {
		runes[i] = rune(scan[i])
	}
	return string(runes)
}

// unspell puts back control characters that a scanner or a page spells out: scanners are set up to, since a keyboard has
// no key for them. With a caret they are spelt in a scan that has none of its own: else ^M is the beginning of a name.
func unspell(text string) string {
	text = namedControls.Replace(text)
	if strings.IndexFunc(strings.TrimFunc(text, noise), separates) < 0 {
		text = caretControls.Replace(text)
	}
	return text
}

// namedControls are spelt by name. The scan box writes a licence's own CR so: in a form it would become a line break.
var (
	namedControls = strings.NewReplacer(
		"<LF>", "\n", "<CR>", "\r", "<RS>", "\x1e", "<GS>", "\x1d", "<FS>", "\x1c", "<US>", "\x1f", "<STX>", "\x02", "<ETX>", "\x03",
		"<0A>", "\n", "<0D>", "\r", "<1E>", "\x1e", "<1D>", "\x1d", "<1C>", "\x1c", "<1F>", "\x1f",
		"␊", "\n", "␍", "\r", "␞", "\x1e", "␝", "\x1d", "␜", "\x1c", "␟", "\x1f", "␤", "\n",
	)
	caretControls = strings.NewReplacer("^J", "\n", "^M", "\r", "^^", "\x1e", "^]", "\x1d")
)

func isURL(text string) bool {
	scheme, _, found := strings.Cut(strings.ToLower(text), ":")
	switch {
	case !found:
		return false
	case scheme == "http", scheme == "https", scheme == "openid4vp", scheme == "mdoc", scheme == "urn":
		return true
	}
	return strings.Contains(text[:min(len(text), 32)], "://")
}

// isPresenceProof knows a presence proof as it travels (docs/presence-proof.md) by its prefix, and a bare JWT by its shape:
// three parts of base64url, the first of which begins {" .
func isPresenceProof(text string) bool {
	if strings.Contains(strings.ToUpper(strings.Join(strings.FieldsFunc(text, noise), "")), "PRES1") {
		return true
	}
	parts := strings.Split(text, ".")
	if len(parts) != 3 || !strings.HasPrefix(parts[0], "eyJ") {
		return false
	}
	return strings.IndexFunc(strings.Join(parts, ""), func(r rune) bool {
		return r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '-' && r != '_' && r != '='
	}) < 0
}

// isUserCode knows the phone's code (RFC 8628 §6.1, docs/architecture.md §4.3): eight letters of twenty, in groups or not.
func isUserCode(text string) bool {
	letters := strings.NewReplacer("-", "", " ", "").Replace(strings.ToUpper(text))
	return len(letters) == 8 && strings.Trim(letters, "BCDFGHJKLMNPQRSTVWXZ") == ""
}

// isMagneticStripe knows the text of tracks 1 to 3, which some provinces put into their PDF417.
func isMagneticStripe(text string) bool {
	return strings.HasPrefix(text, "%") && strings.ContainsAny(text, "^") && strings.Contains(text, "?")
}
