package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"countersign/models"
	"countersign/static"
	"countersign/views"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp/kb"
)

// licence is the specimen of static/barcodes.go: 350 characters with LF, RS and CR.
func licence(t *testing.T) string {
	t.Helper()
	return sample(t, "document")
}

// sample is what a barcode of the scanner test holds.
func sample(t *testing.T, name string) string {
	t.Helper()
	for _, s := range static.Samples() {
		if s.Name == name {
			return s.Text
		}
	}
	t.Fatal("no sample " + name)
	return ""
}

// A scan goes to the page's scan box, whatever it ends with and however it is written
// (docs/counter.md §2.2, §2.4), and the form says that it was one.
func TestScanGoesToItsBox(t *testing.T) {
	holdChromium(t)
	t.Parallel()
	w := newTour(t)
	b := w.as(demoOperator)
	b.noteSubmits()
	for _, suffix := range []string{"\r", "\t", ""} {
		b.open(views.PathCounter)
		b.patientScanner()
		evaluate[any](b, `document.activeElement.blur(), null`) // also when the focus is nowhere
		b.scan(wedge{gap: fastWedge.gap, suffix: suffix}, "C-100248")
		b.until(`location.pathname.startsWith("/counter/accounts/")`, fmt.Sprintf("a scan that ends with %q leads nowhere", suffix))
		b.wantEntered("scan")
	}
	for i, write := range []func(string) string{
		strings.ToLower, // Caps Lock
		func(code string) string { return strings.ReplaceAll(code, "-", "ß") }, // another layout
		func(code string) string { return w.issuer + "/device?user_code=" + code },
	} {
		phone := w.ask("C-100248", fmt.Sprintf("Phone %d", i+1), "")
		b.search("C-100248")
		b.scan(fastWedge, write(codeOf(phone)))
		b.until(`location.pathname.endsWith("/proof")`, "the code does not match")
		b.wantEntered("scan")
		b.click("form[action$='/release'] button", "Stop, back to the queue")
	}
}

// noteSubmits keeps what a form says about how it was filled, and all that was pressed.
func (b *tab) noteSubmits() {
	b.t.Helper()
	b.must(command(b, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: `
		window.pressed = [];
		window.said = [];
		addEventListener("DOMContentLoaded", () => {
			const live = document.getElementById("live");
			if (live) new MutationObserver(() => said.push(live.textContent)).observe(live, {childList: true});
		});
		addEventListener("keydown", e => pressed.push(e), true);
		addEventListener("submit", e => sessionStorage.setItem("submitted", JSON.stringify(
			{...Object.fromEntries(new FormData(e.target)), elsewhere: document.getElementById("elsewhere")?.value})), true);`}))
}

func (b *tab) wantEntered(how string) {
	b.t.Helper()
	if got := evaluate[string](b, `JSON.parse(sessionStorage.getItem("submitted")).entered`); got != how {
		b.t.Errorf("the form says it was entered by %q, want %q", got, how)
	}
}

// A scan while another text field has the focus leaves that field as it was.
func TestScanLeavesOtherFieldsAlone(t *testing.T) {
	holdChromium(t)
	t.Parallel()
	w := newTour(t)
	phone := w.ask("C-100248", "Grace's phone", "")
	b := w.as(demoOperator)
	b.noteSubmits()
	b.search("C-100248")
	b.patientScanner()
	evaluate[any](b, `const field = Object.assign(document.createElement("input"), {id: "elsewhere", type: "text", value: "half a note"});
		document.querySelector("main").append(field); field.focus(); field.setSelectionRange(4, 4); null`)
	b.scan(fastWedge, codeOf(phone))
	b.until(`location.pathname.endsWith("/proof")`, "the code does not match")
	if got := evaluate[string](b, `JSON.parse(sessionStorage.getItem("submitted")).elsewhere`); got != "half a note" {
		t.Errorf("the field that had the focus holds %q", got)
	}
}

// docs/protocol.md §6 scan-decides: a scan on the page to decide on approves, declines and submits nothing,
// wherever the focus is, fast or slow, whatever it ends with.
func TestScanDecidesNothing(t *testing.T) {
	holdChromium(t)
	t.Parallel()
	w := newTour(t)
	b, _, visit := w.decide("C-100322", "Björk's phone")
	b.noteSubmits()
	b.open(views.DecidePath(visit))
	b.patientScanner()
	for _, focus := range []string{"h1", ".approve", ".decline", "[name=reason]", "a.change", "[action$='/release'] button"} {
		for _, with := range []wedge{fastWedge, slowWedge, {gap: fastWedge.gap, suffix: "\t\r"}, {gap: 300 * time.Millisecond, suffix: " \r"}} {
			with.pause = 3 * time.Second // the burst before is over, and its Enter is done after all if it ever is
			for _, text := range []string{"AB", "WDJB MJHT"} {
				evaluate[any](b, fmt.Sprintf("document.querySelector(%s).focus(), null", quoteJS(focus)))
				b.scan(with, text)
			}
		}
	}
	evaluate[any](b, `document.querySelector(".approve").focus(), null`)
	b.scan(wedge{gap: fastWedge.gap, suffix: "\r", pause: 3 * time.Second}, licence(t))
	b.live("Nothing was entered.")
	b.settle()
	if b.path() != views.DecidePath(visit) {
		t.Errorf("a scan led to %s", b.path())
	}
	if sent := evaluate[string](b, `sessionStorage.getItem("submitted") ?? ""`); sent != "" {
		t.Errorf("a scan sent %s", sent)
	}
	if checked := evaluate[int](b, `document.querySelectorAll(":checked").length`); checked != 0 {
		t.Errorf("a scan chose %d reasons", checked)
	}
	request, err := w.store.Request(t.Context(), visit)
	if err != nil || !request.Phase.Is(models.Proofed) {
		t.Errorf("a scan made the request %s (%v)", request.Phase, err)
	}
}

// docs/counter.md §2.1, §2.3, §2.6, docs/protocol.md §6 scan-decides: a licence loses nothing, the browser gets none
// of its control keys, and where it is not wanted nothing is entered or sent.
func TestLicenceScan(t *testing.T) {
	holdChromium(t)
	t.Parallel()
	w := newTour(t)
	b := w.as(demoOperator)
	b.noteSubmits()
	for _, path := range []string{views.PathScanner, views.PathCounter} {
		b.open(path)
		b.patientScanner()
		b.scan(fastWedge, licence(t))
		if path == views.PathScanner {
			b.until(`!document.querySelector("[data-finding=read-document]").hidden`, "the licence is not read as a whole: "+b.echo())
			if want := pictures(licence(t)); b.echo() != want {
				t.Errorf("the licence arrived as\n%s, want\n%s", b.echo(), want)
			}
		} else {
			b.live("That is an ID document.")
			if value := evaluate[string](b, `document.getElementById("identifier").value`); value != "" || b.path() != path {
				t.Errorf("the box holds %q, at %s", value, b.path())
			}
		}
		if said := evaluate[[]string](b, "said"); !slices.Contains(said, "Receiving scan…") {
			t.Errorf("%s: announced was %q", path, said)
		}
		if got := evaluate[int](b, `pressed.filter(e => e.ctrlKey && e.code === "KeyJ").length`); got < 20 {
			t.Errorf("only %d line feeds were pressed", got)
		}
		if got := evaluate[int](b, `pressed.filter(e => (e.ctrlKey || e.key === "Enter") && !e.defaultPrevented).length`); got != 0 {
			t.Errorf("%s: the browser gets %d control keys", path, got)
		}
	}
	if sent := evaluate[string](b, `sessionStorage.getItem("submitted") ?? ""`); sent != "" {
		t.Errorf("the licence was sent: %s", sent)
	}
}

// A scanner that drops control characters but keeps Enter types it right after the first
// sign, and one that sends LF as Enter after every line: neither sends a form half-filled
// (docs/protocol.md §6 scan-decides), and the first is told why its licences cannot be read (docs/counter.md §2.5).
func TestScannerWithoutLineFeeds(t *testing.T) {
	holdChromium(t)
	t.Parallel()
	w := newTour(t)
	b := w.as(demoOperator)
	b.noteSubmits()
	for _, c := range []struct {
		change  *strings.Replacer
		finding string
	}{
		{strings.NewReplacer("\n", "", "\x1e", ""), "breaks-dropped"},
		{strings.NewReplacer("\n", "\r"), "breaks-kept"},
	} {
		b.open(views.PathScanner)
		b.patientScanner()
		b.scan(fastWedge, c.change.Replace(licence(t)))
		b.until(`!document.querySelector("[data-finding=`+c.finding+`]").hidden`, "the page does not say "+c.finding+": "+b.echo())
		if wrong := evaluate[int](b,
			`document.querySelectorAll("[data-finding^=layout]:not([hidden]), [data-finding=unknown]:not([hidden])").length`); wrong != 0 {
			t.Errorf("%s: and %d that are not so", c.finding, wrong)
		}
		b.open(views.PathCounter)
		b.scan(fastWedge, c.change.Replace(licence(t)[:80]))
		b.live("That is an ID document.")
		b.wantBox("")
		if sent := evaluate[string](b, `sessionStorage.getItem("submitted") ?? ""`); sent != "" || b.path() != views.PathCounter {
			t.Errorf("%s: a form was sent: %s", c.finding, sent)
		}
	}
}

func (b *tab) echo() string { return evaluate[string](b, `document.getElementById("scan").value`) }

// pictures shows control characters as the page does.
func pictures(text string) string {
	return strings.NewReplacer("\n", "‹LF›", "\r", "‹CR›", "\x1e", "‹RS›").Replace(text)
}

// What a person types, however fast, and a key held down, are no scan; copying and pasting
// work.
func TestTypingIsNoScan(t *testing.T) {
	holdChromium(t)
	t.Parallel()
	w := newTour(t)
	b := w.as(demoOperator)
	b.noteSubmits()
	b.open(views.PathCounter)
	for _, gap := range []time.Duration{45, 90, 250} {
		evaluate[any](b, `document.getElementById("identifier").value = "", null`)
		b.scan(wedge{gap: gap * time.Millisecond}, "C-100248")
		b.wantBox("C-100248")
	}
	b.scan(wedge{gap: fastWedge.gap}, "AB\x01\x03\x16\x18\x1a") // Ctrl+A, C, V, X and Z right after two quick keys (docs/counter.md §2.1)
	b.key(kb.Escape)
	b.wantBox("")
	b.holdDown('x', 30)
	b.wantBox(strings.Repeat("x", 30))
	if words := evaluate[string](b, `document.getElementById("live").textContent`); words != "" {
		t.Errorf("a person's typing is announced as %q", words)
	}
	if taken := evaluate[int](b, `pressed.filter(e => e.defaultPrevented && e.key !== "Escape").length`); taken != 0 {
		t.Errorf("%d of a person's keys were taken", taken)
	}
	b.key(kb.Escape)
	b.scan(slowWedge, "C-100248")
	b.until(`location.pathname.startsWith("/counter/accounts/")`, "Enter does not send what was typed")
	b.wantEntered("typed")
}

func (b *tab) wantBox(text string) {
	b.t.Helper()
	if got := evaluate[string](b, `document.getElementById("identifier").value`); got != text {
		b.t.Errorf("the box holds %q, want %q", got, text)
	}
}

// holdDown presses a key that repeats.
func (b *tab) holdDown(r rune, times int) {
	b.t.Helper()
	b.scan(wedge{}, string(r))
	press := wedgeKey(r)[0]
	press.AutoRepeat = new(true)
	for range times - 1 {
		b.must(command(b, input.DispatchKeyEvent, press))
	}
}

// Too short a barcode is typed, and its Enter does what Enter does.
func TestShortBarcodeIsTyped(t *testing.T) {
	holdChromium(t)
	t.Parallel()
	w := newTour(t)
	b := w.as(demoOperator)
	b.open(views.PathCounter)
	b.patientScanner()
	b.scan(fastWedge, "+44")
	b.until(`location.pathname === "`+views.PathSearch+`"`, "Enter after a short barcode does nothing")
}
