package main

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"countersign/audit/term"
	"countersign/views"
)

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

// docs/protocol.md §9: at most three clicks lead from an alert to the operator's day and on to the account's story.
func TestFromAnAlertToTheStoryInThreeClicks(t *testing.T) {
	holdChromium(t)
	t.Parallel()
	w := newTour(t)
	operator, _, _ := w.decide("C-100252", "Małgorzata’s phone")
	operator.submit("[action$='/decline']", url.Values{"reason": {string(term.DeclineSuspicious)}})
	b, clicks := w.as(supervisor), 0
	click := func(selector, words, heading string) {
		t.Helper()
		clicks++
		if status := b.click(selector, words); status != http.StatusOK {
			t.Fatalf("%s %q: status %d", selector, words, status)
		}
		if got := evaluate[string](b, "document.querySelector('h1').innerText"); !strings.HasPrefix(got, heading) {
			t.Fatalf("%s %q leads to %q, want %q", selector, words, got, heading)
		}
	}
	b.open(views.PathReviewEvents)
	click("section.stop li a", demoOperator, demoOperator+" on ")
	click("tbody a", "M.", "Story of the account M.")
	if clicks > 3 {
		t.Errorf("%d clicks", clicks)
	}
	click("ol.story a.when", "", "Suspicion reported")
	if got := evaluate[string](b, "document.querySelector('.verdict h2').innerText"); !strings.HasPrefix(got, "Verified") {
		t.Error(got)
	}
	click("dd a", demoCounter, demoCounter)
	click("td a", "1", "Audit trail") // a number leads to what it counts
}
