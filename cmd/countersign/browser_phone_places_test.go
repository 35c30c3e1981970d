package main

import (
	"strings"
	"testing"
	"time"

	"countersign/models"
)

// Where the hours of every counter are data, the phone's page says whether each is open, and when last before the deadline, with
// no network too; the calendar's entry of a place ends then, and names the place. Of words it says nothing.
func TestPhonePageKnowsTheLastOpenDay(t *testing.T) {
	axe := readAxe(t)
	holdChromium(t)
	t.Parallel()
	d := startBrowserDemo(t)
	d.opens(demoCounter, "Monday to Friday 9:00 to 17:00")
	d.opens("Quayside clinic, reception", "Every day 7:30 to 20:00")
	p := startPhonePage(d)
	p.asks(demoHint, "Anna's phone")
	p.code()
	evaluate[any](p.tab, "document.querySelectorAll('details').forEach(e => { e.open = true; }), null")
	p.says("Quayside clinic, reception")
	if words := evaluate[string](p.tab, "document.querySelector('[data-state=waiting]').innerText"); strings.Contains(words, "Last chance") ||
		strings.Contains(words, "Open now") {
		t.Errorf("of hours in words the page says %s", words)
	}
	d.opens(demoCounter, "Mo-Fr 09:00-17:00; 2026-11-30 off") // it is Monday, 09:30, and the code ends a week later at 09:30
	d.opens("Quayside clinic, reception", "Su 10:00-12:00")
	p.stays("waiting")
	evaluate[any](p.tab, "document.querySelectorAll('details').forEach(e => { e.open = true; }), null")
	p.says("Open now, until Monday 23 November at 17:00 UTC.")
	p.says("Opens on Sunday 29 November at 10:00 UTC.")
	p.says("Last chance before the code ends: Friday 27 November at 17:00 UTC.")
	p.says("Last chance: Sunday 29 November at 12:00 UTC, Quayside clinic, reception")
	p.fits(axe)
	entry := strings.ReplaceAll(p.calendarEntryOf(".places a:not([hidden])"), "\r\n ", "")
	for _, line := range []string{"DTSTART:20261129T113000Z", "DTEND:20261129T120000Z", `LOCATION:Quayside clinic\, reception`} {
		if !strings.Contains(entry, line) {
			t.Errorf("the entry of a place lacks %s:\n%s", line, entry)
		}
	}
	p.until("navigator.serviceWorker.controller !== null")
	p.network(false)
	p.later(6*24*time.Hour + 3*time.Hour)
	p.stays("waiting")
	evaluate[any](p.tab, "document.querySelectorAll('details').forEach(e => { e.open = true; }), null")
	p.says("Opens on Tuesday 1 December at 09:00 UTC.")
	p.says("Not open before the code ends.")
	p.wantNoComplaints()
}

// opens gives a counter of the demonstration hours as data.
func (d *browserDemo) opens(name, hours string) {
	d.t.Helper()
	counters, err := d.store.Counters(d.t.Context())
	if err != nil {
		d.t.Fatal(err)
	}
	for _, counter := range counters {
		if counter.Name == name {
			if _, _, err := d.store.AmendCounter(d.t.Context(), counter.ID, models.CounterAmendment{Hours: &hours}); err != nil {
				d.t.Fatal(err)
			}
			return
		}
	}
	d.t.Fatalf("no counter %s", name)
}
