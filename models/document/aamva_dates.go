package document

import (
	"regexp"
	"strings"
	"unicode"
)

// date reads MMDDCCYY, which the United States use from version 2 on, and CCYYMMDD, which version 1 and Canada use
// (annex D.12.4.1), with dashes, slashes or dots between them or not. The digits themselves say which: no month is 19 or 20,
// and no year that counts begins with 01 to 12. So a card that does not keep to its country's order is still read without a
// guess. Nothing is no date; what stands for no end is NoEnd.
func (c *card) date(code string) (Date, bool) {
	value := c.elements[code]
	switch strings.ToUpper(value) {
	case "", "UNAVL", "UNAVAILABLE":
		return Date{}, true
	}
	if meansNoEnd(value) {
		return NoEnd, true
	}
	if strings.IndexFunc(value, unicode.IsLetter) >= 0 { // a month in words; two digits are no year here
		if readings := readDate(value, func(Date) Date { return Date{Month: 13} }); len(readings) == 1 {
			return readings[0], true
		}
		return Date{}, false
	}
	digits := value
	if m := slashedDate.FindStringSubmatch(value); m != nil {
		digits = strings.Join(m[1:], "") // of the alternatives, one is empty
	}
	if len(digits) != 8 {
		return Date{}, false
	}
	if d, ok := dateOfParts(digits[:4], digits[4:6], digits[6:]); ok {
		return d, true
	}
	return dateOfParts(digits[4:], digits[:2], digits[2:4])
}

// slashedDate has its groups where the digits of either order have them: two, two and four, or four, two and two.
var slashedDate = regexp.MustCompile(`^(?:([0-9]{4})[-/. ]([0-9]{2})[-/. ]([0-9]{2})|([0-9]{2})[-/. ]([0-9]{2})[-/. ]([0-9]{4}))$`)

// The years that a date of a document can have.
const (
	firstYear = 1900
	lastYear  = 2199
)

func dateOfParts(years, months, days string) (Date, bool) {
	year, ok1 := number(years)
	month, ok2 := number(months)
	day, ok3 := number(days)
	d := Date{Year: year, Month: month, Day: day}
	return d, ok1 && ok2 && ok3 && year >= firstYear && year <= lastYear && month > 0 && day > 0 && d.real()
}

// meansNoEnd knows what is written in place of an expiry date for a document without an end: nothing but nines or noughts, a
// date in 9999 or 2999, and words. AAMVA writes NONE for a field that does not apply (annex D.12.3.3); MIL is the licence of
// somebody in the armed forces, which is good while they serve.
func meansNoEnd(value string) bool {
	upper := strings.ToUpper(strings.TrimSpace(value))
	digits := strings.NewReplacer("-", "", "/", "", ".", "", " ", "").Replace(upper)
	if _, ok := number(digits); ok {
		one := len(digits) >= 4 && (strings.Trim(digits, "9") == "" || strings.Trim(digits, "0") == "")
		return one || len(digits) == 8 && (strings.HasPrefix(digits, "9999") || strings.HasSuffix(digits, "9999") ||
			strings.HasSuffix(digits, "2999") || strings.HasPrefix(digits, "2999"))
	}
	return noEndWords[strings.Trim(strings.NewReplacer("-", " ", "_", " ").Replace(upper), ". ")]
}

var noEndWords = map[string]bool{
	"NONE": true, "INDEF": true, "INDEFINITE": true, "INDEFINITELY": true, "MIL": true, "MILITARY": true, "NO END": true, "NO EXPIRY": true,
	"NO EXPIRATION": true, "NON EXPIRING": true, "NONEXPIRING": true, "DOES NOT EXPIRE": true, "NEVER": true, "PERM": true, "PERMANENT": true,
	"UNLIMITED": true, "LIFETIME": true, "LIFE": true, "UNBEFRISTET": true, "UNBEGRENZT": true, "OHNE ENDE": true, "KEIN ENDE": true,
	"UNBESCHRÄNKT": true, "ILLIMITÉ": true, "ILLIMITEE": true, "ILLIMITÉE": true, "ILLIMITE": true, "INDEFINIDA": true, "INDEFINIDO": true,
	"ILLIMITATA": true, "ILLIMITATO": true, "VITALICIO": true, "VITALÍCIO": true, "PERMANENTE": true, "ONBEPERKT": true,
}
