package document_test

import (
	"strings"
	"testing"

	"countersign/models/document"
)

func name(surname, given string) document.Name {
	return document.Name{Surname: surname, GivenNames: given}
}

// What ICAO Doc 9303-3 §6 makes of a letter matches the letter, in every spelling that it allows.
func TestTransliteration(t *testing.T) {
	for _, c := range []struct{ record, spellings string }{
		// Part A, Latin.
		{"Ä", "AE A"}, {"Å", "AA A"}, {"Æ", "AE"}, {"Ð", "D"}, {"Ñ", "N NXX"}, {"Ö", "OE O"}, {"Ø", "OE"}, {"Ü", "UE UXX U"},
		{"Þ", "TH"}, {"ß", "SS"}, {"ẞ", "SS"}, {"Đ", "D DJ"}, {"Ł", "L"}, {"Ħ", "H"}, {"Ĳ", "IJ"}, {"Œ", "OE"}, {"Ŋ", "N"}, {"Ŧ", "T"},
		{"ı", "I"}, {"İ", "I"}, {"ĸ", "Q"}, {"Ŀ", "L"}, {"ŉ", "N"},
		{"À", "A"}, {"Á", "A"}, {"Â", "A"}, {"Ã", "A"}, {"Ā", "A"}, {"Ą", "A"}, {"Ç", "C"}, {"Č", "C"}, {"Ď", "D"}, {"É", "E"}, {"Ę", "E"},
		{"Ğ", "G"}, {"Ģ", "G"}, {"Ĥ", "H"}, {"Ī", "I"}, {"Ķ", "K"}, {"Ľ", "L"}, {"Ń", "N"}, {"Ő", "O"}, {"Ř", "R"}, {"Ş", "S"}, {"Ș", "S"},
		{"Š", "S"}, {"Ţ", "T"}, {"Ű", "U"}, {"Ŵ", "W"}, {"Ý", "Y"}, {"Ÿ", "Y"}, {"Ż", "Z"}, {"Ế", "E"}, {"Ǿ", "OE"},
		// Part B, Cyrillic.
		{"А", "A"}, {"Г", "G H"}, {"Ё", "E IO"}, {"Ж", "ZH Z"}, {"И", "I Y"}, {"Й", "I Y"}, {"Х", "KH H"}, {"Ц", "TS C"}, {"Ч", "CH C"},
		{"Ш", "SH S"},
		{"Щ", "SHCH SHT"}, {"Ъ", "IE A"}, {"Ы", "Y"}, {"Э", "E"}, {"Ю", "IU"}, {"Я", "IA"}, {"Ґ", "G"}, {"Ў", "U"}, {"Ѓ", "G GJ"}, {"Ђ", "D DJ"},
		{"Ѕ", "DZ"}, {"Ј", "J"}, {"Ќ", "K KJ"}, {"Љ", "LJ"}, {"Њ", "NJ"}, {"Ћ", "C"}, {"Џ", "DZ DJ"}, {"Є", "IE"}, {"Ї", "I"}, {"Ь", " Y"},
	} {
		possible := map[string]bool{}
		for _, spelling := range strings.Split(c.spellings, " ") {
			possible[spelling] = true
		}
		for _, tried := range append(strings.Fields("A B C D E G H I J K L N O Q R S T U W Y Z AA AE OE UE UXX NXX TH SS IJ IO ZH KH TS CH SH SHCH SHT IE IU IA GJ DZ DJ KJ LJ NJ"), "") {
			want := document.Differs
			if possible[tried] {
				want = document.Matches
			}
			for _, record := range []string{c.record, strings.ToLower(c.record)} {
				if strings.ToUpper(record) != c.record && strings.ToUpper(c.record) == c.record {
					continue // a letter whose lower case is that of another
				}
				if got := document.CompareNames(name("B"+tried+"M", "ANNA"), "Anna b"+record+"m"); got != want {
					t.Errorf("%s as %q: %s, want %s", record, tried, got, want)
				}
			}
		}
	}
}

// ELOT 743 (ISO 843, type 2), by which the passports of Greece and Cyprus spell, and ICAO Doc 9303-3 §6, part C.
func TestGreekAndArabicNames(t *testing.T) {
	for _, c := range []struct{ record, spelt string }{
		{"Παπαδόπουλος", "PAPADOPOULOS"}, {"ΠΑΠΑΔΟΠΟΥΛΟΥ", "PAPADOPOULOU"}, {"Χρήστος", "CHRISTOS"}, {"Ευάγγελος", "EVANGELOS"}, {"Εύα", "EVA"},
		{"Ευφροσύνη", "EFFROSYNI"}, {"Αυγέρης", "AVGERIS"}, {"Σταυρούλα", "STAVROULA"}, {"Λευτέρης", "LEFTERIS"}, {"Ιησού", "IISOU"},
		{"Ζεύς", "ZEFS"},
		{"Μαΐου", "MAIOU"}, {"Ταΰγετος", "TAYGETOS"}, {"Γεώργιος", "GEORGIOS"}, {"Σφίγξ", "SFINX"}, {"Αγχίαλος", "ANCHIALOS"},
		{"Αγκάθη", "AGKATHI"},
		{"Μπάμπης", "BAMPIS"}, {"Λάμπρου", "LAMPROU"}, {"Ψαρράς", "PSARRAS"}, {"Θεοδώρου", "THEODOROU"}, {"Ξενάκη", "XENAKI"},
		{"Υπατία", "YPATIA"},
		{"محمد", "MXHMD"}, {"مُحَمَّد", "MXHMMD"}, {"مُحَمَّد", "MXHMD"}, {"هارون", "HARWN"}, {"أبو", "XAEBW"}, {"زكريا", "ZKRYA"},
		{"الرازي", "ALRAZY"},
		{"فاطمة", "FAXTTMXAH"}, {"خديجة", "XKHDYJXAH"}, {"محـمد", "MXHMD"},
	} {
		if got := document.CompareNames(name(c.spelt, "NIKOS"), "Νίκος "+c.record); got != document.Matches {
			t.Errorf("%s as %s: %s", c.record, c.spelt, got)
		}
	}
	for record, other := range map[string]string{
		"Ευάγγελος": "EFANGELOS", "Λευτέρης": "LEVTERIS", "Λάμπρου": "LABROU", "Ταΰγετος": "TAVGETOS", "Μπάμπης": "MPAMPIS", "محمد": "MHMD",
	} {
		if got := document.CompareNames(name(other, "NIKOS"), "Νίκος "+record); got != document.Differs {
			t.Errorf("%s as %s: %s", record, other, got)
		}
	}
}

func TestNamesThatMatch(t *testing.T) {
	for _, c := range []struct{ surname, given, record string }{
		{"ERIKSSON", "ANNA MARIA", "Anna Maria Eriksson"},
		{"ERIKSSON", "ANNA MARIA", "Eriksson Anna Maria"},
		{"ERIKSSON", "ANNA MARIA", "Eriksson, Anna Maria"},
		{"ERIKSSON", "ANNA MARIA", "  anna-maria   ERIKSSON "},
		{"Eriksson", "Anna Maria", "ANNA MARIA ERIKSSON"},
		{"ERIKSSON", "ANNA MARIA", "Anna\u00a0Maria Eriksson"},
		{"SMITH JONES", "SUSIE", "Susie Smith-Jones"},
		{"SMITH-JONES", "SUSIE", "Susie Smith Jones"},
		{"DARTAGNAN", "JULES", "Jules D'Artagnan"},
		{"DARTAGNAN", "JULES", "Jules D’Artagnan"},
		{"D'ARTAGNAN", "JULES", "Jules Dartagnan"},
		{"KAAHUMANU", "ELISABETA", "Elisabeta Kaʻahumanu"}, {"ALSADI", "ALI", "ʿAlī Alsaʽdī"}, {"DARTAGNAN", "JULES", "Jules D＇Artagnan"},
		{"ST JAMES", "J", "J. St. James"},
		{"MUELLER", "JOERG", "Jörg Müller"}, {"MULLER", "JORG", "Jörg Müller"}, {"MUXXLLER", "JOERG", "Jörg Müller"},
		{"MUELLER", "JOERG", "Joerg Mueller"}, {"Müller", "Jörg", "Mueller Joerg"}, {"MU\u0308LLER", "JÖRG", "Jörg Müller"},
		{"GROSS", "UWE", "Uwe Groß"}, {"GROSZ", "UWE", "Uwe Grosz"},
		{"NUNEZ", "INIGO", "Íñigo Núñez"}, {"NUNXXEZ", "INXXIGO", "Íñigo Núñez"},
		{"SOERENSEN", "AASE", "Åse Sørensen"}, {"THORSDOTTIR", "GUDRUN", "Guðrún Þórsdóttir"}, {"WALESA", "L", "Ł Wałęsa"},
		{"IVANOVA", "NATALIA", "Наталья Иванова"}, {"SHEVCHENKO", "YURII", "Юрій Шевченко"}, {"YAKOVENKO", "YEVHEN", "Яковенко Євген"},
		{"DJORDJEVIC", "N", "N Djordjević"}, {"DORDEVIC", "N", "Н Ђорђевић"}, {"SOLOVEV", "I", "И Соловьёв"}, {"ARKFREITH", "", "Arkfreith"},
		{"NGUYEN", "THI HUE", "Nguyễn Thị Huế"}, {"YILMAZ", "ISIK", "Işık Yılmaz"}, {"ΠΑΠΑΣ", "ΝΙΚΟΣ", "Νίκος Παπάς"},
	} {
		if got := document.CompareNames(name(c.surname, c.given), c.record); got != document.Matches {
			t.Errorf("%s, %s: %q %s", c.surname, c.given, c.record, got)
		}
	}
}

// Nothing is close enough: what the standards can tell apart differs.
func TestNamesThatDiffer(t *testing.T) {
	for why, c := range map[string]struct{ surname, given, record string }{
		"one letter":                   {"ERIKSSON", "ANNA MARIA", "Anna Maria Erikson"},
		"a middle name on record":      {"ERIKSSON", "ANNA", "Anna Maria Eriksson"},
		"a middle name on the card":    {"ERIKSSON", "ANNA MARIA", "Anna Eriksson"},
		"an initial":                   {"ERIKSSON", "ANNA MARIA", "Anna M. Eriksson"},
		"an initial on the card":       {"ERIKSSON", "ANNA M", "Anna Maria Eriksson"},
		"given names in another order": {"ERIKSSON", "ANNA MARIA", "Maria Anna Eriksson"},
		"surname in the middle":        {"ERIKSSON", "ANNA MARIA", "Anna Eriksson Maria"},
		"written as one":               {"ERIKSSON", "ANNAMARIA", "Anna Maria Eriksson"},
		"a nickname":                   {"ERIKSSON", "BILL", "William Eriksson"},
		"another person":               {"ERIKSSON", "ANNA", "Erika Mustermann"},
		"u for a recorded ue":          {"MULLER", "JORG", "Joerg Mueller"},
		"ue for a recorded u":          {"MUELLER", "JORG", "Jorg Muller"},
		"zz for sharp s":               {"GROSZ", "UWE", "Uwe Groß"},
		"a blank where none is":        {"O BRIEN", "PAT", "Pat OBrien"},
		"half of a double name":        {"SMITH", "SUSIE", "Susie Smith-Jones"},
		"no given name on the card":    {"ERIKSSON", "", "Anna Eriksson"},
		"no name on the card":          {"", "", "Anna Eriksson"},
		"less than is on record":       {"", "ANNA", "Anna Eriksson"},
		"comma says otherwise":         {"ANNA", "ERIKSSON", "Eriksson, Anna"},
		"part of a comma's surname":    {"ERIKSSON", "ANNA MARIA", "Eriksson Anna, Maria"},
		"Hebrew, which has no table":   {"COHEN", "DAVID", "דוד כהן"},
		"Arabic by its sound":          {"MUHAMMAD", "ALI", "علي محمد"},
		"Greek by its look":            {"HRISTOU", "NIKOS", "Νίκος Χρήστου"},
		"Greek with a letter left out": {"AMPROU", "NIKOS", "Νίκος Λάμπρου"},
		"a suffix on record":           {"SAMPLE", "MICHAEL", "Michael Sample Jr"},
		"a prefix of a name":           {"ERIK", "ANNA", "Anna Eriksson"},
		"only marks on record":         {"ERIKSSON", "ANNA", "--"},
		"longer than any name":         {"A", "A", "A A" + strings.Repeat(" ", 400)},
		"more parts than any name":     {"A", strings.TrimSpace(strings.Repeat("A ", 40)), strings.TrimSpace(strings.Repeat("A ", 41))},
	} {
		if got := document.CompareNames(name(c.surname, c.given), c.record); got != document.Differs {
			t.Errorf("%s: %s", why, got)
		}
	}
}

func TestNamesWithoutARecord(t *testing.T) {
	for _, record := range []string{"", "  ", "\t\n"} {
		if got := document.CompareNames(name("ERIKSSON", "ANNA"), record); got != document.NotOnRecord {
			t.Errorf("%q: %s", record, got)
		}
		if got := document.CompareDates(day(1974, 8, 12), record); got != document.NotOnRecord {
			t.Errorf("%q: %s", record, got)
		}
	}
}

// A suffix tells a father from his son.
func TestSuffixes(t *testing.T) {
	junior := document.Name{Surname: "SAMPLE", GivenNames: "MICHAEL", MiddleNames: "JOHN", Suffix: "JR"}
	for record, want := range map[string]document.Verdict{
		"Michael John Sample Jr": document.Matches, "Michael John Sample, Jr.": document.Matches, "Sample Jr, Michael John": document.Matches,
		"Sample, Michael John, Jr": document.Matches, "Sample Michael John Jr": document.Matches, "Sample, Michael Jr John": document.Matches,
		"Michael John Sample": document.Differs, "Michael John Sample Sr": document.Differs, "Michael Sample Jr": document.Differs,
		"Jr Michael John Sample": document.Differs,
	} {
		if got := document.CompareNames(junior, record); got != want {
			t.Errorf("%q: %s", record, got)
		}
	}
}

// ICAO Doc 9303-3 §4.6: a zone whose name field is full may have been cut, part by part, and says so.
func TestTruncationOfTheZone(t *testing.T) {
	for _, c := range []struct {
		field, record string
		want          document.Verdict
	}{
		{"NILAVADHANANANDA<<CHAYAPA<DEJTHAMRONG<K", "Chayapa Dejthamrong Krasuang Nilavadhanananda", document.Matches},
		{"NILAVADHANANANDA<<CHAYAPA<DEJTH<KRASUAN", "Nilavadhanananda Chayapa Dejthamrong Krasuang", document.Matches},
		{"NILAVADHAN<<CHAYAPA<DEJTHAMRONG<KRASUAN", "Nilavadhanananda, Chayapa Dejthamrong Krasuang", document.Matches},
		{"BENNELONG<WOOLOOMOOLOO<WARRANDYTE<W<<DI", "Dingo Potoroo Bennelong Wooloomooloo Warrandyte Warnambool", document.Matches},
		{"BENNELONG<WOOLOOMOOLOO<WARRANDYTE<WARNA", "Dingo Potoroo Bennelong Wooloomooloo Warrandyte Warnambool",
			document.Differs}, // no given name is shown
		{"BENNELONG<WOOLOOMOOLOO<WARRANDYTE<WARNA", "Bennelong Wooloomooloo Warrandyte Warnambool Dingo Potoroo", document.Differs},
		{"BENNELONG<WOOLOOMOOLOO<WARRANDYTE<WARNA", "Bennelong Wooloomooloo Warrandyte Warnambool, Dingo", document.Differs},
		{"BENNELONG<WOOLOOMOOLOO<WARRANDYTE<WARNA", "Bennelong Wooloomooloo Warrandyte Warnambool", document.Matches}, // none on record
		{"PAPANDROPOULOUS<<JONATHON<ALEC<CHRISTOP", "Jonathon Alec Christopher Papandropoulous", document.Matches},
		{"NILAVADHANANANDA<<CHAYAPA<DEJTHAMRONG<K", "Chayapa Dejthamrong Arnpol Nilavadhanananda", document.Differs},
		{"NILAVADHANANANDA<<CHAYAPA<DEJTHAMRONG<K", "Chayapa Nilavadhanananda", document.Differs},
		{"NILAVADHANANANDA<<CHAYAPA<DEJTHAMRONG<K", "Krasuang Dejthamrong Chayapa Nilavadhanananda", document.Differs},
		{"NILAVADHANANANDA<<CHAYAPA<DEJTHAMRONG", "Chayapa Dejthamrong Krasuang Nilavadhanananda", document.Differs}, // not full: not cut
		{"MUELLERSCHOENWETTERHAUSEN<<JOERG<MAXIMI", "Jörg Maximilian Müllerschönwetterhausen", document.Matches},
		{"MUELLERSCHOENWETTERHAUS<<JOERGE<PETER<U", "Jörgen Peter Ünal Müllerschönwetterhausen", document.Matches}, // U of UE
	} {
		d := parsed(t, passport("UTO", c.field, "L1", "UTO", "740812", "F", "300101", ""))
		if got := document.CompareNames(d.Name, c.record); got != c.want {
			t.Errorf("%s: %q %s, want %s", c.field, c.record, got, c.want)
		}
	}
}

// AAMVA annex D.12.5.1, DDE, DDF and DDG: only the name that is marked may go on.
func TestTruncationOfAPDF417(t *testing.T) {
	card := document.Name{Surname: "SAMPLEFAMILYNAME", GivenNames: "MICH", MiddleNames: "JOHN"}
	record := "Michael John Samplefamilynamelong"
	for flags, want := range map[[3]bool]document.Verdict{
		{true, true, false}: document.Matches, {true, true, true}: document.Matches,
		{true, false, false}: document.Differs, {false, true, false}: document.Differs, {true, false, true}: document.Differs,
		{}: document.Differs,
	} {
		card.SurnameTruncated, card.GivenNamesTruncated, card.MiddleNamesTruncated = flags[0], flags[1], flags[2]
		if got := document.CompareNames(card, record); got != want {
			t.Errorf("%v: %s, want %s", flags, got, want)
		}
	}
}

func TestCompareDates(t *testing.T) {
	short := func(year, month, d int) document.Date {
		return document.Date{Year: year, Month: month, Day: d, ShortYear: true}
	}
	for _, c := range []struct {
		card   document.Date
		record string
		want   document.Verdict
	}{
		{day(1974, 8, 12), "1974-08-12", document.Matches}, {day(1974, 8, 12), " 1974-08-12 ", document.Matches},
		{short(1974, 8, 0), "1974-08-12", document.Matches}, {short(1974, 0, 0), "1974-08-12", document.Matches},
		{short(1974, 0, 12), "1974-08-12", document.Matches},
		{short(2021, 8, 12), "1921-08-12", document.Matches}, {short(1974, 0, 0), "1974-00-00", document.Matches},
		{short(1974, 8, 0), "1974-08-00", document.Matches},
		{day(2021, 8, 12), "1921-08-12", document.Differs}, {short(2022, 8, 12), "1921-08-12", document.Differs},
		{day(1974, 8, 13), "1974-08-12", document.Differs}, {day(1974, 12, 8), "1974-08-12", document.Differs},
		{short(1974, 8, 0), "1974-09-12", document.Differs},
		{day(1974, 8, 12), "1974-08-00", document.Differs}, {day(1974, 8, 12), "1974-00-00", document.Differs},
		{document.Date{}, "1974-08-12", document.Differs}, {short(0, 8, 12), "1974-08-12", document.Differs},
		{day(1974, 8, 12), "12.08.1974", document.Differs}, {day(1974, 8, 12), "1974-8-12", document.Differs},
		{day(1974, 8, 12), "1974-02-30", document.Differs},
		{short(2000, 8, 12), "0000-08-12", document.Differs}, {day(1974, 8, 12), "1974-08-1x", document.Differs},
	} {
		if got := document.CompareDates(c.card, c.record); got != c.want {
			t.Errorf("%s, %q: %s, want %s", c.card, c.record, got, c.want)
		}
	}
}
