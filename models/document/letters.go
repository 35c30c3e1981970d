package document

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
	"golang.org/x/text/width"
)

// letter is what one letter of a name may have become in a document: one spelling or several, in A to Z and 0 to 9. A
// letter without a table stands for itself, so that it equals its like and nothing else.
type letter []string

// word is one part of a name.
type word []letter

// apostrophes, with the half rings of Arabic in Latin letters and the ʻokina of Hawaiian.
const apostrophes = "'’‘‛＇`´′ʹʻʼʽʾʿˈꞌ"

// words takes a name apart as ICAO Doc 9303-3 §4.6 does for the MRZ: blanks, dashes, commas and full stops separate; an
// apostrophe vanishes, and what stood on its two sides becomes one part; so does the point between the two l of a Catalan name.
// With split they separate, as some issuers have it. Placeholders for a name that is not there are left out.
func words(name string, split bool) []word {
	var all []word
	var current word
	flush := func() {
		if len(current) > 0 {
			all = append(all, current)
		}
		current = nil
	}
	runes := []rune(norm.NFC.String(notApplicable.ReplaceAllString(width.Fold.String(name), " ")))
	for i, r := range runes {
		switch {
		case split && strings.ContainsRune(apostrophes, r):
			flush()
		case !split && strings.ContainsRune(middlePoints, r) && plain(runes, i-1) != 0 && plain(runes, i+1) != 0:
		case !split && r == '.' && catalan(runes, i):
		case r == shadda && len(current) > 0:
			current = append(current, append(letter{""}, current[len(current)-1]...))
		case strings.ContainsRune(apostrophes, r), unicode.Is(unicode.Mn, r), unicode.Is(unicode.Cf, r):
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			flush()
		default:
			current = append(current, spelling(runes, i, len(current) == 0))
		}
	}
	flush()
	return slices.DeleteFunc(all, word.placeholder)
}

// middlePoints are the point of Catalan and what is typed for it. catalan says that a full stop is typed for it: between two l
// with letters around them, which are no initials.
const middlePoints = "·‧•⋅∙・˙"

func catalan(name []rune, i int) bool {
	return plain(name, i-1) == 'L' && plain(name, i+1) == 'L' && plain(name, i-2) != 0 && plain(name, i+2) != 0
}

// notApplicable stands for a name that is not there; so do the placeholders: first, last and middle names that are unknown,
// and XXX of British passports.
var notApplicable = regexp.MustCompile(`(?i)\bN/A\b|\bN\.M\.[NI]\b`)

var placeholders = []string{"FNU", "LNU", "NFN", "NLN", "NMN", "NMI", "XXX"}

func (w word) placeholder() bool {
	if len(w) != 3 {
		return false
	}
	spelt := ""
	for _, l := range w {
		spelt += l[0]
	}
	return slices.Contains(placeholders, spelt)
}

func transliterate(r rune, atStart bool) letter {
	if 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' {
		return letter{string(r)}
	}
	if initial, ok := ukrainianInitials[r]; ok && atStart {
		return append(letter{initial}, transliterations[r]...)
	}
	for _, table := range []map[rune]letter{transliterations, greekLetters, arabicLetters} {
		if spellings, ok := table[r]; ok {
			return spellings
		}
	}
	if base := unicode.ToUpper([]rune(norm.NFD.String(string(r)))[0]); base != r { // ΐ has no capital but that of its base
		return transliterate(base, atStart)
	}
	return letter{string(r)}
}

// transliterations are those letters of ICAO Doc 9303-3 §6 that do not simply lose a mark: part A, Latin, and part B, Cyrillic.
// Where the standard leaves a choice, or makes it depend on the language, every spelling stands here; so do those that a state
// has decided otherwise for its own passports: Bulgaria (Transliteration Act of 2009), Ukraine (Cabinet resolution 55 of 2010),
// Russia before 2010, Serbia and its neighbours (Đ as DJ, digraphs of one sign), Azerbaijan, and the letters of Central Asia,
// Mongolia and West Africa, for which the standard has no table. A Latin letter that is not here is spelt as its base letter.
// Part C, Arabic, and Greek are in scripts.go. Hebrew and the scripts of Asia have no table: CompareNames says differs, and the
// operator compares.
var transliterations = map[rune]letter{
	'Ä': {"AE", "A"}, 'Å': {"AA", "A"}, 'Æ': {"AE"}, 'Ð': {"D"}, 'Ñ': {"N", "NXX"}, 'Ö': {"OE", "O"}, 'Ø': {"OE"},
	'Ü': {"UE", "UXX", "U"}, 'Þ': {"TH"}, 'ß': {"SS"}, 'ẞ': {"SS"}, 'Đ': {"D", "DJ"}, 'Ħ': {"H"}, 'İ': {"I"}, 'ı': {"I"},
	'Ĳ': {"IJ"}, 'ĸ': {"Q"}, 'Ŀ': {"L"}, 'Ł': {"L"}, 'ŉ': {"N"}, 'Ŋ': {"N"}, 'Œ': {"OE"}, 'Ŧ': {"T"}, 'Ə': {"E", "A"},
	'Ǝ': {"E", "A"}, 'Ǆ': {"DZ"}, 'ǅ': {"DZ"}, 'Ǉ': {"LJ"}, 'ǈ': {"LJ"}, 'Ǌ': {"NJ"}, 'ǋ': {"NJ"},
	'Ɓ': {"B"}, 'Ɗ': {"D"}, 'Ɖ': {"D"}, 'Ɛ': {"E"}, 'Ɣ': {"G"}, 'Ƙ': {"K"}, 'Ɲ': {"N"}, 'Ɔ': {"O"}, 'Ʋ': {"V"}, 'Ƴ': {"Y"},

	'А': {"A"}, 'Б': {"B"}, 'В': {"V"}, 'Г': {"G", "H"}, 'Д': {"D"}, 'Е': {"E", "YE"}, 'Ё': {"E", "IO", "YO"}, 'Ж': {"ZH", "Z"},
	'З': {"Z"}, 'И': {"I", "Y"}, 'І': {"I"}, 'Й': {"I", "Y"}, 'К': {"K"}, 'Л': {"L"}, 'М': {"M"}, 'Н': {"N"}, 'О': {"O"},
	'П': {"P"}, 'Р': {"R"}, 'С': {"S"}, 'Т': {"T"}, 'У': {"U"}, 'Ф': {"F"}, 'Х': {"KH", "H"}, 'Ц': {"TS", "C"},
	'Ч': {"CH", "C"}, 'Ш': {"SH", "S"}, 'Щ': {"SHCH", "SHT"}, 'Ъ': {"IE", "A"}, 'Ы': {"Y"}, 'Ь': {"", "Y"}, 'Э': {"E"}, 'Ю': {"IU", "YU"},
	'Я': {"IA", "YA"}, 'Ѵ': {"Y"}, 'Ґ': {"G"}, 'Ў': {"U"}, 'Ѫ': {"U", "A"}, 'Ѓ': {"G", "GJ"}, 'Ђ': {"D", "DJ"}, 'Ѕ': {"DZ"}, 'Ј': {"J"},
	'Ќ': {"K", "KJ"}, 'Љ': {"LJ"}, 'Њ': {"NJ"}, 'Ћ': {"C"}, 'Џ': {"DZ", "DJ", "DZH"}, 'Є': {"IE"}, 'Ї': {"I"},

	'Ә': {"A", "E"}, 'Ғ': {"G", "GH"}, 'Қ': {"K", "Q"}, 'Ң': {"N", "NG"}, 'Ө': {"O", "U"}, 'Ұ': {"U"}, 'Ү': {"U"}, 'Һ': {"H"}, 'Җ': {"J"},
	'Ҷ': {"J"}, 'Ҳ': {"H"},
}

// ukrainianInitials are spelt otherwise at the beginning of a Ukrainian name.
var ukrainianInitials = map[rune]string{'Є': "YE", 'Ї': "YI", 'Й': "Y", 'Ю': "YU", 'Я': "YA"}

// azerbaijaniLetters are spelt so in the passports of Azerbaijan, and in its names only.
var azerbaijaniLetters = map[rune]string{'C': "J", 'Ç': "CH", 'Ğ': "GH", 'J': "ZH", 'Q': "G", 'Ş': "SH", 'X': "KH"}

// meeting is how far two words have been spelt: i letters of the one, j of the other, and what the one that is ahead has
// spelt beyond the other.
type meeting struct {
	i, j  int
	ahead string
	card  bool // the card's word is ahead
}

// meets says that both words can be spelt alike; with cut, that the card's can be the beginning of the record's.
func meets(card, record word, cut bool) bool {
	seen := map[meeting]bool{}
	var from func(m meeting) bool
	from = func(m meeting) bool {
		if m.ahead == "" {
			m.card = true
		}
		if seen[m] {
			return false
		}
		seen[m] = true
		if m.i == len(card) && m.j == len(record) && m.ahead == "" || cut && m.i == len(card) && (!m.card || m.ahead == "") {
			return true
		}
		// Who is behind spells on; when neither is, either may: a letter can be spelt with nothing.
		behind := func(cards bool) bool { return m.ahead == "" || m.card != cards }
		if m.i < len(card) && behind(true) {
			for _, spelling := range card[m.i] {
				if next, ok := m.after(spelling, true); ok && from(next) {
					return true
				}
			}
		}
		if m.j < len(record) && behind(false) {
			for _, spelling := range record[m.j] {
				if next, ok := m.after(spelling, false); ok && from(next) {
					return true
				}
			}
		}
		return false
	}
	return from(meeting{card: true})
}

// after lets one of the two, which is not ahead, spell its next letter.
func (m meeting) after(spelling string, card bool) (meeting, bool) {
	if card {
		m.i++
	} else {
		m.j++
	}
	switch {
	case m.ahead == "":
		m.ahead, m.card = spelling, card
	case strings.HasPrefix(m.ahead, spelling):
		m.ahead = m.ahead[len(spelling):]
	case strings.HasPrefix(spelling, m.ahead):
		m.ahead, m.card = spelling[len(m.ahead):], card
	default:
		return m, false
	}
	return m, true
}
