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
	text = namedControls.Replace(latin1(text))
	if nameLine.MatchString(text) {
		return true
	}
	upper := strings.ToUpper(text)
	matches := func(shape *regexp.Regexp) bool { return shape.MatchString(upper) }
	return slices.ContainsFunc(documentShapes, matches) || len(elementLine.FindAllString(upper, fewestElements)) == fewestElements
}

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
	regexp.MustCompile(`^%[A-Z]{2}[^?]*\^`),
	regexp.MustCompile(`^\s*D1[A-Z]{3}[A-Z0-9<]{25}\s*$`),
}
