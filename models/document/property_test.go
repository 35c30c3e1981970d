package document_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"countersign/models/document"

	"pgregory.net/rapid"
)

// Whatever is printed in a zone is read back: generate, encode, parse.
func TestZonesAreReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		kind := rapid.SampledFrom([]string{"TD1", "TD2", "TD3"}).Draw(t, "format")
		state := rapid.SampledFrom([]string{"D", "DNK", "USA", "UTO", "RKS", "XXB"}).Draw(t, "state")
		part := rapid.StringMatching(`[A-Z]{1,6}`)
		surname := strings.Join(rapid.SliceOfN(part, 1, 2).Draw(t, "surname"), " ")
		given := strings.Join(rapid.SliceOfN(part, 0, 2).Draw(t, "given"), " ")
		longest := 22
		if kind == "TD3" {
			longest = 9
		} else if kind == "TD2" {
			longest = 14
		}
		number := rapid.StringMatching(fmt.Sprintf(`[A-Z0-9]{1,%d}`, longest)).Draw(t, "number")
		born := date(t, "born", 1927, 2026)
		expires := date(t, "expires", 1977, 2075)
		if expires.Year() == 1999 {
			expires = expires.AddDate(1, 0, 0) // 99 is asked about
		}
		name := strings.ReplaceAll(surname, " ", "<") + "<<" + strings.ReplaceAll(given, " ", "<")

		var scan string
		switch kind {
		case "TD1":
			scan = cardTD1("I", state, name, number, state, born.Format("060102"), "F", expires.Format("060102"), "")
		case "TD2":
			scan = cardTD2("I", state, name, number, state, born.Format("060102"), "F", expires.Format("060102"), "")
		default:
			scan = passport(state, name, number, state, born.Format("060102"), "F", expires.Format("060102"), "12AB")
		}
		for _, separator := range []string{"\n", "\r\n", ""} {
			d, problems := document.Parse(strings.ReplaceAll(scan, "\n", separator), now)
			if len(problems) > 0 {
				t.Fatalf("%q: %v", scan, problems)
			}
			got := []string{d.Issuer, d.Nationality, d.Number, d.Name.Surname, d.Name.GivenNames, d.Born.String(), d.Expires.String()}
			want := []string{state, state, number, surname, given, born.Format(time.DateOnly), expires.Format(time.DateOnly)}
			if fmt.Sprint(got) != fmt.Sprint(want) || d.Name.Truncated() {
				t.Fatalf("%q: read %q, want %q", scan, got, want)
			}
		}
	})
}

// One digit or letter that changes is found, or changes nothing that the checks do not cover (name, states, sex).
func TestOneWrongCharacterIsFound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lines := strings.Split(specimenTD3, "\n")
		at := rapid.IntRange(0, 43).Filter(func(i int) bool { return i < 10 || i > 12 && i != 20 }).Draw(t, "at")
		other := rapid.SampledFrom([]byte("0123456789")).Draw(t, "other")
		if lines[1][at] == other || (lines[1][at] < '0' || lines[1][at] > '9') {
			t.Skip("the same, or a letter: A and 0 are alike to the check digit")
		}
		if _, problems := document.Parse(lines[0]+"\n"+lines[1][:at]+string(other)+lines[1][at+1:], now); len(problems) != 1 ||
			problems[0].Kind != document.CheckDigit {
			t.Fatalf("%d became %c: %v", at, other, problems)
		}
	})
}

func TestCardsAreReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`[A-Z]{1,8}([ '-][A-Z]{1,8})?`)
		family, first, middle := text.Draw(t, "family"), text.Draw(t, "first"), text.Draw(t, "middle")
		number := rapid.StringMatching(`[A-Z0-9]([A-Z0-9-]{0,12}[A-Z0-9])?`).Draw(t, "number")
		country := rapid.SampledFrom([]string{"USA", "CAN"}).Draw(t, "country")
		version := rapid.IntRange(2, 10).Draw(t, "version")
		born, expires := date(t, "born", 1900, 2026), date(t, "expires", 1990, 2099)
		layout := map[string]string{"USA": "01022006", "CAN": "20060102"}[country]
		elements := rapid.Permutation([]string{
			"DAQ" + number, "DCS" + family, "DAC" + first, "DAD" + middle, "DBB" + born.Format(layout), "DBA" + expires.Format(layout),
			"DCG" + country, "DAG1 MAIN STREET", "DDEN",
		}).Draw(t, "elements")
		body := "DL" + strings.Join(elements, "\n") + "\r"
		offset := 31 + rapid.IntRange(-10, 10).Draw(t, "off by")
		scan := fmt.Sprintf("@\n\x1e\rANSI 636000%02d0001DL%04d%04d%s", version, offset, len(body), body)
		for _, sent := range []string{scan, strings.TrimRight(scan, "\r"), strings.ReplaceAll(scan, "\n", "\r\n")} {
			d, problems := document.Parse(sent, now)
			if len(problems) > 0 {
				t.Fatalf("%q: %v", sent, problems)
			}
			got := []string{d.Number, d.Name.Surname, d.Name.GivenNames, d.Name.MiddleNames, d.Issuer, d.Born.String(), d.Expires.String()}
			want := []string{number, family, first, middle, country, born.Format(time.DateOnly), expires.Format(time.DateOnly)}
			if fmt.Sprint(got) != fmt.Sprint(want) {
				t.Fatalf("%q: read %q, want %q", sent, got, want)
			}
		}
		if got := document.CompareNames(parsedQuietly(scan).Name, first+" "+middle+" "+family); got != document.Matches {
			t.Fatalf("%q: the name %s", scan, got)
		}
	})
}

func parsedQuietly(scan string) document.Document {
	d, _ := document.Parse(scan, now)
	return d
}

// A name equals itself in either order, and no other.
func TestNamesCompareWithThemselves(t *testing.T) {
	part := rapid.StringMatching(`[A-ZÄÖÜÅØÆÑßŁÞ]{1,7}`)
	rapid.Check(t, func(t *rapid.T) {
		surname, given := part.Draw(t, "surname"), strings.Join(rapid.SliceOfN(part, 1, 3).Draw(t, "given"), " ")
		card := name(surname, given)
		for _, record := range []string{given + " " + surname, surname + " " + given, surname + ", " + given,
			strings.ToLower(given + " " + surname)} {
			if got := document.CompareNames(card, record); got != document.Matches {
				t.Fatalf("%s, %s: %q %s", surname, given, record, got)
			}
		}
		if got := document.CompareNames(card, given+" "+surname+"Q"); got != document.Differs {
			t.Fatalf("%s, %s: another letter %s", surname, given, got)
		}
	})
}

func date(t *rapid.T, label string, from, to int) time.Time {
	day := time.Date(rapid.IntRange(from, to).Draw(t, label), time.Month(rapid.IntRange(1, 12).Draw(t, label+" month")),
		rapid.IntRange(1, 28).Draw(t, label+" day"), 0, 0, 0, 0, time.UTC)
	if label == "born" && day.After(now) {
		return day.AddDate(-1, 0, 0)
	}
	return day
}
