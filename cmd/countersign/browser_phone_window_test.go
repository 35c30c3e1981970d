package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"countersign/views"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// phonePage is the page /phone in a browser whose clock goes with the demonstration's.
type phonePage struct {
	*tab
	demo *browserDemo
	aim  page.ScriptIdentifier // sets the browser's clock
}

// startPhonePage opens the page in a browser of its own, as wide as a phone.
func startPhonePage(d *browserDemo) *phonePage {
	d.t.Helper()
	d.run()
	p := &phonePage{tab: newTab(d.t, d.issuer), demo: d}
	p.size(360, 760)
	p.visit()
	return p
}

// another is one more window of the same browser.
func (p *phonePage) another() *phonePage {
	p.t.Helper()
	ctx, end := chromedp.NewContext(p.ctx)
	p.t.Cleanup(end)
	second := &phonePage{tab: &tab{t: p.t, ctx: ctx, home: p.home}, demo: p.demo}
	second.must(chromedp.Do(ctx))
	second.listen()
	second.visit()
	return second
}

// visit opens the page, by the clock as it is now.
func (p *phonePage) visit() {
	p.t.Helper()
	if p.aim != "" {
		p.must(command(p.tab, page.RemoveScriptToEvaluateOnNewDocument, page.RemoveScriptToEvaluateOnNewDocumentParams{Identifier: p.aim}))
	}
	added, err := chromedp.Call(p.ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: fmt.Sprintf(
		"globalThis.ahead = %d; { const real = Date.now; Date.now = () => real.call(Date) + ahead; }", time.Until(p.demo.now()).Milliseconds())})
	p.must(err)
	p.aim = added.Identifier
	p.load(chromedp.Navigate(p.home + views.PathPhone))
	p.until("document.body.dataset.showing !== undefined")
}

// later moves both clocks, and lets the page notice.
func (p *phonePage) later(by time.Duration) {
	p.t.Helper()
	p.demo.advance(by)
	p.wake(by)
}

func (p *phonePage) wake(by time.Duration) {
	p.t.Helper()
	evaluate[any](p.tab, fmt.Sprintf("ahead += %d; dispatchEvent(new Event('pageshow')); null", by.Milliseconds()))
}

// until waits until the page says yes.
func (p *phonePage) until(expression string) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, pageTimeout)
	defer cancel()
	asked := chromedp.Poll[bool](expression, chromedp.WithPollingInterval(50*time.Millisecond), chromedp.WithPollingTimeout(0))
	if _, err := chromedp.Run(ctx, asked); err != nil {
		p.t.Fatalf("never true: %s (%v)\n%s", expression, err, evaluate[string](p.tab, "document.querySelector('main').innerText"))
	}
}

func (p *phonePage) shows(state string) {
	p.t.Helper()
	p.until(fmt.Sprintf("document.body.dataset.showing === %s", quoteJS(state)))
}

func (p *phonePage) says(words string) {
	p.t.Helper()
	p.until(fmt.Sprintf("document.querySelector('main').innerText.includes(%s)", quoteJS(words)))
}

// ask fills in the form.
func (p *phonePage) ask(account, name string) {
	p.t.Helper()
	evaluate[any](p.tab, fmt.Sprintf(`{ const form = document.getElementById("phone-form");
		form.login_hint.value = %s; form.instance_name.value = %s; form.requestSubmit(); } null`, quoteJS(account), quoteJS(name)))
}

// asks fills in the form, and goes on where the page shows what was typed.
func (p *phonePage) asks(account, name string) {
	p.t.Helper()
	p.ask(account, name)
	p.confirm()
}

// confirm reads what was typed once more, and lets it go.
func (p *phonePage) confirm() {
	p.t.Helper()
	p.shows("confirm")
	p.press("Ask for the code")
}

// press clicks a button of the state that is shown.
func (p *phonePage) press(words string) {
	p.t.Helper()
	evaluate[any](p.tab, fmt.Sprintf(
		"[...document.querySelectorAll('section:not([hidden]) button')].find(e => e.textContent === %s).click(), null", quoteJS(words)))
}

func (p *phonePage) code() string {
	p.t.Helper()
	p.shows("waiting")
	return evaluate[string](p.tab, "document.querySelector('.phone-code').textContent")
}

// scan reads the square off a picture of the screen.
func (p *phonePage) scan() string {
	p.t.Helper()
	scanner := zbarimg(p.t)
	p.until("document.querySelector('.phone-square svg') !== null")
	picture, err := chromedp.Run(p.ctx, chromedp.FullScreenshot(100))
	p.must(err)
	file := filepath.Join(p.t.TempDir(), "screen.png")
	p.must(os.WriteFile(file, picture, 0o600))
	read, err := exec.CommandContext(p.t.Context(), scanner, "--raw", "-q", file).Output()
	if err != nil {
		p.t.Fatalf("the square cannot be scanned: %v", err)
	}
	return strings.TrimSpace(string(read))
}

// network switches the browser's network on or off, for the page and its worker.
func (p *phonePage) network(on bool) {
	p.t.Helper()
	p.must(command(p.tab, network.OverrideNetworkState,
		network.OverrideNetworkStateParams{Offline: !on, DownloadThroughput: -1, UploadThroughput: -1}))
	p.must(command(p.tab, network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{
		EmulateOfflineServiceWorker: new(!on),
		MatchedNetworkConditions:    []*network.Conditions{{Offline: !on, DownloadThroughput: -1, UploadThroughput: -1}},
	}))
}

// approve is the visit at the counter, with a typed code or a scanned square.
func (d *browserDemo) approve(hint, code string) {
	d.t.Helper()
	operator := d.matched(hint, code)
	if err := operator.Approve(d.t.Context()); err != nil {
		d.t.Fatal(err)
	}
}

func (d *browserDemo) matched(hint, code string) *operatorBrowser {
	d.t.Helper()
	operator, ctx := d.operatorAt(demoOperator, demoCounter), d.t.Context()
	err := operator.Search(ctx, hint)
	if err == nil {
		err = operator.Match(ctx, code)
	}
	if err == nil {
		err = operator.Proof(ctx, card{Type: "idcard", Issuer: "SE", Number: "XA4406128", Expiry: "2031-05-31"})
	}
	if err != nil {
		d.t.Fatal(err)
	}
	return operator
}

// asked is how many requests this window sent to an endpoint.
func (p *phonePage) asked(path string) int {
	p.t.Helper()
	return evaluate[int](p.tab,
		fmt.Sprintf("performance.getEntriesByType('resource').filter(e => new URL(e.name).pathname === %s).length", quoteJS(path)))
}

// wantNoComplaints: the browser notes every 4xx as an error, and the protocol has many.
func (p *phonePage) wantNoComplaints() {
	p.t.Helper()
	for _, complaint := range p.complaints() {
		if !strings.Contains(complaint, "the server responded with a status of 40") &&
			!strings.Contains(complaint, "net::ERR_INTERNET_DISCONNECTED") {
			p.t.Errorf("the browser complains: %s", complaint)
		}
	}
}

// stays reloads the page, and wants the same state again.
func (p *phonePage) stays(state string) {
	p.t.Helper()
	p.visit()
	p.shows(state)
}

// fits: no state of the page has a violation, loses anything on a narrow screen or with
// large letters, or hides the focus.
func (p *phonePage) fits(axe string) {
	p.t.Helper()
	name := "phone page, " + evaluate[string](p.tab, "document.body.dataset.showing")
	p.checkAccessibility(name, axe)
	p.checkReflow(name)
	p.checkVisibleFocus(name)
	p.pictures(name)
	p.size(360, 760)
}
