package counter_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"countersign/handlers/handlerstest"
	"countersign/models"
	"countersign/models/document"
	"countersign/views"
)

// A licence without an end: the scan says so, the page shows it, and the proofing keeps it.
func TestScannedDocumentWithoutAnEnd(t *testing.T) {
	for _, expires := range []string{"99999999", "99/99/9999", "00000000", "INDEF", "MIL", "01-01-9999"} {
		s, _, page, visit := atDocument(t, handlerstest.Config{})
		filled := scanInto(page, visit, handlerstest.Licence("EXAMPLE", "ANNA", "02291984", expires)).Says("Valid until no end")
		confirm(filled, visit).Submit().Wants(http.StatusOK, "Check everything").Says("without an end")
		if got := proofingOf(t, s, visit); got.DocumentExpiry != models.NoExpiry || got.DocumentRead != models.ReadPDF417 {
			t.Errorf("%s: recorded %+v", expires, got)
		}
	}
}

// Policy says for which types: a passport without an end is refused, by scan and by hand.
func TestDocumentWithoutAnEndByType(t *testing.T) {
	rules, err := document.ParseRules("passport idcard:photo+handled+number+issuer+expiry driving_permit")
	if err != nil {
		t.Fatal(err)
	}
	_, b, page, visit := atDocument(t, handlerstest.Config{Documents: rules})
	const refusal = "A document of this kind is not accepted here without an end."
	scanInto(page, visit, handlerstest.Passport("EXAMPLE<<ANNA", "840229", "<<<<<<")).Says(refusal)
	typed := b.Post(views.ProofPath(visit), url.Values{"drop": {"yes"}}).Wants(http.StatusOK, "Check the ID document")
	b.Post(views.ProofPath(visit), fill(typed.Form(views.ProofPath(visit))).Set("document_type", "idcard").Set("document_expiry", "").
		Forged("document_endless", "yes")).
		Wants(http.StatusOK, "Check the ID document").Says(refusal)
	fill(typed.Form(views.ProofPath(visit))).Set("document_type", "driving_permit").Set("document_expiry", "").Set("document_endless", "yes").
		Submit().
		Wants(http.StatusOK, "Check everything").Says("without an end")
}

// Two digits of 99 in a zone (Spain over 70) are no expired document: the printed date is
// asked for, and is one that the zone can mean.
func TestScanThatAsksForThePrintedDate(t *testing.T) {
	rules, err := document.ParseRules("passport:usual+endless")
	if err != nil {
		t.Fatal(err)
	}
	zone := handlerstest.Passport("EXAMPLE<<ANNA", "840229", "990101")
	for name, c := range map[string]struct{ expiry, endless, says, kept string }{
		"nothing":      {"", "", "Enter the date that is printed on the document", ""},
		"no date":      {"never mind", "", "Enter a real date", ""},
		"another year": {"31.05.2031", "", "That is not the date of the scan", ""},
		"another day":  {"02.01.1999", "", "That is not the date of the scan", ""},
		"both":         {"01.01.1999", "yes", "not both", ""},
		"it is over":   {"01.01.1999", "", "Expired on 1 January 1999.", ""},
		"two digits":   {"01.01.99", "", "with all four digits of the year", ""},
		"far away":     {"01/01/2099", "", "", "2099-01-01"},
		"as printed":   {"01 01 9999", "", "", models.NoExpiry},
		"ticked":       {"", "yes", "", models.NoExpiry},
	} {
		s, b, page, visit := atDocument(t, handlerstest.Config{Documents: rules})
		filled := scanInto(page, visit, zone).Says("Enter the date that is printed on the document", "a year that ends in 99, or no end").
			SaysNot("Expired on")
		form := confirm(filled, visit).Set("document_expiry", c.expiry)
		answer := b.Post(views.ProofPath(visit), form.Forged("document_endless", c.endless))
		if c.says != "" {
			answer.Wants(http.StatusOK, "Check the ID document").Says(c.says)
			continue
		}
		answer.Wants(http.StatusOK, "Check everything")
		if got := proofingOf(t, s, visit); got.DocumentExpiry != c.kept || got.DocumentRead != models.ReadMRZ {
			t.Errorf("%s: recorded %+v", name, got)
		}
	}
}

// Dates are typed as people read them; what can be two days is asked, in the reader's words.
func TestTypedDates(t *testing.T) {
	for _, typed := range []string{"2031-05-31", "31.05.2031", "31/05/2031", "05/31/2031", "31 MAY 2031", "31. Mai 2031", "20310531",
		"31052031"} {
		s, _, page, visit := atDocument(t, handlerstest.Config{})
		fill(page.Form(views.ProofPath(visit))).Set("document_expiry", typed).Submit().Wants(http.StatusOK, "Check everything").
			Says("valid until 31 May 2031")
		if got := proofingOf(t, s, visit).DocumentExpiry; got != "2031-05-31" {
			t.Errorf("%s: recorded %s", typed, got)
		}
	}
	_, _, page, visit := atDocument(t, handlerstest.Config{})
	asked := fill(page.Form(views.ProofPath(visit))).Set("document_expiry", "03/04/2031").Submit().
		Wants(http.StatusOK, "Check the ID document").
		Says("That can be 3 April 2031 or 4 March 2031. Type it as eight digits with the year first, for example 20300531.")
	form := asked.Form(views.ProofPath(visit))
	if form.Value("document_expiry") != "03/04/2031" {
		t.Error("what was typed is gone")
	}
	form.Set("document_expiry", "20310403").Submit().Wants(http.StatusOK, "Check everything").Says("valid until 3 April 2031")
}

// A letter that a converter spoiled is said: nothing of the name is left out of the comparison.
func TestDamagedScanIsSaid(t *testing.T) {
	_, _, page, visit := atDocument(t, handlerstest.Config{})
	scanInto(page, visit, handlerstest.Licence("EXAMPLE", "ANNA \ufffd\ufffd", "02291984", "05312031")).
		Says("Characters of the code are damaged (name). Type the fields.").SaysNot("Read from the document")
}

// A passport without a surname: the given name stands alone, and any part of it may be the surname.
func TestScanWithoutASurname(t *testing.T) {
	s, _, page, visit := atDocument(t, handlerstest.Config{})
	filled := scanInto(page, visit, handlerstest.Passport("<<ANNA<EXAMPLE", "840229", "310531")).Says("Name on the document: ANNA EXAMPLE")
	confirm(filled, visit).Submit().Wants(http.StatusOK, "Check everything")
	if got := proofingOf(t, s, visit); got.NameResult != models.Matches {
		t.Errorf("recorded %+v", got)
	}
}

// In the search box whatever looks like a card is neither searched, kept nor shown.
func TestCardsInTheSearchBox(t *testing.T) {
	s := handlerstest.Start(t, handlerstest.Config{})
	b := s.BrowserOf(t, s.Operator("Olga Operator"))
	licence := handlerstest.Licence("LINDQVIST", "ANNA", "02291984", "05312031")
	for _, typed := range []string{
		licence, strings.Replace(licence, "@\n\x1e\r", "@ac", 1), strings.NewReplacer("\n", "", "\r", "", "\x1e", "").
			Replace(licence), licence[:90],
		"@\n\x1e\rANSI 990876030001DLabacDLDCSLINDQVIST\nDCTANNA MARIA\n", "DCSLINDQVIST", "DCSLINDQVIST\nDACANNA\n",
		"LINDQVIST<<ANNA<<<<<<<<<<<<<<<", "LINDQVIST<ANNA",
		"8403098F3111046BEL840309002008", "IDBEL000590240<6013<<<<<<<<<<<8403098F3111046BEL840309002008LINDQVIST<<ANNA<<<<<<<<<<<<<<<",
		"%VALINDQVIST^LINDQVIST$ANNA^1 MAIN ST^?",
	} {
		since := s.LastEvent()
		page := b.Get(views.PathCounter).Form(views.PathSearch).Set("identifier", typed).Submit().
			Says("That is an ID document. Find the request first.")
		if value := page.Form(views.PathSearch).Value("identifier"); value != "" || strings.Contains(page.Source, "LINDQVIST") ||
			strings.Contains(s.Log(), "LINDQVIST") {
			t.Errorf("%q is shown or kept: %q", typed, value)
		}
		wantEvents(t, s, since)
	}
}
