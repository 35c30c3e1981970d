package spelling_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf16"

	"countersign/models/spelling"
	"countersign/oauth"

	"golang.org/x/text/unicode/norm"
)

// Every identifier is one after NFKC, case folding and trimming (UAX #31).
func TestKeyFolds(t *testing.T) {
	for _, same := range [][2]string{
		{"ada@example.com", "  ADA@Example.COM\n"},
		{"straße@example.com", "STRASSE@example.com"},
		{"ｃ－１００", "C-100"},
		{"caf\u00e9", "cafe\u0301"},
		{"+1 555 0100", "+1\u00a0555  0100"},
		{"\uab70\uabbf\u13f8\u13fd", "\u13a0\u13ef\u13f0\u13f5"},
		{"ad\u200ba@exam\u00adple\ufe0f.com\u2060", "ada@example.com"},
		{"a\u034fda", "ada"},
	} {
		if a, b := spelling.Key(same[0]), spelling.Key(same[1]); a != b || a == "" {
			t.Errorf("%q and %q: %q and %q", same[0], same[1], a, b)
		}
	}
	if spelling.Key("C-100") == spelling.Key("C-1000") {
		t.Error("different identifiers are one")
	}
}

// UAX #31, NFKC_Casefold: for every character the key of the key is itself, and its case
// variants have one key. What nobody sees is not in a key.
func TestKeyOfEveryCharacter(t *testing.T) {
	for r := rune(1); r <= unicode.MaxRune; r++ {
		if utf16.IsSurrogate(r) || 0x40000 <= r && r < 0xE0000 { // planes 4 to 13 are empty
			continue
		}
		text := "a" + string(r) + "b"
		key := spelling.Key(text)
		if again := spelling.Key(key); again != key {
			t.Errorf("%U: %q, then %q", r, key, again)
		}
		for _, variant := range []string{strings.ToUpper(string(r)), strings.ToLower(string(r)), string(unicode.SimpleFold(r))} {
			if variant == string(r) {
				continue // as of nearly all
			}
			if got := spelling.Key("a" + variant + "b"); got != key && !fromTurkish(r) {
				t.Errorf("%U: %q, its variant %q: %q", r, key, variant, got)
			}
		}
		if oauth.IsIgnorable(r) && key != "ab" {
			t.Errorf("%U is invisible and in the key %q", r, key)
		}
	}
	// Folding decomposes, and what it leaves must be composed once more.
	for _, text := range []string{"\u01f0", "\u0390\u0301", "\u1fb7", "\u0345\u0301", "a\u0345\u0323"} {
		if key := spelling.Key(text); !norm.NFKC.IsNormalString(key) {
			t.Errorf("%+q has the key %+q", text, key)
		}
	}
}

// fromTurkish: the dotted capital I and the dotless small one fold as CaseFolding.txt's
// rules C and F have it, not as Go's ToLower and ToUpper.
func fromTurkish(r rune) bool { return r == '\u0130' || r == '\u0131' }
