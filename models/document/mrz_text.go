package document

import (
	"slices"
	"strings"
)

// zone is a machine-readable zone: two or three lines of one length.
type zone []string

// format is one of the three sizes (ICAO Doc 9303 parts 4, 5 and 6).
type format struct {
	lines, length int
}

var (
	td1 = format{3, 30} // cards
	td2 = format{2, 36}
	td3 = format{2, 44} // passports
)

var formats = []format{td1, td2, td3}

func (f format) size() int { return f.lines * f.length }

// cut makes a zone of a run of characters.
func (f format) cut(run string) zone {
	lines := make(zone, f.lines)
	for i := range lines {
		lines[i] = run[i*f.length : (i+1)*f.length]
	}
	return lines
}

// parseMRZ finds the zone in what was scanned and reads it. First come the lines as they are; then one run without
// separators; then a zone with noise around it, which is taken only when every check digit in it is right.
func parseMRZ(text string, today Date) (Document, []Problem) {
	lines := zoneLines(text)
	run := strings.Join(lines, "")
	if otherLayout(run) {
		return refuse(FieldScan, 0, KeyboardLayout)
	}
	for _, f := range formats {
		if !f.fits(lines) && (len(lines) != 1 || len(run) != f.size() || !likeMRZ(run)) {
			continue
		}
		d, problems := readZone(f, f.cut(run), today)
		if len(problems) > 0 {
			if smaller, ok := insideNoise(run, today); ok {
				return smaller, nil // a passport's with two characters too many has the size of a card's
			}
		}
		return d, problems
	}
	if d, ok := insideNoise(run, today); ok {
		return d, nil
	}
	return noZone(lines, run)
}

// zoneLines upper-cases ASCII, drops blanks and control characters and splits at line breaks. What is left over by a
// character that no zone has becomes one ?, so that lengths are those of what was scanned.
func zoneLines(text string) []string {
	clean := strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\r':
			return '\n'
		case noise(r):
			return -1
		case 'a' <= r && r <= 'z':
			return r - 'a' + 'A'
		case r > '~':
			return '?'
		}
		return r
	}, text)
	return strings.FieldsFunc(clean, func(r rune) bool { return r == '\n' })
}

func (f format) fits(lines []string) bool {
	if len(lines) != f.lines {
		return false
	}
	for _, line := range lines {
		if len(line) != f.length {
			return false
		}
	}
	return likeMRZ(strings.Join(lines, ""))
}

// likeMRZ wants what every zone begins with: a letter, and a filler somewhere.
func likeMRZ(run string) bool {
	return run != "" && 'A' <= run[0] && run[0] <= 'Z' && strings.Count(run, "<") >= 2
}

// insideNoise looks for one zone with a few characters too many before and after it.
func insideNoise(run string, today Date) (Document, bool) {
	for _, f := range formats {
		over := len(run) - f.size()
		if over <= 0 || over > mostNoise {
			continue
		}
		for start := range over + 1 {
			part := run[start : start+f.size()]
			if !likeMRZ(part) {
				continue
			}
			if d, problems := readZone(f, f.cut(part), today); len(problems) == 0 {
				return d, true
			}
		}
	}
	return Document{}, false
}

// noZone says why these lines are no zone. Which line it names is the first one of the wrong length.
func noZone(lines []string, run string) (Document, []Problem) {
	if len(lines) == 1 && len(run) == 30 && run[0] == 'D' && likeMRZ(run) {
		return refuse(FieldType, 1, Unsupported) // the one line of ISO/IEC 18013-2 on a European driving licence
	}
	if len(lines) == 0 || !likeMRZ(strings.TrimLeft(run, "]0123456789")) || len(run) < 5 || !letters(run[1:2]+"<") {
		return refuse(FieldScan, 0, NotADocument)
	}
	switch {
	case len(lines) == 1 && len(run) < td1.size():
		return refuse(FieldScan, 0, StoppedEarly)
	case len(lines) == 1:
		return refuse(FieldScan, 0, TooLong)
	}
	f := likeliest(lines)
	for i, line := range lines {
		switch {
		case i == f.lines || len(line) > f.length:
			return refuse(FieldScan, i+1, LineLength)
		case len(line) < f.length && i == len(lines)-1:
			return refuse(FieldScan, i+1, StoppedEarly)
		case len(line) < f.length:
			return refuse(FieldScan, i+1, LineLength)
		}
	}
	return refuse(FieldScan, len(lines)+1, StoppedEarly)
}

// likeliest is the format that most lines have the length of; else the one nearest to the first line.
func likeliest(lines []string) format {
	best, most := td3, 0
	for _, f := range formats {
		n := 0
		for _, line := range lines {
			if len(line) == f.length {
				n++
			}
		}
		if n > most {
			best, most = f, n
		}
	}
	if most == 0 && len(lines) >= td1.lines {
		return td1
	}
	if most == 0 && len(lines[0]) <= (td2.length+td3.length)/2 {
		return td2
	}
	return best
}

// otherLayout knows a zone that was typed with another keyboard layout: it has the size of one, and in a row some of a
// sign that stands where its fillers do. Which layout it was is not guessed: letters and digits may be others, too.
func otherLayout(run string) bool {
	ofSize := slices.ContainsFunc(formats, func(f format) bool { return len(run) == f.size() })
	return ofSize && run[0] >= 'A' && run[0] <= 'Z' && !strings.Contains(run, "<") && signsInARow(run) >= fewestFillers
}

// fewestFillers stand in a row in every zone, but for one whose every field is full.
const fewestFillers = 4

// signsInARow counts how often one sign follows itself at the most.
func signsInARow(run string) int {
	most, now := 0, 0
	for i := range len(run) {
		switch {
		case !outsideAlphabet(rune(run[i])):
			now = 0
		case i > 0 && run[i] == run[i-1]:
			now++
		default:
			now = 1
		}
		most = max(most, now)
	}
	return most
}
