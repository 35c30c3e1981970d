package hours_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"countersign/models/hours"
	"countersign/models/zones"
)

func parse(t *testing.T, text string) hours.Hours {
	t.Helper()
	h, err := hours.Parse(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return h
}

// What is written is read, and has one form.
func TestParse(t *testing.T) {
	for text, want := range map[string]string{
		"Mo-Fr 09:00-17:00":                        "Mo-Fr 09:00-17:00",
		"Mo-Fr 9:00-12:00, 13:00 - 17:00":          "Mo-Fr 09:00-12:00,13:00-17:00",
		"Mo,Tu,We 09:00-12:00":                     "Mo-We 09:00-12:00",
		"Mo,We,Fr 09:00-12:00":                     "Mo 09:00-12:00; We 09:00-12:00; Fr 09:00-12:00",
		"Sa-Mo 10:00-14:00":                        "Mo 10:00-14:00; Sa-Su 10:00-14:00",
		"Mo-Su 09:00-17:00; We off":                "Mo-Tu 09:00-17:00; Th-Su 09:00-17:00",
		"Fr 22:00-02:00":                           "Fr 22:00-02:00",
		"Mo-Su 00:00-24:00":                        "Mo-Su 00:00-24:00",
		"Mo 09:00-17:00; 2026-12-25 closed":        "Mo 09:00-17:00; 2026 Dec 25 off",
		"2026 Dec 24 09:00-12:00; Mo 09:00-17:00;": "Mo 09:00-17:00; 2026 Dec 24 09:00-12:00",
	} {
		if got := parse(t, text).String(); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
		if again := parse(t, want).String(); again != want {
			t.Errorf("%s: read again %s", want, again)
		}
	}
}

// What cannot be read is named, and words are no data.
func TestParseRefuses(t *testing.T) {
	for text, part := range map[string]string{
		"":                                      "",
		"Mon–Fri 9–17":                          "Mon–Fri 9–17",
		"Every day":                             "Every day",
		"Mo-Fr 9-17":                            "9-17",
		"Mo-Fr 09:00-25:00":                     "09:00-25:00",
		"Mo-Fr 09:60-10:00":                     "09:60-10:00",
		"Mo-Fr 09:00-09:00":                     "09:00-09:00",
		"Mo-Fr 09:00-12:00,11:00-13:00":         "11:00-13:00",
		"Mo-Fr 22:00-02:00,23:00-23:30":         "23:00-23:30",
		"Mo-Fr 09:00-17:00; 2026-02-30 off":     "2026-02-30 off",
		"Mo-Fr off":                             "Mo-Fr off",
		"2026-12-25 off":                        "2026-12-25 off",
		"Mo-Fr":                                 "Mo-Fr",
		"Mo-Xx 09:00-17:00":                     "Mo-Xx 09:00-17:00",
		strings.Repeat("Mo 09:00-10:00; ", 150): strings.Repeat("Mo 09:00-10:00; ", 3)[:40],
	} {
		_, err := hours.Parse(text)
		wrong, ok := errors.AsType[*hours.PartError](err)
		if !ok || wrong.Part != part {
			t.Errorf("%.40s: %v", text, err)
		}
	}
	if !hours.Meant("Mo-Fr 9-17") || hours.Meant("Mon–Fri 9–17") || hours.Meant("More or less") || hours.Meant("Sat 9:00") {
		t.Error("what was meant as data is not told from words")
	}
}

// Open now, or when next: over midnight, over changes of clocks, on dates that are different, and where nothing is open.
func TestAt(t *testing.T) {
	const week = "Mo-Fr 09:00-12:00,13:00-17:00; Sa 10:00-14:00"
	for _, test := range []struct{ what, text, zone, at, from, to string }{
		{"a second before", week, "Europe/Lisbon", "2026-11-30T08:59:59Z", "2026-11-30T09:00:00Z", "2026-11-30T12:00:00Z"},
		{"opening", week, "Europe/Lisbon", "2026-11-30T09:00:00Z", "now", "2026-11-30T12:00:00Z"},
		{"a second before noon", week, "Europe/Lisbon", "2026-11-30T11:59:59Z", "now", "2026-11-30T12:00:00Z"},
		{"noon", week, "Europe/Lisbon", "2026-11-30T12:00:00Z", "2026-11-30T13:00:00Z", "2026-11-30T17:00:00Z"},
		{"Saturday afternoon", week, "Europe/Lisbon", "2026-12-05T14:00:00Z", "2026-12-07T09:00:00Z", "2026-12-07T12:00:00Z"},
		{"the counter's clock", week, "Asia/Tokyo", "2026-11-30T00:30:00Z", "now", "2026-11-30T03:00:00Z"},
		{"over midnight, before it", "Fr 22:00-02:00", "Europe/Berlin", "2026-12-04T22:30:00Z", "now", "2026-12-05T01:00:00Z"},
		{"over midnight, after it", "Fr 22:00-02:00", "Europe/Berlin", "2026-12-05T00:30:00Z", "now", "2026-12-05T01:00:00Z"},
		{"over midnight, its end", "Fr 22:00-02:00", "Europe/Berlin", "2026-12-05T01:00:00Z", "2026-12-11T21:00:00Z", "2026-12-12T01:00:00Z"},
		{"days that touch", "Mo-We 00:00-24:00", "UTC", "2026-11-30T10:00:00Z", "now", "2026-12-03T00:00:00Z"},
		{"before the clock goes back", "Su 01:00-09:00", "Europe/Berlin", "2026-10-24T22:59:00Z", "2026-10-24T23:00:00Z", "2026-10-25T08:00:00Z"},
		{"after it went back", "Su 09:00-12:00", "Europe/Berlin", "2026-10-25T08:00:00Z", "now", "2026-10-25T11:00:00Z"},
		{"after it went forward", "Su 09:00-12:00", "Europe/Berlin", "2027-03-28T07:00:00Z", "now", "2027-03-28T10:00:00Z"},
		{"the day before it goes forward", "Sa 09:00-12:00", "Europe/Berlin", "2027-03-27T08:00:00Z", "now", "2027-03-27T11:00:00Z"},
		{"a date that is closed", week + "; 2026-12-25 off", "Europe/Lisbon",
			"2026-12-25T10:00:00Z", "2026-12-26T10:00:00Z", "2026-12-26T14:00:00Z"},
		{"a date with other hours", week + "; 2026-12-24 09:00-11:00", "Europe/Lisbon", "2026-12-24T10:59:00Z", "now", "2026-12-24T11:00:00Z"},
		{"a Sunday that is open", week + "; 2026-12-06 10:00-11:00", "Europe/Lisbon",
			"2026-12-05T15:00:00Z", "2026-12-06T10:00:00Z", "2026-12-06T11:00:00Z"},
	} {
		t.Run(test.what, func(t *testing.T) {
			zone, err := zones.Load(test.zone)
			if err != nil {
				t.Fatal(err)
			}
			at, _ := time.Parse(time.RFC3339, test.at)
			opening, now, ok := parse(t, test.text).At(at, zone)
			from := opening.From.UTC().Format(time.RFC3339)
			if now {
				from = "now"
			}
			if to := opening.To.UTC().Format(time.RFC3339); !ok || from != test.from || to != test.to {
				t.Errorf("%s to %s, %v; want %s to %s", from, to, ok, test.from, test.to)
			}
		})
	}
	if _, _, ok := (hours.Hours{}).At(time.Unix(0, 0), time.UTC); ok {
		t.Error("no hours, and yet open")
	}
}
