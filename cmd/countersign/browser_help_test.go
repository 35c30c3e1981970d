package main

import (
	"strings"
	"testing"

	"countersign/views"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// helpPlace says where help is in the order of the page (WCAG 2.2, 3.2.6): after the name and
// the sections, before everything about the reader; and what it leads to.
const helpPlace = `(() => {
	const help = [...document.querySelectorAll("[data-help]")], bar = document.querySelector("header .bar"), place = [];
	if (help.length !== 1) return help.length + " links";
	for (const part of bar.querySelectorAll(".brand, .sections, [data-help], .station p:not(:has([data-help])), .station form"))
		place.push(part.className || (part.dataset.help === undefined ? "reader" : "help"));
	const sections = place.lastIndexOf("sections"), right = sections < place.indexOf("help")
		&& place.filter(p => p !== "sections").slice(0, 2).join(" ") === "brand help";
	return right ? help[0].firstChild.textContent : place.join(" ");
})()`

// checkHelp is for one page.
func (b *tab) checkHelp(name string) {
	b.t.Helper()
	if place := evaluate[string](b, helpPlace); place != "Help" {
		b.t.Errorf("%s: help is not in its place: %s", name, place)
	}
}

// In the middle of a visit F1 opens the help for operators in the same tab, and its first link
// leads back to the visit; so it does from a page that refused.
func TestHelpAndBackByKeyboard(t *testing.T) {
	holdChromium(t)
	t.Parallel()
	w := newTour(t)
	b, _, visit := w.decide("C-100322", "Björk's phone")
	w.helpAndBack(b, views.DecidePath(visit))
	b.open(views.ProofPath(visit))
	w.helpAndBack(b, views.ProofPath(visit))
	b.post(views.MatchPath("unknown")) // an address of an account that is not there
	w.helpAndBack(b, views.AccountPath("unknown"))
}

func (w *tour) helpAndBack(b *tab, at string) {
	w.t.Helper()
	b.load(chromedp.KeyEvent(kb.F1))
	if b.path() != views.HelpPath("operator", "") {
		w.t.Fatalf("F1 leads to %s", b.path())
	}
	b.mustRead("Help for operators")
	b.tabTo("Back to the visit")
	b.enter()
	if b.path() != at {
		w.t.Errorf("the way back leads to %s, want %s", b.path(), at)
	}
}

// Each role is led to its own help, and a stranger to the choice.
func TestHelpFitsTheReader(t *testing.T) {
	holdChromium(t)
	t.Parallel()
	w := newTour(t)
	for name, want := range map[string]string{
		demoOperator: "operator", supervisor: "supervisor", administrator: "administrator", notSignedIn: "",
	} {
		b := w.as(name)
		b.open(map[bool]string{true: views.PathSignIn, false: views.PathHome}[name == notSignedIn])
		from := b.path()
		address := evaluate[string](b, `document.querySelector("[data-help]").getAttribute("href")`)
		if got, _, _ := strings.Cut(address, "?"); got != strings.TrimSuffix(views.HelpPath(want, ""), "/") {
			t.Errorf("%s at %s is led to %s", name, from, address)
		}
	}
}
