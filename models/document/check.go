package document

import (
	"fmt"
	"io"
	"log/slog"
	"strings"
	"time"
)

// Fields are what an operator confirms of a document, scanned or typed.
type Fields struct {
	Type    Type
	Issuer  string
	Number  string
	Born    Date // from the document, or from the account's record; asked for only where a minimum age is
	Expires Date

	PhotoMatches bool // "The photo matches this person"
	Handled      bool // "I handled the document"
}

// String never reveals the fields.
func (f Fields) String() string { return hiddenFields }

// GoString never reveals the fields.
func (f Fields) GoString() string { return hiddenFields }

// Format never reveals the fields, whatever the verb.
func (f Fields) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, hiddenFields) }

// LogValue never reveals the fields.
func (f Fields) LogValue() slog.Value { return slog.StringValue(hiddenFields) }

// MarshalText never reveals the fields.
func (f Fields) MarshalText() ([]byte, error) { return []byte(hiddenFields), nil }

// Check judges the fields by the rule of their type, and names everything that is to mend in the order of the page: type,
// issuer, number, date of birth, expiry date, the two statements. today is in the counter's zone: a document is good
// until its last day is over there. A type without a rule is NotAccepted, and nothing else is looked at then. A document
// without an end is Endless where the rule asks for an end and has no exception.
//
// What is there is judged whether it must be or not: an organisation's card that may lack an end is still refused when it
// has one that is over. The shapes of a typed issuer and number are the form's to check.
func Check(f Fields, rules Rules, today time.Time) []Problem {
	rule, accepted := rules.Of(f.Type)
	switch {
	case f.Type == "":
		return []Problem{{Field: FieldType, Kind: Missing}}
	case !accepted:
		return []Problem{{Field: FieldType, Kind: NotAccepted}}
	}
	var problems []Problem
	add := func(wrong bool, field Field, kind Kind) {
		if wrong {
			problems = append(problems, Problem{Field: field, Kind: kind})
		}
	}
	day := DateOf(today)
	add(rule.Issuer && strings.TrimSpace(f.Issuer) == "", FieldIssuer, Missing)
	add(rule.Number && strings.TrimSpace(f.Number) == "", FieldNumber, Missing)
	if rule.MinimumAge > 0 {
		add(f.Born.Year == 0, FieldBorn, Missing)
		add(f.Born.Year != 0 && f.Born.latest().age(day) < rule.MinimumAge, FieldBorn, UnderAge)
	}
	switch {
	case f.Expires == Date{}:
		add(rule.Expiry, FieldExpires, Missing)
	case f.Expires.Endless:
		add(rule.Expiry && !rule.Endless, FieldExpires, Endless)
	case f.Expires.NeedsPrintedYear():
		add(true, FieldExpires, PrintedYear)
	case !f.Expires.Known() || !f.Expires.real():
		add(true, FieldExpires, NotADate)
	default:
		add(f.Expires.before(day), FieldExpires, Expired)
	}
	add(rule.Photo && !f.PhotoMatches, FieldPhoto, NotConfirmed)
	add(rule.Handled && !f.Handled, FieldHandled, NotConfirmed)
	return problems
}

// age is in whole years. Who was born on 29 February is older from 1 March in a common year.
func (d Date) age(today Date) int {
	years := today.Year - d.Year
	if today.before(Date{Year: today.Year, Month: d.Month, Day: d.Day}) {
		years--
	}
	return years
}
