package document_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"countersign/models/document"
)

func TestDefaultRules(t *testing.T) {
	want := []document.Type{document.Passport, document.IDCard, document.DrivingPermit, document.ResidencePermit}
	for _, value := range []string{"", "  ", "passport idcard driving_permit residence_permit"} {
		rules := must(document.ParseRules(value))
		if !slices.Equal(rules.Types(), want) || !slices.Equal(rules, document.DefaultRules()) {
			t.Errorf("%q: %v", value, rules)
		}
		for _, r := range rules {
			endless := r.Type != document.Passport
			if r != (document.Rule{Type: r.Type, Photo: true, Handled: true, Number: true, Issuer: true, Expiry: true, Endless: endless}) {
				t.Errorf("%+v", r)
			}
		}
	}
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func TestParseRules(t *testing.T) {
	rules := must(document.ParseRules(" organisation_card\tpassport:handled+number  driving_permit:usual+age=18 idcard:age=16+usual residence_permit:expiry+photo+issuer+endless"))
	want := document.Rules{
		{Type: document.OrganisationCard, Photo: true, Handled: true, Number: true},
		{Type: document.Passport, Handled: true, Number: true},
		{Type: document.DrivingPermit, Photo: true, Handled: true, Number: true, Issuer: true, Expiry: true, Endless: true, MinimumAge: 18},
		{Type: document.IDCard, Photo: true, Handled: true, Number: true, Issuer: true, Expiry: true, Endless: true, MinimumAge: 16},
		{Type: document.ResidencePermit, Photo: true, Issuer: true, Expiry: true, Endless: true},
	}
	if !slices.Equal(rules, want) {
		t.Errorf("%+v", rules)
	}
	var again document.Rules
	text := must(rules.MarshalText())
	if err := again.UnmarshalText(text); err != nil || !slices.Equal(again, want) {
		t.Errorf("%s is not read back: %v", text, err)
	}
	before := slices.Clone(again)
	if err := again.UnmarshalText([]byte("visa")); err == nil || !slices.Equal(again, before) {
		t.Error("a refused value changed the rules")
	}
}

func TestRefusedRules(t *testing.T) {
	for value, words := range map[string]string{
		"visa": `no document type "visa"`, "Passport": "no document type", "passport,idcard": "no document type",
		"passport:": `no check ""`, "passport:photo+": `no check ""`, "passport:selfie": `no check "selfie"`,
		"passport idcard passport:number":   `"passport" stands twice`,
		"passport:age=":                     "from 1 to 120",
		"passport:age=0":                    "from 1 to 120",
		"passport:age=121":                  "from 1 to 120",
		"passport:age=-1":                   "from 1 to 120",
		"passport:age=99999999999999999999": "from 1 to 120",
	} {
		if _, err := document.ParseRules(value); err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("%q: %v, want %s", value, err, words)
		}
	}
}

// docs/counter.md §1.3: everything that is to mend is named, in the order of the page.
func TestCheck(t *testing.T) {
	rules := must(document.ParseRules("passport idcard:usual+age=16 organisation_card residence_permit:handled"))
	good := document.Fields{
		Type: document.IDCard, Issuer: "D", Number: "T22000129", Born: day(1964, 8, 12), Expires: day(2026, 11, 22), PhotoMatches: true,
		Handled: true,
	}
	for name, c := range map[string]struct {
		change func(f *document.Fields)
		want   []document.Problem
	}{
		"good, on its last day": {func(*document.Fields) {}, nil},
		"over": {func(f *document.Fields) { f.Expires = day(2026, 11, 21) },
			[]document.Problem{problem(document.FieldExpires, 0, document.Expired)}},
		"no type": {func(f *document.Fields) { *f = document.Fields{} },
			[]document.Problem{problem(document.FieldType, 0, document.Missing)}},
		"another type": {func(f *document.Fields) { f.Type = document.DrivingPermit; f.Number = "" },
			[]document.Problem{problem(document.FieldType, 0, document.NotAccepted)}},
		"unknown type": {func(f *document.Fields) { f.Type = "visa" }, []document.Problem{problem(document.FieldType, 0, document.NotAccepted)}},
		"nothing but the type": {func(f *document.Fields) { *f = document.Fields{Type: document.IDCard} }, []document.Problem{
			problem(document.FieldIssuer, 0, document.Missing), problem(document.FieldNumber, 0, document.Missing),
			problem(document.FieldBorn, 0, document.Missing),
			problem(document.FieldExpires, 0, document.Missing), problem(document.FieldPhoto, 0, document.NotConfirmed),
			problem(document.FieldHandled, 0, document.NotConfirmed),
		}},
		"blank number": {func(f *document.Fields) { f.Number = "  " },
			[]document.Problem{problem(document.FieldNumber, 0, document.Missing)}},
		"part of an expiry": {func(f *document.Fields) { f.Expires.Day = 0 },
			[]document.Problem{problem(document.FieldExpires, 0, document.NotADate)}},
		"no real expiry": {func(f *document.Fields) { f.Expires = day(2030, 2, 30) },
			[]document.Problem{problem(document.FieldExpires, 0, document.NotADate)}},
		"sixteen today": {func(f *document.Fields) { f.Born = day(2010, 11, 22) }, nil},
		"sixteen tomorrow": {func(f *document.Fields) { f.Born = day(2010, 11, 23) },
			[]document.Problem{problem(document.FieldBorn, 0, document.UnderAge)}},
		"sixteen some day of the month": {func(f *document.Fields) { f.Born = day(2010, 11, 0) },
			[]document.Problem{problem(document.FieldBorn, 0, document.UnderAge)}},
		"sixteen some day last month": {func(f *document.Fields) { f.Born = day(2010, 10, 0) }, nil},
		"sixteen some day of the year": {func(f *document.Fields) { f.Born = day(2010, 0, 0) },
			[]document.Problem{problem(document.FieldBorn, 0, document.UnderAge)}},
		"no minimum for a passport": {func(f *document.Fields) { f.Type, f.Born = document.Passport, document.Date{} }, nil},
		"an organisation's card": {func(f *document.Fields) {
			f.Type, f.Issuer, f.Expires = document.OrganisationCard, "", document.Date{}
		}, nil},
		"an organisation's card that is over": {func(f *document.Fields) { f.Type, f.Expires = document.OrganisationCard, day(2026, 1, 1) },
			[]document.Problem{problem(document.FieldExpires, 0, document.Expired)}},
		"only handled": {func(f *document.Fields) { *f = document.Fields{Type: document.ResidencePermit, Handled: true} }, nil},
	} {
		f := good
		c.change(&f)
		if got := document.Check(f, rules, now); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

// The counter's day counts, not the server's.
func TestCheckIsInTheCountersZone(t *testing.T) {
	f := parsed(t, passport("UTO", "ERIKSSON<<ANNA", "L1", "UTO", "740812", "F", "261122", "")).Fields()
	f.PhotoMatches, f.Handled = true, true
	moment := time.Date(2026, 11, 23, 1, 0, 0, 0, time.UTC)
	for offset, want := range map[int]int{-5: 0, 0: 1} {
		if got := document.Check(f, document.DefaultRules(), moment.In(time.FixedZone("", offset*3600))); len(got) != want {
			t.Errorf("%d hours: %v", offset, got)
		}
	}
}

func TestLeapBirthday(t *testing.T) {
	rules := must(document.ParseRules("idcard:age=18"))
	f := document.Fields{Type: document.IDCard, Born: day(2008, 2, 29)}
	for today, want := range map[int]int{28: 1, 29: 0} { // 29 February 2026 is 1 March
		if got := document.Check(f, rules, time.Date(2026, 2, today, 12, 0, 0, 0, time.UTC)); len(got) != want {
			t.Errorf("%d February: %v", today, got)
		}
	}
}

func TestParseDate(t *testing.T) {
	if d, ok := document.ParseDate("2030-05-31"); !ok || d != day(2030, 5, 31) || d.String() != "2030-05-31" {
		t.Errorf("%v %s", ok, d)
	}
	for _, typed := range []string{"", "2030-02-30", "31.05.2030", "2030-5-31", "0000-01-01", "2030-05-31T00:00:00Z"} {
		if _, ok := document.ParseDate(typed); ok {
			t.Errorf("%q is no date", typed)
		}
	}
}
