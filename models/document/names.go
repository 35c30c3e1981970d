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

// CompareNames compares a document's name with the names on record: the full name, and the same name in Latin letters where the
// record has one. It is enough to match one of them.
//
// It says Matches when the two differ in nothing but what the standards make indistinguishable:
//
//   - case;
//   - diacritics and transliteration: a letter and one of its spellings in ICAO Doc 9303-3 §6, parts A (Latin), B (Cyrillic)
//     and C (Arabic), in ELOT 743 (Greek), or in what a state has decided for its own passports: Müller is MUELLER, MUXXLLER or
//     MULLER, Първанов is PIERVANOV or PARVANOV;
//   - fillers: a blank, a dash or a full stop between two parts is the same; an apostrophe is nothing, or a blank as some
//     issuers write it: O'Neill is ONEILL or O NEILL; so is the point of Gal·la;
//   - placeholders: FNU, LNU, NMN and their like, and N/A, stand for no name;
//   - the order of surname and given names: "Anna Maria Eriksson" and "Eriksson Anna Maria". With a comma the record says
//     itself which part is the surname, and that is kept to. A document that does not say it may mean any part, first or last;
//   - truncation, where the document itself marks it: then each part of that name may be the beginning of the record's
//     part, and the record may go on; but not where the document shows no given name at all.
//
// All else differs, however small: one letter, Muller for a recorded Mueller, a middle name or its initial on one side
// only, a nickname, JR on one side only, given names in another order, two parts written as one. So does a document
// without a name, and a record in a script without a table (letters.go). Without a record it is NotOnRecord.
func CompareNames(card Name, records ...string) Verdict {
	records = slices.DeleteFunc(slices.Clone(records), func(record string) bool { return strings.TrimSpace(record) == "" })
	if len(records) == 0 {
		return NotOnRecord
	}
	return verdict(slices.ContainsFunc(records, func(record string) bool {
		if len(record) > longestName || len(card.Surname+card.Given()+card.Suffix) > longestName {
			return false
		}
		for _, split := range [][2]bool{{false, false}, {true, true}, {true, false}, {false, true}} {
			if sameName(card.split(split[0]), record, split[1]) || sameName(card.stated().split(split[0]), record, split[1]) {
				return true
			}
		}
		return false
	}))
}

// stated leaves out N/A as a zone has it, with a filler for the stroke. N and A may be initials, too.
func (n Name) stated() Name {
	for _, part := range []*string{&n.Surname, &n.GivenNames, &n.MiddleNames} {
		if strings.EqualFold(*part, "N A") {
			*part = ""
		}
	}
	return n
}

// split takes a document's name apart into surname, given names, middle names and suffix.
func (n Name) split(apostrophes bool) names {
	return names{
		surname: group{words(n.Surname, apostrophes), n.SurnameTruncated, n.SurnameTruncated},
		given:   group{words(n.GivenNames, apostrophes), n.GivenNamesTruncated, n.GivenNamesTruncated},
		middle:  group{words(n.MiddleNames, apostrophes), n.MiddleNamesTruncated, n.MiddleNamesTruncated},
		suffix:  group{words: words(n.Suffix, apostrophes)},
	}
}

// names are the groups of a document's name.
type names struct{ surname, given, middle, suffix group }

// sameName compares a document's name with one record. A document without a surname is tried with each of its parts, first or
// last, as the surname.
func sameName(card names, record string, apostrophes bool) bool {
	before, after, comma := strings.Cut(record, ",")
	front, back := words(before, apostrophes), words(after, apostrophes)
	if len(front)+len(back) > mostParts || len(card.surname.words)+len(card.given.words)+len(card.middle.words) > mostParts {
		return false
	}
	if len(card.surname.words) > 0 {
		return card.matches(front, back, comma)
	}
	undivided := card.given
	undivided.words = slices.Concat(card.given.words, card.middle.words)
	card.middle = group{}
	for i := 1; i <= len(undivided.words); i++ {
		first, last := undivided, undivided
		first.words, last.words = undivided.words[:i], undivided.words[i:]
		card.surname, card.given = first, last
		if card.matches(front, back, comma) {
			return true
		}
		if card.surname, card.given = last, first; len(last.words) > 0 && card.matches(front, back, comma) {
			return true
		}
	}
	return false
}

// matches compares a name that has a surname with what stands in the record before and after its comma.
func (n names) matches(front, back []word, comma bool) bool {
	surname, given, middle, suffix := n.surname, n.given, n.middle, n.suffix
	if len(given.words)+len(middle.words) == 0 {
		surname.more, given.more, middle.more = false, false, false // else a surname that fills the field would match any given name
	}
	if comma && len(front) > 0 && len(back) > 0 {
		return arranged(front, surname) && (arranged(back, given, middle, suffix) || arranged(back, given, suffix, middle)) ||
			arranged(front, surname, suffix) && arranged(back, given, middle) ||
			len(suffix.words) > 0 && arranged(front, given, middle, surname) && arranged(back, suffix)
	}
	all := slices.Concat(front, back)
	return arranged(all, surname, given, middle, suffix) || arranged(all, surname, suffix, given, middle) ||
		arranged(all, given, middle, surname, suffix)
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
