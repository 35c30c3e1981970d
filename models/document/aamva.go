package document

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// aamvaHeader is what every North American code begins with: compliance indicator, separators, file type, issuer
// identification number, version (AAMVA DL/ID Card Design Standard, annex D.12.2). Noise may stand before it, any of the
// separators may be lost or have become letters, blanks may be more or become line breaks, and the file type of cards before
// the year 2000 is AAMVA. A filler stands before it only beside the @ that no zone has.
var aamvaHeader = regexp.MustCompile(`(?s)^(?:[^<]{0,32}?|[^@]{0,8}@.{0,24}?)((?:ANSI|AAMVA)[\s\x{A0}_-]{0,8})([0-9]{6}) ?[0-9]{2}`)

// card is a PDF417 taken apart.
type card struct {
	issuer   string // identification number
	kind     string // subfile: DL, ID, EN
	elements map[string]string
	twice    map[string]bool // given with two values
	unsized  bool            // the directory does not say how long the card is
}

// parseAAMVA reads versions 0 to 10, and later ones, since elements are only added. Which one it is changes nothing: an
// element means the same in each.
//
// Where the standard is often broken, it is read as it was meant: a wrong offset or length, a lost record separator, one
// separator for another. Lengths are used for one thing, to tell that a scan stopped early.
func parseAAMVA(text string, today Date) (Document, []Problem) {
	header := aamvaHeader.FindStringSubmatchIndex(text)
	c := card{issuer: text[header[4]:header[5]]}
	subfile, body, ok := c.directory(text[header[1]:])
	if !ok {
		return refuse(FieldScan, 0, StoppedEarly)
	}
	if subfile.offset == 0 && !c.unsized { // as in Ontario: the length is that of the whole
		subfile.length -= beforeFileType + length(text[header[2]:len(text)-len(body)])
	}
	if kind := c.split(body, subfile.length); kind != "" {
		return refuse(FieldScan, 0, kind)
	}
	return c.document(today)
}

// subfile is an entry of the directory (annex D.12.3.2). Where the card begins is seen in the text, whatever offset says.
type subfile struct {
	offset, length int
}

// beforeFileType are the characters of the header before the file type; a scanner may have lost them.
const beforeFileType = 4

// length counts what was scanned as the standard counts it, with a line break as one.
func length(text string) int { return utf8.RuneCountInString(text) - strings.Count(text, "\r\n") }

// mostDigits stand between the version and the directory: jurisdiction version and number of entries. Versions 0 and 1
// have the number alone (annex D.12.3.1), and there are cards of either kind that have it the other way. The number is not
// believed: as many entries are read as there are.
const mostDigits = 4

var designator = regexp.MustCompile(`^([A-Z]{2}) ?([0-9]{4}) ?([0-9]{4})`)

// unsized is a directory of which the offset and length are letters or missing, as in Alberta, up to the first element.
var unsized = regexp.MustCompile(`^(DL|ID|EN)[^\n\r\x1c-\x1f]{0,24}?((?:DL|ID|EN)?\s*D[A-D][A-Z])`)

// directory reads the rest of the header, and gives the entry of the first subfile that is a card.
func (c *card) directory(rest string) (entry subfile, body string, ok bool) {
	entries := strings.TrimLeft(rest, "0123456789 ")
	if len(strings.ReplaceAll(rest[:len(rest)-len(entries)], " ", "")) > mostDigits {
		return subfile{}, "", false
	}
	for m := designator.FindStringSubmatch(entries); m != nil; m = designator.FindStringSubmatch(entries) {
		if c.kind == "" && isCard(m[1]) {
			c.kind = m[1]
			entry.offset, _ = number(m[2])
			entry.length, _ = number(m[3])
		}
		entries = entries[len(m[0]):]
	}
	if m := unsized.FindStringSubmatchIndex(entries); c.kind == "" && m != nil {
		c.kind, c.unsized = entries[:m[3]], true
		entries = entries[m[4]:]
	}
	return entry, entries, c.kind != ""
}

func isCard(kind string) bool { return kind == "DL" || kind == "ID" || kind == "EN" }

// slack is how many characters of a declared length may be missing at the end of a card: lengths are often wrong by a few.
const slack = 8

// split takes the body apart. declared is how many characters the header says that the card has.
//
// A scan has stopped early when more than slack of them are missing and neither the segment terminator nor the next
// subfile was seen. It has also stopped when the last value is one that is read and more than its terminator is missing: a
// number without its last digits looks like a number. A card that does not say how long it is has to end as cards do, or
// to have told all that is read, the last of it with its separator.
func (c *card) split(body string, declared int) Kind {
	body = strings.TrimRightFunc(body, func(r rune) bool { return padding(r) && r != '\n' && r != '\r' })
	begin := c.begin(body)
	if begin < 0 {
		return StoppedEarly
	}
	missing := declared - length(body[begin:])
	body = body[begin:]
	if m := subfileType.FindStringSubmatch(body); m != nil {
		c.kind, body = m[1], body[len(m[1]):]
	}
	c.elements, c.twice = map[string]string{}, map[string]bool{}
	var last string
	other, run := false, false
	for line := range strings.FieldsFuncSeq(body, separates) {
		c.keep(line)
		last, other, run = line, other || strings.HasPrefix(line, "Z"), run || elementsInARun.MatchString(line)
	}
	if run && c.lacks() {
		return LineBreaksDropped
	}
	tail := body[len(strings.TrimRight(body, "\n\r")):]
	ended := other || strings.Contains(tail, "\r") && !separatedByCR(body)
	if c.unsized && !ended && !(c.complete() && (tail != "" || !isKept(last))) {
		return StoppedEarly
	}
	if cut := isKept(last) && missing > 1; !c.unsized && !ended && (missing > slack || cut) {
		return StoppedEarly
	}
	return ""
}

// begin is where the card begins in what follows the directory, -1 when it does not. Its type may be missing there, or be
// another than the directory says.
func (c *card) begin(body string) int {
	start := len(body) - len(strings.TrimLeftFunc(body, noise))
	if own := subfileType.FindString(body[start:]); element.MatchString(body[start+len(own):]) {
		return start
	}
	return strings.Index(body, c.kind)
}

// separates says that a character stands between elements: LF, or what was made of it.
func separates(r rune) bool { return r == '\n' || r == '\r' || '\x1c' <= r && r <= '\x1f' }

// separatedByCR says that the scanner sends CR, or CR and LF, for LF: then no segment terminator can be told.
func separatedByCR(body string) bool {
	rest := body[max(strings.IndexFunc(body, separates), 0):]
	return strings.Contains(rest[:len(rest)-len(strings.TrimLeftFunc(rest, separates))], "\r")
}

// element is an element's identifier; elementsInARun are some that follow each other with nothing between.
var (
	element        = regexp.MustCompile(`^D[A-D][A-Z]`)
	subfileType    = regexp.MustCompile(`^(DL|ID|EN)`)
	elementsInARun = regexp.MustCompile(`D(?:AQ|CS|AA|AC|CT).+D(?:CS|AC|AA|AQ|BB|BA).+D(?:BB|BA|AQ|CS|AC|AG)`)
)
