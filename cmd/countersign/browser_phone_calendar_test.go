package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/chromedp"
)

// calendarEntry taps the link to the calendar, and reads what the phone is handed.
func (p *phonePage) calendarEntry() string {
	p.t.Helper()
	return p.calendarEntryOf("#phone-calendar")
}

// calendarEntryOf taps another link to the calendar, by its selector.
func (p *phonePage) calendarEntryOf(link string) string {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, pageTimeout)
	defer cancel()
	folder := p.t.TempDir()
	progress := chromedp.Events(ctx, browser.DownloadProgress)
	p.must(command(p.tab, browser.SetDownloadBehavior, browser.SetDownloadBehaviorParams{
		Behavior: browser.SetDownloadBehaviorBehaviorAllowAndName, BrowserContextID: chromedp.FromContext(p.ctx).BrowserContextID,
		DownloadPath: folder, EventsEnabled: new(true),
	}))
	evaluate[any](p.tab, "document.querySelector("+quoteJS(link)+").click(), null")
	for download, err := range progress {
		p.must(err)
		if download.State == browser.DownloadProgressStateCompleted {
			content, err := os.ReadFile(filepath.Join(folder, download.GUID))
			p.must(err)
			return string(content)
		}
	}
	p.t.Fatal("nothing was handed to the calendar")
	return ""
}

// wantReminder: there is a reminder of the deadline that needs neither network nor this
// page, and tells nobody of the code or the account (bc-wallet-mobile #4072).
func (p *phonePage) wantReminder(code string) {
	p.t.Helper()
	entry := strings.ReplaceAll(p.calendarEntry(), "\r\n ", "")
	deadline := evaluate[string](p.tab,
		`keep.read().then(phone => new Date(phone.request.expiresAt).toISOString().replace(/[-:]|\.\d+/g, ""))`)
	for _, line := range []string{"DTEND:" + deadline, "SUMMARY:Last moment to take the device", "TRIGGER:-P2D", "TRIGGER:-P1D"} {
		if !strings.Contains(entry, line) {
			p.t.Errorf("the calendar's entry lacks %q:\n%s", line, entry)
		}
	}
	for _, secret := range []string{code, strings.ReplaceAll(code, "-", ""), demoHint, "Anna"} {
		if strings.Contains(entry, secret) {
			p.t.Errorf("the calendar is told %q", secret)
		}
	}
}
