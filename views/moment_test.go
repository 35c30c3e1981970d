package views

import (
	"context"
	"testing"
	"time"

	"golang.org/x/text/language"
)

func speaking(t *testing.T, tag language.Tag) context.Context {
	t.Helper()
	words, err := LoadWords()
	if err != nil {
		t.Fatal(err)
	}
	return words.In(t.Context(), tag)
}

// docs/decisions/0021-words.md: a point in time is told in the reader's language and the counter's zone.
func TestMomentsAreToldInLanguageAndZone(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	english, german := speaking(t, language.English), speaking(t, language.German)
	at := time.Date(2026, time.May, 4, 9, 0, 7, 0, time.UTC)
	for _, test := range []struct{ got, want string }{
		{Moment(english, at, berlin), "4 May 2026 at 11:00"},
		{Moment(german, at, berlin), "4. Mai 2026, 11:00 Uhr"},
		{Moment(english, at, time.UTC), "4 May 2026 at 09:00 UTC"},
		{Moment(german, at, time.UTC), "4. Mai 2026, 09:00 Uhr UTC"},
		{Moment(german, time.Time{}, berlin), ""},
		{MomentAbroad(english, at, berlin), "4 May 2026 at 11:00 CEST"},
		{MomentAbroad(german, at, berlin), "4. Mai 2026, 11:00 Uhr CEST"},
		{MomentOffset(english, at, berlin), "4 May 2026 at 11:00 (UTC+02:00)"},
		{MomentOffset(german, at, berlin), "4. Mai 2026, 11:00 Uhr (UTC+02:00)"},
		{MomentOffset(english, time.Time{}, berlin), ""},
		{Moment(german, time.Date(2026, time.December, 31, 23, 30, 0, 0, time.UTC), berlin), "1. Januar 2027, 00:30 Uhr"},
		{Second(english, at, berlin), "4 May 2026 11:00:07"},
		{Second(english, at, time.UTC), "4 May 2026 09:00:07 UTC"},
		{Second(german, at, berlin), "04.05.2026, 11:00:07"},
		{Clock(english, at, berlin), "11:00"},
		{Clock(german, at, berlin), "11:00"},
		{Day(english, "1984-02-29"), "29 February 1984"},
		{Day(german, "1984-03-01"), "1. März 1984"},
		{Day(german, "1984"), "1984"},
		{Day(german, ""), ""},
	} {
		if test.got != test.want {
			t.Errorf("%q, want %q", test.got, test.want)
		}
	}
}

func TestAges(t *testing.T) {
	english, german := speaking(t, language.English), speaking(t, language.German)
	for _, test := range []struct {
		length        time.Duration
		age, ago, vor string
	}{
		{-time.Second, "less than a minute", "less than a minute ago", "vor weniger als einer Minute"},
		{59 * time.Second, "less than a minute", "less than a minute ago", "vor weniger als einer Minute"},
		{119 * time.Second, "1 minute", "1 minute ago", "vor 1 Minute"},
		{59 * time.Minute, "59 minutes", "59 minutes ago", "vor 59 Minuten"},
		{time.Hour, "1 hour", "1 hour ago", "vor 1 Stunde"},
		{25 * time.Hour, "1 day", "1 day ago", "vor 1 Tag"},
		{167 * time.Hour, "6 days", "6 days ago", "vor 6 Tagen"},
	} {
		if got := Age(english, test.length); got != test.age {
			t.Errorf("Age(%s) is %q, want %q", test.length, got, test.age)
		}
		if got := Ago(english, test.length); got != test.ago {
			t.Errorf("Ago(%s) is %q, want %q", test.length, got, test.ago)
		}
		if got := Ago(german, test.length); got != test.vor {
			t.Errorf("Ago(%s) in German is %q, want %q", test.length, got, test.vor)
		}
	}
}
