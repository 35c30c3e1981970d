package document

import (
	"slices"
	"strings"
)

// Verdict is what a comparison finds. The values are those that package models stores.
type Verdict string

// The verdicts. There is none between them: whether a difference can be lived with is a person's decision, with a reason.
const (
	Matches     Verdict = "matches"
	Differs     Verdict = "differs"
	NotOnRecord Verdict = "not_on_record"
)

// longestName bounds what is compared, in bytes and in parts. Longer names differ.
const (
	longestName = 400
	mostParts   = 24
)

// CompareNames compares a document's name with the record's full name.
//
// It says Matches when the two differ in nothing but what the standards make indistinguishable:
//
//   - case;
//   - diacritics and transliteration: a letter and one of its spellings in ICAO Doc 9303-3 §6, parts A (Latin), B (Cyrillic)
//     and C (Arabic), or in ELOT 743 (Greek): Müller is MUELLER, MUXXLLER or MULLER;
//   - fillers: a blank, a dash or a full stop between two parts is the same; an apostrophe is nothing: O'Neill is ONEILL;
//   - the order of surname and given names: "Anna Maria Eriksson" and "Eriksson Anna Maria". With a comma the record says
//     itself which part is the surname, and that is kept to;
//   - truncation, where the document itself marks it: then each part of that name may be the beginning of the record's
//     part, and the record may go on; but not where the document shows no given name at all.
//
// All else differs, however small: one letter, Muller for a recorded Mueller, a middle name or its initial on one side
// only, a nickname, JR on one side only, given names in another order, two parts written as one. So does a document
// without a name, and a record in a script without a table (letters.go). Without a record it is NotOnRecord.
func CompareNames(card Name, record string) Verdict {
	if strings.TrimSpace(record) == "" {
		return NotOnRecord
	}
	surname := group{words(card.Surname), card.SurnameTruncated, card.SurnameTruncated}
	given := group{words(card.GivenNames), card.GivenNamesTruncated, card.GivenNamesTruncated}
	middle := group{words(card.MiddleNames), card.MiddleNamesTruncated, card.MiddleNamesTruncated}
	suffix := group{words: words(card.Suffix)}
	if len(given.words)+len(middle.words) == 0 {
		surname.more, given.more, middle.more = false, false, false // else a surname that fills the field would match any given name
	}
	if len(record) > longestName || len(card.Surname+card.Given()+card.Suffix) > longestName || len(surname.words) == 0 {
		return Differs
	}
	before, after, comma := strings.Cut(record, ",")
	front, back := words(before), words(after)
	if len(front)+len(back) > mostParts || len(surname.words)+len(given.words)+len(middle.words) > mostParts {
		return Differs
	}
	if comma && len(front) > 0 && len(back) > 0 {
		return verdict(arranged(front, surname) && (arranged(back, given, middle, suffix) || arranged(back, given, suffix, middle)) ||
			arranged(front, surname, suffix) && arranged(back, given, middle) ||
			len(suffix.words) > 0 && arranged(front, given, middle, surname) && arranged(back, suffix))
	}
	all := slices.Concat(front, back)
	return verdict(arranged(all, surname, given, middle, suffix) || arranged(all, surname, suffix, given, middle) ||
		arranged(all, given, middle, surname, suffix))
}

func verdict(matches bool) Verdict {
	if matches {
		return Matches
	}
	return Differs
}

// group is one of the names that a document has, with the mark that it was cut.
type group struct {
	words []word
	cut   bool // its parts may be beginnings
	more  bool // it may have had more parts than the document shows
}

// arranged says that the record's parts are these groups in this order. A group that was cut may have had more.
func arranged(record []word, groups ...group) bool {
	if len(groups) == 0 {
		return len(record) == 0
	}
	g := groups[0]
	if len(record) < len(g.words) {
		return false
	}
	for i, w := range g.words {
		if !meets(w, record[i], g.cut) {
			return false
		}
	}
	rest := record[len(g.words):]
	if arranged(rest, groups[1:]...) {
		return true
	}
	for more := 1; g.more && more <= len(rest); more++ {
		if arranged(rest[more:], groups[1:]...) {
			return true
		}
	}
	return false
}
