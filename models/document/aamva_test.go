package document_test

import (
	"slices"
	"strings"
	"testing"

	"countersign/models/document"
)

// Published samples: of the AAMVA DL/ID Card Design Standard (2000 to 2020; the last one's offset is off by one), and of the
// states' own specifications. The Canadian one is a sample in Ontario's layout, which has no offset.
const (
	sample2000 = "@\n\x1e\rANSI 6360000102DL00390188ZV02270031DLDAQ0123456789ABC\nDAAPUBLIC,JOHN,Q\nDAG123 MAIN STREET\nDAIANYTOWN\nDAJVA\nDAK123459999  \nDARDM  \nDAS          \nDAT     \nDAU509\nDAW175\nDAYBL \nDAZBR \nDBA20011201\nDBB19761123\nDBCM\nDBD19961201\rZVZVAJURISDICTIONDEFINEDELEMENT\r"
	sample2009 = "@\n\x1e\rANSI 636000040002DL00410282ZV03190008DLDAQT64235789\nDCSSAMPLE\nDDEN\nDACMICHAEL\nDDFN\nDADJOHN,BOB\nDDGN\nDCUJR\nDCAD\nDCBK\nDCDPH\nDBD06062008\nDBB06071986\nDBA12102012\nDBC1\nDAU068 in\nDAYBRO\nDAG2300 WEST BROAD STREET\nDAIRICHMOND\nDAJVA\nDAK232690000 \nDCF2424244747474786102204\nDCGUSA\nDCK123456789\nDDAM\nDDB06062008\nDDC06062009\nDDD1\rZVZVA01\r"
	sample2016 = "@\n\x1e\rANSI 636000100102DL00410278ZV03190008DLDAQT64235789\nDCSSAMPLE\nDDEN\nDACMICHAEL\nDDFN\nDADJOHN\nDDGN\nDCUJR\nDCAD\nDCBK\nDCDPH\nDBD06062019\nDBB06061986\nDBA12102024\nDBC1\nDAU068 in\nDAYBRO\nDAG2300 WEST BROAD STREET\nDAIRICHMOND\nDAJVA\nDAK232690000  \nDCF2424244747474786102204\nDCGUSA\nDCK123456789\nDDAF\nDDB06062018\nDDC06062020\nDDD1\rZVZVA01\r"
	sample2020 = "@\n\x1e\rANSI 636000110002DL00410277ZV03180008DLDAQT64235789\nDCSSAMPLE\nDDEN\nDACMICHAEL\nDDFN\nDADJOHN\nDDGN\nDCUJR\nDCAD\nDCBK\nDCDPH\nDBD06062022\nDBB06062006\nDBA06062027\nDBC1\nDAU068 in\nDAYBRO\nDAG2300 WEST BROAD STREET\nDAIRICHMOND\nDAJVA\nDAK232690000 \nDCF2424244747474786102204\nDCGUSA\nDCK123456789\nDDAF\nDDB06062018\nDDJ06062027\nDDD1\rZVZVA01\r"
	sampleMD   = "@\n\x1e\rAAMVA6360030101DL00290192DLDAQK-134-123-145-103\nDAAJOHNSON,JACK,,3RD\nDAG1234 BARNEYS INN PL\nDAIBALTIMORE\nDAJMD\nDAK21230 \nDARC \nDAS \nDAT \nDAU505\nDAW135\nDBA20170209\nDBB19910209\nDBC1\nDBD20120210\nDBHN\r"
	sampleSC   = "@\n\x1c\rANSI 6360050101DL00300201DLDAQ102245737\nDAASAMPLE,DRIVER,CREDENTIAL,\nDAG1500 PARK ST\nDAICOLUMBIA\nDAJSC\nDAK292012731  \nDARD   \nDAS          \nDAT     \nDAU600\nDAW200\nDAY   \nDAZ   \nDBA20190928\nDBB19780928\nDBC1\nDBD20091026\nDBG2\nDBH1\r\r\n"
	sampleGA   = "@\n\x1e\rANSI 636055060002DL00410288ZG03290093DLDCAC\nDCBB\nDCDNONE\nDBA07012017\nDCSSAMPLE\nDDEU\nDACJANICE\nDDFU\nDADNONE\nDDGU\nDBD07012012\nDBB07011957\nDBC2\nDAYBLU\nDAU064 in\nDAG123 MAIN STREET\nDAIANYTOWN\nDAJGA\nDAK303341234  \nDAQ123456789\nDAW120\nDCF1234509876543210987654321\nDCGUSA\nDCUNONE\nDCK1234567890123456789012345\nDDAF\nDDB01302012\nDDK1\n\rZGZGAN\nZGBN\nZGC5-04\nZGDROCKDALE\nZGEN\nZGFABC123456789-1234567\nZGG12345-67891234567ABC\nZGH000\n\r\r\n"
	sampleWA   = "@\n\x1e\rANSI 636045030002DL00410232ZW02730056DLDCSO REALTEST\nDCTDABE DEE\nDCUV\nDAG2600 MARTIN WAY\nDAIOLYMPIA\nDAJWA\nDAK985060000  \nDCGUSA\nDAQOREALDD521DS\nDCANONE\nDCBNONE\nDCDNONE\nDCFOREALDD521DSL1083014J1459\nDCHNONE\nDBA03102013\nDBB03101948\nDBC1\nDBD10272008\nDAU070 in\nDCE4\nDAYBLU\n\rZWZWAL1083014J1459\nZWB   \nZWC33\nZWD\nZWE\nZWFRev03122007\n\r\r\n"
	sampleON   = "@\n\x1e\rANSI 636012030001DL00000241DLDCAG2  \nDCBX\nDCDNONE\nDBA20250425\nDCSPUBLIC,\nDCTJOHN\nDBD20150910\nDBB19740328\nDBC1\nDAYNONE\nDAU170 cm\nDAG789 E OAK AVE,\nDAITORONTO\nDAJON\nDAKA5K 4X9\nDAQM1234-12345-12345\nDCFAB1234567\nDCGCAN\nDCHNONE\nDCK*1234567*\n\r"
)

// The sample of 2016 with the number at the end of its only subfile, declared exactly.
var numberLast = strings.NewReplacer(
	"0102DL00410278ZV03190008", "0101DL00310278", "DAQT64235789\n", "", "DDD1\rZVZVA01\r", "DDD1\nDAQT64235789\r",
).Replace(sample2016)

var samples = []string{sample2000, sample2009, sample2016, sample2020, sampleMD, sampleSC, sampleGA, sampleWA, sampleON}

func day(year, month, day int) document.Date {
	return document.Date{Year: year, Month: month, Day: day}
}

// AAMVA DL/ID Card Design Standard, annex D.12 (docs/protocol.md §7).
func TestPublishedSamples(t *testing.T) {
	licence := func(issuer, jurisdiction, number, sex string, name document.Name, born, expires document.Date) document.Document {
		return document.Document{
			Source: document.PDF417, Type: document.DrivingPermit, Issuer: issuer, Jurisdiction: jurisdiction,
			Number: number, Sex: sex, Name: name, Born: born, Expires: expires,
		}
	}
	michael := document.Name{Surname: "SAMPLE", GivenNames: "MICHAEL", MiddleNames: "JOHN", Suffix: "JR"}
	bob := michael
	bob.MiddleNames = "JOHN BOB"
	for scan, want := range map[string]document.Document{
		sample2000: licence("USA", "VA", "0123456789ABC", "M", document.Name{Surname: "PUBLIC", GivenNames: "JOHN", MiddleNames: "Q"},
			day(1976, 11, 23), day(2001, 12, 1)),
		sample2009: licence("USA", "VA", "T64235789", "M", bob, day(1986, 6, 7), day(2012, 12, 10)),
		sample2016: licence("USA", "VA", "T64235789", "M", michael, day(1986, 6, 6), day(2024, 12, 10)),
		sample2020: licence("USA", "VA", "T64235789", "M", michael, day(2006, 6, 6), day(2027, 6, 6)),
		sampleMD: licence("USA", "MD", "K-134-123-145-103", "M", document.Name{Surname: "JOHNSON", GivenNames: "JACK", Suffix: "3RD"},
			day(1991, 2, 9), day(2017, 2, 9)),
		sampleSC: licence("USA", "SC", "102245737", "M", document.Name{Surname: "SAMPLE", GivenNames: "DRIVER", MiddleNames: "CREDENTIAL"},
			day(1978, 9, 28), day(2019, 9, 28)),
		sampleGA: licence("USA", "GA", "123456789", "F", document.Name{Surname: "SAMPLE", GivenNames: "JANICE"}, day(1957, 7, 1),
			day(2017, 7, 1)),
		sampleWA: licence("USA", "WA", "OREALDD521DS", "M", document.Name{Surname: "O REALTEST", GivenNames: "DABE DEE", Suffix: "V"},
			day(1948, 3, 10), day(2013, 3, 10)),
		sampleON: licence("CAN", "ON", "M1234-12345-12345", "M", document.Name{Surname: "PUBLIC", GivenNames: "JOHN"}, day(1974, 3, 28),
			day(2025, 4, 25)),
	} {
		if got := parsed(t, scan); got != want {
			t.Errorf("%q: %s", scan[:30], differences(got, want))
		}
	}
}

// docs/counter.md §2.1: control characters are lost, doubled, exchanged or spelt out.
func TestPDF417WhateverTheScannerMakesOfIt(t *testing.T) {
	stopped := problem(document.FieldScan, 0, document.StoppedEarly)
	replace := func(pairs ...string) func(string) string { return strings.NewReplacer(pairs...).Replace }
	for name, change := range map[string]func(string) string{
		"no record separator":   replace("\x1e", "", "\x1c", ""),
		"LF to CRLF":            replace("\n", "\r\n"),
		"LF to CR":              replace("\n", "\r"),
		"CR to LF":              replace("\r", "\n"),
		"no CR":                 replace("\r", ""),
		"no final terminator":   func(s string) string { return strings.TrimRight(s, "\r\n") },
		"spelt <LF>":            replace("\n", "<LF>", "\r", "<CR>", "\x1e", "<RS>", "\x1c", "<FS>"),
		"spelt ^J":              replace("\n", "^J", "\r", "^M", "\x1e", "^^", "\x1c", ""),
		"control pictures":      replace("\n", "␊", "\r", "␍", "\x1e", "␞", "\x1c", "␜"),
		"AIM identifier":        func(s string) string { return "]L2" + s },
		"prefix, suffix":        func(s string) string { return "\x02 " + s + "\x03\t" },
		"no indicator":          func(s string) string { return strings.TrimLeft(s, "@\n\x1c\x1e\r") },
		"offset and length off": replace("DL0041", "DL0040", "DL0039", "DL0040", "DL0029", "DL0031", "DL0030", "DL0029"),
		"more entries":          replace("0102DL", "0105DL", "0002DL", "0009DL", "0101DL", "0107DL", "0001DL", "0000DL"),
		"break after DL":        replace("DLDAQ", "DL\nDAQ", "DLDC", "DL\nDC"),
		"offset far off":        replace("DL0041", "DL0061", "DL0039", "DL0061", "DL0029", "DL0061", "DL0030", "DL0061"),
		"no type before it":     replace("DLDAQ", "DAQ", "DLDC", "DC"),
		"blanks in the header":  replace("ANSI ", "ANSI  ", "ZV0", " ZV0"),
		"no blank in it":        replace("ANSI ", "ANSI"),
		"two digits for four":   replace("0102DL", "02DL", "0002DL", "02DL", "0001DL", "01DL"),
		"four digits for two": replace("ANSI 6360000102DL", "ANSI 636000010002DL", "6360030101DL", "636003010001DL", "6360050101DL",
			"636005010001DL"),
		"RS for LF": replace("\n", "\x1e"),
		"Caps Lock": strings.ToLower,
	} {
		for _, sample := range samples {
			want := parsed(t, sample)
			got, problems := document.Parse(change(sample), now)
			if sample == sampleMD && slices.Contains([]string{"LF to CR", "LF to CRLF", "CR to LF", "no CR", "no final terminator"}, name) {
				refused(t, change(sample), stopped) // it declares 20 characters too many: only its terminator tells that it is whole
				continue
			}
			if len(problems) > 0 || got != want {
				t.Errorf("%s, %q: %v %s", name, sample[:30], problems, differences(got, want))
			}
		}
	}
}

// docs/counter.md §1.3: "The scanner drops line breaks: open the scanner test."
func TestDroppedLineBreaks(t *testing.T) {
	for _, sample := range samples {
		for _, instead := range []string{"", " "} {
			for _, cr := range []string{instead, "\r"} { // CR is Enter, which a wedge types also when it drops LF
				scan := strings.NewReplacer("\n", instead, "\r", cr, "\x1e", "", "\x1c", "").Replace(sample)
				refused(t, scan, problem(document.FieldScan, 0, document.LineBreaksDropped))
			}
		}
	}
}

// docs/counter.md §1.3: "The scan stopped early." Wherever a scan is cut, it is the whole document or none.
func TestScanThatStoppedEarly(t *testing.T) {
	var sent []string
	for _, sample := range append([]string{numberLast}, samples...) {
		sent = append(sent, sample)
		if sample != sampleMD { // see above: without its terminator nobody can tell where it ends
			sent = append(sent, strings.ReplaceAll(sample, "\n", "\r\n"), strings.ReplaceAll(sample, "\n", "\r"),
				strings.ReplaceAll(sample, "\n", "\x1e"))
		}
	}
	for _, sample := range sent {
		want := parsed(t, sample)
		early := 0
		for end := range len(sample) {
			got, problems := document.Parse(sample[:end], now)
			switch {
			case len(problems) == 0 && got != want:
				t.Errorf("cut at %d of %d of %q: %s", end, len(sample), sample[:30], differences(got, want))
			case len(problems) > 0 && problems[0].Kind == document.StoppedEarly:
				early++
			case len(problems) > 0 && end > 60:
				t.Errorf("cut at %d of %d of %q: %v", end, len(sample), sample[:30], problems)
			}
		}
		if early < len(sample)/2 {
			t.Errorf("%q: only %d of %d cuts are called so", sample[:30], early, len(sample))
		}
	}
}

// A length that is far off is no reason to refuse a card of which the next subfile was seen.
func TestLengthFarOff(t *testing.T) {
	scan := strings.NewReplacer("DL00410288", "DL00410488", "\r", "").Replace(sampleGA)
	if got, want := parsed(t, scan), parsed(t, sampleGA); got != want {
		t.Error(differences(got, want))
	}
}

func TestRefusedPDF417(t *testing.T) {
	change := func(pairs ...string) string { return strings.NewReplacer(pairs...).Replace(sample2016) }
	for name, c := range map[string]struct {
		scan string
		want []document.Problem
	}{
		"no number":         {change("DAQT64235789", "DAQ"), []document.Problem{problem(document.FieldNumber, 0, document.Missing)}},
		"number is NONE":    {change("DAQT64235789", "DAQNONE "), []document.Problem{problem(document.FieldNumber, 0, document.Missing)}},
		"no surname":        {change("DCSSAMPLE", "DCS"), []document.Problem{problem(document.FieldName, 0, document.Missing)}},
		"no birth":          {change("DBB06061986", "DBB"), []document.Problem{problem(document.FieldBorn, 0, document.Missing)}},
		"birth is no date":  {change("DBB06061986", "DBB02301986"), []document.Problem{problem(document.FieldBorn, 0, document.NotADate)}},
		"born tomorrow":     {change("DBB06061986", "DBB11232026"), []document.Problem{problem(document.FieldBorn, 0, document.NotADate)}},
		"letters in a date": {change("DBA12102024", "DBA1210202O"), []document.Problem{problem(document.FieldExpires, 0, document.NotADate)}},
		"short date":        {change("DBA12102024", "DBA121024"), []document.Problem{problem(document.FieldExpires, 0, document.NotADate)}},
		"two numbers":       {change("DDD1", "DAQT64235780"), []document.Problem{problem(document.FieldNumber, 0, document.Conflicting)}},
		"two births, and none to read": {change("DDD1", "DBB06061996", "DBB06061986", "DBBX"), []document.Problem{
			problem(document.FieldBorn, 0, document.Conflicting), problem(document.FieldBorn, 0, document.NotADate),
		}},
		"a number that hides": {change("DAQT64235789", "DAQT6\u202e4235789"),
			[]document.Problem{problem(document.FieldNumber, 0, document.Unreadable)}},
		"a control in it": {change("DAQT64235789", "DAQT6\a4235789"),
			[]document.Problem{problem(document.FieldNumber, 0, document.Unreadable)}},
		"a number too long": {change("DAQT64235789", "DAQ"+strings.Repeat("7", 41)),
			[]document.Problem{problem(document.FieldNumber, 0, document.Unreadable)}},
		"a name that hides": {change("DACMICHAEL", "DACMICH\u200bAEL"), []document.Problem{problem(document.FieldName, 0, document.Unreadable)}},
		"no directory":      {"@\n\x1e\rANSI 636000100102", []document.Problem{problem(document.FieldScan, 0, document.StoppedEarly)}},
		"no card in it": {"@\n\x1e\rANSI 636000100101ZV00410008ZVZVA01\r",
			[]document.Problem{problem(document.FieldScan, 0, document.StoppedEarly)}},
	} {
		d, problems := document.Parse(c.scan, now)
		if !slices.Equal(problems, c.want) || d != (document.Document{}) {
			t.Errorf("%s: %v, want %v", name, problems, c.want)
		}
	}
	same := parsed(t, change("DDD1", "DAQT64235789"))
	if same.Number != "T64235789" {
		t.Error("a field given twice alike")
	}
}

// A licence may come with an identification card beside it, or with a subfile of the state's before it.
func TestSubfilesInAnyOrder(t *testing.T) {
	want := parsed(t, sample2016)
	before := strings.NewReplacer("DL00410278ZV03190008", "ZV00410008DL00490278", "DLDAQ", "ZVZVA01\rDLDAQ", "\rZVZVA01\r",
		"\r").Replace(sample2016)
	beside := strings.Replace(sample2016, "ZV03190008DL", "ID03190015DL", 1) + "IDDAQT7654321\r"
	for name, scan := range map[string]string{"before": before, "beside": strings.Replace(beside, "ZVZVA01\r", "", 1)} {
		if got := parsed(t, scan); got != want {
			t.Errorf("%s: %s", name, differences(got, want))
		}
	}
}

func TestPDF417Kinds(t *testing.T) {
	id := strings.NewReplacer("DL0041", "ID0041", "DLDAQ", "IDDAQ").Replace(sample2016)
	if got := parsed(t, id); got.Type != document.IDCard {
		t.Errorf("an identification card is a %s", got.Type)
	}
	enhanced := strings.NewReplacer("DL0041", "EN0041", "DLDAQ", "ENDAQ").Replace(sample2016)
	if got := parsed(t, enhanced); got.Type != document.DrivingPermit {
		t.Errorf("an enhanced licence is a %s", got.Type)
	}
	endless := strings.Replace(sample2016, "DBA12102024", "DBA00000000", 1)
	if got := parsed(t, endless); got.Expires != document.NoEnd {
		t.Errorf("expires %s", got.Expires)
	}
	colorado := strings.NewReplacer("6360000102", "6360200102", "PUBLIC,JOHN,Q", "JOHN,Q,PUBLIC").Replace(sample2000)
	if got := parsed(t, colorado).Name; got.Surname != "PUBLIC" || got.GivenNames != "JOHN" || got.MiddleNames != "Q" {
		t.Error("Colorado's order of names")
	}
	version0 := strings.NewReplacer("6360000102", "6360000002", "DAAPUBLIC,JOHN,Q", "DABPUBLIC\nDACJOHN\nDADQ\nDAESR").Replace(sample2000)
	if got := parsed(t, version0).Name; got != (document.Name{Surname: "PUBLIC", GivenNames: "JOHN", MiddleNames: "Q", Suffix: "SR"}) {
		t.Error("the names of version 0")
	}
	truncated := strings.NewReplacer("DDEN", "DDET", "DDGN", "DDGT").Replace(sample2016)
	if got := parsed(t, truncated).Name; !got.SurnameTruncated || got.GivenNamesTruncated || !got.MiddleNamesTruncated {
		t.Error("the marks of truncation")
	}
	latin1 := strings.Replace(sampleON, "DCTJOHN", "DCTANDR\xc9", 1)
	if got := parsed(t, latin1).Name; got.GivenNames != "ANDRÉ" {
		t.Errorf("ISO 8859-1 became %q", got.GivenNames)
	}
}

// The countries of version 1, which does not name them, and both orders of dates in either.
func TestPDF417CountriesAndDates(t *testing.T) {
	for issuer, want := range map[string]string{"636012": "CAN", "604428": "CAN", "636056": "MEX", "636000": "USA"} {
		scan := strings.NewReplacer("ANSI 636000", "ANSI "+issuer, "DAJVA\n", "").Replace(sample2000)
		if got := parsed(t, scan); got.Issuer != want {
			t.Errorf("%s: %s, want %s", issuer, got.Issuer, want)
		}
	}
	if got := parsed(t, strings.Replace(sample2000, "DAJVA", "DAJQC", 1)); got.Issuer != "CAN" {
		t.Errorf("a province's card is of %s", got.Issuer)
	}
	for _, date := range []string{"DBB19860606", "DBB06061986"} {
		for _, country := range []string{"DCGUSA", "DCGCAN"} {
			got := parsed(t, strings.NewReplacer("DBB06061986", date, "DCGUSA", country).Replace(sample2016))
			if got.Born != day(1986, 6, 6) {
				t.Errorf("%s, %s: born %s", country, date, got.Born)
			}
		}
	}
}
