package document

import (
	"fmt"
	"strings"
)

// Specimen is a passport of nobody, for demonstrations and for practice. Like the specimens of ICAO Doc 9303 it is issued
// by Utopia, which is no state; the zone says "SPECIMEN" twice.
type Specimen struct {
	Surname, Given string // as in a zone: A to Z, < between two names
	Born, Expires  Date
}

const (
	specimenState  = "UTO"
	specimenNumber = "SPECIMEN1"
)

// Zone returns the machine-readable zone of its page, two lines of 44 characters (ICAO Doc 9303-4 §4.2.2), which Parse reads.
func (s Specimen) Zone() string {
	first := filler("P<"+specimenState+s.Surname+"<<"+s.Given, td3.length)
	number := specimenNumber + string(checkDigit(specimenNumber)) + specimenState
	born, expires, optional := sixDigits(s.Born), sixDigits(s.Expires), filler("SPECIMEN", 14)
	second := number + born + string(checkDigit(born)) + "<" + expires + string(checkDigit(expires)) + optional + string(checkDigit(optional))
	return first + "\n" + second + string(checkDigit(second[:10]+second[13:20]+second[21:43]))
}

// sixDigits writes a day as a zone does, YYMMDD.
func sixDigits(d Date) string { return fmt.Sprintf("%02d%02d%02d", d.Year%100, d.Month, d.Day) }

// filler fills a field up, and cuts what is too long.
func filler(field string, length int) string { return (field + strings.Repeat("<", length))[:length] }
