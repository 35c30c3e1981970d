package main

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"countersign/models"
	"countersign/oauth/deviceclient"
	"countersign/views"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// All of an ordinary visit is on one screen to decide on, with nothing marked, whether the phone
// proved its key or showed a code, and in every language that there is.
func TestDecideFitsOneScreen(t *testing.T) {
	holdChromium(t)
	t.Parallel()
	w := newTour(t)
	phone, other := w.ask(demoHint, "Anna's phone", ""), w.ask("C-100248", "Grace's phone", "")
	b := w.as(demoOperator)
	b.size(1280, 800)
	proof, err := phone.Presence(w.now())
	b.must(err)
	catalogue, err := views.LoadWords()
	b.must(err)
	for hint, shown := range map[string]string{demoHint: proof.Reveal(), "C-100248": codeOf(other)} {
		b.search(hint)
		b.match(shown)
		document := goodDocument()
		document.Set("document_number", "XA44"+hint[len(hint)-4:])
		b.proof(document)
		b.wantRead("Nothing stands out")
		if marks := evaluate[int](b, `document.querySelectorAll(".caution").length`); marks > 0 {
			t.Errorf("%s: %d facts are marked", hint, marks)
		}
		for _, language := range catalogue.Languages() {
			b.inLanguage(language.Tag.String())
			b.open(b.path())
			if high := evaluate[int](b, "document.documentElement.scrollHeight"); high > 900 {
				t.Errorf("%s: the page is %d px high in %s", hint, high, language.Name)
			}
		}
		b.inLanguage("en")
		b.open(b.path())
		b.submit("[action$='/approve']", nil)
	}
}

// decideMarked brings a request with four things to look at to the page to decide on.
func (w *tour) decideMarked() (*tab, string) {
	w.t.Helper()
	stranger := w.stranger("C-100235", "A phone")
	for _, hint := range []string{"C-100248", "C-100248", "C-100248"} {
		request := deviceclient.Request{LoginHint: hint, InstanceName: "A phone", Scope: "profile"}
		if err := stranger.RequestAuthorization(w.t.Context(), request); err != nil {
			w.t.Fatal(err)
		}
	}
	b := w.as(demoOperator)
	b.search("C-100248")
	evaluate[any](b, `[...document.querySelectorAll("a[href$='/decline']")].at(-1).click(), null`)
	b.until(`location.pathname.endsWith("/decline")`, "no page to decline on")
	b.submit("[action$='/decline']", url.Values{"reason": {"left"}})
	b.search("C-100248")
	visit := b.match(codeOf(stranger))
	b.proof(goodDocument())
	return b, visit
}

// Many things to look at want a tick on each, by Tab and Space; no key and no scan ticks one by
// the way, Enter in a box approves nothing, and what was ticked stays when the page comes again.
func TestManyCautionsWantTicksInBrowser(t *testing.T) {
	holdChromium(t)
	t.Parallel()
	w := newTour(t)
	b, visit := w.decideMarked()
	b.patientScanner()
	boxes := `[...document.querySelectorAll("[name=looked]")]`
	ticked := func() int { return evaluate[int](b, boxes+".filter(box => box.checked).length") }
	count := evaluate[int](b, boxes+".length")
	if count < views.TicksFrom {
		t.Fatalf("%d boxes", count)
	}
	b.key(kb.F8)
	b.wantFocus("Device at the counter")
	evaluate[any](b, `window.same = "the page", null`)
	b.key(kb.Enter)
	b.settle()
	if same := evaluate[string](b, `window.same ?? ""`); same == "" || ticked() != 0 {
		t.Fatalf("Enter led to %s with %d ticks", b.path(), ticked())
	}
	b.key(" ")
	b.until(boxes+".filter(box => box.checked).length === 1", "Space ticks nothing")
	b.key(kb.F8)
	if on := b.focus(); on.role != "checkbox" {
		t.Errorf("F8 leads to %s %q, with boxes left", on.role, on.name)
	}
	for _, first := range []string{" ", "\r", ""} {
		b.scan(wedge{gap: fastWedge.gap, suffix: "\r", pause: 3 * time.Second}, first+"C-100248")
		b.settle()
	}
	if b.path() != views.DecidePath(visit) || ticked() != 1 {
		t.Fatalf("scans led to %s with %d ticks", b.path(), ticked())
	}
	b.submit("[action$='/approve']", nil)
	b.wantRead("Look at each of these, and tick it.")
	if b.path() != views.DecidePath(visit) || ticked() != 1 {
		t.Errorf("after the refusal, %s has %d ticks", b.path(), ticked())
	}
	w.wantPhase(visit, models.Proofed)
	for i := 1; i < count; i++ {
		b.key(kb.F8)
		b.key(" ")
		b.until(boxes+".filter(box => box.checked).length === "+string(rune('1'+i)), "Space ticks nothing")
	}
	b.key(kb.F8)
	b.wantFocus("Approve this device")
	b.enter()
	b.wantRead("Device approved")
}

// With scripts off Enter in a box approves nothing either: the page comes again, with what is ticked.
func TestManyCautionsWithoutScript(t *testing.T) {
	holdChromium(t)
	t.Parallel()
	w := newTour(t)
	b, visit := w.decideMarked()
	at := b.path()
	b.withoutScript()
	b.open(at)
	labels := evaluate[[]string](b, `[...document.querySelectorAll("[name=looked]")].map(box => box.labels[0].textContent)`)
	for _, label := range labels {
		b.mouse("//label[.='" + label + "']")
	}
	b.load(chromedp.KeyEvent(kb.Enter))
	if ticked := evaluate[int](b, `document.querySelectorAll("[name=looked]:checked").length`); b.path() != at || ticked != len(labels) {
		t.Fatalf("Enter led to %s with %d ticks", b.path(), ticked)
	}
	w.wantPhase(visit, models.Proofed)
	b.follow("//button[.='Approve this device']")
	b.mustRead("Device approved")
}

// inSight says whether an element is within the window, with nothing over it.
func (b *tab) inSight(selector string) bool {
	b.t.Helper()
	return evaluate[bool](b, `(() => {
		const e = document.querySelector(`+quoteJS(selector)+`), r = e?.getBoundingClientRect();
		return Boolean(r) && r.top >= 0 && r.bottom <= innerHeight && e.contains(document.elementFromPoint(r.left + 4, r.top + r.height / 2));
	})()`)
}

// The time that is left of a claim stays in sight: on the page to decide however far it is
// scrolled, and on every page beside the visit, which leads back into it and names nobody.
func TestClaimStaysInSight(t *testing.T) {
	holdChromium(t)
	t.Parallel()
	w := newTour(t)
	b, _, visit := w.decide("C-100322", "Björk's phone")
	for _, page := range []string{views.ProofPath(visit), views.DecidePath(visit)} {
		b.open(page)
		for _, screen := range [][2]int64{{1280, 800}, {390, 664}} {
			b.size(screen[0], screen[1])
			evaluate[any](b, "scrollTo(0, document.body.scrollHeight), null")
			if !b.inSight("[data-left]") {
				t.Errorf("%s, %d px wide, scrolled to its end: the time is out of sight", page, screen[0])
			}
		}
	}
	b.size(1280, 800)
	pages := []string{views.PathScanner, views.SecondApprovalListPath, views.PathOpenCounter, "/counter/accounts/nobody"}
	for _, page := range pages {
		b.open(page)
		evaluate[any](b, "scrollTo(0, document.body.scrollHeight), null")
		if !b.inSight(".held [data-left]") {
			t.Errorf("%s: the time is out of sight", page)
		}
		if text := evaluate[string](b, "document.body.innerText"); strings.Contains(text, "Björk") {
			t.Errorf("%s names whom the visit is about: %s", page, text)
		}
		b.click(".held a", "Back to your visit")
		if b.path() != views.DecidePath(visit) {
			t.Fatalf("%s leads back to %s", page, b.path())
		}
	}
	if colleagues := w.as(colleague); colleagues.open(views.SecondApprovalListPath) != 200 ||
		evaluate[bool](colleagues, `document.querySelector(".held") !== null`) {
		t.Error("a colleague is led into a visit that is not theirs")
	}
	b.open(views.PathScanner)
	w.advance(13*time.Minute + time.Second)
	b.open(views.PathScanner)
	b.live("ends in 2 minutes")
	w.advance(2 * time.Minute)
	b.open(views.PathScanner)
	if evaluate[bool](b, `document.querySelector(".held") !== null`) {
		t.Error("a claim that is over is still held")
	}
}
