package main

import (
	"testing"
	"time"

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
	if err != nil || request.Phase != models.Phase(models.Matched) {
		t.Errorf("the request is %s, %v", request.Phase, err)
	}
}

// What a printer gets of a declined request's receipt: nothing of the operator's part.
func TestDeclineOnPaper(t *testing.T) {
	holdChromium(t)
	t.Parallel()
	w := newTour(t)
	b, _, _ := w.decide(demoHint, "Anna's phone")
	b.submit("[action$='/decline']", map[string][]string{"reason": {models.Suspicious}})
	shown := `document.querySelector(".operators").checkVisibility()`
	if !evaluate[bool](b, shown) {
		t.Error("the operator does not see why")
	}
	b.must(command(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"}))
	if evaluate[bool](b, shown) || !evaluate[bool](b, `document.querySelector(".receipt").checkVisibility()`) {
		t.Error("the operator's part is printed, or the customer's is not")
	}
}
