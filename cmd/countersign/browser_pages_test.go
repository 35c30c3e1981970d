package main

import (
	"strings"
	"testing"
)

// Every page there is: axe finds no violation, nothing has to be scrolled sideways on
// a screen of 320 px (WCAG 1.4.10), nor in a script that runs from right to left, the page says that it is a demonstration, and the
// browser has nothing to complain about on its console, no violation of the page's
// policy above all.
func TestEveryPage(t *testing.T) {
	axe := readAxe(t)
	holdChromium(t)
	t.Parallel()
	newTour(t, twoForAppointments).visit(func(s stop, b *tab) {
		for _, complaint := range b.complaints() {
			t.Errorf("%s: %s", s.name, complaint)
		}
		if banner := evaluate[string](b, "document.querySelector('.demonstration')?.innerText ?? ''"); !strings.HasPrefix(banner, "Demonstration") {
			t.Errorf("%s: no banner", s.name)
		}
		b.checkAccessibility(s.name, axe)
		b.size(320, 900)
		if wide := evaluate[int](b, "document.documentElement.scrollWidth"); wide > 320 {
			t.Errorf("%s: %d px wide on a screen of 320 px", s.name, wide)
		}
		evaluate[any](b, "document.documentElement.dir = 'rtl'; null")
		for _, width := range []int64{320, 1280} {
			b.size(width, 900)
			if wide := evaluate[int64](b, "document.documentElement.scrollWidth"); wide > width {
				t.Errorf("%s, from right to left: %d px wide on a screen of %d px", s.name, wide, width)
			}
		}
		evaluate[any](b, "document.documentElement.dir = 'ltr'; null")
		b.complaints() // those of the checker are not the page's
	})
}
