package document

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// kept are the elements that are read; no other leaves this file (annex D.12.5). DAA is the full name of version 1; DAB
// and DAE are surname and suffix of version 0; DCT the given names of versions 2 and 3. DDE, DDF and DDG say whether
// DCS, DAC and DAD were truncated.
var kept = []string{
	"DAQ", "DCS", "DAC", "DAD", "DCT", "DCU", "DAA", "DAB", "DAE", "DBA", "DBB", "DBC", "DCG", "DAJ", "DDE", "DDF", "DDG",
}

func (c *card) keep(line string) {
	line = strings.TrimLeftFunc(line, noise)
	if !isKept(line) {
		return
	}
	code, value := line[:3], strings.TrimFunc(line[3:], noise)
	if before, given := c.elements[code]; given && before != value {
		c.twice[code] = true
		return
	}
	c.elements[code] = value
}

// lacks says that what every card has was not found.
func (c *card) lacks() bool {
	return c.elements["DAQ"] == "" || c.elements["DBB"] == "" || first(c.elements["DCS"], c.elements["DAA"], c.elements["DAB"]) == ""
}

func isKept(line string) bool { return len(line) >= 3 && slices.Contains(kept, line[:3]) }

// fields are the elements of each field, for what is given twice.
var fields = []struct {
	field    Field
	elements []string
}{
	{FieldNumber, []string{"DAQ"}},
	{FieldName, []string{"DCS", "DAC", "DAD", "DCT", "DCU", "DAA", "DAB", "DAE", "DDE", "DDF", "DDG"}},
	{FieldBorn, []string{"DBB"}},
	{FieldExpires, []string{"DBA"}},
	{FieldIssuer, []string{"DCG", "DAJ"}},
}

func (c *card) document(today Date) (Document, []Problem) {
	var problems []Problem
	add := func(field Field, kind Kind) { problems = append(problems, Problem{Field: field, Kind: kind}) }
	for _, f := range fields {
		if slices.ContainsFunc(f.elements, func(code string) bool { return c.twice[code] }) {
			add(f.field, Conflicting)
		}
	}
	d := Document{
		Source: PDF417, Type: DrivingPermit, Issuer: c.country(), Jurisdiction: c.elements["DAJ"],
		Number: given(c.elements["DAQ"]), Name: c.name(), Sex: c.sex(),
	}
	if c.kind == "ID" {
		d.Type = IDCard
	}
	switch {
	case d.Number == "":
		add(FieldNumber, Missing)
	case !printed(d.Number) || utf8.RuneCountInString(d.Number) > longestNumber:
		add(FieldNumber, Unreadable)
	}
	switch {
	case d.Name.Surname == "":
		add(FieldName, Missing)
	case !printed(joinWords(d.Name.Surname, d.Name.Given(), d.Name.Suffix)):
		add(FieldName, Unreadable)
	}
	var ok bool
	if d.Born, ok = c.date("DBB"); !ok || today.before(d.Born) {
		add(FieldBorn, NotADate)
	} else if d.Born == (Date{}) {
		add(FieldBorn, Missing)
	}
	if d.Expires, ok = c.date("DBA"); !ok {
		add(FieldExpires, NotADate)
	}
	if len(problems) > 0 {
		return Document{}, problems
	}
	return d, nil
}

// longestNumber is what a page takes of a typed number, too; the standard has 25 characters.
const longestNumber = 40

// printed says that nothing in a text hides, or changes the direction of what stands around it (attacks.md row 18).
func printed(text string) bool {
	return strings.IndexFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) < 0
}

// given takes away what the standard writes for a name or number that is not there.
func given(value string) string {
	switch strings.ToUpper(value) {
	case "NONE", "UNAVL", "UNAVAILABLE":
		return ""
	}
	return joinWords(strings.ReplaceAll(value, ",", " "))
}

func (c *card) name() Name {
	truncated := func(code string) bool { return strings.EqualFold(c.elements[code], "T") }
	n := Name{
		Surname: joinWords(strings.Trim(first(c.elements["DCS"], c.elements["DAB"]), ",")), GivenNames: given(c.elements["DAC"]),
		MiddleNames: given(c.elements["DAD"]), Suffix: given(first(c.elements["DCU"], c.elements["DAE"])),
		SurnameTruncated: truncated("DDE"), GivenNamesTruncated: truncated("DDF"), MiddleNamesTruncated: truncated("DDG"),
	}
	if n.GivenNames == "" {
		n.GivenNames = given(c.elements["DCT"])
	}
	if n.Surname == "" {
		return c.fullName()
	}
	return n
}

// fullName reads DAA of version 1: surname, given name, middle name and suffix with commas between (AAMVA DL/ID-2000,
// D.4.2). Colorado (636020) put the surname last.
func (c *card) fullName() Name {
	parts := strings.Split(c.elements["DAA"], ",")
	for i := range parts {
		parts[i] = given(parts[i])
	}
	parts = append(parts, "", "", "", "")
	if c.issuer == "636020" && parts[2] != "" {
		return Name{Surname: parts[2], GivenNames: parts[0], MiddleNames: parts[1], Suffix: parts[3]}
	}
	return Name{Surname: parts[0], GivenNames: parts[1], MiddleNames: parts[2], Suffix: joinWords(parts[3:]...)}
}

func first(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}

func (c *card) sex() string {
	switch c.elements["DBC"] {
	case "1", "M":
		return "M"
	case "2", "F":
		return "F"
	case "9", "X":
		return "X"
	}
	return ""
}

// The provinces, by their issuer identification number and by their letters.
var (
	canadianIssuers = []string{
		"604426", "604428", "604429", "604432", "604433", "604434", "636012", "636013", "636016", "636017", "636028", "636044", "636048",
	}
	provinces      = []string{"AB", "BC", "MB", "NB", "NL", "NS", "NT", "NU", "ON", "PE", "QC", "SK", "YT"}
	mexicanIssuers = []string{"636056", "636057"}
)

// country is DCG; versions before 3 may lack it, and the issuer decides.
func (c *card) country() string {
	switch code := strings.ToUpper(c.elements["DCG"]); {
	case code == "USA" || code == "CAN" || code == "MEX":
		return code
	case slices.Contains(canadianIssuers, c.issuer), slices.Contains(provinces, c.elements["DAJ"]):
		return "CAN"
	case slices.Contains(mexicanIssuers, c.issuer):
		return "MEX"
	}
	return "USA"
}

// date reads MMDDCCYY, which the United States use from version 2 on, and CCYYMMDD, which version 1 and Canada use
// (annex D.12.4.1). The digits themselves say which: no month is 19 or 20, and no year that counts begins with 01 to 12.
// So a card that does not keep to its country's order is still read without a guess. Eight zeros or nothing are no date.
func (c *card) date(code string) (Date, bool) {
	value := c.elements[code]
	switch strings.ToUpper(value) {
	case "", "00000000", "NONE":
		return Date{}, true
	}
	if len(value) != 8 {
		return Date{}, false
	}
	for _, order := range [][3]string{
		{value[:4], value[4:6], value[6:]},
		{value[4:], value[:2], value[2:4]},
	} {
		year, ok1 := number(order[0])
		month, ok2 := number(order[1])
		day, ok3 := number(order[2])
		d := Date{Year: year, Month: month, Day: day}
		if ok1 && ok2 && ok3 && year >= 1900 && year < 2200 && month > 0 && day > 0 && d.real() {
			return d, true
		}
	}
	return Date{}, false
}
