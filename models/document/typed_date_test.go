package document_test

import (
	"slices"
	"testing"

	"countersign/models/document"
)

// Dates as cards print them and people type them. A number pad has digits, - / . , + and *.
func TestReadExpiry(t *testing.T) {
	may31 := []document.Date{day(2030, 5, 31)}
	short := func(year, month, d int) document.Date {
		return document.Date{Year: year, Month: month, Day: d, ShortYear: true}
	}
	aprilOrMarch := []document.Date{day(2030, 4, 3), day(2030, 3, 4)}
	for typed, want := range map[string][]document.Date{
		// The year first.
		"2030-05-31": may31, "2030-5-31": may31, "2030/05/31": may31, "2030.05.31": may31, "2030 05 31": may31, "2030. 05. 31.": may31,
		"2030-04-03": {day(2030, 4, 3)},
		"20300531":   may31, " 20300531 ": may31, "20300403": {day(2030, 4, 3)},
		// The day first: points, and the comma of a German number pad.
		"31.05.2030": may31, "31.5.2030": may31, "31. 5. 2030": may31, "31,05,2030": may31, "03.04.2030": {day(2030, 4, 3)},
		"3.4.2030": {day(2030, 4, 3)},
		// Either first, told apart by the numbers, or asked.
		"31/05/2030": may31, "31-05-2030": may31, "31 05 2030": may31, "05/31/2030": may31, "5-31-2030": may31, "31+05+2030": may31,
		"31*05*2030": may31,
		"03/04/2030": aprilOrMarch, "3-4-2030": aprilOrMarch, "03 04 2030": aprilOrMarch, "04/04/2030": {day(2030, 4, 4)},
		"31052030": may31, "05312030": may31, "03042030": aprilOrMarch, "04042030": {day(2030, 4, 4)}, "20122030": {day(2030, 12, 20)},
		// Months in words.
		"31 MAY 2030": may31, "31 May 2030": may31, "31MAY2030": may31, "31-MAY-2030": may31, "May 31, 2030": may31, "31 Mai 2030": may31,
		"31. Mai 2030":  may31,
		"31st May 2030": may31, "31 MAI/MAY 2030": may31, "31 MAY/MAI 2030": may31, "2030 MAY 31": may31, "2030-MAY/MAI-31": may31,
		"31 of May 2030": may31,
		"3. März 2030":   {day(2030, 3, 3)}, "3. Maerz 2030": {day(2030, 3, 3)}, "3 MÄR 2030": {day(2030, 3, 3)},
		"1. Jänner 2030": {day(2030, 1, 1)},
		"24 DEZ 2030":    {day(2030, 12, 24)}, "24 Dec. 2030": {day(2030, 12, 24)}, "5 okt 2030": {day(2030, 10, 5)},
		"5 Sept 2030": {day(2030, 9, 5)},
		"5 AOÛT 2030": {day(2030, 8, 5)}, "5 de mayo de 2030": {day(2030, 5, 5)}, "31 MAY 30": {short(2030, 5, 31)},
		"31MAY30": {short(2030, 5, 31)},
		// Two digits of a year.
		"31.05.30": {short(2030, 5, 31)}, "31.05.75": {short(2075, 5, 31)}, "31.05.76": {short(1976, 5, 31)}, "31.12.99": {short(0, 12, 31)},
		"31/05/30": {short(2030, 5, 31), short(2031, 5, 30)}, "310530": {short(2030, 5, 31), short(2031, 5, 30)}, "310599": {short(0, 5, 31)},
		"050530": {short(2030, 5, 5), short(2005, 5, 30)}, "999999": {document.NoEnd},
		// No end.
		"99999999": {document.NoEnd}, "00000000": {document.NoEnd}, "99/99/9999": {document.NoEnd}, "01-01-9999": {document.NoEnd},
		"9999-12-31": {document.NoEnd},
		"31129999":   {document.NoEnd}, "INDEF": {document.NoEnd}, "unbefristet": {document.NoEnd}, "no end": {document.NoEnd},
		"Permanente": {document.NoEnd},
		// No dates.
		"": nil, "2030": nil, "05/2030": nil, "2030-02-30": nil, "31.04.2030": nil, "29.02.2030": nil, "29.02.2028": {day(2028, 2, 29)},
		"2030-13-01": nil,
		"2030-31-05": nil, "20303105": nil, "1899-12-31": nil, "2200-01-01": nil, "3105203": nil, "311": nil, "31 Foo 2030": nil,
		"tomorrow": nil, "31.05.203": nil,
		"031.05.2030": nil, "31.005.2030": nil, "May": nil, "May May 2030": nil, "31.05.2030.01": nil, "-": nil, "31:05:2030": nil,
		"0000-01-01": nil, "00.05.2030": nil,
		"2030-05-31T00:00:00Z": nil, "2030-05-31 31.05.2030, and much more than any date has": nil,
	} {
		if got := document.ReadExpiry(typed, now); !slices.Equal(got, want) {
			t.Errorf("%q: %v, want %v", typed, got, want)
		}
	}
}

// A date of birth has no end, and a year of two digits is the latest in which the person is born.
func TestReadBirthDate(t *testing.T) {
	for typed, want := range map[string][]string{
		"1984-02-29": {"1984-02-29"}, "29.02.1984": {"1984-02-29"}, "02/29/1984": {"1984-02-29"}, "29.02.84": {"1984-02-29"},
		"31.12.26":    {"1926-12-31"},
		"29 FEB 1984": {"1984-02-29"}, "03/04/1984": {"1984-04-03", "1984-03-04"}, "99999999": nil, "00000000": nil, "MIL": nil,
	} {
		var got []string
		for _, d := range document.ReadBirthDate(typed, now) {
			got = append(got, d.String())
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q: %v, want %v", typed, got, want)
		}
	}
}

// Check on documents without an end, by type; and on a year that the print has to tell.
func TestCheckOfDocumentsWithoutAnEnd(t *testing.T) {
	rules := must(document.ParseRules("passport driving_permit idcard:photo+expiry residence_permit:expiry+endless organisation_card:number"))
	for kind, want := range map[document.Type]document.Kind{
		document.Passport: document.Endless, document.DrivingPermit: "", document.IDCard: document.Endless, document.ResidencePermit: "",
		document.OrganisationCard: "",
	} {
		f := document.Fields{Type: kind, Issuer: "ESP", Number: "1234", Expires: document.NoEnd, PhotoMatches: true, Handled: true}
		var expected []document.Problem
		if want != "" {
			expected = append(expected, problem(document.FieldExpires, 0, want))
		}
		if got := document.Check(f, rules, now); !slices.Equal(got, expected) {
			t.Errorf("%s: %v, want %v", kind, got, expected)
		}
		f.Expires = document.Date{Month: 1, Day: 1, ShortYear: true}
		if got := document.Check(f, rules, now); !slices.Equal(got, []document.Problem{problem(document.FieldExpires, 0, document.PrintedYear)}) {
			t.Errorf("%s, 99: %v", kind, got)
		}
	}
}
