package web

import (
	"testing"
	"time"
)

func TestAge(t *testing.T) {
	for length, want := range map[time.Duration]string{
		-time.Second: "less than a minute", 0: "less than a minute", 59 * time.Second: "less than a minute",
		time.Minute: "1 minute", 119 * time.Second: "1 minute", 59 * time.Minute: "59 minutes",
		time.Hour: "1 hour", 25 * time.Hour: "1 day", 167 * time.Hour: "6 days",
	} {
		if got := Age(length); got != want {
			t.Errorf("Age(%s) = %q, want %q", length, got, want)
		}
	}
}

func TestDay(t *testing.T) {
	for date, want := range map[string]string{"1984-02-29": "29 February 1984", "": "", "1984": "1984"} {
		if got := Day(date); got != want {
			t.Errorf("Day(%q) = %q, want %q", date, got, want)
		}
	}
}
