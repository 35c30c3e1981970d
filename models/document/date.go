package document

import (
	"fmt"
	"strings"
	"time"
)

// Date is a day of the calendar, of which a document may leave parts unknown: they are 0. The zero Date is no date.
type Date struct {
	Year, Month, Day int
	// ShortYear: the document gave the last two digits of the year only, as every MRZ does. Year is then the one that
	// birthYear or expiryYear takes it for.
	ShortYear bool
	// Endless is set of an expiry alone: the document says that it has no end.
	Endless bool
}

// NoEnd is the expiry of a document without an end.
var NoEnd = Date{Endless: true}

// NeedsPrintedYear says that two digits do not tell the year, and that the date printed on the document has to be read: an
// expiry in '99 is the end of 1999, or stands for no end at all.
func (d Date) NeedsPrintedYear() bool { return d.ShortYear && d.Year == 0 }

// Known says that year, month and day are all known.
func (d Date) Known() bool { return d.Year != 0 && d.Month != 0 && d.Day != 0 }

// String is the date as YYYY-MM-DD, with ?? for what is not known; "" for no date, "no end" for NoEnd.
func (d Date) String() string {
	if d.Endless {
		return "no end"
	}
	if d == (Date{ShortYear: d.ShortYear}) {
		return ""
	}
	part := func(n, width int) string {
		if n == 0 {
			return strings.Repeat("?", width)
		}
		return fmt.Sprintf("%0*d", width, n)
	}
	return part(d.Year, 4) + "-" + part(d.Month, 2) + "-" + part(d.Day, 2)
}

// ParseDate reads what a page sends, YYYY-MM-DD, a real day.
func ParseDate(typed string) (Date, bool) {
	t, err := time.Parse(time.DateOnly, typed)
	if err != nil || t.Year() == 0 {
		return Date{}, false
	}
	return DateOf(t), true
}

// DateOf is the day of t in t's own zone.
func DateOf(t time.Time) Date {
	year, month, day := t.Date()
	return Date{Year: year, Month: int(month), Day: day}
}

// real says that the known parts can be a day. An unknown year lets 29 February be.
func (d Date) real() bool {
	year, month, day := d.Year, d.Month, d.Day
	if year == 0 {
		year = 2000
	}
	if month == 0 {
		month = 1
	}
	if day == 0 {
		day = 1
	}
	t := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
	return t.Year() == year && int(t.Month()) == month && t.Day() == day
}

// before compares two days. What is not known counts as the first that it can be.
func (d Date) before(other Date) bool {
	if d.Year != other.Year {
		return d.Year < other.Year
	}
	if d.Month != other.Month {
		return d.Month < other.Month
	}
	return d.Day < other.Day
}

// latest is the last day that the date can be: nobody is taken for older than they say.
func (d Date) latest() Date {
	if d.Month == 0 {
		d.Month = 12
	}
	if d.Day == 0 {
		d.Day = time.Date(d.Year, time.Month(d.Month)+1, 0, 0, 0, 0, 0, time.UTC).Day()
	}
	return d
}

// birthYear takes two digits for the latest year in which the person is born already (ICAO Doc 9303-3 §4.8 leaves the
// century to the reader). Somebody of more than a hundred years is taken for a child, never the other way round.
func birthYear(short Date, today Date) Date {
	short.Year += today.Year / 100 * 100
	if today.before(short) {
		short.Year -= 100
	}
	return short
}

// expiryYear takes two digits for the year nearest to today, from 50 years ago to 49 years ahead: a document that has ended is
// never taken for a good one. 99 is no year but a question (NeedsPrintedYear): Spain, Portugal and others write it for no end.
func expiryYear(short Date, today Date) Date {
	if short.Year == 99 {
		short.Year = 0
		return short
	}
	short.Year += today.Year / 100 * 100
	switch {
	case short.Year > today.Year+49:
		short.Year -= 100
	case short.Year < today.Year-50:
		short.Year += 100
	}
	return short
}

// CompareDates compares a document's date of birth with the record's, YYYY-MM-DD; the record may have 00 for a month or
// day that is not known.
//
// Matches: every part that the document knows is the record's, the year among them. A part that the document marks as
// unknown is not compared. Of a year of two digits, two are compared: an MRZ does not tell 1921 from 2021.
//
// Everything else differs: a document without a year, a part that the document knows and the record does not, and a
// record that cannot be read. Without a record it is NotOnRecord.
func CompareDates(card Date, record string) Verdict {
	if strings.TrimSpace(record) == "" {
		return NotOnRecord
	}
	recorded, ok := recordedDate(strings.TrimSpace(record))
	if !ok || card.Year == 0 {
		return Differs
	}
	sameYear := card.Year == recorded.Year || card.ShortYear && card.Year%100 == recorded.Year%100
	if sameYear && agrees(card.Month, recorded.Month) && agrees(card.Day, recorded.Day) {
		return Matches
	}
	return Differs
}

func agrees(card, record int) bool { return card == 0 || card == record }

func recordedDate(text string) (Date, bool) {
	if len(text) != len(time.DateOnly) || text[4] != '-' || text[7] != '-' {
		return Date{}, false
	}
	var d Date
	for _, part := range []struct {
		into *int
		text string
	}{{&d.Year, text[:4]}, {&d.Month, text[5:7]}, {&d.Day, text[8:]}} {
		n, ok := number(part.text)
		if !ok {
			return Date{}, false
		}
		*part.into = n
	}
	return d, d.Year != 0 && d.real()
}

// number reads decimal digits, nothing else.
func number(digits string) (int, bool) {
	n := 0
	for _, c := range []byte(digits) {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = 10*n + int(c-'0')
	}
	return n, digits != ""
}
