package document_test

import (
	"strings"
	"testing"

	"countersign/models/document"
)

// A specimen is read like any passport, and says that it is none.
func TestSpecimenIsRead(t *testing.T) {
	for _, s := range []document.Specimen{
		{Surname: "LINDQVIST", Given: "ANNA", Born: document.Date{Year: 1984, Month: 3, Day: 9},
			Expires: document.Date{Year: 2031, Month: 11, Day: 29}},
		{Surname: "VAN<DER<BERG", Given: "DAAN<" + strings.Repeat("JAN", 20), Born: document.Date{Year: 2001, Month: 12, Day: 31},
			Expires: document.Date{Year: 2025, Month: 2, Day: 28}},
	} {
		zone := s.Zone()
		read, problems := document.Parse("  "+strings.ReplaceAll(zone, "\n", "\n   ")+"\n", now) // as it is copied from a terminal
		if len(problems) > 0 {
			t.Fatalf("%s: %v", zone, problems)
		}
		if read.Issuer != "UTO" || read.Number != "SPECIMEN1" || strings.Count(zone, "SPECIMEN") != 2 {
			t.Errorf("%s is read as issuer %s, number %s", zone, read.Issuer, read.Number)
		}
		if got, want := read.Born.String()+" "+read.Expires.String(), s.Born.String()+" "+s.Expires.String(); got != want {
			t.Errorf("the dates are read as %s, want %s", got, want)
		}
		if got := strings.ReplaceAll(s.Surname, "<", " "); read.Name.Surname != got {
			t.Errorf("the surname is read as %s, want %s", read.Name.Surname, got)
		}
	}
}
