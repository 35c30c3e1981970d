package document

import (
	"slices"
	"strings"
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
	code, value := line[:3], strings.TrimFunc(line[3:], padding)
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

// complete says that all is there of what every card has and a scan that stopped early may lack.
func (c *card) complete() bool {
	given := first(c.elements["DAC"], c.elements["DCT"], c.elements["DAA"]) != ""
	return !c.lacks() && given && c.elements["DBA"] != "" && first(c.elements["DCG"], c.elements["DAJ"]) != ""
}

// padding is noise, but for what a converter writes in place of a character that it does not know: SUB, and the control
// characters of ISO 8859-1, which are halves of others.
func padding(r rune) bool { return noise(r) && r != '\x1a' && (r < 0x80 || r > 0x9f) }

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
	if kind := c.wrongNumber(d.Number); kind != "" {
		add(FieldNumber, kind)
	}
	if kind := c.wrongName(d.Name); kind != "" {
		add(FieldName, kind)
	}
	var ok bool
	if d.Born, ok = c.date("DBB"); !ok || today.before(d.Born) {
		add(FieldBorn, NotADate)
	} else if d.Born == (Date{}) || d.Born.Endless {
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
