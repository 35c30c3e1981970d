package main

import (
	"net/http"
	"strings"
	"testing"
)

// Every page there is: axe finds no violation, nothing is lost on a narrow screen, by zoom
// or with large letters, nothing has to be scrolled sideways in a script that runs from
// right to left, the keyboard's focus is seen, no control is without effect, with scripts and
// without, help is at its place, the page says that it is a demonstration, and the browser has nothing to complain
// about on its console, no violation of the page's policy above all.
func TestEveryPage(t *testing.T) {
	axe := readAxe(t)
	holdChromium(t)
	t.Parallel()
	w := newTour(t, twoForAppointments)
	seen, unscripted := newPagesSeen(w.store), newUnscriptedTab(t, w.issuer)
	w.visit(func(s stop, b *tab) {
		for _, complaint := range b.complaints() {
			t.Errorf("%s: %s", s.name, complaint)
		}
		if banner := evaluate[string](b, "document.querySelector('.demonstration')?.innerText ?? ''"); !strings.HasPrefix(banner,
			"Demonstration") {
			t.Errorf("%s: no banner", s.name)
		}
		if s.status == http.StatusOK {
			seen.note(b.path())
		}
		b.checkAccessibility(s.name, axe)
		b.checkReflow(s.name)
		b.checkVisibleFocus(s.name)
		b.checkRightToLeft(s.name)
		b.checkControls(s.name, unscripted)
		b.checkHelp(s.name)
		b.complaints() // those of the checker are not the page's
	})
	seen.check(t)
}

// checkRightToLeft turns the page around.
func (b *tab) checkRightToLeft(name string) {
	b.t.Helper()
	evaluate[any](b, "document.documentElement.dir = 'rtl'; null")
	for _, width := range []int64{320, 1280} {
		b.size(width, 900)
		for _, lost := range evaluate[[]string](b, reflowScript) {
			b.t.Errorf("%s, from right to left on a screen of %d px: %s", name, width, lost)
		}
	}
	evaluate[any](b, "document.documentElement.dir = 'ltr'; null")
}
