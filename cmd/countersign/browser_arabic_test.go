package main

import (
	"testing"

	"countersign/views"
)

// Pages in Arabic, of which staff's are mostly English in a page from right to left: nothing is wider than a screen of 320 px, nothing is
// lost by zoom or with large letters, and axe finds no violation.
func TestPagesInArabic(t *testing.T) {
	axe := readAxe(t)
	holdChromium(t)
	t.Parallel()
	w := newTour(t)
	for _, s := range []struct {
		who, path string
	}{
		{notSignedIn, views.PathPhone}, {notSignedIn, "/device"}, {notSignedIn, views.PathSignIn}, {notSignedIn, views.NotMePath("nothing")},
		{demoOperator, views.PathCounter}, {demoOperator, views.PathScanner}, {supervisor, views.PathReviewEvents},
		{administrator, views.PathCounters}, {administrator, views.PathPolicies},
	} {
		b := w.as(s.who)
		b.inLanguage("ar")
		b.open(s.path)
		if lang := evaluate[string](b, "document.documentElement.lang + ' ' + document.documentElement.dir"); lang != "ar rtl" {
			t.Errorf("%s is %s", s.path, lang)
		}
		b.checkAccessibility(s.path, axe)
		b.checkReflow(s.path)
		b.pictures("ar " + s.path)
	}
}
