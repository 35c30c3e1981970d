package main

import (
	"context"
	"crypto/rand"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"countersign/models/pgtest"
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

// A server whose clock is an hour behind says so at its start, of the database and of the provider.
func TestServeTellsOfItsClock(t *testing.T) {
	t.Parallel()
	provider := serveHandler(t, http.NotFoundHandler()) // with the machine's Date
	environ, _ := serveVariables(t)
	environ = append(environ, "COUNTERSIGN_DATABASE="+pgtest.Schema(t), "COUNTERSIGN_OIDC_ISSUER="+provider.URL)
	var lines textBuffer
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan int, 1)
	go func() {
		ended <- execute(&Environment{
			Context: ctx, Args: []string{"serve", "--migrate"}, Environ: environ, Getenv: lookup(environ), Stdin: strings.NewReader(""),
			Stdout: &lines, Stderr: &lines, Now: func() time.Time { return time.Now().Add(-time.Hour) },
			Wait: wait, Rand: rand.Reader, Hangups: hangups,
		})
	}()
	for _, whose := range []string{`"the database"`, `"the staff's provider"`} {
		if !until(func() bool {
			return strings.Contains(lines.String(), `clock is not that of others" other=`+whose+" ahead_by=1h0m0s")
		}) {
			t.Errorf("nothing is said of %s", whose)
		}
	}
	cancel()
	if code := <-ended; code != 0 || t.Failed() {
		t.Errorf("exit code %d\n%s", code, lines.String())
	}
}
