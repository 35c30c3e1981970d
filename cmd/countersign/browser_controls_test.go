package main

import (
	"net/url"
	"strings"
	"testing"

	"countersign/oauth"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// deadScript lists what is shown, looks as if it did something, and does nothing: links
// that lead nowhere, labels and fields of nothing, buttons of no form. Where scripts run,
// such a button is pressed, and has to change the page, its fields, the focus or the
// address, or to ask the browser or the server for something.
const deadScript = `(async scripted => {
	const shown = e => e.checkVisibility({visibilityProperty: true}) && !e.disabled;
	const name = e => e.localName + " " + JSON.stringify((e.labels?.[0] ?? e).textContent.trim().slice(0, 40));
	const all = selector => [...document.querySelectorAll(selector)].filter(shown);
	const dead = [], says = (e, words) => dead.push(name(e) + " " + words);
	for (const link of all("a")) {
		const to = link.getAttribute("href");
		if (!to) says(link, "leads nowhere");
		else if (to.startsWith("#") && !document.getElementById(to.slice(1))) says(link, "leads to what is not there");
	}
	for (const label of all("label")) if (!label.control) says(label, "belongs to nothing");
	for (const field of all("input, select, textarea"))
		if (!field.readOnly && (!field.form || !field.name) && !("scan" in field.dataset)) says(field, "is sent nowhere");
	const sends = b => b.form && (b.type === "submit" && (scripted || b.form.hasAttribute("action")) || b.type === "reset");
	const buttons = all("button, input[type=button], [role=button], [role=link]").filter(b => !sends(b));
	if (!scripted) buttons.forEach(b => says(b, "needs scripts"));
	else for (const button of buttons) if (!await acts(button)) says(button, "does nothing");
	return dead;

	async function acts(button) {
		const texts = all("input[type=text], textarea"), values = texts.map(t => t.value), had = document.activeElement;
		texts.forEach(t => { t.value = "x"; });
		had?.blur();
		let did = false;
		const undo = watchBrowser(() => { did = true; });
		const watcher = new MutationObserver(changes => {
			if (changes.some(c => !c.target.closest?.("[data-left]"))) did = true;
		});
		watcher.observe(document, {subtree: true, childList: true, attributes: true, characterData: true});
		const before = location.href;
		button.click();
		for (let i = 0; i < 20 && !did; i++) {
			await new Promise(done => setTimeout(done, 20));
			did ||= location.href !== before || document.activeElement !== document.body || texts.some(t => t.value !== "x");
		}
		watcher.disconnect();
		undo.forEach(f => f());
		document.querySelectorAll("dialog[open]").forEach(d => d.close());
		texts.forEach((t, i) => { t.value = values[i]; });
		had?.focus();
		return did;
	}

	// What the page asks the browser for shows in no document.
	function watchBrowser(note) {
		const asks = [[window, "print"], [window, "fetch"], [window, "open"], [navigator.serial, "requestPort"],
			[navigator.mediaDevices, "getUserMedia"], [navigator.clipboard, "writeText"], [XMLHttpRequest.prototype, "send"]];
		return asks.filter(([on]) => on).map(([on, method]) => {
			const real = on[method];
			on[method] = () => { note(); return Promise.reject(new DOMException("not now", "NotAllowedError")); };
			return () => { on[method] = real; };
		});
	}
})`

// checkControls is for one page, as it is and as a browser without scripts shows it.
func (b *tab) checkControls(name string, unscripted *tab) {
	b.t.Helper()
	for _, dead := range evaluate[[]string](b, deadScript+"(true)") {
		b.t.Errorf("%s: %s", name, dead)
	}
	unscripted.show(b.source())
	for _, dead := range evaluate[[]string](unscripted, deadScript+"(false)") {
		b.t.Errorf("%s, without scripts: %s", name, dead)
	}
}

// newUnscriptedTab runs no script of any page.
func newUnscriptedTab(t *testing.T, home string) *tab {
	t.Helper()
	b := newTab(t, home)
	b.must(command(b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}))
	b.open(oauth.PathVerification)
	return b
}

// source is the page as it came, before any script has changed it. The request for a
// document has the name of its loader.
func (b *tab) source() string {
	b.t.Helper()
	answer, err := chromedp.Call(b.ctx, network.GetResponseBody,
		network.GetResponseBodyParams{RequestID: network.RequestID(b.frame().LoaderID)})
	b.must(err)
	return string(answer.Body)
}

// show puts a page into the tab, without asking for it again: many came as an answer to a form.
func (b *tab) show(source string) {
	b.t.Helper()
	b.must(command(b, page.SetDocumentContent, page.SetDocumentContentParams{FrameID: b.frame().ID, HTML: source}))
	b.until(`[...document.querySelectorAll("link[rel=stylesheet]")].every(l => l.sheet)`, "the style sheet does not come")
}

func (b *tab) frame() *cdp.Frame {
	b.t.Helper()
	tree, err := chromedp.Call(b.ctx, page.GetFrameTree, cdp.Empty{})
	b.must(err)
	return tree.FrameTree.Frame
}

// The checker finds each kind of control without effect, and lets the others be.
func TestDeadControlsAreFound(t *testing.T) {
	holdChromium(t)
	t.Parallel()
	d := startBrowserDemo(t)
	b, unscripted := newTab(t, "data:text/html,"), newUnscriptedTab(t, d.issuer)
	nowhere, missing, nothing := `a "Go" leads nowhere`, `a "Go" leads to what is not there`, `label "Go" belongs to nothing`
	lost, idle, scripts := `input "Go" is sent nowhere`, `button "Go" does nothing`, `button "Go" needs scripts`
	for body, want := range map[string][2]string{ // with scripts, without
		`<a>Go</a>`:                                               {nowhere, nowhere},
		`<a href="#go">Go</a>`:                                    {missing, missing},
		`<label>Go</label>`:                                       {nothing, nothing},
		`<label>Go<input></label>`:                                {lost, lost},
		`<button>Go</button>`:                                     {idle, scripts},
		`<form><button type=button>Go</button></form>`:            {idle, scripts},
		`<form><button>Go</button></form>`:                        {"", scripts},
		`<button onclick="document.body.append('x')">Go</button>`: {"", scripts},
		`<button onclick="print()">Go</button>`:                   {"", scripts},
		`<button hidden>Go</button><a href="/">Go</a><a href="#m">Go</a><form id=m action="/"><input name=a><button>Go</button></form>`: {},
		`<input type=text data-scan><button onclick="document.querySelector('input').value=''">Go</button>`:                             {"", scripts},
	} {
		b.open(url.PathEscape("<!DOCTYPE html><title>A</title>" + body))
		if got := evaluate[[]string](b, deadScript+"(true)"); strings.Join(got, "; ") != want[0] {
			t.Errorf("%s: %q, want %q", body, got, want[0])
		}
		unscripted.show("<!DOCTYPE html><title>A</title>" + body)
		if got := evaluate[[]string](unscripted, deadScript+"(false)"); strings.Join(got, "; ") != want[1] {
			t.Errorf("%s, without scripts: %q, want %q", body, got, want[1])
		}
	}
}
