package main

import (
	"testing"
	"time"

	"countersign/models"
)

// The counters of the demonstration have their hours as data, so that its pages say what is open now.
func TestDemonstrationSaysWhatIsOpen(t *testing.T) {
	monday := time.Date(2026, time.November, 23, 8, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		at   time.Time
		open int
	}{
		{monday.Add(-time.Hour), 0}, {monday, 1}, {monday.Add(time.Hour), 2}, {monday.Add(9 * time.Hour), 1}, {monday.Add(12 * time.Hour), 0},
		{monday.Add(-24*time.Hour + 2*time.Hour), 1}, // on a Sunday
	} {
		open := 0
		for _, counter := range demoCounters() {
			hours, isData := models.Counter{Hours: counter.Hours}.OpeningHours()
			if !isData {
				t.Fatalf("the hours of %s are words", counter.Name)
			}
			if _, now, _ := hours.At(c.at, time.UTC); now { // London, in winter
				open++
			}
		}
		if open != c.open {
			t.Errorf("at %s %d counters are open, want %d", c.at, open, c.open)
		}
	}
}
