// Package document reads what a scanner sends of an ID document, compares it with an account's record and checks it
// against what the deployment accepts. It is pure: no clock, no storage, no logging, and nothing of ours is imported.
//
//	Parse         a scan → Document, or the problems by field and line    parse.go
//	              ├ machine-readable zone, ICAO Doc 9303 parts 3 to 6       mrz.go, mrz_text.go, mrz_fields.go, states.go
//	              └ PDF417 of a North American card, AAMVA DL/ID standard   aamva.go, aamva_elements.go, aamva_names.go, aamva_dates.go
//	LooksLike     a text that something else was asked for → card or not   looks.go
//	ReadExpiry    a typed date → the days that can be meant; ReadBirthDate typed_date.go
//	CompareNames  the card's name with the names on record → Verdict       names.go, letters.go, scripts.go
//	CompareDates  the card's date of birth with the record's → Verdict     date.go
//	ParseRules    the deployment's document types and their checks         rules.go
//	Check         typed or scanned fields against rules and the day        check.go
//	Document      what was read, and its types                             document.go
//	Specimen      a document of nobody, for practice                       specimen.go
//	Problem       what is wrong with it, without what was scanned          problem.go
//
// The way of a page: Parse the scan box. With problems, show their words (Kind says them) and leave the fields empty;
// without, show the fields beside the record with the two verdicts, and let the operator confirm them. What is scanned
// and what is typed both end in Fields, and Check judges them; only its answer decides whether the form goes on.
//
// Neither a machine-readable zone nor a PDF417 code is evidence of authenticity: neither is signed, and anybody can
// print one. A scan saves typing and finds typing mistakes. The operator who handles the document proves it.
//
// A scan is never kept and never printed. Document, Name and Fields show themselves to fmt, slog and JSON as a
// placeholder, problems carry no text of the scan, and what a proofing does not need (optional data, addresses,
// heights) is checked where it can be and then dropped.
package document
