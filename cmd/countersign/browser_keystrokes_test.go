package main

import (
	"testing"
	"time"

	"countersign/views"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// annasPassport is the machine-readable zone of a passport (ICAO Doc 9303-4) that agrees
// with the record of demoHint.
const annasPassport = "P<UTOLINDQVIST<<ANNA<<<<<<<<<<<<<<<<<<<<<<<<\n" +
	"L898902C36UTO8403098F3105319<<<<<<<<<<<<<<00"

// counted is an operator whose scans and keys are counted.
type counted struct {
	*tab
	scans, keys int
}

func (c *counted) scan(text string) {
	c.scans++
	c.tab.scan(fastWedge, text)
}

func (c *counted) key(key string) {
	c.keys++
	c.tab.key(key)
}

// follow presses a key that leads to another page.
func (c *counted) follow(key string) {
	c.keys++
	c.load(chromedp.KeyEvent(key))
}

// docs/counter.md §1: an ordinary visit has two scans and six keys, and never more than eight, from the
// open counter to the receipt. None of them is a bare Enter on the page to decide on.
func TestOrdinaryVisitIsTwoScansAndSixKeys(t *testing.T) {
	holdChromium(t)
	t.Parallel()
	w := newTour(t)
	phone := w.ask(demoHint, "Anna's phone", "")
	c := &counted{tab: w.as(demoOperator)}
	c.open(views.PathCounter)
	c.patientScanner()

	proof, err := phone.Presence(w.now())
	if err != nil {
		t.Fatal(err)
	}
	c.scan(proof.Reveal())
	c.until(`location.pathname.endsWith("/proof") && document.activeElement.id === "scan" && document.querySelector("main kbd")`,
		"the scan of the phone's screen does not match")
	c.scan(annasPassport)
	c.until(`document.activeElement?.name === "photo_matches" && document.querySelector("main kbd")`,
		"the scanned document is not ready to be confirmed")
	c.key(" ")
	c.key(kb.Tab)
	c.key(" ")
	c.follow(kb.F8)
	if on := c.focus(); on.role != "heading" {
		t.Errorf("the page to decide on begins on %s %q", on.role, on.name)
	}
	c.key(kb.F8)
	c.wantFocus("Approve this device")
	c.follow(kb.Enter)
	if heading := evaluate[string](c.tab, "document.querySelector('h1').textContent"); heading != "Device approved" {
		t.Fatalf("the visit ends with %q", heading)
	}
	if c.scans > 2 || c.keys > 6 {
		t.Errorf("%d scans and %d keys; 2 and 8 are the most that is allowed, and it was 2 and 6", c.scans, c.keys)
	}
	w.wantMatchedBy("scan")
}

// On the page to decide on F8 leads to the button and never presses it, however often.
func TestF8ApprovesNothing(t *testing.T) {
	holdChromium(t)
	t.Parallel()
	w := newTour(t)
	b, _, visit := w.decide("C-100322", "Björk's phone")
	for range 3 {
		b.key(kb.F8)
		b.key(kb.Enter, chromedp.ModifierCtrl)
	}
	b.wantFocus("Approve this device")
	b.patientScanner()
	b.scan(fastWedge, "C-100248") // with Enter at its end
	b.scan(wedge{gap: slowWedge.gap, suffix: "\r", pause: 3 * time.Second}, "AB")
	b.settle()
	if b.path() != views.DecidePath(visit) {
		t.Errorf("F8 and a scan led to %s", b.path())
	}
}
