package document_test

import (
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"countersign/models/document"
)

// docs/protocol.md §6 slow-and-huge: whatever is scanned, Parse ends, and what it accepts keeps its promises.
func FuzzParse(f *testing.F) {
	for _, scan := range append([]string{
		specimenTD1, specimenTD2, specimenTD3, longNumber, "", "WDJB-MJHT", "https://a.example", "eyJ.eyJ.a", "%BC^?", "@ANSI 636000",
		strings.ReplaceAll(specimenTD3, "<", ";"), strings.ReplaceAll(sample2016, "\n", ""), sample2016[:200], "\xff\xfe" + specimenTD2,
	}, samples...) {
		f.Add(scan)
	}
	f.Fuzz(func(t *testing.T, scan string) {
		d, problems := document.Parse(scan, now)
		if len(problems) > 0 {
			if d != (document.Document{}) || len(problems) > 12 {
				t.Errorf("%d problems, and a document: %v", len(problems), problems)
			}
			for _, p := range problems {
				if p.Field == "" || p.Kind == "" || p.Line < 0 {
					t.Errorf("a problem without a name: %+v", p)
				}
			}
			return
		}
		if d.Number == "" || d.Name.Surname+d.Name.Given() == "" || d.Type == "" || d.Issuer == "" || d.Source == "" {
			t.Error("accepted without what every document has")
		}
		for _, text := range []string{d.Number, d.Name.Surname, d.Name.Given(), d.Name.Suffix} {
			if !utf8.ValidString(text) || strings.TrimSpace(text) != text || strings.ContainsAny(text, "\n\r<") && d.Source == document.MRZ ||
				strings.ContainsFunc(text, unicode.IsControl) {
				t.Errorf("%q was read", text)
			}
		}
		if d.Expires != (document.Date{}) && !d.Expires.Known() && d.Expires != document.NoEnd && !d.Expires.NeedsPrintedYear() {
			t.Errorf("expires %s", d.Expires)
		}
		if d.Born.Known() && time.Date(d.Born.Year, time.Month(d.Born.Month), d.Born.Day, 0, 0, 0, 0, time.UTC).After(now) {
			t.Errorf("born %s", d.Born)
		}
		document.Check(d.Fields(), document.DefaultRules(), now)
	})
}

func FuzzCompareNames(f *testing.F) {
	for _, seed := range [][3]string{
		{"ERIKSSON", "ANNA MARIA", "Anna Maria Eriksson"}, {"MUELLER", "JOERG", "Müller, Jörg"}, {"SHEVCHENKO", "YURII", "Юрій Шевченко"},
		{"ÜÜÜÜÜÜÜÜÜÜÜÜ", "ÄÖ", "UEUXXUUEUXXUUEUE ÄÖ"}, {"ЬЬЬЬЬЬЬЬ", "", "ЬЬЬЬЬЬЬ"}, {"\xff", "\u0301", "’"},
	} {
		f.Add(seed[0], seed[1], seed[2], false)
	}
	f.Add("A", "A A A A A A A A", "A A A A A A A A A A A A A A A A A A A A", true)
	f.Fuzz(func(t *testing.T, surname, given, record string, cut bool) {
		card := document.Name{surname, given, "", "", cut, cut, cut}
		got := document.CompareNames(card, record)
		if got != document.Matches && got != document.Differs && (got != document.NotOnRecord || strings.TrimSpace(record) != "") {
			t.Errorf("%q", got)
		}
		if whole := document.CompareNames(name(surname, given), record); whole == document.Matches && got != document.Matches {
			t.Error("a name that matches whole does not match when it was cut")
		}
	})
}

func FuzzParseRules(f *testing.F) {
	for _, value := range []string{"", "passport idcard:usual+age=16", "organisation_card:photo+handled", "x:y", "passport:"} {
		f.Add(value)
	}
	f.Fuzz(func(t *testing.T, value string) {
		rules, err := document.ParseRules(value)
		if err != nil {
			return
		}
		again, err := document.ParseRules(rules.String())
		if err != nil || again.String() != rules.String() || len(rules) == 0 || len(rules) > len(document.Types()) {
			t.Errorf("%q is not read back from %q", value, rules)
		}
	})
}

func FuzzReadDate(f *testing.F) {
	for _, typed := range []string{"2030-05-31", "31.05.2030", "31 MAI/MAY 30", "310530", "99999999", "03/04/2030", "May 31, 2030",
		"2030. 05. 31."} {
		f.Add(typed)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		readings := document.ReadExpiry(typed, now)
		if len(readings) > 3 {
			t.Errorf("%q: %v", typed, readings)
		}
		for _, d := range readings {
			if again := document.ReadExpiry(d.String(), now); !d.NeedsPrintedYear() && (len(again) != 1 || again[0].String() != d.String()) {
				t.Errorf("%q is %s, and that is %v", typed, d, again)
			}
		}
		for _, d := range document.ReadBirthDate(typed, now) {
			if !d.Known() || d.Endless {
				t.Errorf("%q: born %+v", typed, d)
			}
		}
		document.LooksLike(typed, now)
	})
}
