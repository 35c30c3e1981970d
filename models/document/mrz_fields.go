package document

import "strings"

// code reads the document code (ICAO Doc 9303-4 §4.2.2.1, -5 §4.2.2.1, -6 §4.2.2.1). P is a passport, V a visa; of the
// cards I, A and C, a second letter R is the European residence permit (Regulation (EC) 1030/2002). A passport card (IP)
// is a card: it counts as an identity card. RP of Estonia and TR of Georgia are residence permits against the standard
// (github.com/Arg0s1080/mrz#27, bettse/passy#63).
func (r *reader) code(code string) {
	passport := r.zoneFormat() == td3
	switch {
	case code[0] == 'P' && passport:
		r.document.Type = Passport
	case (code == "RP" || code == "TR") && !passport:
		r.document.Type = ResidencePermit
	case strings.ContainsRune("IAC", rune(code[0])) && !passport && code != "AC":
		r.document.Type = IDCard
		if code[1] == 'R' {
			r.document.Type = ResidencePermit
		}
	default:
		r.refuse(FieldType, 1, NotAccepted)
	}
}

func (r *reader) zoneFormat() format { return format{len(r.zone), len(r.zone[0])} }

func (r *reader) issuer(field string) {
	r.document.Issuer = strings.TrimRight(field, "<")
	if !knownState(r.document.Issuer) {
		r.refuse(FieldIssuer, 1, Unreadable)
	}
}

// nationality may be left out.
func (r *reader) nationality(field string) {
	r.document.Nationality = strings.TrimRight(field, "<")
	if r.document.Nationality != "" && !knownState(r.document.Nationality) {
		r.refuse(FieldNationality, 2, Unreadable)
	}
}

// number reads the document number. With a filler in place of its check digit, a card's number goes on in the optional
// data up to the next filler, and the last character there is the digit over all of it (ICAO Doc 9303-5 §4.2.2.1 note j,
// -6 §4.2.2.2 note j). Belgium counts that filler into the digit (github.com/cheminfo/mrz#70), the standard's example does
// not: either is right. A filler inside stands for a blank or a dash of the printed number.
func (r *reader) number(line int, number, digit, optional string) {
	if rest, _, _ := strings.Cut(optional, "<"); digit == "<" && rest != "" {
		more, last := rest[:len(rest)-1], rest[len(rest)-1:]
		if withFiller := number + "<" + more; digitFits(withFiller, last) {
			r.document.Number = strings.TrimSpace(strings.ReplaceAll(number+more, "<", " "))
			return
		}
		number, digit = number+more, last
	}
	printed := strings.ReplaceAll(strings.TrimRight(number, "<"), "<", " ")
	if strings.TrimSpace(printed) == "" {
		r.refuse(FieldNumber, line, Missing)
		return
	}
	r.checked(FieldNumber, line, number, digit)
	r.document.Number = strings.TrimSpace(printed)
}

func (r *reader) born(field, digit string) {
	if !r.checked(FieldBorn, 2, field, digit) {
		return
	}
	short, ok := shortDate(field)
	if !ok {
		r.refuse(FieldBorn, 2, NotADate)
		return
	}
	if field[:2] != "<<" {
		short = birthYear(short, r.today)
	}
	if r.document.Born = short; !short.real() {
		r.refuse(FieldBorn, 2, NotADate)
	}
}

// expires may be all fillers, nines or noughts: the document does not end. A part of it may not be unknown. Another '99 asks for
// the printed date, also where it is no day.
func (r *reader) expires(field, digit string) {
	if !r.checked(FieldExpires, 2, field, digit) {
		return
	}
	if field == "<<<<<<" || field == "999999" || field == "000000" {
		r.document.Expires = NoEnd
		return
	}
	short, ok := shortDate(field)
	switch ok = ok && !strings.Contains(field, "<"); {
	case ok && short.real():
		r.document.Expires = expiryYear(short, r.today)
		ok = r.document.Expires.NeedsPrintedYear() || r.document.Expires.real()
	case strings.HasPrefix(field, "99") && !strings.Contains(field, "<"):
		r.document.Expires, ok = Date{ShortYear: true}, true
	default:
		ok = false
	}
	if !ok {
		r.refuse(FieldExpires, 2, NotADate)
	}
}

// shortDate reads YYMMDD, of which a date of birth may have fillers for what is not known (ICAO Doc 9303-3 §4.8).
func shortDate(field string) (Date, bool) {
	d := Date{ShortYear: true}
	for i, into := range []*int{&d.Year, &d.Month, &d.Day} {
		part := field[2*i : 2*i+2]
		if part == "<<" {
			continue
		}
		n, ok := number(part)
		if !ok || n == 0 && i > 0 {
			return Date{}, false
		}
		*into = n
	}
	return d, true
}

// sex is M, F or a filler for not specified (ICAO Doc 9303-4 §4.2.2.2); some issuers write the X of the printed field.
func (r *reader) sex(field string) {
	switch field {
	case "M", "F":
		r.document.Sex = field
	case "<", "X":
		r.document.Sex = "X"
	default:
		r.refuse(FieldSex, 2, Unreadable)
	}
}

// name reads primary identifier, two fillers, secondary identifier (ICAO Doc 9303-3 §4.6). When the last character is a
// letter, the name may have been cut anywhere: the standard cuts and abbreviates parts until the field is full. India leaves
// the primary identifier empty where a passport gives no surname (github.com/cheminfo/mrz#9).
func (r *reader) name(line int, field string) {
	if strings.ContainsAny(field, "0123456789") || field[0] == '<' && field[1] != '<' || strings.Trim(field, "<") == "" {
		r.refuse(FieldName, line, Unreadable)
		return
	}
	primary, secondary, _ := strings.Cut(field, "<<")
	cut := field[len(field)-1] != '<'
	r.document.Name = Name{
		Surname: blanks(primary), GivenNames: blanks(secondary),
		SurnameTruncated: cut, GivenNamesTruncated: cut, MiddleNamesTruncated: cut,
	}
}

func blanks(field string) string { return joinWords(strings.ReplaceAll(field, "<", " ")) }

// letters says that a field is made of letters and fillers.
func letters(field string) bool { return strings.Trim(field, "ABCDEFGHIJKLMNOPQRSTUVWXYZ<") == "" }
