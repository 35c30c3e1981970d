package counter_test

import (
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"countersign/audit"
	"countersign/handlers/handlerstest"
	"countersign/models"
	"countersign/models/document"
	"countersign/views"
)

// atDocument is a visit on the page of the ID document. The account is Anna Example's, born
// on 29 February 1984.
func atDocument(t *testing.T, config handlerstest.Config) (*handlerstest.Server, *handlerstest.Browser, *handlerstest.Page, string) {
	t.Helper()
	s := handlerstest.Start(t, config)
	b := s.BrowserOf(t, s.Operator("Olga Operator"))
	page, visit := match(b, s, s.Phone().Ask(nil).UserCode)
	return s, b, page, visit
}

func annas() string { return handlerstest.Passport("EXAMPLE<<ANNA", "840229", "310531") }

func others() string { return handlerstest.Passport("EXEMPEL<<ANNA", "840229", "310531") }

func scanInto(page *handlerstest.Page, visit, scan string) *handlerstest.Page {
	return page.Form(views.ProofPath(visit)).Set("scan", scan).Submit().Wants(http.StatusOK, "Check the ID document")
}

func confirm(page *handlerstest.Page, visit string) *handlerstest.Form {
	return page.Form(views.ProofPath(visit)).Set("photo_matches", "yes").Set("document_handled", "yes")
}

func proofingOf(t *testing.T, s *handlerstest.Server, visit string) models.Proofing {
	t.Helper()
	request, err := s.Store.Request(t.Context(), visit)
	if err != nil {
		t.Fatal(err)
	}
	proofing, err := s.Store.ProofingOf(t.Context(), request.DeviceAuthorization)
	if err != nil {
		t.Fatal(err)
	}
	return proofing
}

// docs/counter.md §1.3: a scan fills the page in, beside the record, and the operator has
// only to say what they did. The proofing says how the document was read.
func TestScannedDocument(t *testing.T) {
	for read, scan := range map[string]string{
		models.ReadMRZ: annas(), models.ReadPDF417: handlerstest.Licence("EXAMPLE", "ANNA", "02291984", "05312031"),
	} {
		s, b, page, visit := atDocument(t, handlerstest.Config{})
		if answer := page.Form(views.ProofPath(visit)).Set("scan", scan).Send(); answer.Status != http.StatusSeeOther {
			t.Errorf("a scan is answered %d", answer.Status)
		}
		filled := b.Get(views.ProofPath(visit)).Says(handlerstest.ScannedNumber, "EXAMPLE, ANNA", "29 February 1984", "31 May 2031")
		form := filled.Form(views.ProofPath(visit))
		if form.Value("name_matches") != "matches" || form.Value("birth_matches") != "matches" || form.Value("document_type") == "" {
			t.Errorf("%s: the form is not filled in", read)
		}
		b.Get(views.ProofPath(visit)).Says(handlerstest.ScannedNumber) // reload loses nothing
		since := s.LastEvent()
		decide := confirm(filled, visit).Submit().Wants(http.StatusOK, "Check everything").Says("ending 02C3", "scanned: ").
			SaysNot(handlerstest.ScannedNumber)
		if got := proofingOf(t, s, visit); got.DocumentRead != read || got.NameResult != models.Matches || got.Overruled != "" {
			t.Errorf("recorded %+v", got)
		}
		wantEvents(t, s, since, audit.IdentityProofed)
		if facts := newest(t, s); facts.DocumentRead != read || facts.Reason != "" {
			t.Errorf("the event says %+v", facts)
		}
		decide.Form(views.ApprovePath(visit)).Submit().Wants(http.StatusOK, "Device approved").Says("Checked by the operator; scanned: ").
			SaysNot("02C3")
		if b.Cookie("countersign-proof") != "" {
			t.Error("the form is kept after it was recorded")
		}
	}
}

// docs/counter.md §2.6, docs/architecture.md §4.10: what was scanned is in no database, log, cookie or address,
// nor on the page, whether it could be read or not; of what was read, the number goes.
func TestScanIsNeverKept(t *testing.T) {
	s, b, page, visit := atDocument(t, handlerstest.Config{})
	lines := strings.Split(annas(), "\n")
	broken := strings.Replace(annas(), "UTO840229", "UTO840223", 1)
	page = scanInto(page, visit, broken).Says("Check digit wrong in line 2 (date of birth). Scan again or type it.")
	for _, secret := range append(lines, "EXAMPLE<<ANNA", "UTO840223", handlerstest.ScannedNumber) {
		page.SaysNot(secret)
	}
	page = scanInto(page, visit, annas()).SaysNot(lines...)
	if kept := b.Cookie("countersign-proof"); kept == "" || strings.Contains(kept, handlerstest.ScannedNumber) {
		t.Errorf("the cookie is %q", kept)
	}
	confirm(page, visit).Submit().Wants(http.StatusOK, "Check everything")
	stored, err := os.ReadFile(s.File)
	if err != nil {
		t.Fatal(err)
	}
	wal, _ := os.ReadFile(s.File + "-wal")
	for _, secret := range []string{lines[0], lines[1], "EXAMPLE<<ANNA", "UTO840223", handlerstest.ScannedNumber} {
		for where, text := range map[string]string{"database": string(stored) + string(wal), "log": s.Log(),
			"addresses": strings.Join(b.Visited, " "), "cookie": b.Cookie("countersign-proof")} {
			if strings.Contains(text, secret) {
				t.Errorf("%s holds %q", where, secret)
			}
		}
	}
}

// docs/counter.md §1.3: what is wrong is named by field and line, what is no document says
// what it is, and what was typed stays.
func TestScansThatGiveNoDocument(t *testing.T) {
	_, _, page, visit := atDocument(t, handlerstest.Config{})
	for scan, words := range map[string]string{
		strings.Replace(annas(), handlerstest.ScannedNumber, "L898902C4",
			1): "Check digit wrong in line 2 (document number). Scan again or type it.",
		annas()[:60]: "The scan stopped early. Scan again or type it.",
		strings.ReplaceAll(handlerstest.Licence("EXAMPLE", "ANNA", "02291984", "05312031"), "\n",
			""): "The scanner drops line breaks: open the scanner test.",
		"BBBB-CCCC":                    "That is the phone’s code. Scan the ID document.",
		"https://id.example/device":    "That is the address of a page. Scan the ID document.",
		"C-100234":                     "That is no ID document.",
		strings.Repeat("<", 5000):      "That is no ID document.",
		" \n":                          "Scan the document or type its fields.",
		"%VADOE^JANE^1 STREET^?;6360?": "This kind of code cannot be read. Type the fields.",
	} {
		again := page.Form(views.ProofPath(visit)).Set("document_type", "idcard").Set("document_issuer", "de").Set("scan", scan).
			Submit().Wants(http.StatusOK, "Check the ID document").Says(words)
		form := again.Form(views.ProofPath(visit))
		if form.Value("document_type") != "idcard" || form.Value("document_issuer") != "DE" || form.Value("scan") != "" {
			t.Errorf("%q: what was typed is lost, or what was scanned is not", scan)
		}
	}
}

// A form sends CR and LF for every line break; the scan box writes a licence's own CR, which
// tells that it is whole although its header declares more (AAMVA annex D.12.2).
func TestScanOverTheForm(t *testing.T) {
	_, _, page, visit := atDocument(t, handlerstest.Config{})
	long := strings.Replace(handlerstest.Licence("EXAMPLE", "ANNA", "02291984", "05312031"), "DL00310", "DL00316", 1)
	for own, words := range map[string]string{"␍": "EXAMPLE, ANNA", "": "The scan stopped early. Scan again or type it."} {
		sent := strings.NewReplacer("\r", own, "\n", "\r\n").Replace(long)
		page.Form(views.ProofPath(visit)).Set("scan", sent).Submit().Wants(http.StatusOK, "Check the ID document").Says(words)
	}
}

// A computed difference is never turned into agreement: the page does not offer it, and a
// forged form is refused. The reason is asked for, and a second person must look.
func TestScannedNameDiffers(t *testing.T) {
	s, b, page, visit := atDocument(t, handlerstest.Config{})
	filled := scanInto(page, visit, others()).Says("EXEMPEL, ANNA", "A second person must then look at the visit before it can be approved.")
	if values := offered(filled.Source, "name_matches"); !slices.Equal(values, []string{"differs"}) {
		t.Errorf("the page offers %q", values)
	}
	confirm(filled, visit).Submit().Wants(http.StatusOK, "Check the ID document").Says("The name differs: choose a reason.")
	b.Post(views.ProofPath(visit), confirm(filled, visit).Forged("name_matches", "matches")).Wants(http.StatusOK, "Check the ID document").
		Says("The name that was scanned differs from the record.")
	decide := confirm(b.Get(views.ProofPath(visit)), visit).Set("name_reason", "other spelling").Submit()
	decide.Wants(http.StatusOK, "Check everything").Says("A second person must look before you can approve.")
	got := proofingOf(t, s, visit)
	if got.NameResult != models.Differs || got.NameReason != "other spelling" || got.BirthDateResult != models.Matches {
		t.Errorf("recorded %+v", got)
	}
}

// The operator may see a difference that the scan does not have.
func TestOperatorSeesMoreThanTheScan(t *testing.T) {
	s, _, page, visit := atDocument(t, handlerstest.Config{})
	confirm(scanInto(page, visit, annas()), visit).Set("name_matches", "differs").Set("name_reason", "none").Submit().
		Wants(http.StatusOK, "Check everything").Says("The name on the document differs from the record.")
	if got := proofingOf(t, s, visit); got.NameResult != models.Differs || got.DocumentRead != models.ReadMRZ {
		t.Errorf("recorded %+v", got)
	}
}

// Who types after a scan that differed may say that nothing differs, and it is on record:
// in the proofing, the trail and on the page to decide, and a second person must look.
func TestScanOverruled(t *testing.T) {
	s, b, page, visit := atDocument(t, handlerstest.Config{})
	filled := scanInto(page, visit, others())
	typed := b.Post(views.ProofPath(visit), confirm(filled, visit).Forged("drop", "yes")).Wants(http.StatusOK, "Check the ID document")
	form := typed.Form(views.ProofPath(visit))
	if form.Value("document_number") != handlerstest.ScannedNumber || form.Value("document_expiry") != "2031-05-31" ||
		form.Value("name_matches") != "" || form.Value("photo_matches") != "yes" {
		t.Error("what was scanned is not the start")
	}
	since := s.LastEvent()
	form.Set("name_matches", "matches").Set("birth_matches", "matches").Submit().Wants(http.StatusOK, "Check everything").
		Says("typed by hand", "An earlier scan or check for this account differed from the record",
			"A second person must look before you can approve.")
	if got := proofingOf(t, s, visit); got.DocumentRead != models.ReadTyped || got.Overruled != models.OverruledName {
		t.Errorf("recorded %+v", got)
	}
	wantEvents(t, s, since, audit.IdentityProofed)
	if facts := newest(t, s); facts.DocumentRead != models.ReadTyped || facts.Reason != "scan overruled" {
		t.Errorf("the event says %+v", facts)
	}
	b.Post(views.ApprovePath(visit), nil).Wants(http.StatusConflict, "")
}

// The server remembers what a check or scan found, whatever the browser holds: doing the
// check again, without the cookie, leaves the page and the approval as they must be; the
// second person's return stays, and the next one reads it. docs/protocol.md §6 rogue-operator.
func TestDifferenceOutlivesTheCookie(t *testing.T) {
	s, b, page, visit := atDocument(t, handlerstest.Config{})
	confirm(scanInto(page, visit, others()), visit).Set("name_reason", "other spelling").Submit().Wants(http.StatusOK, "Check everything")
	if b.Cookie("countersign-proof") != "" {
		t.Fatal("the form is kept after it was recorded")
	}
	prove(b.Get(views.ProofPath(visit)), visit).Says("An earlier scan or check for this account differed from the record",
		"A second person must look before you can approve.")
	b.Post(views.ApprovePath(visit), nil).Wants(http.StatusConflict, "A second person must look first")
	b.Get(views.DecidePath(visit)).Form(views.AskSecondApprovalPath(visit)).Submit()
	super := s.BrowserOf(t, s.Supervisor("Sara Supervisor"))
	record := openQuestion(t, super)
	record.Form(record.URL.Path+"/return").Set("reason", "suspicious").Submit().Says("Returned.")

	prove(b.Get(views.ProofPath(visit)), visit).Says("A second person was asked about this request before.").
		Form(views.AskSecondApprovalPath(visit)).Submit()
	openQuestion(t, super).Says("Returned before by", "Sara Supervisor", "Suspicious")
	b.Post(views.ApprovePath(visit), nil).Wants(http.StatusConflict, "A second person must look first")
}

// A scan is on record as soon as it is read, without any check: who gives the request back,
// matches it again and types is told so. docs/protocol.md §6 rogue-operator.
func TestScanIsOnRecordAtOnce(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	b, code := s.BrowserOf(t, s.Operator("Olga Operator")), s.Phone().Ask(nil).UserCode
	page, visit := match(b, s, code)
	scanInto(page, visit, others())
	b.Post(views.ReleasePath(visit), nil)
	if b.Cookie("countersign-proof") != "" {
		t.Fatal("the scan is kept after the release")
	}
	page, visit = match(b, s, code)
	prove(page, visit).Says("An earlier scan or check for this account differed from the record",
		"A second person must look before you can approve.")
}

// A form that confirms a scan which is not there any more records nothing.
func TestScanOfAnotherPage(t *testing.T) {
	s, b, page, visit := atDocument(t, handlerstest.Config{})
	old := confirm(scanInto(page, visit, others()), visit)
	scanInto(page, visit, annas())
	since := s.LastEvent()
	old.Set("name_reason", "short form").Submit().Wants(http.StatusOK, "Check the ID document").Says("This page was for another scan.")
	b.Post(views.ProofPath(visit), old.Forged("read", "")).Wants(http.StatusOK, "Check the ID document") // typed, and nothing is
	wantEvents(t, s, since)
}

// Types are configured: the page offers those, asks what each needs, and the server judges
// by the same.
func TestDocumentTypes(t *testing.T) {
	rules, err := document.ParseRules("passport:usual+age=45 organisation_card:photo+number driving_permit")
	if err != nil {
		t.Fatal(err)
	}
	s, b, page, visit := atDocument(t, handlerstest.Config{Documents: rules})
	if values := offered(page.Source, "document_type"); !slices.Equal(values, []string{"passport", "driving_permit", "organisation_card"}) {
		t.Errorf("the page offers %q", values)
	}
	if !strings.Contains(page.Source, `data-needs="photo number"`) {
		t.Error("the page does not say what an organisation's card needs")
	}
	scanInto(page, visit, handlerstest.Passport("EXAMPLE<<ANNA", "840229", "260503")).
		Says("Expired on 3 May 2026.", "The person is under the age of 45.")
	b.Post(views.ReleasePath(visit), nil)
	_, visit = match(b, s, s.Phone().Ask(nil).UserCode)

	typed := func(values map[string]string) *handlerstest.Page {
		form := b.Get(views.ProofPath(visit)).Form(views.ProofPath(visit))
		for name, value := range values {
			form.Set(name, value)
		}
		return form.Set("name_matches", "matches").Set("birth_matches", "matches").Set("photo_matches", "yes").Submit()
	}
	passport := map[string]string{"document_type": "passport", "document_issuer": "UTO", "document_expiry": "2031-05-31",
		"document_number": "L898902C3", "document_handled": "yes"}
	for born, words := range map[string]string{
		"": "Enter the date of birth as it is printed.", "30.2.1984": "Enter a real date as it is printed",
		"03/04/1984": "That can be 3 April 1984 or 4 March 1984.", "1984-02-29": "The person is under the age of 45.",
		"1980-02-29": "The date of birth that was entered or scanned differs from the record.",
	} {
		passport["document_born"] = born
		typed(passport).Wants(http.StatusOK, "Check the ID document").Says(words)
	}
	typed(map[string]string{"document_type": "organisation_card", "document_number": ""}).Wants(http.StatusOK, "Check the ID document").
		Says("Enter the document number.")
	typed(map[string]string{"document_type": "organisation_card", "document_number": "S-1207", "document_expiry": "1999-01-01"}).
		Wants(http.StatusOK, "Check everything").Says("Organisation card")
	got := proofingOf(t, s, visit)
	if got.DocumentExpiry != "" || got.DocumentIssuer != "" || got.Checks != "pvp" || got.DocumentNumberTail != "1207" {
		t.Errorf("recorded %+v", got)
	}
}

// A document of a kind that is not accepted is refused as soon as it is scanned, and stays
// refused.
func TestDocumentOfAnotherType(t *testing.T) {
	rules, err := document.ParseRules("idcard")
	if err != nil {
		t.Fatal(err)
	}
	s, _, page, visit := atDocument(t, handlerstest.Config{Documents: rules})
	refused := scanInto(page, visit, annas()).Says("This kind of document is not accepted here.")
	since := s.LastEvent()
	confirm(refused, visit).Submit().Wants(http.StatusOK, "Check the ID document").Says("This kind of document is not accepted here.")
	wantEvents(t, s, since)
}

// offered are the values of a page's radio buttons.
func offered(source, name string) []string {
	var values []string
	for part := range strings.SplitSeq(source, "<input") {
		if strings.Contains(part, `type="radio"`) && strings.Contains(part, ` name="`+name+`"`) {
			_, rest, _ := strings.Cut(part, ` value="`)
			value, _, _ := strings.Cut(rest, `"`)
			values = append(values, value)
		}
	}
	return values
}

// newest is what the last event says.
func newest(t *testing.T, s *handlerstest.Server) audit.Facts {
	t.Helper()
	rows, err := s.Store.Trail(t.Context(), audit.Filter{Limit: 1})
	if err != nil || len(rows) != 1 {
		t.Fatal(err)
	}
	return rows[0].Event.Facts
}
