package document_test

import (
	"slices"
	"strings"
	"testing"

	"countersign/models/document"
)

// Heads whose blanks are more, line breaks or between the digits, control characters that are spelt out beside fillers, and a
// directory that calls the card by another type.
func TestHeadsOfMoreCards(t *testing.T) {
	body := annasElements + "\r"
	for _, head := range []string{
		"@\n\x1e\rANSI 636026 080001DL00310200DL", "@\n\x1e\rANSI 636026 08 00 01DL00310200DL", "@\n\x1e\rANSI 636026080001 DL00310200DL",
		"@\n\x1e\rANSI     636026080001DL00310200DL", "@\n\x1e\rANSI\t636026080001DL00310200DL", "@\n\x1e\rANSI\r\n636026080001DL00310200DL",
		"@\n\x1e\rANSI_636026080001DL00310200DL", "@\n\x1e\rANSI-636026080001DL00310200DL", "<STX>@<0A><1E><0D>ANSI 636026080001DL00310200DL",
		"@a<b\n\x1e\rANSI 636026080001DL00310200DL", "@\n\x1e\rANSI 636026080001ID00310200DL",
	} {
		if got, want := parsed(t, head+body), anna(nil); got != want {
			t.Errorf("%q: %s", head, differences(got, want))
		}
	}
	other := parsed(t, "@\n\x1e\rANSI 636026080001DL00310200ID"+body)
	if want := anna(func(d *document.Document) { d.Type = document.IDCard }); other != want {
		t.Error(differences(other, want))
	}
}

// ^M and ^J are control characters in a scan that has none, and else the end of one name and the beginning of another.
func TestCaretsInNames(t *testing.T) {
	spelt := strings.NewReplacer("\n", "^J", "\r", "^M", "\x1e", "^^").Replace("@\n\x1e\rANSI 636026080001DL00310200DL" + annasElements + "\r")
	for _, scan := range []string{spelt, spelt + "\r\n"} {
		if got, want := parsed(t, scan), anna(nil); got != want {
			t.Error(differences(got, want))
		}
	}
	for _, names := range []string{"DAALINDQVIST^MARIA", "DAALINDQVIST^JULIA^MARIA", "DCSLINDQV^^ST\nDCTANNA"} {
		scan := "@\n\x1e\rANSI 636026080001DL00310200DL" + strings.Replace(annasElements, "DCSLINDQVIST\nDCTANNA MARIA", names, 1) + "\r"
		refused(t, scan, problem(document.FieldName, 0, document.Damaged))
	}
}

// Dates with one digit for a month or day, or dashes of print; names that say that there is none; signs that no name has.
func TestFieldsOfMoreCards(t *testing.T) {
	with := func(from, to string) string {
		return "@\n\x1e\rANSI 636026080001DL00310200DL" + strings.Replace(annasElements, from, to, 1) + "\r"
	}
	for _, born := range []string{"3/10/1984", "1984-3-10", "1984–03–10", "03—10—1984", "03\u00a010\u00a01984", "１９８４０３１０"} {
		if got, want := parsed(t, with("DBB03101984", "DBB"+born)), anna(nil); got != want {
			t.Errorf("%s: %s", born, differences(got, want))
		}
	}
	for _, none := range []string{"NO MIDDLE NAME", "NOMIDDLENAME", "(NMN)", "N.M.N.", "--", "XXX", "NOT APPLICABLE", "no middle name"} {
		if got, want := parsed(t, with("DCTANNA MARIA", "DACANNA MARIA\nDAD"+none)), anna(nil); got != want {
			t.Errorf("%s: %s", none, differences(got, want))
		}
	}
	for _, given := range []string{"ANN@", "@", "ANNA$MARIA"} {
		refused(t, with("DCTANNA MARIA", "DCT"+given), problem(document.FieldName, 0, document.Damaged))
	}
}

// What stands for no end, scanned of a licence or typed by a person.
func TestMoreDocumentsWithoutAnEnd(t *testing.T) {
	for _, said := range []string{
		"<<<<<<", "<<<<<<<<", "1/1/9999", "1.1.9999", "31 DEC 9999", "Dec 31, 9999", "31. Dezember 9999", "31 DEC 2999", "99.99.9999", "99 99 99",
		"NON-EXP", "NOEXP", "No exp.", "N/A", "n/a", "(INDEF)", "\"INDEF\"", "VALID INDEFINITELY", "Never expires", "MIL.", "MILITARY EXEMPT",
		"unbefristet gültig", "kein Ablaufdatum", "sans limite", "senza scadenza", "vitalícia", "bezterminowo", "Бессрочно", "９９９９９９９９",
	} {
		if got := document.ReadExpiry(said, now); !slices.Equal(got, []document.Date{document.NoEnd}) {
			t.Errorf("typed %s: %v", said, got)
		}
		card := "@\n\x1e\rANSI 636026080001DL00310200DL" + strings.Replace(annasElements, "DBA05312031", "DBA"+said, 1) + "\r"
		if got := parsed(t, card).Expires; got != document.NoEnd {
			t.Errorf("scanned %s: %s", said, got)
		}
	}
	for _, said := range []string{"99", "00", "--------", "XX.XX.XXXX", "31 DEC 3000", "31.12.99999", "<<<", "9999 years"} {
		if got := document.ReadExpiry(said, now); slices.Contains(got, document.NoEnd) {
			t.Errorf("%s is no end", said)
		}
	}
}

// Typed dates with the signs, digits and months of other keyboards and passports.
func TestDatesOfOtherKeyboards(t *testing.T) {
	for _, typed := range []string{
		"31–05–2030", "31 — 05 — 2030", "31．05．2030", "31／05／2030", "３１０５２０３０", "٣١٠٥٢٠٣٠", "31\u202f05\u202f2030", "2030年5月31日", "2030년 5월 31일",
		"31 MÁJ/MAY 2030", "31 MAJ/MAY 2030", "31 MAY / MAYIS 2030", "31 ΜΑΪ/MAY 2030", "31 TOUKO/MAY 2030", "31 МАЯ/MAY 2030", "31.V.2030",
		"31 V 2030",
	} {
		if got := document.ReadExpiry(typed, now); !slices.Equal(got, []document.Date{day(2030, 5, 31)}) {
			t.Errorf("%s: %v", typed, got)
		}
	}
	for _, typed := range []string{"31 MAY/JUN 2030", "31 FOO/BAR 2030", "31 FOO 2030", "31/FOO/2030", "31 VV 2030"} {
		if got := document.ReadExpiry(typed, now); got != nil {
			t.Errorf("%s: %v", typed, got)
		}
	}
}

// Letters and signs of more languages, and placeholders as zones and states write them.
func TestMoreNamesThatMatch(t *testing.T) {
	for _, c := range []struct{ record, surname, given string }{
		{"Ǆenana Ǉubić", "LJUBIC", "DZENANA"}, {"ǆenana ǈubić", "LJUBIC", "DZENANA"}, {"Ǌegoš Ǌ", "NJ", "NJEGOS"},
		{"Әli Mәmmәdov", "MEMMEDOV", "ELI"}, {"ǝli Mǝmmǝdov", "MAMMADOV", "ALI"}, {"Ɓala Ɗan Ƙasim", "KASIM", "BALA DAN"},
		{"Akɔsua Ɔpɔku", "OPOKU", "AKOSUA"},
		{"Гүнжиймаа Цэрэн", "TSEREN", "GUNJIIMAA"}, {"ＬＩＮＤＱＶＩＳＴ　ＡＮＮＡ", "LINDQVIST", "ANNA"}, {"Anna Gal.la", "GALLA", "ANNA"},
		{"Anna Gal˙la", "GALLA", "ANNA"},
		{"J. L.L. Lindqvist", "LINDQVIST", "J L L"}, {"Lindqvist", "LINDQVIST", "XXX"}, {"Lindqvist XXX", "LINDQVIST", ""},
		{"Anna N.M.N. Lindqvist", "LINDQVIST", "ANNA"}, {"Lindqvist", "LINDQVIST", "N A"}, {"N. A. Lindqvist", "LINDQVIST", "N A"},
		{"Anna Lindqvist", "N A", "ANNA LINDQVIST"},
	} {
		if got := document.CompareNames(name(c.surname, c.given), c.record); got != document.Matches {
			t.Errorf("%s as %s, %s: %s", c.record, c.surname, c.given, got)
		}
	}
	for _, c := range []struct{ record, surname, given string }{
		{"Жаргал Иван", "IVAN", "JARGAL"}, {"Anna Gal.a", "GALA", "ANNA"}, {"Anna Lindqvist", "LINDQVIST", "N A"}, {"Anna XXXX", "", "ANNA"},
	} {
		if got := document.CompareNames(name(c.surname, c.given), c.record); got != document.Differs {
			t.Errorf("%s as %s, %s: %s", c.record, c.surname, c.given, got)
		}
	}
}

// Parts of zones and licences without what marks them, zones of another keyboard layout, and what other cards and passes have.
func TestMoreThatLooksLikeADocument(t *testing.T) {
	for _, text := range []string{
		"IDBEL000590240", "IDFRAX4RTBPFW46", "ARESTA01234561", "L898902C36UTO", "L898902C36UTO740812",
		"P;UTOERIKSSON;;ANNA", "P>UTOERIKSSON>>ANNA", "p*utoeriksson**anna", "ERIKSSON;;ANNA;MARIA;;;;;;", "P&lt;UTOERIKSSON&lt;&lt;ANNA",
		"636001080001DL00310200DL", "DL00410200ZN", "@ANSI", "DAK100010000", "DCF12345678", "DAG1 MAIN STREET",
		"%B4000001234567899^LINDQVIST/ANNA^3012", ";636001123456789=310519840310=?",
		"00123456789@LINDQVIST@ANNA MARIA@F@12345678@A@10/03/1984@01/01/2015@201", "LINDQVIST|ANNA|F|RSA|8403100000089|10 MAR 1984|RSA|CITIZEN",
		"<?xml version=\"1.0\"?><PrintLetterBarcodeData uid=\"1234\"/>", "PubDSK_1        LINDQVIST", "BEGIN:VCARD\nFN:Anna",
		"shc:/567629095243206",
		"HC1:6BFOXN*TS0BI$ZD", "M1LINDQVIST/ANNA      EABC123", "DC03UTUTABCDEFGH0123456789",
	} {
		if !document.LooksLike(text, now) {
			t.Errorf("%q", text)
		}
	}
	for _, text := range []string{
		"auth0|507f1f77bcf86cd799439011", "google-oauth2|1234|5678", "acct:anna@example.org", "did:web:example.org", "tel:+447700900118",
		"p.ericsson", "v-usa-1",
		"IDEALISTCORP", "IDEAL12345", "IDESP", "P12345678", "ABC840310F310531", "DADDY", "DAGNY", "DAG1", "DCKEYS",
		"uid=anna,ou=people,dc=example,dc=org",
		"EXAMPLE\\anna", "M1234567", "HCL", "1234567890-ABC", "anna...", "a@b",
	} {
		if document.LooksLike(text, now) {
			t.Errorf("%q looks like one", text)
		}
	}
}
