package main

import (
	"flag"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"countersign/views"

	"github.com/chromedp/cdproto/input"
)

var everyScan = flag.Bool("every-scan", false, "scan at every speed with every first key on every control of every page of staff (make scans)")

// scanned are the pages whose controls are scanned on in every run: each kind of page of a
// visit, with each kind of control.
var scanned = []string{
	"open a counter", "counter", "search, several found", "account, one request", "document, nothing filled in",
	"document, scanned and all differs", "decide, declined without a reason", "decide, the name differs", "receipt",
	"decline without a match", "declined", "second person, one waits", "second person, the record", "decide, somebody looks",
}

// docs/protocol.md §6 scan-presses: on no control of any page of a visit does one press, tick,
// send or lose anything, whatever its first key is and however fast it comes. The speeds and
// the first keys take turns; with -every-scan each control has all of them.
func TestScanPressesNothingAnywhere(t *testing.T) {
	holdChromium(t)
	t.Parallel()
	w := newTour(t, twoForAppointments)
	turn := 0
	look := func(s stop, b *tab) {
		if *everyScan || slices.Contains(scanned, s.name) {
			b.scanEverywhere(s.name, &turn)
		}
	}
	groups := [][]stop{counterStops(), accountStops(), documentStops(), decisionStops(), secondPersonStops(), secondAnswerStops()}
	if *everyScan {
		groups = append(groups, stepUpStops(), refusalStops(), publisherStops(), hostileStops(), reviewStops(), bindingStops(), receiptStops(),
			counterAdminStops(), accountAdminStops(), staffAdminStops())
	}
	for _, s := range slices.Concat(groups...) {
		b, _ := s.reach(w)
		look(s, b)
	}
	t.Logf("%d scans", turn)
}

// slowTimers lets only the keys' own times count: a busy computer cannot hold up a scan so
// long that a timer takes it for a person's.
const slowTimers = `
	if (!window.did) {
		const later = setTimeout;
		window.setTimeout = (f, ms, ...more) => later(f, ms < 1000 ? ms * 10_000 : ms, ...more);
	}`

// scanSpeeds are gaps in ms, with the setting for the longest gap.
var scanSpeeds = []struct{ gap, setting int }{{1, 35}, {8, 35}, {20, 35}, {34, 35}, {60, 65}}

var firstKeys = []string{" ", "\r", "\t", "@"}

// scanWatch notes all that is pressed or sent, and lets none of it happen.
const scanWatch = slowTimers + `
	window.did = [], window.watching = true;
	for (const type of ["click", "submit"]) {
		document.addEventListener(type, e => {
			if (!watching) return;
			did.push(type + " " + (e.target.name || e.target.action || e.target.textContent.trim().slice(0, 30)));
			e.preventDefault();
		});
	}
	window.controls = [...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex]")]
		.filter(e => !e.disabled && e.checkVisibility({visibilityProperty: true}));
	window.held = () => JSON.stringify([
		[...document.querySelectorAll("input, select, textarea, details")].map(e => [e.name, e.value, e.checked, e.selectedIndex, e.open]),
		controls.indexOf(document.activeElement), document.activeElement.selectionStart ?? null, location.href]);
	controls.length`

// scanEverywhere scans with the focus on each control of the page.
func (b *tab) scanEverywhere(page string, turn *int) {
	b.t.Helper()
	if evaluate[bool](b, `!document.getElementById("live")`) {
		return // nobody is signed in
	}
	text := "P<UTO<<X" // no field of the page takes it
	if evaluate[bool](b, `Boolean(document.querySelector("[data-scan=document]"))`) {
		text = "PRES1ABC"
	}
	wanted := evaluate[bool](b, `Boolean(document.querySelector("[data-scan=test]"))`)
	times := 1
	if *everyScan {
		times = len(scanSpeeds) * len(firstKeys)
	}
	for control := range evaluate[int](b, scanWatch) {
		for range times {
			speed, first := scanSpeeds[*turn%len(scanSpeeds)], firstKeys[*turn%len(firstKeys)]
			*turn++
			b.scanOn(control, speed.gap, speed.setting, first+text, func(what, name string) {
				if !wanted {
					b.t.Errorf("%s: a scan of %q, %d ms a key, with the focus on %s: %s", page, first+text, speed.gap, name, what)
				}
			})
		}
	}
	evaluate[any](b, `window.watching = false, null`) // what the tour does next
}

func (b *tab) scanOn(control, gap, setting int, text string, report func(what, name string)) {
	b.t.Helper()
	before := evaluate[[]string](b, fmt.Sprintf(`(() => {
		localStorage.setItem("countersign.scanner", '{"gap":%d}');
		document.dispatchEvent(new Event("scanner-settings"));
		const e = controls[%d];
		e.focus();
		did = [], document.getElementById("live").textContent = "";
		return [held(), e.localName + " " + JSON.stringify((e.labels?.[0] ?? e).textContent.trim().slice(0, 40))];
	})()`, setting, control))
	b.scan(wedge{gap: time.Duration(gap) * time.Millisecond, suffix: "\r", pause: 3 * time.Second}, text)
	b.pressUnknown()
	after := evaluate[[]string](b, `[held(), did.join(", "), document.getElementById("live").textContent]`)
	if after[1] != "" {
		report("pressed or sent: "+after[1], before[1])
	}
	if after[0] != before[0] {
		report("changed\n"+before[0]+" to\n"+after[0], before[1])
	}
	if !strings.Contains(after[2], "Nothing was entered.") {
		report("announced is "+after[2], before[1])
	}
}

// pressUnknown presses a key that does nothing, long after the last one: what waits is done.
func (b *tab) pressUnknown() {
	b.t.Helper()
	b.lastKey += 3 * time.Second
	b.must(command(b, input.DispatchKeyEvent, input.DispatchKeyEventParams{
		Type: input.DispatchKeyEventTypeRawKeyDown, Key: "F24", Code: "F24", WindowsVirtualKeyCode: 135,
		Timestamp: input.TimeSinceEpoch(b.lastKey.Seconds()),
	}))
}

// What a person presses with Space or Enter acts all the same, within 150 ms: each kind of
// control, and a field's Enter.
func TestDeliberatePressIsInstant(t *testing.T) {
	holdChromium(t)
	t.Parallel()
	w := newTour(t)
	b, _, visit := w.decide("C-100322", "Björk's phone")
	b.open(views.ProofPath(visit))
	evaluate[any](b, `document.querySelector("main form").insertAdjacentHTML("afterend",
			"<form id='trial'><input type='text' id='t-field'><input type='checkbox' id='t-box'><input type='radio' id='t-radio'>" +
			"<button id='t-button'>Go</button></form><a id='t-link' href='#x'>Link</a><details><summary id='t-summary'>More</summary></details>");
		addEventListener("keydown", e => { window.down ??= performance.now(); }, true);
		document.addEventListener("click", e => { window.took = performance.now() - window.down; window.clicked = e.target.id; });
		document.addEventListener("submit", e => e.preventDefault()); null`)
	for _, press := range []struct{ control, key, clicked string }{
		{"t-field", "\r", "t-button"}, {"t-box", "\r", "t-button"}, {"t-radio", "\r", "t-button"}, {"t-button", "\r", "t-button"},
		{"t-link", "\r", "t-link"}, {"t-summary", "\r", "t-summary"}, {"t-summary", " ", "t-summary"},
		{"t-box", " ", "t-box"}, {"t-radio", " ", "t-radio"}, {"t-button", " ", "t-button"},
	} {
		best := 1e9
		for try := 0; try < 5 && best > 150; try++ { // the computer may be busy
			// A radio button that is checked already takes no Space.
			evaluate[any](b, fmt.Sprintf(`document.getElementById("trial").reset(), document.getElementById(%q).focus(),
				window.clicked = "", window.down = undefined, null`, press.control))
			b.key(press.key)
			b.until(`window.clicked !== ""`, fmt.Sprintf("%q on %s presses nothing", press.key, press.control))
			if clicked := evaluate[string](b, "window.clicked"); clicked != press.clicked {
				t.Errorf("%q on %s presses %s, want %s", press.key, press.control, clicked, press.clicked)
			}
			best = min(best, evaluate[float64](b, "window.took"))
		}
		if best > 150 {
			t.Errorf("%q on %s takes %.0f ms", press.key, press.control, best)
		}
	}
}
