package main

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"countersign/views"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// Back leads to a page that the operator has seen, and never to the browser's own about
// a form to send again (ERR_CACHE_MISS).
func TestBackInBrowser(t *testing.T) {
	holdChromium(t)
	t.Parallel()
	w := newTour(t)
	phone := w.ask("C-100248", "Grace's phone", "")
	b := w.as(demoOperator)
	b.open(views.PathCounter)

	b.submit(".search", url.Values{"identifier": {"+44"}})
	b.click("tbody button", "")
	b.back("found")

	b.submit(".search", url.Values{"identifier": {"nobody@example.org"}})
	b.click("nav a", "Counter")
	b.back("No account has this identifier.")

	b.search("C-100248")
	b.submit("[action$='/match']", url.Values{"user_code": {"12"}})
	b.click("nav a", "Counter")
	b.back("Match the code")
	b.match(codeOf(phone))
	b.proof(nil)
	b.click("main button", "Decline…")
	b.submit("[action$='/decline']", nil)
	b.click("nav a", "Counter")
	b.back("Decline this request?")
	b.click("nav a", "Counter")

	visit := ""
	b, _, visit = w.decide("C-100322", "Björk's phone")
	b.submit("[action$='/decline']", nil)
	b.click("nav a", "Counter")
	b.back("Check everything, then decide")
	b.submit("[action$='/approve']", nil)
	b.post(views.ApprovePath(visit))
	b.click("main a", "Open the receipt")
	b.back("Already decided by") // an error that a form was answered with
}

// back presses the browser's button. The page may come from the browser's memory, so
// that no answer of the server is to be waited for.
func (b *tab) back(words string) {
	b.t.Helper()
	history, err := chromedp.Call(b.ctx, page.GetNavigationHistory, cdp.Empty{})
	b.must(err)
	entry := history.Entries[history.CurrentIndex-1].ID
	b.must(command(b, page.NavigateToHistoryEntry, page.NavigateToHistoryEntryParams{EntryID: entry}))
	read := chromedp.Evaluate[string](`document.readyState === "complete" ? document.body.innerText : ""`)
	text := ""
	for end := time.Now().Add(pageTimeout); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		text, err = chromedp.Run(b.ctx, read)
		if err == nil && strings.Contains(text, words) { // an error: between two pages
			return
		}
		if strings.Contains(text, "ERR_CACHE_MISS") {
			break
		}
	}
	b.t.Fatalf("Back does not lead to %q, but to %q", words, text)
}
