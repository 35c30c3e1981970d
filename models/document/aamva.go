package document

import (
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

// aamvaHeader is what every North American code begins with: compliance indicator, separators, file type, issuer
// identification number, version (AAMVA DL/ID Card Design Standard, annex D.12.2). Noise may stand before it, any of the
// separators may be lost, and the file type of cards before the year 2000 is AAMVA.
var aamvaHeader = regexp.MustCompile(`^[^A-Za-z]{0,16}(?:\][A-Za-z][0-9])?[^A-Za-z]{0,16}(ANSI ?|AAMVA ?)([0-9]{6})([0-9]{2})`)

// card is a PDF417 taken apart.
type card struct {
	issuer   string // identification number
	version  int
	kind     string // subfile: DL, ID, EN
	elements map[string]string
	twice    map[string]bool // given with two values
}

// parseAAMVA reads versions 0 to 10; later ones are read as 10, since elements are only added.
//
// Where the standard is often broken, it is read as it was meant: a wrong offset or length, a lost record separator, CR
// or CRLF for LF. Lengths are used for one thing, to tell that a scan stopped early.
func parseAAMVA(text string, today Date) (Document, []Problem) {
	header := aamvaHeader.FindStringSubmatchIndex(text)
	c := card{issuer: text[header[4]:header[5]]}
	c.version, _ = number(text[header[6]:header[7]])
	subfiles, body, ok := c.directory(text[header[7]:])
	if !ok {
		return refuse(FieldScan, 0, StoppedEarly)
	}
	if kind := c.split(body, subfiles[0].end()-length(text[header[2]:])); kind != "" {
		return refuse(FieldScan, 0, kind)
	}
	return c.document(today)
}

// subfile is an entry of the directory: type, offset and length (annex D.12.3.2).
type subfile struct {
	kind           string
	offset, length int
}

// end is where the subfile ends, counted in characters from the compliance indicator.
func (s subfile) end() int { return s.offset + s.length }

// length counts what was scanned, from the file type on, as the standard counts it: with the four characters before the
// file type, which a scanner may have lost, and with a line break as one.
func length(text string) int {
	return 4 + utf8.RuneCountInString(text) - strings.Count(text, "\r\n")
}

var designator = regexp.MustCompile(`^([A-Z]{2})([0-9]{4})([0-9]{4})`)

// directory reads the rest of the header, and gives the subfile of the card first. Versions 0 and 1 have no jurisdiction
// version (annex D.12.3.1). The number of entries is not believed: as many are read as there are.
func (c *card) directory(rest string) (subfiles []subfile, body string, ok bool) {
	digits := 4
	if c.version < 2 {
		digits = 2
	}
	if len(rest) < digits {
		return nil, "", false
	}
	if _, isNumber := number(rest[:digits]); !isNumber {
		return nil, "", false
	}
	rest = rest[digits:]
	for {
		m := designator.FindStringSubmatch(rest)
		if m == nil {
			break
		}
		offset, _ := strconv.Atoi(m[2])
		length, _ := strconv.Atoi(m[3])
		entry := subfile{m[1], offset, length}
		if isCard(entry.kind) {
			subfiles = append([]subfile{entry}, subfiles...)
		} else {
			subfiles = append(subfiles, entry)
		}
		rest = rest[len(m[0]):]
	}
	if len(subfiles) == 0 || !isCard(subfiles[0].kind) {
		return nil, "", false
	}
	c.kind = subfiles[0].kind
	return subfiles, rest, true
}

func isCard(kind string) bool { return kind == "DL" || kind == "ID" || kind == "EN" }

// slack is how many characters of a declared length may be missing at the end of a card: lengths are often wrong by a few.
const slack = 8

// split takes the body apart. missing is by how much the text is shorter than the header says that the subfile's end is.
//
// A scan has stopped early when more than slack is missing and neither the segment terminator nor the next subfile was
// seen. It has also stopped when the last value is one that is read and more than its terminator is missing: a number
// without its last digits looks like a number.
func (c *card) split(body string, missing int) Kind {
	begin := strings.Index(body, c.kind)
	if begin < 0 {
		return StoppedEarly
	}
	body = strings.TrimRightFunc(body[begin+len(c.kind):], func(r rune) bool { return noise(r) && r != '\n' && r != '\r' })
	inside := strings.TrimFunc(body, noise)
	if !strings.ContainsAny(inside, "\n\r") && elementsInARun.MatchString(inside) {
		return LineBreaksDropped
	}
	c.elements, c.twice = map[string]string{}, map[string]bool{}
	var last string
	other := false
	for line := range strings.FieldsFuncSeq(body, func(r rune) bool { return r == '\n' || r == '\r' }) {
		c.keep(line)
		last, other = line, other || strings.HasPrefix(line, "Z")
	}
	tail := body[len(strings.TrimRight(body, "\n\r")):]
	ended := other || strings.Contains(tail, "\r") && !separatedByCR(body)
	if cut := tail == "" && isKept(last) && missing > 1; !ended && (missing > slack || cut) {
		return StoppedEarly
	}
	return ""
}

// separatedByCR says that the scanner sends CR, or CR and LF, for LF: then no segment terminator can be told.
func separatedByCR(body string) bool {
	first := strings.IndexAny(body, "\n\r")
	rest := body[max(first, 0):]
	return strings.Contains(rest[:len(rest)-len(strings.TrimLeft(rest, "\n\r"))], "\r")
}

// elementsInARun knows elements that follow each other with nothing between.
var elementsInARun = regexp.MustCompile(`D(?:AQ|CS|AA|AC|CT).+D(?:CS|AC|AA|AQ|BB|BA).+D(?:BB|BA|AQ|CS|AC|AG)`)
