package document_test

import (
	"strings"
	"testing"

	"countersign/models/document"
)

// ICAO Doc 9303-5 §4.2.2.1 note j, and Belgian cards, which count the filler into the digit (github.com/cheminfo/mrz#70).
func TestLongNumbers(t *testing.T) {
	belgian := "IDBEL000590240<6013<<<<<<<<<<<\n8403098F3111046BEL840309002008\nLINDQVIST<<ANNA<<<<<<<<<<<<<<<"
	if got := parsed(t, belgian); got.Number != "000590240601" || got.Issuer != "BEL" {
		t.Errorf("%q of %s", got.Number, got.Issuer)
	}
	for _, number := range []string{"5921234567", "59212345678", "592123456789", "D23145890734", "A1B2C3D4E5F6G7H8"} {
		for name, data := range map[string]string{"without the filler": number, "with the filler": number[:9] + "<" + number[9:]} {
			for _, scan := range []string{longTD1(number, digit(data)), longTD2(number, digit(data))} {
				if scan == "" {
					continue
				}
				if got := parsed(t, scan); got.Number != number {
					t.Errorf("%s, %s: %q", number, name, got.Number)
				}
			}
		}
		wrong := longTD1(number, "X")
		refused(t, wrong, problem(document.FieldNumber, 1, document.CheckDigit))
	}
	// Nine characters, and the digit in the optional data all the same.
	if got := parsed(t, longTD1("592123456", digit("592123456"))); got.Number != "592123456" {
		t.Errorf("%q", got.Number)
	}
}

// longTD1 and longTD2 are cards whose number ends with this check digit in the optional data.
func longTD1(number, check string) string {
	first := "IDBEL" + number[:9] + "<" + pad(number[9:]+check, 15)
	second := "8403098F3111046BEL" + pad("", 11)
	return first + "\n" + second + digit(first[5:]+second[:7]+second[8:15]+second[18:29]) + "\n" + pad("LINDQVIST<<ANNA", 30)
}

func longTD2(number, check string) string {
	if len(number) > 15 {
		return "" // it does not fit
	}
	second := number[:9] + "<BEL8403098F3111046" + pad(number[9:]+check, 7)
	return pad("IDBELLINDQVIST<<ANNA", 36) + "\n" + second + digit(second[:10]+second[13:20]+second[21:35])
}

// Two digits of 99 are the end of 1999 or none (Spain over 70; anpr#5393): the printed date tells. Nines, noughts and fillers
// alone are no end (ICAO Doc 9303-3 §4.8 has fillers for what is not known).
func TestZonesWithoutAnEnd(t *testing.T) {
	for field, want := range map[string]document.Date{
		"<<<<<<": document.NoEnd, "999999": document.NoEnd, "000000": document.NoEnd,
		"990101": {Month: 1, Day: 1, ShortYear: true}, "991231": {Month: 12, Day: 31, ShortYear: true},
		"990000": {ShortYear: true}, "999912": {ShortYear: true}, "990230": {ShortYear: true},
		"980101": {Year: 1998, Month: 1, Day: 1, ShortYear: true}, "000101": {Year: 2000, Month: 1, Day: 1, ShortYear: true},
	} {
		for _, scan := range []string{
			passport("ESP", "ERIKSSON<<ANNA", "L1", "ESP", "400812", "F", field, ""),
			cardTD1("ID", "ESP", "ERIKSSON<<ANNA", "L1", "ESP", "400812", "F", field, ""),
			cardTD2("ID", "ESP", "ERIKSSON<<ANNA", "L1", "ESP", "400812", "F", field, ""),
		} {
			d := parsed(t, scan)
			if d.Expires != want || d.Expires.NeedsPrintedYear() != strings.HasPrefix(field, "99") && field != "999999" {
				t.Errorf("%s: %+v", field, d.Expires)
			}
		}
	}
	for _, field := range []string{"99<<<<", "9901<<", "980230", "00<<<<", "000100"} {
		refused(t, passport("ESP", "ERIKSSON<<ANNA", "L1", "ESP", "400812", "F", field, ""), problem(document.FieldExpires, 2, document.NotADate))
	}
}

// Codes that are in use: of states and organisations (ICAO Doc 9303-3 §5), and of documents beside the standard.
func TestCodesInUse(t *testing.T) {
	for _, code := range []string{"XXK", "XKX", "RKS", "D", "GBD", "GBN", "GBO", "GBP", "GBS", "UNO", "UNA", "UNK", "EUE", "XOM", "XPO",
		"XXA", "XXB", "XXC", "XXX"} {
		d := parsed(t, cardTD1("ID", code, "ERIKSSON<<ANNA", "L1", code, "400812", "F", "300101", ""))
		if d.Issuer != code || d.Nationality != code {
			t.Errorf("%s: %s, %s", code, d.Issuer, d.Nationality)
		}
	}
	for _, code := range []string{"RP", "TR", "IR", "AR", "CR"} {
		if d := parsed(t, cardTD1(code, "EST", "ERIKSSON<<ANNA", "L1", "UKR", "400812", "F", "300101", "")); d.Type != document.ResidencePermit {
			t.Errorf("%s: %s", code, d.Type)
		}
	}
}

// An Indian passport without a surname (github.com/cheminfo/mrz#9): ICAO Doc 9303-3 §4.6 has a single name as the primary
// identifier, but there it is the secondary one.
func TestNoPrimaryIdentifier(t *testing.T) {
	d := parsed(t, passport("IND", "<<ANNA<LINDQVIST", "L1234567", "IND", "840309", "F", "310530", ""))
	if d.Name != (document.Name{GivenNames: "ANNA LINDQVIST"}) {
		t.Errorf("surname %q, given %q", d.Name.Surname, d.Name.GivenNames)
	}
	for record, want := range map[string]document.Verdict{
		"Anna Lindqvist": document.Matches, "Lindqvist, Anna": document.Matches, "Lindqvist Anna": document.Matches,
		"Anna": document.Differs, "Anna Maria Lindqvist": document.Differs, "Anna Lindquist": document.Differs,
	} {
		if got := document.CompareNames(d.Name, record); got != want {
			t.Errorf("%q: %s", record, got)
		}
	}
	one := parsed(t, passport("IND", "<<ANNA", "L1234567", "IND", "840309", "F", "310530", "")).Name
	if document.CompareNames(one, "Anna") != document.Matches || document.CompareNames(one, "Anna Lindqvist") != document.Differs {
		t.Error("a single name")
	}
	cut := parsed(t, passport("IND", "<<ANNA<LINDQVIST<MARGARETA<KRISTINA<VIKTO", "L1234567", "IND", "840309", "F", "310530", "")).Name
	if document.CompareNames(cut, "Anna Lindqvist Margareta Kristina Viktoria") != document.Matches {
		t.Error("a single name that was cut")
	}
	refused(t, passport("IND", "<<", "L1234567", "IND", "840309", "F", "310530", ""), problem(document.FieldName, 1, document.Unreadable))
}
