package main

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// A clock that is off by more than 5 seconds against the provider's is told, by how much, and another is not.
func TestClocksAreCompared(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		header map[string]string
		tells  string
	}{
		{map[string]string{"Date": testNow.Format(http.TimeFormat)}, ""},
		{map[string]string{"Date": testNow.Add(4 * time.Second).Format(http.TimeFormat)}, ""},
		{map[string]string{"Date": testNow.Add(time.Minute).Format(http.TimeFormat)}, `other="the staff's provider" ahead_by=1m`},
		{map[string]string{"Date": testNow.Add(-time.Hour).Format(http.TimeFormat)}, `other="the staff's provider" ahead_by=-`},
		{map[string]string{"Date": testNow.Add(-time.Hour).Format(http.TimeFormat), "Age": "3600"}, ""}, // a cache's
		{map[string]string{"Date": "yesterday"}, ""},
	} {
		provider := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/.well-known/openid-configuration" {
				t.Errorf("asked for %s", r.URL)
			}
			for name, value := range c.header {
				w.Header().Set(name, value)
			}
		}))
		var lines textBuffer
		log := slog.New(slog.NewTextHandler(&lines, nil))
		if ahead, known := providerAhead(t.Context(), func() time.Time { return testNow }, provider.URL+"/"); known {
			tellClock(log, "the staff's provider", ahead)
		}
		provider.Close()
		if got := lines.String(); !strings.Contains(got, c.tells) || c.tells == "" && got != "" {
			t.Errorf("%v: %q", c.header, got)
		}
	}
	if _, known := providerAhead(t.Context(), func() time.Time { return testNow }, "http://127.0.0.1:1"); known {
		t.Error("a provider that does not answer has a clock")
	}
}
