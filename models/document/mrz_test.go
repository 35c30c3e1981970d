package document_test

import (
	"strings"
	"testing"
	"time"

	"countersign/models/document"
)

// ICAO Doc 9303-4 §4.2.2, -5 §4.2.2, -6 §4.2.2: every field of the published specimens.
func TestSpecimens(t *testing.T) {
	anna := document.Document{
		Source: document.MRZ, Type: document.IDCard, Issuer: "UTO", Number: "D23145890", Nationality: "UTO", Sex: "F",
		Name:    document.Name{Surname: "ERIKSSON", GivenNames: "ANNA MARIA"},
		Born:    document.Date{Year: 1974, Month: 8, Day: 12, ShortYear: true},
		Expires: document.Date{Year: 2012, Month: 4, Day: 15, ShortYear: true},
	}
	pass := anna
	pass.Type, pass.Number = document.Passport, "L898902C3"
	long := anna
	long.Number, long.Sex, long.Name = "D23145890734", "M", document.Name{Surname: "STEVENSON", GivenNames: "PETER JOHN"}
	long.Born = document.Date{Year: 1934, Month: 7, Day: 12, ShortYear: true}
	long.Expires = document.Date{Year: 1995, Month: 7, Day: 12, ShortYear: true}
	for name, c := range map[string]struct {
		scan string
		want document.Document
	}{
		"TD1":              {specimenTD1, anna},
		"TD2":              {specimenTD2, anna},
		"TD3":              {specimenTD3, pass},
		"TD1, long number": {longNumber, long},
		"TD2, long number": {cardTD2("I", "UTO", "STEVENSON<<PETER<JOHN", "D23145890734", "UTO", "340712", "M", "950712", ""), long},
	} {
		if got := parsed(t, c.scan); got != c.want {
			t.Errorf("%s: %s", name, differences(got, c.want))
		}
	}
}

// Scanners end lines as they like, and put things around them (docs/counter.md §2.2, §2.4).
func TestZoneIsReadWhateverTheScannerMakesOfIt(t *testing.T) {
	for _, specimen := range []string{specimenTD1, specimenTD2, specimenTD3, longNumber} {
		want := parsed(t, specimen)
		lines := strings.Split(specimen, "\n")
		for name, scan := range map[string]string{
			"CR":             strings.Join(lines, "\r"),
			"CRLF":           strings.Join(lines, "\r\n") + "\r\n",
			"empty lines":    "\n" + strings.Join(lines, "\r\n\r\n") + "\n\n",
			"one run":        strings.Join(lines, ""),
			"lower case":     strings.ToLower(specimen),
			"blanks":         "  " + strings.Join(lines, "  \n\t") + " ",
			"split by blank": strings.Join(lines, " "),
			"STX and ETX":    "\x02" + specimen + "\x03\r",
			"AIM identifier": "]L0" + specimen,
			"suffix":         strings.Join(lines, "") + "#END",
			"suffix of two":  strings.Join(lines, "") + "#1",
			"suffix of 16":   strings.Join(lines, "") + "#123456789012345",
			"both":           ">>12" + strings.Join(lines, "\r") + "\t99",
			"other letters":  "é" + specimen,
			"mark":           "\ufeff" + specimen,
		} {
			if got := parsed(t, scan); got != want {
				t.Errorf("%s: %s", name, differences(got, want))
			}
		}
	}
}

// ICAO Doc 9303-3 §4.9: each check digit, alone, names its own field; so does the composite.
func TestCheckDigitsAreNamed(t *testing.T) {
	for _, c := range []struct {
		specimen string
		line, at int // counted from 1, as in the standard
		field    document.Field
	}{
		{specimenTD1, 1, 15, document.FieldNumber}, {specimenTD1, 1, 8, document.FieldNumber},
		{specimenTD1, 2, 7, document.FieldBorn}, {specimenTD1, 2, 15, document.FieldExpires},
		{specimenTD1, 2, 30, document.FieldWhole}, {specimenTD1, 1, 20, document.FieldWhole}, {specimenTD1, 2, 20, document.FieldWhole},
		{specimenTD2, 2, 10, document.FieldNumber}, {specimenTD2, 2, 20, document.FieldBorn}, {specimenTD2, 2, 28, document.FieldExpires},
		{specimenTD2, 2, 36, document.FieldWhole}, {specimenTD2, 2, 30, document.FieldWhole},
		{specimenTD3, 2, 10, document.FieldNumber}, {specimenTD3, 2, 20, document.FieldBorn}, {specimenTD3, 2, 28, document.FieldExpires},
		{specimenTD3, 2, 43, document.FieldOptional}, {specimenTD3, 2, 30, document.FieldOptional}, {specimenTD3, 2, 44, document.FieldWhole},
		{longNumber, 1, 19, document.FieldNumber}, {longNumber, 1, 16, document.FieldNumber},
	} {
		lines := strings.Split(c.specimen, "\n")
		line := []byte(lines[c.line-1])
		line[c.at-1] = "A12345678901"[strings.IndexByte("0123456789<", line[c.at-1])+1]
		lines[c.line-1] = string(line)
		where := c.line
		if c.field == document.FieldWhole {
			where = 2 // where its digit is
		}
		refused(t, strings.Join(lines, "\n"), problem(c.field, where, document.CheckDigit))
	}
}

// A scanner's or a reader's confusion is never put right: O for 0, I for 1, B for 8.
func TestConfusionIsNotRepaired(t *testing.T) {
	refused(t, strings.Replace(specimenTD3, "L898902C36", "L8989O2C36", 1), problem(document.FieldNumber, 2, document.CheckDigit))
	refused(t, strings.Replace(specimenTD3, "7408122F", "74O8122F", 1), problem(document.FieldBorn, 2, document.CheckDigit))
	refused(t, strings.Replace(specimenTD3, "ERIKSSON", "ER1KSSON", 1), problem(document.FieldName, 1, document.Unreadable))
	refused(t, strings.Replace(specimenTD3, "P<UTO", "P<UT0", 1), problem(document.FieldIssuer, 1, document.Unreadable))
	refused(t, strings.Replace(specimenTD3, "36UTO", "36UTQ", 1), problem(document.FieldNationality, 2, document.Unreadable))
	refused(t, strings.Replace(specimenTD3, "2F12", "2E12", 1), problem(document.FieldSex, 2, document.Unreadable))
	refused(t, strings.Replace(specimenTD3, "ERIK", "ER!K", 1), problem(document.FieldScan, 1, document.Unreadable))
	refused(t, strings.Replace(specimenTD3, "L898902C36UTO74", "L8989O2C36UTO75", 1),
		problem(document.FieldNumber, 2, document.CheckDigit), problem(document.FieldBorn, 2, document.CheckDigit))
}

// docs/counter.md §1.3: "The scan stopped early."
func TestZoneThatIsNotWhole(t *testing.T) {
	one := strings.ReplaceAll(specimenTD3, "\n", "")
	refused(t, specimenTD3[:len(specimenTD3)-1], problem(document.FieldScan, 2, document.StoppedEarly))
	refused(t, specimenTD3[:60], problem(document.FieldScan, 2, document.StoppedEarly))
	refused(t, specimenTD3[:44], problem(document.FieldScan, 0, document.StoppedEarly))
	refused(t, one[:80], problem(document.FieldScan, 0, document.StoppedEarly))
	refused(t, specimenTD1[:61], problem(document.FieldScan, 3, document.StoppedEarly))
	refused(t, specimenTD1[:30], problem(document.FieldScan, 0, document.StoppedEarly))
	refused(t, strings.Replace(specimenTD3, "P<U", "P<<U", 1)+"<", problem(document.FieldScan, 1, document.LineLength))
	refused(t, strings.Replace(specimenTD3, "ERIKSSON", "ERIKSON", 1), problem(document.FieldScan, 1, document.LineLength))
	refused(t, specimenTD3+"\n"+strings.Repeat("<", 44), problem(document.FieldScan, 3, document.LineLength))
	refused(t, one+strings.Repeat("<", 44), problem(document.FieldScan, 0, document.TooLong))
}

// A German layout types ; where an American scanner means <.
func TestWrongKeyboardLayout(t *testing.T) {
	for _, other := range []string{";", ">", ",", "?"} {
		refused(t, strings.ReplaceAll(specimenTD1, "<", other), problem(document.FieldScan, 0, document.KeyboardLayout))
	}
	refused(t, strings.ReplaceAll(specimenTD3, "<", "ö"), problem(document.FieldScan, 0, document.KeyboardLayout))
	german := strings.NewReplacer("<", ";", "Z", "Y", "Y", "Z").Replace(specimenTD3)
	french := strings.NewReplacer("<", "?", "A", "Q", "Q", "A", "Z", "W", "W", "Z", "M", ",", "1", "&", "2", "é", "3", "\"", "4", "'", "6",
		"-", "8", "_", "0", "à").Replace(specimenTD1)
	for _, scan := range []string{german, french, strings.ReplaceAll(german, "\n", ""), strings.ToLower(german)} {
		refused(t, scan, problem(document.FieldScan, 0, document.KeyboardLayout))
	}
}

// ICAO Doc 9303-3 §4.8: parts of a date of birth may be unknown.
func TestUnknownDates(t *testing.T) {
	for field, want := range map[string]string{
		"740812": "1974-08-12", "7408<<": "1974-08-??", "74<<<<": "1974-??-??", "<<<<<<": "", "<<0812": "????-08-12", "000229": "2000-02-29",
	} {
		if got := parsed(t, passport("UTO", "ERIKSSON<<ANNA", "L1", "UTO", field, "F", "300101", "")); got.Born.String() != want {
			t.Errorf("%s: %q, want %q", field, got.Born, want)
		}
	}
	for _, field := range []string{"741301", "740230", "740800", "740012", "74<812", "7<0812", "010229"} {
		refused(t, passport("UTO", "ERIKSSON<<ANNA", "L1", "UTO", field, "F", "300101", ""), problem(document.FieldBorn, 2, document.NotADate))
	}
	for _, field := range []string{"3001<<", "301301", "30<<<<"} {
		refused(t, passport("UTO", "ERIKSSON<<ANNA", "L1", "UTO", "740812", "F", field, ""), problem(document.FieldExpires, 2, document.NotADate))
	}
	endless := passport("UTO", "ERIKSSON<<ANNA", "L1", "UTO", "740812", "F", "<<<<<<", "")
	if got := parsed(t, endless); got.Expires != document.NoEnd {
		t.Errorf("a document without an end ends %s", got.Expires)
	}
}

// Two digits of a year: nobody is born tomorrow, and a document of '76 has ended, while one of '75 is far away.
func TestTwoDigitYears(t *testing.T) {
	for _, c := range []struct{ born, expires, wantBorn, wantExpires string }{
		{"261122", "261122", "2026-11-22", "2026-11-22"},
		{"261123", "751231", "1926-11-23", "2075-12-31"},
		{"27<<<<", "760101", "1927-??-??", "1976-01-01"},
		{"26<<<<", "981231", "2026-??-??", "1998-12-31"},
		{"2611<<", "981231", "2026-11-??", "1998-12-31"},
		{"2612<<", "000101", "1926-12-??", "2000-01-01"},
	} {
		d := parsed(t, passport("UTO", "ERIKSSON<<ANNA", "L1", "UTO", c.born, "F", c.expires, ""))
		if d.Born.String() != c.wantBorn || d.Expires.String() != c.wantExpires {
			t.Errorf("%+v: born %s, expires %s", c, d.Born, d.Expires)
		}
	}
	late := time.Date(2089, 1, 1, 0, 0, 0, 0, time.UTC)
	d, _ := document.Parse(passport("UTO", "ERIKSSON<<ANNA", "L1", "UTO", "900101", "F", "050101", ""), late)
	if d.Born.Year != 1990 || d.Expires.Year != 2105 {
		t.Errorf("in 2089: born %s, expires %s", d.Born, d.Expires)
	}
}

// ICAO Doc 9303-3 §5: the codes that ISO 3166-1 does not have, and those that nobody has.
func TestIssuingStates(t *testing.T) {
	for _, code := range []string{"D", "DNK", "USA", "GBR", "GBN", "RKS", "EUE", "UNO", "XXA", "XXB", "XXC", "XXX", "XOM", "TWN"} {
		if d := parsed(t, passport(code, "ERIKSSON<<ANNA", "L1", code, "740812", "<", "300101", "")); d.Issuer != code ||
			d.Nationality != code || d.Sex != "X" {
			t.Errorf("%s: issuer %q, nationality %q", code, d.Issuer, d.Nationality)
		}
	}
	for _, code := range []string{"DEX", "DE", "<D", "<<<", "U<O", "001", "ZZZ", "QQQ", "XAA", "ZAR", "BUR", "YUG", "SUN"} {
		refused(t, passport(code, "ERIKSSON<<ANNA", "L1", "", "740812", "F", "300101", ""), problem(document.FieldIssuer, 1, document.Unreadable))
	}
}

func TestDocumentCodes(t *testing.T) {
	for code, want := range map[string]document.Type{
		"I": document.IDCard, "ID": document.IDCard, "A": document.IDCard, "C": document.IDCard, "IP": document.IDCard,
		"IR": document.ResidencePermit, "AR": document.ResidencePermit, "CR": document.ResidencePermit,
	} {
		for _, scan := range []string{
			cardTD1(code, "D", "MUSTERMANN<<ERIKA", "T22000129", "D", "640812", "F", "301031", ""),
			cardTD2(code, "D", "MUSTERMANN<<ERIKA", "T22000129", "D", "640812", "F", "301031", ""),
		} {
			if d := parsed(t, scan); d.Type != want || d.Issuer != "D" || d.Number != "T22000129" {
				t.Errorf("%s: %s", code, d.Type)
			}
		}
	}
	for _, code := range []string{"V", "AC", "P", "XX"} {
		refused(t, cardTD1(code, "D", "MUSTERMANN<<ERIKA", "T22000129", "D", "640812", "F", "301031", ""),
			problem(document.FieldType, 1, document.NotAccepted))
	}
	refused(t, strings.Replace(specimenTD3, "P<", "V<", 1), problem(document.FieldType, 1, document.NotAccepted))
	refused(t, "IDFRADOUEL<<<<<<<<<<<<<<<<<<<<932013\n0506932020438CHRISTIANE<<NI2906209F3",
		problem(document.FieldType, 1, document.Unsupported))
	refused(t, "D1NLD11234567890ABCDEFGHIJ<<<4", problem(document.FieldType, 1, document.Unsupported))
}

func TestDocumentNumbers(t *testing.T) {
	for number, want := range map[string]string{"A": "A", "AB<12": "AB 12", "123456789": "123456789"} {
		if d := parsed(t, passport("UTO", "ERIKSSON<<ANNA", number, "UTO", "740812", "F", "300101", "")); d.Number != want {
			t.Errorf("%s: %q, want %q", number, d.Number, want)
		}
	}
	refused(t, passport("UTO", "ERIKSSON<<ANNA", "", "UTO", "740812", "F", "300101", ""), problem(document.FieldNumber, 2, document.Missing))
	// A filler for a check digit needs a number that goes on.
	refused(t, strings.Replace(specimenTD1, "D231458907", "D23145890<", 1), problem(document.FieldNumber, 1, document.CheckDigit))
	// Nothing but fillers may have a filler as check digit (ICAO Doc 9303-4 §4.2.2.2).
	zone := passport("UTO", "ERIKSSON<<ANNA", "L1", "UTO", "740812", "F", "300101", "")
	filler := zone[:87] + "<" + zone[88:]
	if d := parsed(t, filler); d.Number != "L1" {
		t.Error("empty optional data with a filler for its digit")
	}
}

// ICAO Doc 9303-3 §4.6, with the names of its examples.
func TestNamesOfTheZone(t *testing.T) {
	for field, want := range map[string]document.Name{
		"SMITH<JONES<<SUSIE<MARGARET":             {Surname: "SMITH JONES", GivenNames: "SUSIE MARGARET"},
		"VAN<DER<MUELLEN<<MARTIN":                 {Surname: "VAN DER MUELLEN", GivenNames: "MARTIN"},
		"ARKFREITH":                               {Surname: "ARKFREITH"},
		"NILAVADHANANANDA<<CHAYAPA<DEJTHAMRONG<K": {"NILAVADHANANANDA", "CHAYAPA DEJTHAMRONG K", "", "", true, true, true},
		"BENNELONG<WOOLOOMOOLOO<WARRANDYTE<WARNA": {"BENNELONG WOOLOOMOOLOO WARRANDYTE WARNA", "", "", "", true, true, true},
		"NILAVADHANANANDA<<CHAYAPA<DEJTHAMRONG":   {Surname: "NILAVADHANANANDA", GivenNames: "CHAYAPA DEJTHAMRONG"},
	} {
		if d := parsed(t, passport("UTO", field, "L1", "UTO", "740812", "F", "300101", "")); d.Name != want {
			t.Errorf("%s: %q, %q, truncated %v", field, d.Name.Surname, d.Name.GivenNames, d.Name.Truncated())
		}
	}
	for _, field := range []string{"", "<ERIKSSON<<ANNA", "ERIKSSON<<ANN4"} {
		refused(t, passport("UTO", field, "L1", "UTO", "740812", "F", "300101", ""), problem(document.FieldName, 1, document.Unreadable))
	}
}
