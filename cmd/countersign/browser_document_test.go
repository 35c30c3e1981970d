package main

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"countersign/handlers/handlerstest"
	"countersign/models"
	"countersign/views"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// atDocument leads to the page of the ID document for Grace Adeyemi, born on 17 January 1969.
func atDocument(w *tour, b *tab) (visit string) {
	phone := w.ask("C-100248", "Grace's phone", "")
	b.search("C-100248")
	visit = b.match(codeOf(phone))
	b.patientScanner()
	return visit
}

func graces() string { return handlerstest.Passport("ADEYEMI<<GRACE", "690117", "310531") }

// proofingOf is what a visit has on record of its document.
func (w *tour) proofingOf(visit string) models.Proofing {
	w.t.Helper()
	request, err := w.store.Request(w.t.Context(), visit)
	if err != nil {
		w.t.Fatal(err)
	}
	proofing, err := w.store.ProofingOf(w.t.Context(), request.DeviceAuthorization)
	if err != nil {
		w.t.Fatal(err)
	}
	return proofing
}

// docs/counter.md §1.3: the scan of a passport or a licence by a keyboard wedge fills the
// page in, wherever the focus is; four keys go on. Nothing is recorded by the scan itself
// (docs/protocol.md §6 scan-decides), and the browser gets none of its control keys.
func TestDocumentScanByWedge(t *testing.T) {
	holdChromium(t)
	t.Parallel()
	w := newTour(t)
	b := w.as(demoOperator)
	b.noteSubmits()
	for _, c := range []struct{ scan, read, focus, suffix string }{
		{graces(), models.ReadMRZ, "", "\r"},
		{handlerstest.Licence("ADEYEMI", "GRACE", "01171969", "05312031"), models.ReadPDF417, "document_number", "\r"},
		{handlerstest.Licence("ADEYEMI", "GRACE", "01171969", "05312031"), models.ReadPDF417, "photo_matches", "\t"},
	} {
		visit := atDocument(w, b)
		b.wantFocus("Scan the document") // with no key pressed
		if c.focus != "" {
			evaluate[any](b, fmt.Sprintf("document.getElementById(%s).focus(), null", quoteJS(c.focus)))
		}
		b.scan(wedge{gap: fastWedge.gap, suffix: c.suffix}, c.scan)
		b.until(`document.querySelector("[name=read]")`, "the scan fills nothing in")
		b.wantEntered("scan")
		if request, err := w.store.Request(t.Context(), visit); err != nil || !request.Phase.Is(models.Matched) {
			t.Fatalf("the scan made the request %s (%v)", request.Phase, err)
		}
		b.mustRead("ADEYEMI, GRACE")
		if value := evaluate[string](b, `document.getElementById("scan").value`); value != "" {
			t.Errorf("the box holds %q", value)
		}
		if got := evaluate[int](b, `pressed.filter(e => e.ctrlKey && !e.defaultPrevented).length`); got != 0 {
			t.Errorf("the browser gets %d control keys", got)
		}
		b.wantFocus("The photo matches this person") // with no key pressed
		b.key(" ")
		b.tabThrough("I handled the document")
		b.key(" ")
		b.load(chromedp.KeyEvent(kb.Enter, chromedp.KeyModifiers(chromedp.ModifierCtrl)))
		if b.path() != views.DecidePath(visit) {
			t.Fatalf("Ctrl+Enter leads to %s", b.path())
		}
		if got := w.proofingOf(visit); got.DocumentRead != c.read || got.NameResult != models.Matches || got.BirthDateResult != models.Matches {
			t.Errorf("recorded %+v", got)
		}
		b.submit("[action$='/decline']", url.Values{"reason": {"customer_left"}})
	}
}

// A licence arrives whole where its header declares too much: the carriage return at its end
// tells. With line feeds lost the page says so, wherever the focus was.
func TestLicencesThatAreNotAsTheyShould(t *testing.T) {
	holdChromium(t)
	t.Parallel()
	w := newTour(t)
	b := w.as(demoOperator)
	visit := atDocument(w, b)
	whole := handlerstest.Licence("ADEYEMI", "GRACE", "01171969", "05312031")
	b.scan(fastWedge, strings.NewReplacer("\n", "", "\x1e", "").Replace(whole))
	b.until(`document.body.textContent.includes("The scanner drops line breaks: open the scanner test.")`, "the page does not say what the scanner drops")
	b.arrive(views.ProofPath(visit))
	evaluate[any](b, `document.getElementById("document_number").focus(), null`)
	b.scan(fastWedge, strings.Replace(whole, "DL00310", "DL00316", 1))
	b.until(`document.querySelector("[name=read]")`, "the scan fills nothing in")
	b.mustRead("ADEYEMI, GRACE")
	b.arrive(views.ProofPath(visit))
	evaluate[any](b, `document.getElementById("scan").focus(), null`)
	b.scan(slowWedge, strings.Replace(whole, "GRACE", "GRACIE", 1)) // too slow for a scan: it is typed, with its line feeds
	b.click("#read-scan", "Read the scan")
	b.mustRead("ADEYEMI, GRACIE")
}

// A name that differs takes the focus to its reasons; the keyboard alone goes on, and the
// page to decide asks for a second person.
func TestScannedNameDiffersByKeyboard(t *testing.T) {
	holdChromium(t)
	t.Parallel()
	w := newTour(t)
	b := w.as(demoOperator)
	visit := atDocument(w, b)
	b.scan(fastWedge, handlerstest.Passport("OKONKWO<<GRACE", "690117", "310531"))
	b.until(`document.querySelector("[name=read]")`, "the scan fills nothing in")
	b.wantFocus("The name changed")
	b.key(" ")
	b.tabThrough("Matches", "The photo matches this person")
	b.key(" ")
	b.tabThrough("I handled the document")
	b.key(" ")
	b.tabThrough("Continue")
	b.enter()
	b.mustRead("A second person must look before you can approve.")
	if got := w.proofingOf(visit); got.NameResult != models.Differs || got.NameReason != "changed name" {
		t.Errorf("recorded %+v", got)
	}
}

// The page asks only for what the chosen type needs and for a reason only where the name
// differs; what is wrong with a scan stands at the box, and what was typed stays.
func TestDocumentFieldsInBrowser(t *testing.T) {
	holdChromium(t)
	t.Parallel()
	w := newTour(t)
	b := w.as(demoOperator)
	atDocument(w, b)
	shown := func(name string) bool {
		return evaluate[bool](b, fmt.Sprintf("document.querySelector('[name=%s]').checkVisibility()", name))
	}
	if shown("name_reason") || !shown("document_issuer") {
		t.Error("a reason is asked for, or a country not")
	}
	b.choose("name_matches", "Differs")
	if !shown("name_reason") {
		t.Error("no reason is asked for")
	}
	b.choose("document_type", "National identity card")
	if !shown("document_endless") {
		t.Error("nobody can say that an identity card has no end")
	}
	b.choose("document_type", "Passport")
	if shown("document_endless") || !shown("document_expiry") {
		t.Error("a passport without an end can be chosen, or its date not be typed")
	}
	evaluate[any](b, `document.querySelector("[name=document_type]").dataset.needs = "photo number", null`)
	b.choose("document_type", "Passport")
	if shown("document_issuer") || shown("document_expiry") || shown("document_handled") || !shown("document_number") ||
		!shown("photo_matches") {
		t.Error("what the type needs is not what is asked for")
	}
	b.submit("[action$='/proof']", url.Values{"document_number": {"XA4406128"},
		"scan": {strings.Replace(graces(), "UTO690117", "UTO690111", 1)}})
	b.mustRead("Check digit wrong in line 2 (date of birth). Scan again or type it.")
	if number := evaluate[string](b, `document.getElementById("document_number").value`); number != "XA4406128" {
		t.Errorf("the number is now %q", number)
	}
}

// Without script the scan box is a text area, and a button reads it.
func TestDocumentScanWithoutScript(t *testing.T) {
	holdChromium(t)
	t.Parallel()
	w := newTour(t)
	b := w.as(demoOperator)
	visit := atDocument(w, b)
	b.withoutScript()
	b.open(views.ProofPath(visit))
	b.mouse("//textarea[@name='scan']")
	b.scan(slowWedge, strings.ReplaceAll(graces(), "\n", "\r"))
	b.follow("//button[.='Read the scan']")
	b.mustRead("ADEYEMI, GRACE")
	b.mouse("//label[.='The photo matches this person']")
	b.mouse("//label[.='I handled the document']")
	b.follow("//button[.='Continue']")
	b.mustRead("Check everything, then decide")
	if got := w.proofingOf(visit); got.DocumentRead != models.ReadMRZ {
		t.Errorf("recorded %+v", got)
	}
}
