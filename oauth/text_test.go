package oauth_test

import (
	"strings"
	"testing"

	"countersign/oauth"
)

// hostileTexts are what people must never be shown (docs/protocol.md §6 hostile-text).
var hostileTexts = map[string]string{
	"right-to-left override":   "Anna\u202egnp.exe",
	"left-to-right isolate":    "Anna\u2066x\u2069",
	"right-to-left mark":       "Anna\u200f",
	"Arabic letter mark":       "Anna\u061c",
	"zero-width space":         "An\u200bna",
	"zero-width joiner":        "An\u200dna",
	"byte order mark":          "\ufeffAnna",
	"soft hyphen":              "An\u00adna",
	"tag characters":           "Anna\U000e0041",
	"word joiner":              "An\u2060na",
	"Hangul filler":            "\u3164Anna",
	"Mongolian selector":       "An\u180bna",
	"variation selector 1":     "An\ufe00na",
	"variation selector 17":    "An\U000e0100na",
	"unassigned, ignorable":    "An\u2065na",
	"combining grapheme joint": "An\u034fna",
	"line feed":                "Anna\nApproved",
	"carriage return":          "Anna\r",
	"tab":                      "Anna\tx",
	"escape":                   "\x1b[2JAnna",
	"delete":                   "Anna\x7f",
	"C1 control":               "Anna\u0085",
	"line separator":           "Anna\u2028x",
	"paragraph separator":      "Anna\u2029x",
	"NUL":                      "Anna\x00",
	"invalid UTF-8":            "Anna\xff",
	"only spaces":              "   ",
	"only wide spaces":         "\u3000",
}

// draft-richer-oauth-instance-00 §2: both optional, no assumed structure, limits of 64 and 256 characters.
func TestReadInstance(t *testing.T) {
	for name, want := range map[string]oauth.Instance{
		"neither":         {},
		"name":            {Name: "Anna's phone"},
		"both":            {Name: "Anna's phone", Description: "the blue one, with a cracked screen"},
		"markup is text":  {Name: "<script>alert(1)</script>", Description: "a & b"},
		"other scripts":   {Name: "טלפון של אנה", Description: "電話"},
		"accents, emoji":  {Name: "Zoë 📱", Description: "e\u0301"},
		"a red heart":     {Name: "Anna ❤\ufe0f"},
		"64 characters":   {Name: strings.Repeat("é", 64), Description: strings.Repeat("é", 256)},
		"spaces are kept": {Name: " a ", Description: " b "},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := oauth.ReadInstance(oauth.Parameters{
				oauth.ParamInstanceName: want.Name, oauth.ParamInstanceDescription: want.Description,
			})
			accepted(t, err)
			if got != want {
				t.Errorf("got %+v, want %+v", got, want)
			}
		})
	}
}

// draft-richer-oauth-instance-00 §2, docs/protocol.md §6 hostile-text.
func TestReadInstanceRefuses(t *testing.T) {
	cases := map[string]oauth.Instance{
		"a description without a name": {Description: "the blue one"},
		"65 characters of name":        {Name: strings.Repeat("é", 65)},
		"257 of description":           {Name: "a", Description: strings.Repeat("é", 257)},
		"1 MB":                         {Name: strings.Repeat("x", 1<<20)},
		"only a variation selector":    {Name: "\ufe0f"},
		"only a braille blank":         {Name: "\u2800"},
		"only a combining accent":      {Name: "\u0301"},
	}
	for name, text := range hostileTexts {
		cases["name: "+name] = oauth.Instance{Name: text}
		cases["description: "+name] = oauth.Instance{Name: "a", Description: text}
	}
	for name, instance := range cases {
		t.Run(name, func(t *testing.T) {
			got, err := oauth.ReadInstance(oauth.Parameters{
				oauth.ParamInstanceName: instance.Name, oauth.ParamInstanceDescription: instance.Description,
			})
			refused(t, err, oauth.ErrInvalidRequest)
			if got != (oauth.Instance{}) {
				t.Error("a refused instance was returned")
			}
			if strings.Contains(err.Description, "Anna") {
				t.Error("the refusal repeats the text")
			}
		})
	}
}

// docs/architecture.md §4.1: the account identifier is login_hint.
func TestReadLoginHint(t *testing.T) {
	for _, hint := range []string{"anna@example.com", "AB-1234 567", "Ünal Özgür", "'; DROP TABLE accounts; --", strings.Repeat("x", 254)} {
		got, err := oauth.ReadLoginHint(oauth.Parameters{oauth.ParamLoginHint: hint})
		accepted(t, err)
		if got != hint {
			t.Errorf("got %q, want %q", got, hint)
		}
	}
}

// WHATWG URL §5.1: an unencoded plus sign is a blank in a form. The refusal says what to write.
func TestReadLoginHintNamesAnUnencodedPlus(t *testing.T) {
	for _, hint := range []string{" 447700900118", " 44 7700 900118", "tel: 447700900118", "TEL: 44-7700-900118", " (44) 7700 900118",
		"anna tag@example.org", "mailto:anna tag@example.org"} {
		got, err := oauth.ReadLoginHint(oauth.Parameters{oauth.ParamLoginHint: hint})
		refused(t, err, oauth.ErrInvalidRequest)
		if got != "" || !strings.Contains(err.Description, "%2B") {
			t.Errorf("%q: %q, %q", hint, got, err.Description)
		}
	}
	for _, hint := range []string{"+447700900118", "447700900118", "44 7700 900118", "anna+tag@example.org", "C 100", " C-100",
		"Anna Lindqvist", "anna @"} {
		if _, err := oauth.ReadLoginHint(oauth.Parameters{oauth.ParamLoginHint: hint}); err != nil {
			t.Errorf("%q: %v", hint, err)
		}
	}
}

// docs/protocol.md §6 hostile-text; docs/architecture.md §4.1: required here.
func TestReadLoginHintRefuses(t *testing.T) {
	cases := map[string]string{"missing": "", "255 characters": strings.Repeat("é", 255), "1 MB": strings.Repeat("x", 1<<20)}
	for name, text := range hostileTexts {
		cases[name] = text
	}
	for name, hint := range cases {
		t.Run(name, func(t *testing.T) {
			got, err := oauth.ReadLoginHint(oauth.Parameters{oauth.ParamLoginHint: hint})
			refused(t, err, oauth.ErrInvalidRequest)
			if got != "" || strings.Contains(err.Description, "Anna") {
				t.Error("the refusal repeats the text")
			}
		})
	}
}
