package document_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"countersign/models/document"
)

// differences names the fields that differ: the document does not print itself.
func differences(got, want document.Document) string {
	var all []string
	add := func(field string, a, b any) {
		if a != b {
			all = append(all, fmt.Sprintf("%s %q, want %q", field, a, b))
		}
	}
	add("source", got.Source, want.Source)
	add("type", got.Type, want.Type)
	add("issuer", got.Issuer, want.Issuer)
	add("jurisdiction", got.Jurisdiction, want.Jurisdiction)
	add("number", got.Number, want.Number)
	add("surname", got.Name.Surname, want.Name.Surname)
	add("given names", got.Name.GivenNames, want.Name.GivenNames)
	add("middle names", got.Name.MiddleNames, want.Name.MiddleNames)
	add("suffix", got.Name.Suffix, want.Name.Suffix)
	add("truncated", fmt.Sprint(got.Name.Truncated()), fmt.Sprint(want.Name.Truncated()))
	add("nationality", got.Nationality, want.Nationality)
	add("sex", got.Sex, want.Sex)
	add("born", got.Born.String(), want.Born.String())
	add("expires", got.Expires.String(), want.Expires.String())
	return strings.Join(all, "; ")
}

// docs/protocol.md §6 secrets-told, docs/counter.md §2.6: nothing of a document reaches a log, whatever prints it.
func TestDocumentsDoNotPrintThemselves(t *testing.T) {
	d := parsed(t, specimenTD3)
	var log bytes.Buffer
	logger := slog.New(slog.NewJSONHandler(&log, nil))
	logger.Info("read", "document", d, "name", d.Name, "fields", d.Fields(), "all", map[string]any{"d": d})
	encoded, err := json.Marshal([]any{d, d.Name, d.Fields(), struct{ D document.Document }{d}})
	if err != nil {
		t.Fatal(err)
	}
	printed := log.String() + string(encoded) + d.String() + d.Name.String() + d.Fields().String() + d.GoString() + d.Name.GoString() +
		d.Fields().GoString()
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x"} {
		printed += fmt.Sprintf(strings.Repeat(verb, 5), d, &d, d.Name, d.Fields(), struct{ D document.Document }{d})
	}
	for _, secret := range []string{"L898902", "ERIKSSON", "ANNA", "4552494b53534f4e", "1974", "2012"} {
		if strings.Contains(printed, secret) {
			t.Errorf("%s was printed", secret)
		}
	}
}

// A problem may be logged: it has nothing of the scan.
func TestProblemsNameFieldAndLine(t *testing.T) {
	_, problems := document.Parse(strings.Replace(specimenTD3, "L898902C36", "L898902C37", 1), now)
	if got := fmt.Sprint(problems); got != "[document number, line 2: check digit]" {
		t.Error(got)
	}
	_, problems = document.Parse("https://auth.example/verify", now)
	if got := fmt.Sprint(problems); got != "[scan: URL]" {
		t.Error(got)
	}
}

// docs/counter.md §1.1 to §1.3: what else is scanned at a counter is recognised.
func TestNotADocument(t *testing.T) {
	for scan, want := range map[string]document.Kind{
		"": document.Empty, " \r\n\x00": document.Empty,
		"WDJB-MJHT": document.IsUserCode, "wdjb mjht\r": document.IsUserCode, "WDJBMJHT": document.IsUserCode,
		"eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJhIn0.c2ln\r": document.IsPresenceProof,
		"PRES1MV4UUQ2HMF3WC43V":                       document.IsPresenceProof, "]Q1pres1 mv4uu\rq2hmf": document.IsPresenceProof,
		"https://auth.example/device?user_code=WDJB-MJHT": document.IsURL, "HTTP://A.EXAMPLE": document.IsURL, "openid4vp://x": document.IsURL,
		"%TXAUSTIN^DOE$JOHN^12345 MAIN ST^?;636015": document.Unsupported,
		"T64235789": document.NotADocument, "4006381333931": document.NotADocument, "WDJB-MJHA": document.NotADocument,
		"eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJhIn0": document.NotADocument, "P<UTO": document.NotADocument, "<<<<<<<<<<": document.NotADocument,
		strings.Repeat("A", 90): document.NotADocument, strings.Repeat(";", 88): document.NotADocument,
		strings.Repeat("<", 5000): document.TooLong,
	} {
		refused(t, scan, problem(document.FieldScan, 0, want))
	}
}
