package main

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"time"

	"countersign/models/zones"
)

// docs/decisions/0034-time-zones.md: data that is older than a year is one line of the log.
func TestServeWarnsOfOldZones(t *testing.T) {
	used := zones.Source{Version: "2026f", Released: time.Date(2026, time.October, 29, 0, 0, 0, 0, time.UTC)}
	for now, want := range map[time.Time]string{
		used.Released.AddDate(1, 0, 0):                  "",
		used.Released.AddDate(1, 0, 0).Add(time.Minute): `time_zones=2026f released=2026-10-29`,
	} {
		var log bytes.Buffer
		warnOfOldZones(slog.New(slog.NewTextHandler(&log, nil)), used, now)
		if lines := strings.Count(log.String(), "\n"); !strings.Contains(log.String(), want) || lines != min(len(want), 1) {
			t.Errorf("on %s: %q, want %q", now, log.String(), want)
		}
	}
}
