package document

import "strings"

// reader reads one zone and collects what is wrong with it.
type reader struct {
	zone     zone
	today    Date
	document Document
	problems []Problem
}

func (r *reader) refuse(field Field, line int, kind Kind) {
	r.problems = append(r.problems, Problem{field, line, kind})
}

// at is a part of a line; line and both ends are counted from 1 and inclusive, as the tables of ICAO Doc 9303 count.
func (r *reader) at(line, from, to int) string { return r.zone[line-1][from-1 : to] }

// readZone reads a zone of the right size. The document is empty when there is a problem.
func readZone(f format, z zone, today Date) (Document, []Problem) {
	r := &reader{zone: z, today: today}
	for i, line := range z {
		if strings.Trim(line, alphabet) != "" || strings.ContainsFunc(line, outsideAlphabet) {
			r.refuse(FieldScan, i+1, Unreadable)
		}
	}
	if len(r.problems) > 0 {
		return Document{}, r.problems
	}
	if f == td2 && strings.HasPrefix(z[0], "IDFRA") {
		return refuse(FieldType, 1, Unsupported) // the French identity card before 2021 is older than the standard
	}
	r.document.Source = MRZ
	switch f {
	case td1:
		r.td1()
	case td2:
		r.td2()
	default:
		r.td3()
	}
	if len(r.problems) > 0 {
		return Document{}, r.problems
	}
	return r.document, nil
}

// td1 is ICAO Doc 9303-5 §4.2.2.
func (r *reader) td1() {
	r.code(r.at(1, 1, 2))
	r.issuer(r.at(1, 3, 5))
	r.number(1, r.at(1, 6, 14), r.at(1, 15, 15), r.at(1, 16, 30))
	r.born(r.at(2, 1, 6), r.at(2, 7, 7))
	r.sex(r.at(2, 8, 8))
	r.expires(r.at(2, 9, 14), r.at(2, 15, 15))
	r.nationality(r.at(2, 16, 18))
	r.composite(r.at(1, 6, 30)+r.at(2, 1, 7)+r.at(2, 9, 15)+r.at(2, 19, 29), r.at(2, 30, 30))
	r.name(3, r.at(3, 1, 30))
}

// td2 is ICAO Doc 9303-6 §4.2.2.
func (r *reader) td2() {
	r.code(r.at(1, 1, 2))
	r.issuer(r.at(1, 3, 5))
	r.name(1, r.at(1, 6, 36))
	r.number(2, r.at(2, 1, 9), r.at(2, 10, 10), r.at(2, 29, 35))
	r.nationality(r.at(2, 11, 13))
	r.born(r.at(2, 14, 19), r.at(2, 20, 20))
	r.sex(r.at(2, 21, 21))
	r.expires(r.at(2, 22, 27), r.at(2, 28, 28))
	r.composite(r.at(2, 1, 10)+r.at(2, 14, 20)+r.at(2, 22, 35), r.at(2, 36, 36))
}

// td3 is ICAO Doc 9303-4 §4.2.2. A passport has no long document number.
func (r *reader) td3() {
	r.code(r.at(1, 1, 2))
	r.issuer(r.at(1, 3, 5))
	r.name(1, r.at(1, 6, 44))
	r.number(2, r.at(2, 1, 9), r.at(2, 10, 10), "")
	r.nationality(r.at(2, 11, 13))
	r.born(r.at(2, 14, 19), r.at(2, 20, 20))
	r.sex(r.at(2, 21, 21))
	r.expires(r.at(2, 22, 27), r.at(2, 28, 28))
	r.checked(FieldOptional, 2, r.at(2, 29, 42), r.at(2, 43, 43))
	r.composite(r.at(2, 1, 10)+r.at(2, 14, 20)+r.at(2, 22, 43), r.at(2, 44, 44))
}

// alphabet is all that a zone may hold (ICAO Doc 9303-3 §4.3).
const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789<"

func outsideAlphabet(c rune) bool { return !strings.ContainsRune(alphabet, c) }

// checkDigit is ICAO Doc 9303-3 §4.9: weights 7, 3, 1 over 0–9, A = 10 to Z = 35 and < = 0, modulo 10.
func checkDigit(data string) byte {
	weights := [3]int{7, 3, 1}
	sum := 0
	for i, c := range []byte(data) {
		value := 0
		switch {
		case '0' <= c && c <= '9':
			value = int(c - '0')
		case 'A' <= c && c <= 'Z':
			value = int(c-'A') + 10
		}
		sum += value * weights[i%3]
	}
	return byte('0' + sum%10)
}

// digitFits compares a check digit. Over nothing but fillers it may be a filler itself (ICAO Doc 9303-4 §4.2.2.2).
func digitFits(data, digit string) bool {
	return digit == string(checkDigit(data)) || digit == "<" && strings.Trim(data, "<") == ""
}

// checked reports a field with a wrong check digit, and whether it is right.
func (r *reader) checked(field Field, line int, data, digit string) bool {
	if digitFits(data, digit) {
		return true
	}
	r.refuse(field, line, CheckDigit)
	return false
}

// composite is the last digit, over several fields. When one of them is wrong by itself, that one is named instead.
func (r *reader) composite(data, digit string) {
	for _, p := range r.problems {
		if p.Kind == CheckDigit {
			return
		}
	}
	r.checked(FieldWhole, 2, data, digit)
}
