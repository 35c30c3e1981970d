package main

import (
	"strings"
	"testing"
	"time"

	"countersign/audit/term"
	"countersign/models"
	"countersign/views"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp/kb"
)

// WCAG 2.2.1: "I need more time" moves the timer and nothing else: what was typed stays,
// and so does the focus. Enter in a field presses what it did before.
func TestMoreTimeInBrowser(t *testing.T) {
	holdChromium(t)
	t.Parallel()
	w := newTour(t)
	b := w.as(demoOperator)
	phone := w.ask(demoHint, "Anna's phone", "")
	b.search(demoHint)
	visit := b.match(codeOf(phone))
	b.open(views.ProofPath(visit))
	before := evaluate[string](b, `document.getElementById("claim").dataset.until`)
	evaluate[any](b, `document.getElementById("document_number").value = "XA4406128", null`)
	w.advance(5 * time.Minute)
	evaluate[any](b, `[...document.querySelectorAll("button")].find(e => e.textContent.startsWith("I need more time")).focus(), null`)
	b.key(kb.Enter)
	b.until(`document.getElementById("claim").dataset.until > `+quoteJS(before), "the timer does not move")
	if got := evaluate[string](b, `document.getElementById("document_number").value`); got != "XA4406128" {
		t.Errorf("what was typed is %q", got)
	}
	if on := b.focus(); on.name != "I need more time" {
		t.Errorf("the focus is on %s %q", on.role, on.name)
	}
	evaluate[any](b, `document.getElementById("document_number").focus(), null`)
	b.key(kb.Enter)
	b.until(`document.querySelector(".error-summary")`, "Enter does not send the form")
	request, err := w.store.Request(t.Context(), visit)
	if err != nil || !request.Phase.Is(models.Matched) {
		t.Errorf("the request is %s, %v", request.Phase, err)
	}
}

// What a printer gets of a receipt, on A4 and on a roll of 80 mm: all of the customer's part
// within its width, and nothing else. Of a declined request nothing of the operator's part.
func TestReceiptsOnPaper(t *testing.T) {
	holdChromium(t)
	t.Parallel()
	w := newTour(t)
	b, _, _ := w.decide(demoHint, "Anna's phone")
	b.submit("[action$='/approve']", nil)
	b.onPaper("Receipt", demoPerson, "Harbour Pocket", demoCounter, "Entry", "Hash in the audit log", "This was not you?")
	b, _, _ = w.decide("C-100248", "Grace's phone")
	b.submit("[action$='/decline']", map[string][]string{"reason": {string(term.DeclineSuspicious)}})
	if !evaluate[bool](b, `document.querySelector(".operators").checkVisibility()`) {
		t.Error("the operator does not see why")
	}
	b.onPaper("Request declined", "Harbour Pocket", demoCounter, "Entry", "Hash in the audit log", "You did not ask for this?")
	if text := evaluate[string](b, "document.body.innerText"); !strings.Contains(text, "Grace") {
		t.Error("on the screen the operator no longer sees whom it was about")
	}
}

// onPaper prints the page as a picture at both widths, and goes back to the screen.
func (b *tab) onPaper(words ...string) {
	b.t.Helper()
	b.must(command(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"}))
	for _, width := range []int64{688, 272} { // A4 and 80 mm without their margins
		b.size(width, 900)
		text := evaluate[string](b, "document.body.innerText")
		for _, word := range words {
			if !strings.Contains(text, word) {
				b.t.Errorf("%d px of paper lack %q", width, word)
			}
		}
		for _, word := range []string{
			"Print", "New customer", "Sign out", "Take the approval back", "Grace", "Suspicious", "Supervisors", "Ctrl", "Download",
		} {
			if strings.Contains(text, word) {
				b.t.Errorf("%d px of paper say %q", width, word)
			}
		}
		if wide := evaluate[int64](b, "document.documentElement.scrollWidth"); wide > width {
			b.t.Errorf("the page is %d px wide on paper of %d px", wide, width)
		}
	}
	b.must(command(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{}))
	b.size(1280, 900)
}
