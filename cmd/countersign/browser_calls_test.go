package main

import (
	"strings"
	"testing"

	"countersign/audit/term"
	"countersign/views"

	"github.com/chromedp/chromedp/kb"
)

// calls is what the tab and the title say of visits that wait for a second person.
func (b *tab) calls() string {
	b.t.Helper()
	return evaluate[string](b, `(document.querySelector("#calls .calls")?.textContent ?? "") + "|" + document.title`)
}

// refreshCalls lets the number ask again, as it does every 15 seconds.
func (b *tab) refreshCalls() {
	b.t.Helper()
	evaluate[any](b, `window.asked = 0, document.body.addEventListener("htmx:afterSettle", () => asked++, { once: true }),
		document.getElementById("calls").dispatchEvent(new Event("refresh")), null`)
}

// To wait for a second person is no error, and has a key. It calls: on any page of whoever can
// answer, by the number on the tab, in the title, in words for a screen reader, and by a sound
// where that was wished in this browser.
func TestSecondPersonIsCalled(t *testing.T) {
	holdChromium(t)
	t.Parallel()
	w := newTour(t, twoForAppointments)
	operator, second := w.as(demoOperator), w.as(supervisor)
	second.open(views.SecondApprovalListPath)
	second.tabTo("Play a sound in this browser")
	second.key(" ")
	second.until(`localStorage.getItem("countersign-sound") === "yes"`, "the wish is not kept")
	second.open(views.PathReviewEvents)
	second.key(kb.Tab) // a browser plays nothing before somebody has done something
	evaluate[any](second, `window.played = 0, document.addEventListener("called", () => played++), null`)
	if got := second.calls(); !strings.HasPrefix(got, "|Audit trail") {
		t.Errorf("nobody waits, and the page says %q", got)
	}

	visit := w.decideWithTwo(operator, "C-100248")
	operator.follow8("Ask for a second person")
	if classes := evaluate[string](operator, `document.querySelector("#second > p").className`); classes != "waits" {
		t.Errorf("to wait looks like %q", classes)
	}
	if got := operator.calls(); !strings.HasPrefix(got, "|") {
		t.Errorf("who asked is called: %q", got)
	}

	second.refreshCalls()
	second.live("1 visit waits for a second person")
	second.until(`played === 1`, "no sound is played")
	if got := second.calls(); got != "1|(1) Audit trail – Countersign" {
		t.Errorf("one waits, and the page says %q", got)
	}
	second.open(views.PathReviewEvents)
	if got := second.calls(); got != "1|(1) Audit trail – Countersign" {
		t.Errorf("without a script, the page says %q", got)
	}
	colleagues := w.as(colleague)
	colleagues.open(views.PathScanner)
	if got := colleagues.calls(); !strings.HasPrefix(got, "1|(1) ") {
		t.Errorf("a colleague's page says %q", got)
	}

	second.question()
	second.submit("[action$='/agree']", nil)
	colleagues.refreshCalls()
	colleagues.until(`!document.title.startsWith("(")`, "the title calls on")
	operator.live("and agrees")
	if operator.path() != views.DecidePath(visit) {
		t.Errorf("the operator is led to %s", operator.path())
	}
}

// follow8 presses F8, which presses the control of this name and leads on.
func (b *tab) follow8(name string) {
	b.t.Helper()
	b.until(`[...document.querySelectorAll("main [data-key~=F8] kbd")].some(key => key.parentElement.textContent.startsWith(`+quoteJS(name)+`))`,
		"F8 is not shown on "+name)
	b.load(loadedBy(`document.dispatchEvent(new KeyboardEvent("keydown", { key: "F8", bubbles: true })), null`))
}

// A decline, and an approval that was taken back, wear neither the mark nor the colour of an approval.
func TestDeclineWearsNoTick(t *testing.T) {
	holdChromium(t)
	t.Parallel()
	w := newTour(t)
	look := func(b *tab) string {
		t.Helper()
		return evaluate[string](b, `(() => {
			const colour = (e, what) => e ? getComputedStyle(e)[what] : "";
			return [document.querySelector(".receipt .mark-second") !== null, colour(document.querySelector(".receipt"), "borderTopColor"),
				colour(document.querySelector(".receipt .mark"), "color")].join(" ");
		})()`)
	}
	b, _, _ := w.decide("C-100322", "Björk's phone")
	b.submit("[action$='/approve']", nil)
	approved := strings.Fields(strings.ReplaceAll(look(b), ", ", ","))
	b.submit("[action$='/recall']", map[string][]string{"reason": {"suspicious"}})
	recalled := strings.Fields(strings.ReplaceAll(look(b), ", ", ","))
	w.decide("C-100248", "Grace's phone")
	b.submit("[action$='/decline']", map[string][]string{"reason": {string(term.DeclineSuspicious)}})
	declined := strings.Fields(strings.ReplaceAll(look(b), ", ", ","))
	for name, other := range map[string][]string{"declined": declined, "recalled": recalled} {
		for i := range approved {
			if other[i] == approved[i] {
				t.Errorf("%s: %q, as approved", name, other[i])
			}
		}
	}
}
