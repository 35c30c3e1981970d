package document

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// nameElements are the elements of which a name is made.
var nameElements = []string{"DCS", "DAC", "DAD", "DCT", "DCU", "DAA", "DAB", "DAE"}

// longestNumber is what a page takes of a typed number, too; the standard has 25 characters.
const longestNumber = 40

// wrongNumber says what is wrong with the document number, "" for nothing.
func (c *card) wrongNumber(number string) Kind {
	switch {
	case number == "":
		return Missing
	case !printed(number) || utf8.RuneCountInString(number) > longestNumber:
		return Unreadable
	case strings.ContainsAny(number, "?\uFFFD"):
		return Damaged
	}
	return ""
}

// wrongName says what is wrong with the name, "" for nothing.
func (c *card) wrongName(name Name) Kind {
	all := joinWords(name.Surname, name.Given(), name.Suffix)
	named := joinWords(name.Surname, name.Given())
	switch {
	case named == "":
		return Missing
	case !printed(all):
		return Unreadable
	case strings.IndexFunc(named, unicode.IsLetter) < 0 && !strings.ContainsAny(named, "?\uFFFD"):
		return Missing
	}
	for _, code := range nameElements {
		parts := code != "DAA" && code != "DCS" && strings.ContainsAny(c.elements[code], "$@") // they stand between parts alone
		if parts || damaged(c.elements[code]) {
			return Damaged
		}
	}
	return ""
}

// printed says that nothing in a text hides, or changes the direction of what stands around it.
func printed(text string) bool {
	return strings.IndexFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) < 0
}

// damaged says that a name has a character that no name has, or two that were one in UTF-8 and were read as ISO 8859-1 or
// Windows-1252: it is what a converter made of a letter, and a comparison would pass it over.
func damaged(name string) bool {
	var before rune
	for _, r := range name {
		half := strings.ContainsRune("ÂÃÄÅ", before) && r > unicode.MaxASCII && (!unicode.IsLetter(r) || strings.ContainsRune("ªºƒŠšŒœŽžŸ", r))
		part := unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.M, r) || unicode.IsSpace(r) ||
			strings.ContainsRune("-.,/&()·‐$@", r) || strings.ContainsRune(apostrophes, r)
		if half || !part {
			return true
		}
		before = r
	}
	return false
}

// given takes away what is written for a name or number that is not there: by the standard, and for first, last and middle
// names that are not known or not given.
func given(value string) string {
	value = joinWords(strings.ReplaceAll(value, ",", " "))
	words := joinWords(strings.NewReplacer(".", "", "-", "", "(", "", ")", "").Replace(strings.ToUpper(value)))
	if notGiven[words] || slices.Contains(placeholders, words) {
		return ""
	}
	return value
}

var notGiven = map[string]bool{
	"": true, "NONE": true, "UNAVL": true, "UNAVAILABLE": true, "N/A": true, "NOT APPLICABLE": true, "NOT AVAILABLE": true,
	"NO NAME": true, "NO FIRST NAME": true, "NO GIVEN NAME": true, "NO MIDDLE NAME": true, "NO LAST NAME": true, "NO SURNAME": true,
	"NOMIDDLENAME": true, "FIRST NAME UNKNOWN": true, "LAST NAME UNKNOWN": true,
}

func (c *card) name() Name {
	truncated := func(code string) bool { return strings.EqualFold(c.elements[code], "T") }
	family := strings.Trim(first(c.elements["DCS"], c.elements["DAB"]), ", ")
	n := Name{
		Surname: joinWords(family), GivenNames: given(c.elements["DAC"]), MiddleNames: given(c.elements["DAD"]),
		Suffix:           given(first(c.elements["DCU"], c.elements["DAE"])),
		SurnameTruncated: truncated("DDE"), GivenNamesTruncated: truncated("DDF"), MiddleNamesTruncated: truncated("DDG"),
	}
	if n.GivenNames == "" {
		n.GivenNames = given(c.elements["DCT"]) // given and middle names in one
		n.GivenNamesTruncated = n.GivenNamesTruncated || n.GivenNames != "" && n.MiddleNames == "" && n.MiddleNamesTruncated
	}
	switch {
	case family == "":
		return c.fullName(c.elements["DAA"])
	case first(c.elements["DAC"], c.elements["DCT"], c.elements["DAD"]) == "":
		full := c.fullName(family)
		full.Suffix = joinWords(full.Suffix, n.Suffix)
		cut := n.SurnameTruncated
		full.SurnameTruncated, full.GivenNamesTruncated, full.MiddleNamesTruncated = cut, cut, cut
		return full
	case given(family) == "":
		n.Surname = "" // LNU: the given names are all
	}
	return n
}

// fullName reads DAA of version 1: surname, given name, middle name and suffix with commas between (AAMVA DL/ID-2000,
// D.4.2), or with the $ of the magnetic stripe or @. Colorado (636020) put the surname last. With nothing but blanks between
// them, the card does not say which of them is the surname.
func (c *card) fullName(full string) Name {
	parts := strings.Split(strings.NewReplacer("$", ",", "@", ",").Replace(full)+",,,,", ",")
	for i := range parts {
		parts[i] = given(parts[i])
	}
	switch alone := joinWords(parts[1:]...) == ""; {
	case alone && strings.Contains(parts[0], " "):
		return Name{GivenNames: parts[0]}
	case c.issuer == "636020" && parts[2] != "":
		return Name{Surname: parts[2], GivenNames: parts[0], MiddleNames: parts[1], Suffix: parts[3]}
	}
	return Name{Surname: parts[0], GivenNames: parts[1], MiddleNames: parts[2], Suffix: joinWords(parts[3:]...)}
}
