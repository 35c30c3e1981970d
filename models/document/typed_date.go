package document

import (
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
)

// ReadExpiry reads the end of a document as a person types it from the print. It gives every day that was meant by it: none for
// what is no date, one, or several that the page asks about; nothing is guessed. NoEnd is one of them: 99999999, or a word.
//
//	2030-05-31  2030/5/31            the year first: month and day follow
//	20300531                         eight digits, which a number pad has; the year may stand first or last
//	31.05.2030  31.5.2030  31,05,30  points, or the commas of a number pad: the day is first in every language that writes so
//	31/05/2030  31-05-2030  31 05 2030  05/31/2030  the day or the month is first: asked where both are up to 12
//	31 MAY 2030  31. Mai 2030  31 MAI/MAY 30  May 31, 2030  31MAY2030  months in words, English, German and as passports have them
//	310530                           six digits, in any order: mostly asked
//
// A year of two digits is the one nearest to now, as in a machine-readable zone; of 99 the day NeedsPrintedYear.
func ReadExpiry(typed string, now time.Time) []Date {
	if meansNoEnd(typed) {
		return []Date{NoEnd}
	}
	return readDate(typed, func(short Date) Date { return expiryYear(short, DateOf(now)) })
}

// ReadBirthDate reads a date of birth as ReadExpiry reads an end. A year of two digits is the latest in which the person is born.
func ReadBirthDate(typed string, now time.Time) []Date {
	return readDate(typed, func(short Date) Date { return birthYear(short, DateOf(now)) })
}

// longestDate is longer than "the 31st of September 2030", in bytes.
const longestDate = 40

func readDate(typed string, century func(Date) Date) []Date {
	parts, ok := dateParts(plainDate.Replace(typed))
	if !ok || len(typed) > longestDate {
		return nil
	}
	var readings []Date
	for _, order := range dateOrders(parts) {
		d, ok := order.date(century)
		if ok && !slices.Contains(readings, d) {
			readings = append(readings, d)
		}
	}
	return readings
}

// datePart is a number of a typed date, or a month in words.
type datePart struct {
	digits string
	month  int    // of a word; 0 of a number
	after  string // what stands between it and the next
}

// typedParts are the year, month and day of one order in which a date can be read.
type typedParts struct{ year, month, day datePart }

// dateOrders are the orders in which the parts can be read.
func dateOrders(parts []datePart) []typedParts {
	if len(parts) == 1 {
		return runOrders(parts[0].digits)
	}
	if len(parts) != 3 {
		return nil
	}
	a, b, c := parts[0], parts[1], parts[2]
	dayFirst, monthFirst, yearFirst := typedParts{c, b, a}, typedParts{c, a, b}, typedParts{a, b, c}
	switch {
	case a.month > 0:
		return []typedParts{monthFirst}
	case len(a.digits) == 4 && c.month > 0:
		return []typedParts{{a, c, b}}
	case len(a.digits) == 4:
		return []typedParts{yearFirst}
	case b.month > 0 || strings.Contains(".,", strings.TrimSpace(a.after)) && strings.TrimSpace(a.after) != "":
		return []typedParts{dayFirst}
	case len(c.digits) == 4:
		return []typedParts{dayFirst, monthFirst}
	}
	return []typedParts{dayFirst, monthFirst, yearFirst}
}

// runOrders are the orders of eight digits, or of six, without anything between them.
func runOrders(run string) []typedParts {
	cut := func(at, to int) datePart { return datePart{digits: run[at:to]} }
	switch len(run) {
	case 8:
		return []typedParts{{cut(0, 4), cut(4, 6), cut(6, 8)}, {cut(4, 8), cut(2, 4), cut(0, 2)}, {cut(4, 8), cut(0, 2), cut(2, 4)}}
	case 6:
		return []typedParts{{cut(4, 6), cut(2, 4), cut(0, 2)}, {cut(4, 6), cut(0, 2), cut(2, 4)}, {cut(0, 2), cut(2, 4), cut(4, 6)}}
	}
	return nil
}

func (p typedParts) date(century func(Date) Date) (Date, bool) {
	year, ok1 := number(p.year.digits)
	month, ok2 := p.month.month, true
	if month == 0 {
		month, ok2 = number(p.month.digits)
	}
	day, ok3 := number(p.day.digits)
	d := Date{Year: year, Month: month, Day: day}
	if !ok1 || !ok2 || !ok3 || len(p.day.digits) > 2 || len(p.month.digits) > 2 || month == 0 || day == 0 {
		return Date{}, false
	}
	switch len(p.year.digits) {
	case 4:
		return d, year >= firstYear && year <= lastYear && d.real()
	case 2:
		d.ShortYear = true
		d = century(d)
		return d, d.real()
	}
	return Date{}, false
}

// dateParts takes a typed date apart; ok is false where something stands in it that no date has.
func dateParts(typed string) (parts []datePart, ok bool) {
	rest := twoLanguages.ReplaceAllStringFunc(strings.ToUpper(strings.TrimSpace(typed)), knownMonth)
	for rest != "" {
		digits := rest[:len(rest)-len(strings.TrimLeft(rest, "0123456789"))]
		letters := rest[:len(rest)-len(strings.TrimLeftFunc(rest, unicode.IsLetter))]
		between := rest[:len(rest)-len(strings.TrimLeft(rest, "-/.,+* \u00a0"))]
		rest = rest[len(digits)+len(letters)+len(between):]
		switch month := months[strings.TrimSuffix(letters, ".")]; {
		case digits != "":
			parts = append(parts, datePart{digits: digits})
		case month > 0 && len(parts) > 0 && parts[len(parts)-1].month == month: // said in two languages
		case month > 0:
			parts = append(parts, datePart{month: month})
		case between != "" && len(parts) > 0:
			parts[len(parts)-1].after = between
		case letters == "" || !slices.Contains(dateWords, letters):
			return nil, false
		}
	}
	return parts, true
}

// twoLanguages are the words of a month as a passport has them, MÁJ/MAY. knownMonth keeps the one that is known.
var twoLanguages = regexp.MustCompile(`(\pL+)\.? ?/ ?(\pL+)`)

func knownMonth(pair string) string {
	words := twoLanguages.FindStringSubmatch(pair)
	switch first, second := months[words[1]] > 0, months[words[2]] > 0; {
	case first && !second:
		return words[1]
	case second && !first:
		return words[2]
	}
	return pair
}

// dateWords may stand in a date without meaning anything.
var dateWords = []string{"ST", "ND", "RD", "TH", "OF", "THE", "DE", "DER", "DEN"}

// months are the names of the months, whole and cut, in English and German, and as other passports have them (ICAO Doc 9303-3
// §3.4.2 lets a state write them in its language beside English or French), or Roman.
var months = func() map[string]int {
	all := map[string]int{}
	for month, names := range [12]string{
		"JAN JANUARY JANUAR JÄN JÄNNER JANVIER ENE ENERO GEN GENNAIO JANEIRO JANUARI I",
		"FEB FEBRUARY FEBRUAR FEBER FÉV FEV FÉVRIER FEVRIER FÉVR FEVR FEBRERO FEBBRAIO FEVEREIRO FEBRUARI II",
		"MAR MARCH MÄR MÄRZ MAERZ MRZ MARS MARZO MARÇO MARCO MRT MAART MAA III",
		"APR APRIL AVR AVRIL ABR ABRIL APRILE IV",
		"MAY MAI MAYO MAG MAGGIO MAIO MEI MAJ V",
		"JUN JUNE JUNI JUIN JUNIO GIU GIUGNO JUNHO VI",
		"JUL JULY JULI JUIL JUILLET JULIO LUG LUGLIO JULHO VII",
		"AUG AUGUST AOU AOÛ AOÛT AOUT AGO AGOSTO AUGUSTUS AUGUSTI VIII",
		"SEP SEPT SEPTEMBER SEPTEMBRE SEPTIEMBRE SET SETTEMBRE SETEMBRO IX",
		"OCT OCTOBER OKT OKTOBER OCTOBRE OCTUBRE OTT OTTOBRE OUT OUTUBRO X",
		"NOV NOVEMBER NOVEMBRE NOVIEMBRE NOVEMBRO XI",
		"DEC DECEMBER DEZ DEZEMBER DÉC DÉCEMBRE DECEMBRE DIC DICIEMBRE DICEMBRE DEZEMBRO DES DESEMBER XII",
	} {
		for _, name := range strings.Fields(names) {
			all[name] = month + 1
		}
	}
	return all
}()
