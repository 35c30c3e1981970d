package document_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"countersign/models/document"
)

// now is in the future of every specimen's issue.
var now = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// The specimens of ICAO Doc 9303 parts 4, 5 and 6 (docs/protocol.md §7).
const (
	specimenTD1 = "I<UTOD231458907<<<<<<<<<<<<<<<\n7408122F1204159UTO<<<<<<<<<<<6\nERIKSSON<<ANNA<MARIA<<<<<<<<<<"
	specimenTD2 = "I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<\nD231458907UTO7408122F1204159<<<<<<<6"
	specimenTD3 = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10"
	longNumber  = "I<UTOD23145890<7349<<<<<<<<<<<\n3407127M9507122UTO<<<<<<<<<<<2\nSTEVENSON<<PETER<JOHN<<<<<<<<<"
)

func parsed(t *testing.T, scan string) document.Document {
	t.Helper()
	d, problems := document.Parse(scan, now)
	if len(problems) > 0 {
		t.Fatalf("%q: %v", scan, problems)
	}
	return d
}

// refused wants exactly these problems, and no document beside them.
func refused(t *testing.T, scan string, want ...document.Problem) {
	t.Helper()
	d, problems := document.Parse(scan, now)
	if !slices.Equal(problems, want) {
		t.Errorf("%q: %v, want %v", scan, problems, want)
	}
	if d != (document.Document{}) {
		t.Errorf("%q: a document came with problems", scan)
	}
}

func problem(field document.Field, line int, kind document.Kind) document.Problem {
	return document.Problem{Field: field, Line: line, Kind: kind}
}

// digit is the check digit, written anew from ICAO Doc 9303-3 §4.9: weights 7, 3, 1.
func digit(data string) string {
	sum := 0
	for i := range len(data) {
		sum += strings.IndexByte("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", data[i]) * []int{7, 3, 1}[i%3]
		if data[i] == '<' {
			sum += []int{7, 3, 1}[i%3]
		}
	}
	return string("0123456789"[sum%10])
}

func pad(field string, length int) string {
	return (field + strings.Repeat("<", length))[:length]
}

// passport makes a TD3 zone of fields as they stand in it.
func passport(issuer, name, number, nationality, born, sex, expires, optional string) string {
	first := "P<" + pad(issuer, 3) + pad(name, 39)
	number, optional = pad(number, 9), pad(optional, 14)
	second := number + digit(number) + pad(nationality, 3) + born + digit(born) + sex + expires + digit(expires) + optional + digit(optional)
	return first + "\n" + second + digit(second[:10]+second[13:20]+second[21:43])
}

// cardTD1 and cardTD2 make a card of fields; a long number spills into the optional data.
func cardTD1(code, issuer, name, number, nationality, born, sex, expires, optional string) string {
	start, rest := spill(number, optional)
	first := pad(code, 2) + pad(issuer, 3) + start + pad(rest, 15)
	second := born + digit(born) + sex + expires + digit(expires) + pad(nationality, 3) + pad("", 11)
	second += digit(first[5:] + second[:7] + second[8:15] + second[18:29])
	return first + "\n" + second + "\n" + pad(name, 30)
}

func cardTD2(code, issuer, name, number, nationality, born, sex, expires, optional string) string {
	start, rest := spill(number, optional)
	second := start + pad(nationality, 3) + born + digit(born) + sex + expires + digit(expires) + pad(rest, 7)
	return pad(code, 2) + pad(issuer, 3) + pad(name, 31) + "\n" + second + digit(second[:10]+second[13:20]+second[21:35])
}

func spill(number, optional string) (start, rest string) {
	if len(number) <= 9 {
		return pad(number, 9) + digit(pad(number, 9)), optional
	}
	return number[:9] + "<", number[9:] + digit(number) + "<" + optional
}
