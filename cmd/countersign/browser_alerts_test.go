package main

import (
	"testing"

	"countersign/views"
)

// A supervisor is called on any page: by the number on the tab and in the title, in words for a screen reader, once, when it
// grows. What falls is shown and not said. On paper the title has no number. Nothing of it moves the focus.
func TestAlertsCallInBrowser(t *testing.T) {
	holdChromium(t)
	t.Parallel()
	w := newTour(t)
	said := func(b *tab) string {
		t.Helper()
		return evaluate[string](b, `(document.querySelector("#alerts .calls")?.textContent ?? "") + "|" + document.title + "|" +
			document.getElementById("live").textContent`)
	}
	refresh := func(b *tab) {
		t.Helper()
		evaluate[any](b, `window.asked = 0, document.body.addEventListener("htmx:afterSettle", () => asked++, { once: true }),
			document.getElementById("alerts").dispatchEvent(new Event("refresh")), null`)
		b.until(`asked === 1`, "the number does not ask")
	}
	decline := func(account, phone string) {
		t.Helper()
		operator, _, _ := w.decide(account, phone)
		operator.submit("[action$='/decline']", map[string][]string{"reason": {"suspicious"}})
	}
	second := w.as(supervisor)
	second.open(views.PathScanner)
	wants := func(when, want string) {
		t.Helper()
		if got := said(second); got != want {
			t.Errorf("%s: the page says %q, want %q", when, got, want)
		}
	}
	wants("at first", "|Scanner test – Countersign|")
	decline("C-100248", "Grace's phone")
	refresh(second)
	wants("one came", "1|(1) Scanner test – Countersign|1 alert to look at")
	evaluate[any](second, `dispatchEvent(new Event("beforeprint")), null`)
	wants("on paper", "1|Scanner test – Countersign|1 alert to look at")
	evaluate[any](second, `dispatchEvent(new Event("afterprint")), null`)
	decline("C-100322", "Björk's phone")
	refresh(second)
	wants("another came", "2|(2) Scanner test – Countersign|2 alerts to look at")
	alerts, err := w.store.Alerts(t.Context())
	second.must(err)
	elsewhere := newTab(t, w.issuer)
	elsewhere.signIn(supervisor)
	elsewhere.open(views.PathReviewEvents)
	elsewhere.submit("[action$='/alerts/"+alerts.Newest[0].ID+"']", map[string][]string{"closing": {"dealt with"}})
	evaluate[any](second, `Object.defineProperty(document, "hidden", { value: true, configurable: true }),
		document.getElementById("alerts").dispatchEvent(new Event("refresh")), null`)
	wants("in the background", "2|(2) Scanner test – Countersign|2 alerts to look at")
	evaluate[any](second, `delete document.hidden, null`)
	refresh(second)
	wants("one is closed", "1|(1) Scanner test – Countersign|")
}
