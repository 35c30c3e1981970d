package main

import "testing"

// The pages that answer supervisors one question each, as every page: axe finds nothing, nothing is lost on narrow screens, by
// zoom, and from right to left.
func TestAskPages(t *testing.T) {
	axe := readAxe(t)
	holdChromium(t)
	w := newTour(t)
	b, _, _ := w.decide("C-100248", "Grace’s phone")
	b.submit("[action$='/approve']", nil)
	for _, s := range askStops() {
		b, status := s.reach(w)
		if status != s.status {
			t.Errorf("%s: status %d, want %d", s.name, status, s.status)
		}
		b.checkAccessibility(s.name, axe)
		b.checkReflow(s.name)
		b.checkRightToLeft(s.name)
		b.checkHelp(s.name)
		b.pictures(s.name)
	}
}
