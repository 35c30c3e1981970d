package main

import (
	"strings"
	"testing"
	"time"

	"countersign/views"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// wantCaption demands that the focus is on the caption of a table with these words.
func (b *tab) wantCaption(words string) {
	b.t.Helper()
	on := b.focus()
	if on.place.Tag != "caption" || !strings.Contains(on.name+evaluate[string](b, "document.activeElement.textContent"), words) {
		b.t.Errorf("the focus is on %s %q", on.place.Tag, on.name)
	}
}

// shownKeys are the keys on the main button, and those that it tells to assistive technology.
const shownKeys = `[...document.querySelectorAll("main .primary kbd")].map(key => key.textContent).join(" ") +
	": " + document.querySelector("main .primary").getAttribute("aria-keyshortcuts")`

// The keys of the steps lead where the buttons that show them lead; none decides.
func TestKeysOfTheSteps(t *testing.T) {
	holdChromium(t)
	t.Parallel()
	w := newTour(t)
	phone := w.ask("C-100248", "Grace's phone", "")
	b := w.as(demoOperator)
	b.open(views.PathCounter)
	b.typeText("C-100")
	b.load(chromedp.KeyEvent(kb.F8))
	b.key(kb.F4)
	b.tabThrough("C-100")
	b.open(views.PathSearch)
	b.typeText("248") // goes on with what was typed
	b.load(chromedp.KeyEvent(kb.Enter, chromedp.KeyModifiers(chromedp.ModifierCtrl)))
	b.key(kb.F4)
	b.wantCaption("waits for this account")
	evaluate[any](b, `document.getElementById("user_code").focus(), null`)
	b.typeText("XXXX")
	b.key(kb.Escape)
	if value := evaluate[string](b, `document.getElementById("user_code").value`); value != "" {
		t.Errorf("Esc leaves %q", value)
	}
	b.typeText("XXXX")
	evaluate[any](b, `document.querySelector("[data-clear]").click(), null`)
	b.wantFocus("Code on the customer’s screen")
	b.typeText(strings.ToLower(strings.ReplaceAll(codeOf(phone), "-", "")))
	if value := evaluate[string](b, `document.getElementById("user_code").value`); value != codeOf(phone) {
		t.Errorf("the code is written %q, the phone shows %q", value, codeOf(phone))
	}
	b.load(chromedp.KeyEvent(kb.Enter, chromedp.KeyModifiers(chromedp.ModifierCtrl)))
	visit := strings.Split(b.path(), "/")[3]
	if shown := evaluate[string](b, shownKeys); shown != "F8 Ctrl+Enter: F8 Control+Enter" {
		t.Errorf("the button shows %q", shown)
	}
	b.proof(goodDocument())

	for _, focus := range []string{"h1", ".approve", ".decline", "[name=reason]"} {
		for _, key := range []string{kb.F8, kb.F9} {
			evaluate[any](b, "document.querySelector("+quoteJS(focus)+").focus(), null")
			b.key(key)
			b.key(kb.Enter, chromedp.ModifierCtrl)
		}
	}
	b.settle()
	if b.path() != views.DecidePath(visit) {
		t.Fatalf("a key led to %s", b.path())
	}
	if on := b.focus(); on.role != "radio" {
		t.Errorf("F9 leads to %s %q, want the reasons", on.role, on.name)
	}
	b.key(" ")
	b.key(kb.F9)
	b.wantFocus("Decline")
	b.load(chromedp.KeyEvent(kb.F2))
	if b.path() != views.PathCounter {
		t.Errorf("F2 leads to %s", b.path())
	}
}

// WCAG 2.2.1: the claim's timer goes by the server's clock, warns two minutes before the
// end, and says when it is over.
func TestClaimTimer(t *testing.T) {
	holdChromium(t)
	t.Parallel()
	w := newTour(t)
	b, _, visit := w.decide("C-100322", "Björk's phone")
	left := func() string { return evaluate[string](b, `document.querySelector("[data-left]").textContent`) }
	if got := left(); got != "15:00" && !strings.HasPrefix(got, "14:5") {
		t.Errorf("at the beginning %q is left", got)
	}
	if words := evaluate[string](b, `document.getElementById("live").textContent`); words != "" {
		t.Errorf("announced too early: %q", words)
	}
	w.advance(13*time.Minute + time.Second)
	b.open(views.DecidePath(visit))
	b.live("ends in 2 minutes")
	if got := left(); !strings.HasPrefix(got, "1:") {
		t.Errorf("after 13 minutes %q is left", got)
	}
	evaluate[any](b, `const timer = document.querySelector("[data-until]"); timer.dataset.until = timer.dataset.now; null`)
	b.live("has ended")
	if got := left(); got != "0:00" {
		t.Errorf("at the end %q is left", got)
	}
}

// What waits is refreshed while somebody types, and never replaced by another page. A
// request that comes to an empty list brings the box for its code, with the focus in it.
func TestPendingRefreshes(t *testing.T) {
	holdChromium(t)
	t.Parallel()
	w := newTour(t)
	b := w.as(demoOperator)
	b.search("C-100248")
	if on := b.focus(); on.role != "heading" {
		t.Errorf("with nothing to enter the page begins on %s %q", on.role, on.name)
	}
	b.tabThrough("See whether it is there")
	phone := w.ask("C-100248", "Grace's phone", "")
	refresh := `document.getElementById("pending").dispatchEvent(new Event("refresh")), null`
	evaluate[any](b, refresh)
	b.until(`document.activeElement?.id === "user_code" && document.querySelector("#match kbd")`,
		"the code of a request that has just come cannot be entered")
	b.typeText("WDJ")
	evaluate[any](b, `window.refreshed = 0, document.body.addEventListener("htmx:afterRequest", () => refreshed++), null`)
	evaluate[any](b, refresh)
	b.until(`refreshed > 0`, "the part does not ask")
	if words := evaluate[string](b, `document.getElementById("live").textContent`); words != "" {
		t.Errorf("nothing is new, and yet it is announced: %q", words)
	}

	other := w.operatorAt(colleague, quayside)
	if err := other.Search(t.Context(), "C-100248"); err != nil {
		t.Fatal(err)
	}
	if err := other.Match(t.Context(), codeOf(phone)); err != nil {
		t.Fatal(err)
	}
	evaluate[any](b, refresh)
	b.until(`document.getElementById("pending").textContent.includes("Being handled by")`, "the other counter is not shown")
	if value := evaluate[string](b, `document.getElementById("user_code").value + document.activeElement.id`); value != "WDJuser_code" {
		t.Errorf("after the refresh the box and the focus are %q", value)
	}
	b.until(`document.querySelectorAll("#pending kbd").length === 1`, "after the refresh no key is shown")

	w.later(9 * time.Hour) // the session is over
	evaluate[any](b, refresh)
	b.until(`document.querySelector("h1").textContent === "Your session has ended"`, "the page does not say that its session is over")
	if text := evaluate[string](b, `document.body.textContent`); strings.Contains(text, "Grace") || strings.Contains(text, "C-100248") {
		t.Errorf("the page still tells of the customer: %q", text)
	}
}

// The settings of the scanner test are kept in the browser, and count at once.
func TestScannerSettings(t *testing.T) {
	holdChromium(t)
	t.Parallel()
	w := newTour(t)
	b := w.as(demoOperator)
	b.open(views.PathScanner)
	b.patientScanner()
	slow := wedge{gap: 60 * time.Millisecond, suffix: "\r"}
	b.scan(slow, "QAWZYXMCOUNTER")
	b.until(`!document.querySelector("[data-finding=slow]").hidden`, "a slow scanner is not told")
	keep := func(gap, silence string) {
		evaluate[any](b, `window.f = document.getElementById("scanner-settings"); f.elements.gap.value = `+quoteJS(gap)+
			`; f.elements.silence.value = `+quoteJS(silence)+`; f.requestSubmit(); null`)
	}
	keep("500", "100")
	b.until(`!document.querySelector("[data-wrong]").hidden`, "a gap of 500 ms is kept")
	keep("70", "1000")
	b.until(`document.querySelector("[data-kept]").textContent === "Kept."`, "the settings are not kept")
	b.open(views.PathScanner)
	b.scan(slow, "QAWYZXMCOUNTER")
	b.until(`!document.querySelector("[data-finding=layout-qwertz]").hidden && !document.querySelector("[data-finding=fast]").hidden`,
		"the settings do not count")
	if found := evaluate[bool](b,
		`document.querySelector("[data-finding=slow]").hidden && document.querySelector("[data-finding=typed]").hidden`); !found {
		t.Error("the findings of the scan before are still shown")
	}
	evaluate[any](b, `f = document.getElementById("scanner-settings"), f.elements.prefix.value = "]Q1", f.elements.suffix.value = "#", null`)
	keep("70", "1000")
	b.until(`document.querySelector("[data-kept]").textContent === "Kept."`, "the prefix is not kept")
	b.scan(slow, "]Q1ABC\x1dDEF#")
	b.until(`document.getElementById("scan").value === "ABC‹GS›DEF"`, "prefix and suffix are not taken off, or the GS is lost: "+b.echo())
}
