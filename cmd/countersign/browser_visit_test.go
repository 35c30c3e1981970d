package main

import (
	"encoding/json"
	"path"
	"strings"
	"testing"

	"countersign/models"
	"countersign/oauth"
	"countersign/views"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// A whole visit at a real browser with the keyboard alone, while a real phone waits.
func TestVisitInBrowserByKeyboard(t *testing.T) {
	holdChromium(t)
	t.Parallel()
	d := startBrowserDemo(t)
	phone := d.startPhone(demoHint, demoPerson+"'s phone")
	b := newTab(t, d.issuer)

	signInByKeyboard(b)
	account := findByKeyboard(b)
	phone.waitsAgain()
	visit := matchByKeyboard(b, phone.code())
	phone.waitsAgain()
	proofByKeyboard(b)
	enterDecidesNothing(b, d, visit)
	phone.waitsAgain()
	approveByKeyboard(b)

	if code := phone.connected(); code != 0 {
		t.Fatalf("phone: exit code %d\n%s", code, phone.words())
	}
	code, answer := phone.call(d.issuer + oauth.PathWhoAmI)
	var who struct {
		Account string `json:"account"`
	}
	if err := json.Unmarshal([]byte(answer), &who); err != nil || code != 0 || who.Account != account {
		t.Errorf("phone call: exit code %d, for account %q, want %q", code, who.Account, account)
	}
	signOutByKeyboard(b)
}

func signInByKeyboard(b *tab) {
	b.t.Helper()
	b.open(views.PathCounter)
	b.tabThrough("Skip to the main part", "Help", "Sign in")
	b.enter()
	b.tabThrough("Skip to the main part", "Help", demoOperator)
	b.enter()
	b.wantFocus(quayside) // with no key pressed
	b.key(kb.ArrowDown)
	b.wantFocus(demoCounter)
	b.tabThrough("Start")
	b.key(kb.Tab, chromedp.ModifierShift)
	b.wantFocus(demoCounter)
	b.tabThrough("Start")
	b.enter()
}

// findByKeyboard returns the account's id.
func findByKeyboard(b *tab) string {
	b.t.Helper()
	b.wantFocus("Account identifier") // with no key pressed
	b.typeText(demoHint)
	b.tabThrough("Search")
	b.key(kb.Tab, chromedp.ModifierShift)
	b.enter()
	return path.Base(b.path())
}

// matchByKeyboard returns the visit's id.
func matchByKeyboard(b *tab, code string) string {
	b.t.Helper()
	b.wantFocus("Code on the customer’s screen")
	b.key(kb.Tab, chromedp.ModifierShift)
	b.wantFocus("Decline…")
	b.tabThrough("Code on the customer’s screen")
	b.typeText(strings.ToLower(code))
	b.enter()
	return path.Base(path.Dir(b.path()))
}

// proofByKeyboard ends with more presses of Enter than it needs.
func proofByKeyboard(b *tab) {
	b.t.Helper()
	b.wantFocus("Scan the document") // with no key pressed
	b.tabThrough("Read the scan", "Scanner test", "Passport")
	b.key(kb.ArrowDown)
	b.wantFocus("National identity card")
	for _, field := range []struct{ name, text string }{
		{"Issuing country", "SE"}, {"Valid until", "2031-05-31"}, {"The document has no end", ""}, {"Document number", "XA4406128"},
	} {
		b.tabThrough(field.name)
		b.typeText(field.text)
	}
	b.tabThrough("Matches")
	b.key(" ")
	b.tabThrough("Matches")
	b.key(" ")
	b.tabThrough("The photo matches this person")
	b.key(" ")
	b.tabThrough("I handled the document")
	b.key(" ")
	b.tabThrough("Continue", "Decline…", "Stop, back to the queue")
	b.key(kb.Tab, chromedp.ModifierShift)
	b.key(kb.Tab, chromedp.ModifierShift)
	b.wantFocus("Continue")
	b.typeText(kb.Enter + kb.Enter + kb.Enter)
}

// enterDecidesNothing: whoever leans on Enter, or whose scanner ends with it, approves
// nothing (docs/protocol.md §6 scan-decides).
func enterDecidesNothing(b *tab, d *browserDemo, visit string) {
	b.t.Helper()
	b.arrive(views.DecidePath(visit))
	for range 2 {
		for range 5 {
			b.key(kb.Enter)
		}
		b.settle()
		if b.path() != views.DecidePath(visit) {
			b.t.Fatalf("Enter led to %s", b.path())
		}
		request, err := d.store.Request(b.t.Context(), visit)
		if err != nil || !request.Phase.Is(models.Proofed) {
			b.t.Fatalf("Enter made the request %s (%v)", request.Phase, err)
		}
		b.open(views.DecidePath(visit))
	}
	if on := b.focus(); on.role != "heading" {
		b.t.Errorf("the focus begins on %s %q, want the heading", on.role, on.name)
	}
}

func approveByKeyboard(b *tab) {
	b.t.Helper()
	b.tabThrough("I need more time", "Stop, back to the queue", "Change", "Devices of this account", "The customer left", "Decline",
		"Approve this device")
	b.enter()
	if heading := evaluate[string](b, "document.querySelector('h1').textContent"); heading != "Device approved" {
		b.t.Fatalf("after the approval: %q", heading)
	}
	if on := b.focus(); on.role != "heading" {
		b.t.Errorf("the receipt begins on %s %q, want the heading", on.role, on.name)
	}
	evaluate[any](b, "window.print = () => { window.printed = true }, null")
	b.tabThrough("Print")
	b.key(kb.Enter)
	b.until("window.printed", "the button does not print")
	b.tabThrough("New customer")
	b.enter()
}

func signOutByKeyboard(b *tab) {
	b.t.Helper()
	b.wantFocus("Account identifier")
	b.key(kb.Tab, chromedp.ModifierShift)
	b.wantFocus("Sign out")
	b.enter()
	b.arrive(demoProviderPath + "/end-session") // the page between leads there by itself
	b.tabThrough("Sign out there too")
	b.enter()
	if notice := evaluate[string](b, "document.querySelector('.notice').textContent"); notice != "You are signed out." {
		b.t.Errorf("after signing out: %q", notice)
	}
}
