package document

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Rules are the document types that a deployment accepts, in the order of the page, with the checks that each needs.
type Rules []Rule

// Rule is one accepted type and what an operator must have checked of it.
type Rule struct {
	Type       Type
	Photo      bool // the photo matches the person: pvp of OpenID Identity Assurance
	Handled    bool // the document was in the operator's hand: vpip
	Number     bool // the document's number is given
	Issuer     bool // the issuing country is given
	Expiry     bool // the expiry date is given; a given one must never be over
	Endless    bool // a document without an end will do for Expiry
	MinimumAge int  // in years; 0 for any age
}

// DefaultRules accept the four documents of states, with every check. Some states give people over a certain age cards without
// an end, and some licences have none; a passport always ends.
func DefaultRules() Rules {
	var rules Rules
	for _, t := range []Type{Passport, IDCard, DrivingPermit, ResidencePermit} {
		rules = append(rules, usual(t))
	}
	return rules
}

// usual are the checks of a type named alone. An organisation's card has no issuing country, and often no end.
func usual(t Type) Rule {
	ofState := t != OrganisationCard
	return Rule{Type: t, Photo: true, Handled: true, Number: true, Issuer: ofState, Expiry: ofState, Endless: ofState && t != Passport}
}

const oldestMinimum = 120

// ParseRules reads a configuration value: types with a blank between, each alone (the usual checks) or with a colon and
// exactly the checks that it needs, with a plus between: photo, handled, number, issuer, expiry, age=YEARS. "endless" is an
// exception from expiry: a document without an end will do.
//
//	passport idcard residence_permit organisation_card:photo+handled+number+age=16
//
// "usual" stands for the usual checks of the type: driving_permit:usual+age=18. An empty value means DefaultRules. A type
// without any check is refused, and so is one named twice.
func ParseRules(value string) (Rules, error) {
	entries := strings.Fields(value)
	if len(entries) == 0 {
		return DefaultRules(), nil
	}
	var rules Rules
	for _, entry := range entries {
		rule, err := parseRule(entry)
		if err != nil {
			return nil, err
		}
		if _, twice := rules.Of(rule.Type); twice {
			return nil, fmt.Errorf("document type %q stands twice", rule.Type)
		}
		rules = append(rules, rule)
	}
	return rules, nil
}

func parseRule(entry string) (Rule, error) {
	name, checks, some := strings.Cut(entry, ":")
	rule := Rule{Type: Type(name)}
	if !slices.Contains(Types(), rule.Type) {
		return rule, fmt.Errorf("no document type %q: the types are %v", name, Types())
	}
	if !some {
		return usual(rule.Type), nil
	}
	for check := range strings.SplitSeq(checks, "+") {
		if err := rule.need(check); err != nil {
			return rule, fmt.Errorf("document type %q: %w", name, err)
		}
	}
	return rule, nil
}

func (r *Rule) need(check string) error {
	years, isAge := strings.CutPrefix(check, "age=")
	switch {
	case isAge:
		age, ok := number(years)
		if !ok || len(years) > 3 || age < 1 || age > oldestMinimum {
			return fmt.Errorf("age is from 1 to %d years", oldestMinimum)
		}
		r.MinimumAge = age
	case check == "usual":
		age := r.MinimumAge
		*r = usual(r.Type)
		r.MinimumAge = age
	case check == "photo":
		r.Photo = true
	case check == "handled":
		r.Handled = true
	case check == "number":
		r.Number = true
	case check == "issuer":
		r.Issuer = true
	case check == "expiry":
		r.Expiry = true
	case check == "endless":
		r.Endless = true
	default:
		return fmt.Errorf("no check %q: the checks are photo, handled, number, issuer, expiry, endless, age=YEARS and usual", check)
	}
	return nil
}

// Of finds the rule of a type.
func (r Rules) Of(t Type) (Rule, bool) {
	i := slices.IndexFunc(r, func(rule Rule) bool { return rule.Type == t })
	if i < 0 {
		return Rule{}, false
	}
	return r[i], true
}

// Types are the accepted types, in the order of the configuration.
func (r Rules) Types() []Type {
	var types []Type
	for _, rule := range r {
		types = append(types, rule.Type)
	}
	return types
}

// String is a value that ParseRules reads back.
func (r Rules) String() string {
	entries := make([]string, len(r))
	for i, rule := range r {
		entries[i] = rule.String()
	}
	return strings.Join(entries, " ")
}

// String is the rule's entry in the configuration.
func (r Rule) String() string {
	if r == usual(r.Type) {
		return string(r.Type)
	}
	var checks []string
	for _, c := range []struct {
		needed bool
		name   string
	}{
		{r.Photo, "photo"}, {r.Handled, "handled"}, {r.Number, "number"}, {r.Issuer, "issuer"}, {r.Expiry, "expiry"}, {r.Endless, "endless"},
		{r.MinimumAge > 0, "age=" + strconv.Itoa(r.MinimumAge)},
	} {
		if c.needed {
			checks = append(checks, c.name)
		}
	}
	return string(r.Type) + ":" + strings.Join(checks, "+")
}

// UnmarshalText lets a flag or an environment variable be Rules.
func (r *Rules) UnmarshalText(text []byte) error {
	rules, err := ParseRules(string(text))
	if err != nil {
		return err
	}
	*r = rules
	return nil
}

// MarshalText is String.
func (r Rules) MarshalText() ([]byte, error) { return []byte(r.String()), nil }
