package spelling_test

import (
	"strings"
	"testing"

	"countersign/models/spelling"
)

// One telephone number is one identifier in its usual spellings (ITU-T E.164, E.123; RFC 3966).
func TestTelephoneNumbers(t *testing.T) {
	for want, spellings := range map[string][]string{
		"+447700900118": {
			"+44 7700 900118", "+447700900118", "+44 (0)7700 900118", "+44(0) 7700-900-118", "0044 7700 900118", "00447700900118",
			"tel:+44-7700-900118", "TEL:+44.7700.900118", "tel: +44 7700 900118", "(+44) 7700 900118", "＋４４ ７７００ ９００１１８",
			"+44\u00a07700\u202f900118", "+44 7700\u2011900\u2013118", "\u202a+44 7700 900118\u202c", "+44/7700/900118", "+44 ( 0 ) 7700 900118",
			"+٤٤ ٧٧٠٠ ٩٠٠١١٨", " + 44 7700 900118 ",
		},
		"+46701234567":     {"+46 (70) 123-45 67", "+46701234567", "0046-70-123 45 67", "+46 (0)70 123 45 67"},
		"+390612345678":    {"+39 06 1234 5678", "0039 06 12345678"}, // Italy keeps its zero
		"+15550100":        {"+1-555-0100", "+1 555 0100", "001 555 0100"},
		"+6834000":         {"+683 4000"},                          // Niue: the shortest there are
		"+491234567890123": {"+49 1234 567 890 123"},               // 15 digits
		"020 7946 0018":    {"tel:020 7946 0018", "020 7946 0018"}, // national: the scheme goes, nothing else
	} {
		for _, written := range spellings {
			if got := spelling.Key(written); got != want {
				t.Errorf("Key(%+q) = %+q, want %+q", written, got, want)
			}
		}
	}
}

// What may be a customer's number, or names something else, stays as it is.
func TestNotTelephoneNumbers(t *testing.T) {
	for _, text := range []string{
		"447700900118", "07700 900118", "(0)7700 900118", "0012345", "000000000", "+44", "+44 77", "+0 7700 900118", "+1234567890123456",
		"+44 7700 900118 ext 5", "+44 7700 900118;ext=5", "++447700900118", "+44+7700900118", "+1 800 flowers", "c-100", "+", "00",
		"2026-11-29", "tel:", "tel:anna",
	} {
		if got := spelling.Key(text); got != text {
			t.Errorf("Key(%q) = %q", text, got)
		}
	}
}

// One mail address is one identifier (RFC 6068; UTS #46).
func TestMailAddresses(t *testing.T) {
	for want, spellings := range map[string][]string{
		"anna@example.org": {
			"anna@example.org", "Anna@Example.ORG", "mailto:anna@example.org", "MAILTO:Anna@example.org?subject=Hello%20there",
			"anna@example.org.", "mailto:anna%40example.org", "ａｎｎａ＠ｅｘａｍｐｌｅ．ｏｒｇ", " anna@example.org\n", "ad\u00adna@example.org"[:0] +
				"an\u200bna@example.org",
			"anna@example。org", "mailto: anna@example.org",
		},
		"anna@bücher.example": {"anna@bücher.example", "anna@xn--bcher-kva.example", "Anna@BÜCHER.Example.", "anna@XN--BCHER-KVA.example",
			"anna@bu\u0308cher.example"},
		"anna+tag@example.org":  {"anna+tag@example.org", "mailto:anna%2Btag@example.org"},
		"анна@пример.испытание": {"Анна@ПРИМЕР.испытание", "анна@xn--e1afmkfd.xn--80akhbyknj4f"},
		"anna@a_b.example":      {"Anna@A_b.example", "anna@a_b.example."}, // no host name, and still an address
	} {
		for _, written := range spellings {
			if got := spelling.Key(written); got != want {
				t.Errorf("Key(%+q) = %+q, want %+q", written, got, want)
			}
		}
	}
}

// Different people stay different.
func TestDifferentIdentifiers(t *testing.T) {
	for _, different := range [][2]string{
		{"C-100", "C-1000"}, {"anna@example.org", "anna+tag@example.org"}, {"anna@example.org", "a.nna@example.org"},
		{"+447700900118", "447700900118"}, {"+447700900118", "+447700900119"}, {"anna@example.org", "anna@example.com"},
		{"@anna", "anna"}, {"anna@", "anna"}, {"anna@a@example.org", "anna@example.org"}, {"C 100", "C100"}, {"C-100", "C100"},
	} {
		if spelling.Key(different[0]) == spelling.Key(different[1]) {
			t.Errorf("%q and %q are one", different[0], different[1])
		}
	}
}

func FuzzKey(f *testing.F) {
	for _, seed := range []string{"+44 (0)7700 900118", "anna@xn--bcher-kva.example.", "mailto:a%40b?c", "00 1", "straße@faß.de", "tel:tel:1",
		"mailto:mailto:a@b", "a@b@c", "tel:+1 ;x"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		key := spelling.Key(text)
		if again := spelling.Key(key); again != key {
			t.Errorf("Key(%+q) = %+q, and of that %+q", text, key, again)
		}
		if upper := spelling.Key(strings.ToUpper(key)); strings.IndexFunc(key, func(r rune) bool { return r > 127 }) < 0 && upper != key &&
			!strings.Contains(key, "%") {
			t.Errorf("%+q in capitals has the key %+q", key, upper)
		}
	})
}

// A search by the first characters finds the number however both are written.
func TestPrefixes(t *testing.T) {
	for typed, finds := range map[string]string{
		"+44 77": "+4477", "0044 77": "+4477", "tel:+44 77": "+4477", "+44 (0)77": "+4477", "(+44) 77": "+4477", "+44": "+44",
		"0012": "0012", "anna@": "anna@", "Anna@Büch": "anna@büch", "mailto:anna@ex": "anna@ex", "mailto:anna@": "anna@", "C-1": "c-1",
		"+44 7700 900118": "+447700900118",
		"020 79":          "020 79",
	} {
		list := spelling.Prefixes(typed)
		found := false
		for _, prefix := range list {
			found = found || prefix == finds
		}
		if !found || len(list) > 3 {
			t.Errorf("Prefixes(%q) = %q, without %q", typed, list, finds)
		}
	}
}

// RFC 5890: a server without SMTPUTF8 (RFC 6531) is told A-labels.
func TestEnvelope(t *testing.T) {
	for address, want := range map[string]string{
		"anna@bücher.example": "anna@xn--bcher-kva.example", "anna@example.org": "anna@example.org",
		"Anna.B+x@BÜCHER.example.": "Anna.B+x@xn--bcher-kva.example",
		"änna@bücher.example":      "änna@xn--bcher-kva.example", "no address": "no address", "anna@faß.example": "anna@xn--fa-hia.example",
		"anna@example.org.": "anna@example.org",
	} {
		if got := spelling.Envelope(address); got != want {
			t.Errorf("Envelope(%q) = %q, want %q", address, got, want)
		}
	}
}
