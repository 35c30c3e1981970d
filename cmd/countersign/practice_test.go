package main

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"countersign/views"
)

// docs/decisions/0041-practice.md: a server for practice has invented accounts, says so on its
// pages, and its database is never served as a real one.
func TestServeForPractice(t *testing.T) {
	t.Parallel()
	environ, address := serveVariables(t)
	server := start(t, environ, "serve", "--migrate", "--practice")
	waitForAnswer(t, "http://"+address+"/readyz")
	for _, path := range []string{views.PathPractice, views.PathPhone, views.PathSignIn, "/device"} {
		page := pageAt(t, "http://"+address+path)
		if !strings.Contains(page, "<strong>Practice.</strong>") || strings.Contains(page, "Demonstration.") {
			t.Errorf("%s does not say that it is practice", path)
		}
	}
	if got := server.stop(); got.code != 0 {
		t.Fatalf("exit code %d, %q", got.code, got.stderr)
	}
	if got := runWith(t, environ, "", "serve"); got.code != exitFailed || !strings.Contains(got.stderr, "is for practice") ||
		!strings.Contains(got.stderr, "Next: add --practice") {
		t.Errorf("as a real one: exit code %d, %q", got.code, got.stderr)
	}
	again := start(t, environ, "serve", "--practice")
	waitForAnswer(t, "http://"+address+"/readyz")
	if got := again.stop(); got.code != 0 {
		t.Errorf("a second time: exit code %d, %q", got.code, got.stderr)
	}
}

func TestPracticeIsRefused(t *testing.T) {
	t.Parallel()
	environ, _ := serveVariables(t)
	if got := runWith(t, environ, "", "migrate", "up"); got.code != 0 {
		t.Fatal(got.stderr)
	}
	if got := runWith(t, environ, accountsHeader+"C-1,Ana Lima,,,\n", "accounts", "import", "-"); got.code != 0 {
		t.Fatal(got.stderr)
	}
	if got := runWith(t, environ, "", "serve", "--practice"); got.code != exitFailed || !strings.Contains(got.stderr, "not for practice") {
		t.Errorf("a real database: exit code %d, %q", got.code, got.stderr)
	}
	got := runWith(t, environ, "", "serve", "--practice", "--smtp-address", "mail.example.org:587", "--smtp-from", "a@example.org")
	if got.code != exitUsage || !strings.Contains(got.stderr, "sends nothing to anybody") {
		t.Errorf("with a mail server: exit code %d, %q", got.code, got.stderr)
	}
}

func pageAt(t *testing.T, address string) string {
	t.Helper()
	response, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	page, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(page)
}
