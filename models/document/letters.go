package document

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// letter is what one letter of a name may have become in a document: one spelling or several, in A to Z and 0 to 9. A
// letter without a table stands for itself, so that it equals its like and nothing else.
type letter []string

// word is one part of a name.
type word []letter

// apostrophes, with the half rings of Arabic in Latin letters and the ʻokina of Hawaiian.
const apostrophes = "'’‘‛＇`´′ʹʻʼʽʾʿˈꞌ"

// words takes a name apart as ICAO Doc 9303-3 §4.6 does for the MRZ: blanks, dashes, commas and full stops separate; an
// apostrophe vanishes, and what stood on its two sides becomes one part.
func words(name string) []word {
	var all []word
	var current word
	flush := func() {
		if len(current) > 0 {
			all = append(all, current)
		}
		current = nil
	}
	runes := []rune(norm.NFC.String(name))
	for i, r := range runes {
		switch {
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
	return all
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

// transliterations are those letters of ICAO Doc 9303-3 §6 that do not simply lose a mark: part A, Latin, and part B,
// Cyrillic. Where the standard leaves a choice, or makes it depend on the language, every spelling stands here. A Latin
// letter that is not here is spelt as its base letter. Part C, Arabic, and Greek are in scripts.go. Hebrew and the scripts of
// Asia have no table: CompareNames says differs, and the operator compares.
var transliterations = map[rune]letter{
	'Ä': {"AE", "A"}, 'Å': {"AA", "A"}, 'Æ': {"AE"}, 'Ð': {"D"}, 'Ñ': {"N", "NXX"}, 'Ö': {"OE", "O"}, 'Ø': {"OE"},
	'Ü': {"UE", "UXX", "U"}, 'Þ': {"TH"}, 'ß': {"SS"}, 'ẞ': {"SS"}, 'Đ': {"D"}, 'Ħ': {"H"}, 'İ': {"I"}, 'ı': {"I"},
	'Ĳ': {"IJ"}, 'ĸ': {"Q"}, 'Ŀ': {"L"}, 'Ł': {"L"}, 'ŉ': {"N"}, 'Ŋ': {"N"}, 'Œ': {"OE"}, 'Ŧ': {"T"},

	'А': {"A"}, 'Б': {"B"}, 'В': {"V"}, 'Г': {"G", "H"}, 'Д': {"D"}, 'Е': {"E"}, 'Ё': {"E", "IO"}, 'Ж': {"ZH", "Z"},
	'З': {"Z"}, 'И': {"I", "Y"}, 'І': {"I"}, 'Й': {"I"}, 'К': {"K"}, 'Л': {"L"}, 'М': {"M"}, 'Н': {"N"}, 'О': {"O"},
	'П': {"P"}, 'Р': {"R"}, 'С': {"S"}, 'Т': {"T"}, 'У': {"U"}, 'Ф': {"F"}, 'Х': {"KH", "H"}, 'Ц': {"TS", "C"},
	'Ч': {"CH", "C"}, 'Ш': {"SH", "S"}, 'Щ': {"SHCH", "SHT"}, 'Ъ': {"IE"}, 'Ы': {"Y"}, 'Ь': {""}, 'Э': {"E"}, 'Ю': {"IU"},
	'Я': {"IA"}, 'Ѵ': {"Y"}, 'Ґ': {"G"}, 'Ў': {"U"}, 'Ѫ': {"U"}, 'Ѓ': {"G", "GJ"}, 'Ђ': {"D"}, 'Ѕ': {"DZ"}, 'Ј': {"J"},
	'Ќ': {"K", "KJ"}, 'Љ': {"LJ"}, 'Њ': {"NJ"}, 'Ћ': {"C"}, 'Џ': {"DZ", "DJ"}, 'Є': {"IE"}, 'Ї': {"I"},
}

// ukrainianInitials are spelt otherwise at the beginning of a Ukrainian name.
var ukrainianInitials = map[rune]string{'Є': "YE", 'Ї': "YI", 'Й': "Y", 'Ю': "YU", 'Я': "YA"}

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
