package main

import (
	"image"
	"image/color"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestTheSquareHoldsTheAddress(t *testing.T) {
	scanner := zbarimg(t)
	for address, want := range map[string]string{
		"https://counter.example/device":         "HTTPS://COUNTER.EXAMPLE/device",
		"http://127.0.0.1:8080/device":           "HTTP://127.0.0.1:8080/device",
		"https://counter.example":                "HTTPS://COUNTER.EXAMPLE",
		"https://counter.example/DEVICE":         "HTTPS://COUNTER.EXAMPLE/DEVICE",
		"http://[::1]:8080/device":               "http://[::1]:8080/device",
		"https://counter.example/device?lang=de": "HTTPS://COUNTER.EXAMPLE/device?lang=de",
	} {
		drawing, err := terminalQR(address)
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(t.TempDir(), "square.png")
		photograph(t, drawing, path)
		got, err := exec.Command(scanner, "--raw", "-q", path).Output()
		if err != nil || strings.TrimSpace(string(got)) != want {
			t.Errorf("%s: scanned %q, %v", address, got, err)
		}
	}
}

// photograph takes a picture of a dark terminal: blocks are light.
func photograph(t *testing.T, drawing, path string) {
	t.Helper()
	const module = 8
	lines := strings.Split(strings.TrimSuffix(drawing, "\n"), "\n")
	width := len([]rune(lines[0]))
	picture := image.NewGray(image.Rect(0, 0, width*module, 2*len(lines)*module))
	for y := range picture.Rect.Dy() {
		for x := range picture.Rect.Dx() {
			block := []rune(lines[y/module/2])[x/module]
			upper := y/module%2 == 0
			if block == '█' || block == '▀' && upper || block == '▄' && !upper {
				picture.Set(x, y, color.White)
			}
		}
	}
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if err := png.Encode(file, picture); err != nil {
		t.Fatal(err)
	}
}

func TestAnAddressTooLongForASquare(t *testing.T) {
	if _, err := terminalQR("https://counter.example/" + strings.Repeat("x", 4000)); err == nil {
		t.Error("drawn")
	}
}

func TestLargeCode(t *testing.T) {
	lines := strings.Split(large("WDJB-MJHT"), "\n")
	if len(lines) != letterRows || !strings.HasPrefix(lines[0], "  █   █  ████") {
		t.Errorf("%q", lines)
	}
	for letter, rows := range largeLetters {
		for _, row := range rows {
			if len(row) != 5 {
				t.Errorf("%c: row %q", letter, row)
			}
		}
	}
	if len(largeLetters) != 21 {
		t.Errorf("%d letters", len(largeLetters))
	}
	if got := large("12 Ä"); got != "  1 2   Ä" {
		t.Errorf("%q", got)
	}
}

func TestSpan(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0:                          "1 second",
		90 * time.Second:           "1 minute 30 seconds",
		time.Hour:                  "1 hour",
		25*time.Hour + time.Second: "1 day 1 hour",
		7 * 24 * time.Hour:         "7 days",
	} {
		if got := span(d); got != want {
			t.Errorf("%s: %q, want %q", d, got, want)
		}
	}
}

// The terminal counts days as the phone's page does (static/days.test.mjs): by the calendar where it is, also over midnight and
// where a day has 23 or 25 hours.
func TestDaysAreCountedAsPeopleCount(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ now, deadline, want string }{
		{"2026-11-27T15:11:00Z", "2026-12-04T15:10:00Z", "in 7 days"},
		{"2026-11-28T22:59:59Z", "2026-12-04T15:10:00Z", "in 6 days"},
		{"2026-11-28T23:00:00Z", "2026-12-04T15:10:00Z", "in 5 days"},
		{"2026-12-02T16:10:00Z", "2026-12-04T15:10:00Z", "in 2 days"},
		{"2026-12-02T10:00:00Z", "2026-12-03T22:59:00Z", "tomorrow"},
		{"2026-12-04T09:10:00Z", "2026-12-04T15:10:00Z", "today"},
		{"2026-12-04T09:10:01Z", "2026-12-04T15:10:00Z", "in 5 hours"},
		{"2026-12-04T22:30:00Z", "2026-12-04T23:10:00Z", "in 40 minutes"},
		{"2026-12-04T15:10:00Z", "2026-12-04T15:10:00Z", "passed"},
		{"2026-10-24T22:30:00Z", "2026-10-25T22:45:00Z", "today"},    // a day of 25 hours
		{"2026-10-24T22:30:00Z", "2026-10-25T23:00:00Z", "tomorrow"}, // and the next
		{"2027-03-27T23:00:00Z", "2027-03-28T21:59:00Z", "today"},    // a day of 23 hours
		{"2027-03-27T23:00:00Z", "2027-03-28T22:00:00Z", "tomorrow"},
	} {
		now, err := time.Parse(time.RFC3339, test.now)
		if err != nil {
			t.Fatal(err)
		}
		deadline, err := time.Parse(time.RFC3339, test.deadline)
		if err != nil {
			t.Fatal(err)
		}
		if got := howLong(deadline, now.In(berlin)); got != test.want {
			t.Errorf("%s to %s: %q, want %q", test.now, test.deadline, got, test.want)
		}
	}
}
