package document

import (
	"regexp"
	"slices"
	"strings"
	"time"
)

// LooksLike knows an ID document by its looks: whole, cut or spoiled, a licence's code, one line or element of it, a zone or one
// of its lines. Where something else is asked for, nothing of it is to be searched, kept or shown again. An account
// identifier does not look like one. What Parse reads, or nearly reads, is one as well.
func LooksLike(text string, now time.Time) bool {
	if len(text) > longestScan {
		text = text[:longestScan]
	}
	_, problems := Parse(text, now)
	for _, p := range problems {
		switch p.Kind {
		case Empty, IsURL, IsUserCode, IsPresenceProof:
			return false
		case NotADocument, TooLong:
			return hasDocumentShape(text)
		}
	}
	return true
}

func hasDocumentShape(text string) bool {
	text = unspell(latin1(text))
	if nameLine.MatchString(text) {
		return true
	}
	upper := strings.ToUpper(text)
	matches := func(shape *regexp.Regexp) bool { return shape.MatchString(upper) }
	return slices.ContainsFunc(documentShapes, matches) || slices.ContainsFunc(otherShapes, matches) ||
		len(elementLine.FindAllString(upper, fewestElements)) == fewestElements || beginsAZone(upper)
}

// beginsAZone knows the beginning of a zone, without a filler or with another sign in its place, by its state: of a card's first
// line, of any first line, and of a passport's second one, whose number has its check digit.
func beginsAZone(upper string) bool {
	if len(upper) >= len("PUTOA") && signsInARow(upper) >= fewestFillers {
		return true
	}
	if m := cardStart.FindStringSubmatch(upper); m != nil && knownState(strings.TrimRight(m[1], "<")) {
		return true
	}
	if m := cardNumber.FindStringSubmatch(upper); m != nil && digitFits(m[2], m[3]) && knownState(strings.TrimRight(m[1], "<")) {
		return true
	}
	if m := otherSign.FindStringSubmatch(upper); m != nil && knownState(m[1]) {
		return true
	}
	m := secondLine.FindStringSubmatch(upper)
	return m != nil && digitFits(m[1], m[2]) && knownState(strings.TrimRight(m[3], "<"))
}

var (
	cardStart  = regexp.MustCompile(`^\s*(?:I[A-Z]|A[RCF]|C[ARI]|RP|TR)([A-Z]{3})[A-Z0-9]{0,3}[0-9]{5}[A-Z0-9<]*\s*$`)
	cardNumber = regexp.MustCompile(`^\s*(?:I[A-Z]|A[RCF]|C[ARI]|RP|TR)([A-Z]{3}|[A-Z]<<)([A-Z0-9<]{9})([0-9])[A-Z0-9<]*\s*$`)
	otherSign  = regexp.MustCompile(`^\s*[PIACV][^A-Z0-9\s._@/:+-]([A-Z]{3})`)
	secondLine = regexp.MustCompile(`^\s*([A-Z0-9<]{9})([0-9])([A-Z]{3}|[A-Z]{2}<|[A-Z]<<)[0-9]*\s*$`)
)

// fewestElements on lines of their own are a licence; one may be a name.
const fewestElements = 2

// elementLine is an element of a licence on a line of its own. nameLine is one with a name, in capitals as cards have them: dcsmith
// may be somebody's account.
var (
	elementLine = regexp.MustCompile(`(?m)(?:^|[\n\r\x1c-\x1f])(?:DL|ID|EN)?D[A-D][A-Z][^\n\r\x1c-\x1f]*`)
	nameLine    = regexp.MustCompile(`^\s*D(?:CS|CT|AA)[\p{Lu}'][\p{Lu}\p{M}' ,.$@?-]*\s*$`)
)

var documentShapes = []*regexp.Regexp{
	// A licence: its head, the line before the head, a line with the number or a date, and elements without line breaks.
	regexp.MustCompile(`(?:ANSI|AAMVA)\s{0,4}[0-9]{6}`),
	regexp.MustCompile(`^\s*@[\s\x1c-\x1f]*$|^\s*@[\s\x1c-\x1f]+\S`),
	regexp.MustCompile(`^[^A-Z0-9]{0,3}(?:DL|EN|ID)?DAQ[A-Z]{0,3}[0-9]`),
	regexp.MustCompile(`^\s*D(?:BA|BB|BD)(?:[0-9]{8}|[0-9]{2,4}[-/. ][0-9]{2}[-/. ][0-9]{2,4})\s*$`),
	elementsInARun,
	// A zone: fillers, one filler in a line, the beginning, the dates with the sex between them, a first line without a filler.
	regexp.MustCompile(`<<`),
	regexp.MustCompile(`[A-Z0-9]<[A-Z0-9][^>@]*$`),
	regexp.MustCompile(`^\s*[PIACV][A-Z]?<[A-Z]{3}`),
	regexp.MustCompile(`(?:^|[A-Z0-9<])[0-9<]{6}[0-9][MFX<][0-9<]{6}[0-9<](?:[A-Z]{3}|[A-Z<]{2}|[0-9<]{8}|\s*$)`),
	regexp.MustCompile(`(?m)^\s*(?:[IAC][A-Z]?|RP|TR)[A-Z]{3}[A-Z0-9]{9}[0-9][A-Z0-9]{15}\s*$`),
	// A magnetic stripe, and the one line of a European licence.
	regexp.MustCompile(`^%[A-Z][A-Z0-9][^?]*\^`),
	regexp.MustCompile(`^\s*[;+][0-9]{6,}=`),
	regexp.MustCompile(`^\s*D1[A-Z]{3}[A-Z0-9<]{25}\s*$`),
	// Parts of a licence: its directory, its postcode, its own number, and its address.
	regexp.MustCompile(`(?:^|[0-9])(?:DL|ID|EN)[0-9]{8}(?:DL|ID|EN|Z[A-Z])`),
	regexp.MustCompile(`^[^A-Z0-9]*@\s*(?:ANSI|AAMVA)`),
	regexp.MustCompile(`^\s*DAK[0-9]{5}(?:[0-9]{4})?\s*$|^\s*DC[FK][A-Z]{0,4}[0-9]{6}|^\s*DAG[0-9]+ [A-Z0-9]`),
}

// otherShapes are those of codes that other cards have: parts between bars or at signs (South Africa, Argentina), XML (India), the
// card of Colombia, contact cards, boarding passes, health passes, and the seals of ICAO Doc 9303-13.
var otherShapes = []*regexp.Regexp{
	regexp.MustCompile(`\|[^|]*\|[^|]*\|`),
	regexp.MustCompile(`@[^@]*@[^@]*@`),
	regexp.MustCompile(`^\s*<\?XML|^\s*<[A-Z][A-Z0-9:]*\s[^>]*=|&LT;`),
	regexp.MustCompile(`^PUBDSK_`),
	regexp.MustCompile(`^(?:BEGIN:VCARD|MECARD:)`),
	regexp.MustCompile(`^M[1-4][A-Z' -]{1,19}/[A-Z ]{2,}`),
	regexp.MustCompile(`^(?:SHC:/|HC[01]:)`),
	regexp.MustCompile(`^DC0[1-9][A-Z]{4}[A-Z0-9<]{10}`),
}
