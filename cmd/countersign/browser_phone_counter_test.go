package main

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"countersign/oauth"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp/kb"
)

// wantNothingSent: what was typed has not left the device.
func (p *phonePage) wantNothingSent() {
	p.t.Helper()
	for _, path := range []string{oauth.PathRegistration, oauth.PathDeviceAuthorization} {
		if sent := p.asked(path); sent != 0 {
			p.t.Errorf("%s was asked %d times before anybody confirmed", path, sent)
		}
	}
}

// wakeLocks stands in for the device's: it counts, and gives locks up as a browser does when the page is hidden.
const wakeLocks = `globalThis.locks = [];
	Object.defineProperty(navigator, "wakeLock", { configurable: true, value: { request: async kind => {
		const lock = new EventTarget();
		Object.assign(lock, { kind, held: true, release: async () => { lock.held = false; lock.dispatchEvent(new Event("release")); } });
		locks.push(lock);
		return lock;
	} } });
	globalThis.hide = hidden => {
		Object.defineProperty(document, "visibilityState", { configurable: true, get: () => hidden ? "hidden" : "visible" });
		if (hidden) for (const lock of locks) if (lock.held) lock.release();
		document.dispatchEvent(new Event("visibilitychange"));
	};`

// At the counter: on a small phone code and square are whole before anybody scrolls, in each language; the screen stays on as
// long as they are shown; a view holds nothing else, and is left by its button, by Escape and by the phone's way back.
func TestPhonePageAtTheCounter(t *testing.T) {
	axe := readAxe(t)
	holdChromium(t)
	t.Parallel()
	p := startPhonePage(startBrowserDemo(t))
	p.must(command(p.tab, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: wakeLocks}))
	p.stays("start")
	if held := p.locks(); held != "" {
		t.Errorf("without a code the screen is kept on: %s", held)
	}
	p.asks(demoHint, "Anna's phone")
	code := p.code()
	p.until("locks.length === 1 && locks[0].kind === 'screen' && locks[0].held")
	for _, language := range []string{"de", "ar", "en"} {
		p.inLanguage(language)
		p.wantAboveTheFold(language)
	}
	p.longName()
	p.wantAboveTheFold("en")
	p.says("Turn up the brightness.")
	steps := evaluate[string](p.tab, `[...document.querySelectorAll("[data-state=waiting] ol.phone-steps li")]
		.map(e => e.textContent + (e.ariaCurrent ?? "")).join()`)
	if steps != "Asked,At the counterstep,Connected" {
		t.Errorf("the steps are %s", steps)
	}

	evaluate[any](p.tab, "hide(true), null")
	p.until("locks.every(lock => !lock.held)")
	evaluate[any](p.tab, "hide(false), null")
	p.until("locks.filter(lock => lock.held).length === 1")

	p.size(390, 664)
	for name, leave := range map[string]func(){
		"button": func() { evaluate[any](p.tab, "document.getElementById('phone-shrink').click(), null") },
		"Escape": func() { p.key(kb.Escape) },
		"back":   func() { evaluate[any](p.tab, "history.back(), null") },
	} {
		before := evaluate[int](p.tab, "history.length")
		p.enlarge()
		p.wantCodeAndSquareAlone(name, code)
		if name == "button" {
			p.checkAccessibility("phone page, counter", axe)
			p.pictures("phone page, counter")
			p.size(390, 664)
		}
		leave()
		p.until("!document.getElementById('phone-counter').open && history.state === null")
		p.shows("waiting")
		if after := evaluate[int](p.tab, "history.length"); after > before+1 {
			t.Errorf("%s: the history grew from %d to %d", name, before, after)
		}
	}
	p.enlarge()
	p.later(demoInterval)
	p.demo.approve(demoHint, code)
	p.shows("connected")
	p.until("!document.getElementById('phone-counter').open && locks.every(lock => !lock.held)")
	p.says("Connected on ")
	p.wantNoComplaints()
}

// locks lists what keeps the screen on.
func (p *phonePage) locks() string {
	p.t.Helper()
	return evaluate[string](p.tab, "locks.filter(lock => lock.held).map(lock => lock.kind).join()")
}

func (p *phonePage) inLanguage(language string) {
	p.t.Helper()
	p.tab.inLanguage(language)
	p.stays("waiting")
}

// longName gives the organisation a logo, and a name of as many letters as settings take.
func (p *phonePage) longName() {
	p.t.Helper()
	evaluate[any](p.tab, `new Promise(loaded => {
		document.querySelector(".brand bdi").textContent = "Landeshauptstadt am Hafen ".repeat(5).slice(0, `+strconv.Itoa(longestOrganisation)+`);
		document.querySelector(".brand .mark").outerHTML = "<img class='logo' alt='' src='/static/favicon.svg' width='400' height='100'>";
		const styles = document.createElement("link");
		Object.assign(styles, { rel: "stylesheet", href: "/static/organisation.css", onload: () => loaded(null) });
		document.head.append(styles);
	})`)
}

// wantAboveTheFold: the code and the square are whole on a phone of 390 by 664.
func (p *phonePage) wantAboveTheFold(language string) {
	p.t.Helper()
	p.size(390, 664)
	p.until("document.querySelector('.phone-square svg') !== null")
	if got := evaluate[string](p.tab, "document.documentElement.lang"); got != language {
		p.t.Errorf("the page is in %s instead of %s", got, language)
	}
	below := evaluate[string](p.tab, `[...document.querySelectorAll("main .phone-code, .phone-square svg")]
		.map(e => e.getBoundingClientRect())
		.filter(r => r.top < 0 || r.bottom > innerHeight || r.left < 0 || r.right > innerWidth || r.width < 240)
		.map(r => [r.left, r.top, r.right, r.bottom].map(Math.round).join(" ")).join("; ")`)
	if below != "" {
		p.t.Errorf("%s: not whole on the screen: %s", language, below)
	}
	p.pictures("phone page, waiting " + language)
}

func (p *phonePage) enlarge() {
	p.t.Helper()
	p.press("Show only code and square")
	p.until("document.getElementById('phone-counter').open")
}

// wantCodeAndSquareAlone: whatever else the page has is not to be seen, and the square can be scanned.
func (p *phonePage) wantCodeAndSquareAlone(name, code string) {
	p.t.Helper()
	p.until("document.querySelector('#phone-counter svg') !== null")
	seen := evaluate[string](p.tab, `[[0, 0], [1, 0], [.5, .5], [0, 1], [1, 1]]
		.map(([x, y]) => [20 + x * (innerWidth - 40), 20 + y * (innerHeight - 40)])
		.every(point => document.elementFromPoint(...point)?.closest("#phone-counter"))
		+ " " + document.getElementById("phone-counter").innerText.trim().split("\n")[0]`)
	if seen != "true "+code {
		p.t.Errorf("%s: the view holds %q", name, seen)
	}
	if scanned := p.scan(); !strings.HasPrefix(scanned, "PRES1") {
		p.t.Errorf("%s: scanned %q", name, scanned)
	}
}

// A browser without wake lock, or one that refuses it, shows the code all the same.
func TestPhonePageWithoutWakeLock(t *testing.T) {
	holdChromium(t)
	t.Parallel()
	p := startPhonePage(startBrowserDemo(t))
	for name, missing := range map[string]string{
		"missing": "undefined",
		"refused": "{ request: () => Promise.reject(new DOMException('no', 'NotAllowedError')) }",
	} {
		p.must(command(p.tab, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{
			Source: "Object.defineProperty(navigator, 'wakeLock', { configurable: true, value: " + missing + " });"}))
		p.visit()
		if evaluate[string](p.tab, "document.body.dataset.showing") == "start" {
			p.asks(demoHint, "Anna's phone")
		}
		if p.code() == "" {
			t.Errorf("%s: no code", name)
		}
		p.later(time.Second)
		p.wantNoComplaints()
	}
}
