package main

import (
	"testing"

	"github.com/chromedp/cdproto/emulation"
)

// docs/decisions/0034-time-zones.md: where the phone's clock is another than the counters', the deadline is told by both, with
// their offsets; where it is the same, once. What the counters' clocks are comes from the server, also for a day after a change.
func TestPhonePageTellsTheCountersClock(t *testing.T) {
	holdChromium(t)
	t.Parallel()
	p := startPhonePage(startBrowserDemo(t))
	p.asks(demoHint, "Anna's phone")
	p.code()
	p.zone("Asia/Kathmandu")
	p.until(`document.querySelector("[data-place=deadline]").textContent.match(/ UTC\+5:45 \(at a counter: .* UTC\+[01]\) \(in 7 days\)\./) !== null`)
	p.zone("Europe/London")
	p.until(`!document.querySelector("[data-place=deadline]").textContent.includes("at a counter")`)
	p.until(`(server.settings.clocks = [{ minutes: 330, until: 1, then: -210 }, { minutes: 0, then: 0 }, { minutes: 60, then: 60 }], true)`)
	p.until(`document.querySelector("[data-place=deadline]").textContent.includes(" UTC−3:30")`)
	p.wantNoComplaints()
}

func (p *phonePage) zone(name string) {
	p.t.Helper()
	p.must(command(p.tab, emulation.SetTimezoneOverride, emulation.SetTimezoneOverrideParams{TimezoneID: name}))
}
