package document

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// date reads MMDDCCYY, which the United States use from version 2 on, and CCYYMMDD, which version 1 and Canada use
// (annex D.12.4.1), with dashes, slashes or dots between them or not. The digits themselves say which: no month is 19 to 21,
// and no year that counts begins with 01 to 12. So a card that does not keep to its country's order is still read without a
// guess. Nothing is no date; what stands for no end is NoEnd.
func (c *card) date(code string) (Date, bool) {
	value := plainDate.Replace(c.elements[code])
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
	if m := yearFirst.FindStringSubmatch(value); m != nil {
		return dateOfParts(m[1], m[2], m[3])
	}
	if m := yearLast.FindStringSubmatch(value); m != nil {
		return dateOfParts(m[3], m[1], m[2])
	}
	if len(value) != 8 {
		return Date{}, false
	}
	if d, ok := dateOfParts(value[:4], value[4:6], value[6:]); ok {
		return d, true
	}
	return dateOfParts(value[4:], value[:2], value[2:4])
}

// The two orders with separators. A month or day of one digit is no less clear with them.
var (
	yearFirst = regexp.MustCompile(`^([0-9]{4})[-/. ]([0-9]{1,2})[-/. ]([0-9]{1,2})$`)
	yearLast  = regexp.MustCompile(`^([0-9]{1,2})[-/. ]([0-9]{1,2})[-/. ]([0-9]{4})$`)
)

// plainDate writes a date with the signs and digits of ASCII, and with dashes for the signs of a year, a month and a day.
var plainDate = strings.NewReplacer(
	"‐", "-", "‑", "-", "‒", "-", "–", "-", "—", "-", "−", "-", "－", "-", "．", ".", "／", "/", "⁄", "/", "\u00a0", " ", "\u202f", " ",
	"\u2009", " ", "年", "-", "月", "-", "日", "", "년", "-", "월", "-", "일", "",
	"０", "0", "１", "1", "２", "2", "３", "3", "４", "4", "５", "5", "６", "6", "７", "7", "８", "8", "９", "9",
	"٠", "0", "١", "1", "٢", "2", "٣", "3", "٤", "4", "٥", "5", "٦", "6", "٧", "7", "٨", "8", "٩", "9",
	"۰", "0", "۱", "1", "۲", "2", "۳", "3", "۴", "4", "۵", "5", "۶", "6", "۷", "7", "۸", "8", "۹", "9",
)

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

// meansNoEnd knows what is written in place of an expiry date for a document without an end: nothing but nines, noughts or
// fillers, a day in 9999 or 2999, and words. AAMVA writes NONE for a field that does not apply (annex D.12.3.3); MIL is the
// licence of somebody in the armed forces, which is good while they serve.
func meansNoEnd(value string) bool {
	upper := strings.ToUpper(strings.TrimSpace(plainDate.Replace(value)))
	digits := strings.NewReplacer("-", "", "/", "", ".", "", ",", "", " ", "").Replace(upper)
	if _, ok := number(digits); ok {
		one := len(digits) >= 4 && (strings.Trim(digits, "9") == "" || strings.Trim(digits, "0") == "")
		return one || len(digits) == 8 && inYearWithoutEnd(digits[:4], digits[4:]) || dayWithoutEnd(upper)
	}
	if len(upper) >= 4 && strings.Trim(upper, "<") == "" {
		return true
	}
	letters := strings.FieldsFunc(upper, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '/' })
	return noEndWords[strings.Join(letters, " ")] || dayWithoutEnd(upper)
}

func inYearWithoutEnd(years ...string) bool {
	return slices.ContainsFunc(years, func(year string) bool { return year == "9999" || year == "2999" })
}

// dayWithoutEnd says that three parts are a day, the first or the last of them such a year: 1/1/9999, 31 DEC 9999.
func dayWithoutEnd(value string) bool {
	parts, ok := dateParts(value)
	return ok && len(parts) == 3 && inYearWithoutEnd(parts[0].digits, parts[2].digits)
}

var noEndWords = func() map[string]bool {
	all := map[string]bool{}
	for _, words := range []string{
		"NONE", "N/A", "NOT APPLICABLE", "INDEF", "INDEFINITE", "INDEFINITELY", "VALID INDEFINITELY", "INDEFINITE VALIDITY",
		"MIL", "MILITARY", "MILITARY EXEMPT", "MILITARY EXEMPTION", "MILITARY EXTENSION", "ACTIVE MILITARY",
		"NO END", "NO END DATE", "NO EXPIRY", "NO EXPIRY DATE", "NO EXPIRATION", "NO EXPIRATION DATE", "NO EXP", "NOEXP", "NO EXP DATE",
		"NON EXP", "NONEXP", "NON EXPIRING", "NONEXPIRING", "NON EXPIRY", "DOES NOT EXPIRE", "NEVER", "NEVER EXPIRES", "WITHOUT EXPIRY",
		"PERM", "PERMANENT", "UNLIMITED", "UNLIMITED VALIDITY", "LIFETIME", "LIFE", "LIFELONG",
		"UNBEFRISTET", "UNBEFRISTET GÜLTIG", "UNBEGRENZT", "UNBEGRENZT GÜLTIG", "UNBESCHRÄNKT", "OHNE ENDE", "KEIN ENDE", "OHNE ABLAUF",
		"OHNE ABLAUFDATUM", "KEIN ABLAUFDATUM", "LEBENSLANG", "DAUERHAFT", "ENTFÄLLT",
		"ILLIMITÉ", "ILLIMITÉE", "ILLIMITE", "ILLIMITEE", "SANS LIMITE", "INDEFINIDA", "INDEFINIDO", "PERMANENTE", "ILLIMITATA", "ILLIMITATO",
		"SENZA SCADENZA", "VITALICIO", "VITALICIA", "VITALÍCIO", "VITALÍCIA", "ONBEPERKT", "BEZTERMINOWO", "NA NEURČITO", "SÜRESİZ", "SURESIZ",
		"TILLS VIDARE", "БЕССРОЧНО", "БЕЗСТРОКОВО", "БЕЗСРОЧНО", "ΑΟΡΙΣΤΗ", "ΑΟΡΙΣΤΟΥ",
	} {
		all[words] = true
	}
	return all
}()
