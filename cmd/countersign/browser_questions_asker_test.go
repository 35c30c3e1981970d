package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"countersign/views"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/chromedp"
)

// asker is a person who asks by what the page shows: nothing that is out of sight is pressed, and no address is typed. It counts.
type asker struct {
	*tab
	clicks int // links, buttons and folded parts that were pressed
	fields int // fields that were filled in, or in which something was chosen
}

// begin is at the page after signing in, with nothing counted.
func (a *asker) begin() {
	a.t.Helper()
	a.open(views.PathHome)
	a.clicks, a.fields = 0, 0
}

// inSight is the JavaScript that finds the element, in sight, that the selector names and whose words begin like this. The marks that
// keep a name's direction apart are no words.
func (a *asker) inSight(selector, words string) string {
	return fmt.Sprintf(`[...document.querySelectorAll(%s)].find(e => e.checkVisibility() &&
		e.textContent.replace(/[\u2066-\u2069]/g, "").trim().startsWith(%s))`, quoteJS(selector), quoteJS(words))
}

// has ends the test when there is no such element in sight.
func (a *asker) has(selector, words string) {
	a.t.Helper()
	if !evaluate[bool](a.tab, a.inSight(selector, words)+" !== undefined") {
		a.t.Fatalf("after %d clicks, %s shows no %s %q: %s", a.clicks, a.path(), selector, words, a.text("main"))
	}
}

// press follows a link, or sends a form, and is on the next page.
func (a *asker) press(selector, words string) {
	a.t.Helper()
	a.has(selector, words)
	a.clicks++
	if status := a.run(a.inSight(selector, words) + ".click()"); status != http.StatusOK {
		a.t.Fatalf("%s %q: status %d", selector, words, status)
	}
}

// unfold opens what is folded, on the same page.
func (a *asker) unfold(selector, words string) {
	a.t.Helper()
	a.has(selector, words)
	a.clicks++
	evaluate[any](a.tab, a.inSight(selector, words)+".click(), null")
}

// pick takes the entry with these words from a list.
func (a *asker) pick(selector, words string) {
	a.t.Helper()
	a.has(selector, "")
	a.fields++
	if !evaluate[bool](a.tab, fmt.Sprintf(`(() => { const list = %s, entry = [...list.options].find(o => o.text === %s);
		if (entry) list.value = entry.value; return entry !== undefined })()`, a.inSight(selector, ""), quoteJS(words))) {
		a.t.Fatalf("%s does not offer %q", selector, words)
	}
}

// fillIn writes into a field.
func (a *asker) fillIn(selector, value string) {
	a.t.Helper()
	a.has(selector, "")
	a.fields++
	evaluate[any](a.tab, a.inSight(selector, "")+".value = "+quoteJS(value)+", null")
}

// text is what a person reads there, each run of blanks and lines as one blank; "" where there is nothing of it.
func (a *asker) text(selector string) string {
	a.t.Helper()
	shown := evaluate[string](a.tab, "[...document.querySelectorAll("+quoteJS(selector)+")].map(e => e.innerText).join(' ')")
	shown = strings.Map(func(r rune) rune {
		if r >= '\u2066' && r <= '\u2069' {
			return -1
		}
		return r
	}, shown)
	return strings.Join(strings.Fields(shown), " ")
}

// reads demands that each of the texts stands there.
func (a *asker) reads(selector string, texts ...string) {
	a.t.Helper()
	shown := a.text(selector)
	for _, text := range texts {
		if !strings.Contains(shown, text) {
			a.t.Errorf("%s, %s does not say %q, but %q", a.path(), selector, text, shown)
		}
	}
}

// lacks demands that none of the texts stands there.
func (a *asker) lacks(selector string, texts ...string) {
	a.t.Helper()
	shown := a.text(selector)
	for _, text := range texts {
		if strings.Contains(shown, text) {
			a.t.Errorf("%s, %s says %q: %q", a.path(), selector, text, shown)
		}
	}
}

// lists demands so many entries of a table or list.
func (a *asker) lists(selector string, want int) {
	a.t.Helper()
	if got := evaluate[int](a.tab, "document.querySelectorAll("+quoteJS(selector)+").length"); got != want {
		a.t.Errorf("%s: %d × %s, want %d: %s", a.path(), got, selector, want, a.text("main"))
	}
}

// download presses a button that answers with a file, and returns the file's text.
func (a *asker) download(selector, words string) string {
	a.t.Helper()
	folder := a.t.TempDir()
	ctx, cancel := context.WithTimeout(a.ctx, pageTimeout)
	defer cancel()
	progress := chromedp.Events(ctx, browser.DownloadProgress)
	a.must(command(a.tab, browser.SetDownloadBehavior, browser.SetDownloadBehaviorParams{
		Behavior: browser.SetDownloadBehaviorBehaviorAllowAndName, BrowserContextID: chromedp.FromContext(a.ctx).BrowserContextID,
		DownloadPath: folder, EventsEnabled: new(true),
	}))
	a.unfold(selector, words)
	for download, err := range progress {
		a.must(err)
		if download.State == browser.DownloadProgressStateCompleted {
			content, err := os.ReadFile(filepath.Join(folder, download.GUID))
			a.must(err)
			return string(content)
		}
	}
	a.t.Fatalf("%s %q gives no file", selector, words)
	return ""
}

// mostClicks is what any question may take.
const mostClicks = 3

// question is what somebody wants to know or do, and by how few clicks and filled fields it is done.
type question struct {
	asks           string
	clicks, fields int
	by             func(*asker)
}

// askAll asks each from the page after signing in.
func askAll(t *testing.T, b *tab, questions []question) {
	t.Helper()
	for _, q := range questions {
		t.Run(q.asks, func(t *testing.T) {
			own := &tab{t: t, ctx: b.ctx, home: b.home}
			a := &asker{tab: own}
			a.begin()
			q.by(a)
			if a.clicks != q.clicks || a.fields != q.fields || a.clicks > mostClicks {
				t.Errorf("%d clicks and %d fields, want %d and %d, and %d clicks at most", a.clicks, a.fields, q.clicks, q.fields, mostClicks)
			}
		})
	}
}
