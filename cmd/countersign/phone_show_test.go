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
