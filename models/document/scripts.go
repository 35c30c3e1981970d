package document

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Scripts of which a letter's spelling depends on its neighbours.

// spelling is the letter at i of a name, which has been normalised; atStart says that a part begins there.
func spelling(name []rune, i int, atStart bool) letter {
	r := unicode.ToUpper(name[i])
	if unicode.Is(unicode.Greek, r) {
		if greek := greekInContext(name, i, atStart); greek != nil {
			return greek
		}
	}
	spellings := transliterate(r, atStart)
	if r == 'Г' && plain(name, i-1) == 'З' {
		return append(letter{"GH"}, spellings...) // Ukrainian зг, which would else read as ж
	}
	if r == 'Я' && plain(name, i-1) == 'И' && plain(name, i+1) == 0 {
		return append(letter{"A"}, spellings...) // Bulgarian -ия
	}
	if r == 'Ж' && slices.ContainsFunc(name, func(r rune) bool { return strings.ContainsRune("ӨөҮү", r) }) {
		return append(letter{"J"}, spellings...) // Mongolian
	}
	if national, ok := azerbaijaniLetters[r]; ok && azerbaijani(name) {
		return append(letter{national}, spellings...)
	}
	return spellings
}

// azerbaijani says that a name is written as in Azerbaijan: with a letter that nobody else has, or with q or x, which Turkish
// does not have, beside one that it does.
func azerbaijani(name []rune) bool {
	has := func(letters string) bool {
		return slices.ContainsFunc(name, func(r rune) bool { return strings.ContainsRune(letters, r) })
	}
	return has("ƏəӘәƎǝ") || has("QqXx") && has("ĞğŞşıİÖöÜü")
}

// greekInContext are the pairs of ELOT 743, second edition (ISO 843, type 2), which the passports of Greece and Cyprus keep
// to: nil for a letter that is not of one. A mark on the first vowel, or a diaeresis on the second, makes two of a pair.
func greekInContext(name []rune, i int, atStart bool) letter {
	before, here, after := plain(name, i-1), plain(name, i), plain(name, i+1)
	switch {
	case atStart:
		before = 0
	case here == 'Υ' && !hasDiaeresis(name[i]) && unmarked(name[i-1]):
		switch before {
		case 'Ο':
			return letter{"U"}
		case 'Α', 'Ε', 'Η':
			if after == 0 || strings.ContainsRune("ΘΚΞΠΣΤΦΧΨ", after) {
				return letter{"F"}
			}
			return letter{"V"}
		}
	}
	switch outer := before == 0 || plain(name, i+2) == 0; {
	case here == 'Γ' && after != 0 && strings.ContainsRune("ΓΞΧ", after):
		return letter{"N"}
	case here == 'Μ' && after == 'Π' && outer:
		return letter{"B"}
	case here == 'Π' && before == 'Μ' && (after == 0 || i < 2 || plain(name, i-2) == 0):
		return letter{""}
	}
	return nil
}

// plain is the capital at i without its marks, 0 where no letter is.
func plain(name []rune, i int) rune {
	if i < 0 || i >= len(name) || !unicode.IsLetter(name[i]) {
		return 0
	}
	return unicode.ToUpper([]rune(norm.NFD.String(string(name[i])))[0])
}

func unmarked(r rune) bool { return len([]rune(norm.NFD.String(string(r)))) == 1 }

func hasDiaeresis(r rune) bool { return strings.ContainsRune(norm.NFD.String(string(r)), '\u0308') }

// greekLetters are those of ELOT 743 that stand alone.
var greekLetters = map[rune]letter{
	'Α': {"A"}, 'Β': {"V"}, 'Γ': {"G"}, 'Δ': {"D"}, 'Ε': {"E"}, 'Ζ': {"Z"}, 'Η': {"I"}, 'Θ': {"TH"}, 'Ι': {"I"}, 'Κ': {"K"}, 'Λ': {"L"},
	'Μ': {"M"}, 'Ν': {"N"}, 'Ξ': {"X"}, 'Ο': {"O"}, 'Π': {"P"}, 'Ρ': {"R"}, 'Σ': {"S"}, 'Τ': {"T"}, 'Υ': {"Y"}, 'Φ': {"F"}, 'Χ': {"CH"},
	'Ψ': {"PS"}, 'Ω': {"O"},
}

// arabicLetters are ICAO Doc 9303-3 §6, part C, for the letters of Arabic itself. A shadda doubles the letter before it, and
// is mostly not written (words).
var arabicLetters = map[rune]letter{
	'ء': {"XE"}, 'آ': {"XAA"}, 'أ': {"XAE"}, 'ؤ': {"U"}, 'إ': {"I"}, 'ئ': {"XI"}, 'ا': {"A"}, 'ب': {"B"}, 'ة': {"XTA", "XAH"}, 'ت': {"T"},
	'ث': {"XTH"}, 'ج': {"J"}, 'ح': {"XH"}, 'خ': {"XKH"}, 'د': {"D"}, 'ذ': {"XDH"}, 'ر': {"R"}, 'ز': {"Z"}, 'س': {"S"}, 'ش': {"XSH"},
	'ص': {"XSS"}, 'ض': {"XDZ"}, 'ط': {"XTT"}, 'ظ': {"XZZ"}, 'ع': {"E"}, 'غ': {"G"}, 'ـ': {""}, 'ف': {"F"}, 'ق': {"Q"}, 'ك': {"K"},
	'ل': {"L"}, 'م': {"M"}, 'ن': {"N"}, 'ه': {"H"}, 'و': {"W"}, 'ى': {"XAY"}, 'ي': {"Y"},
}

const shadda = '\u0651'
