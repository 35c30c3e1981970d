package handlers_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"countersign/models"
	"countersign/views"
)

var nonceRule = regexp.MustCompile(`script-src 'nonce-([A-Z2-7]{26,})'(;|$)`)

// Each answer has a nonce of its own, of 128 bits at least, and its scripts carry it
// (CSP Level 3 §7.1). No page can know it before.
func TestScriptsNeedTheNonce(t *testing.T) {
	w := begin(t)
	seen := map[string]bool{}
	for range 50 {
		answer := w.Do(w.request(http.MethodGet, views.PathCounter, &w.operator))
		found := nonceRule.FindStringSubmatch(answer.Header.Get("Content-Security-Policy"))
		if found == nil {
			t.Fatalf("the policy is %q", answer.Header.Get("Content-Security-Policy"))
		}
		if seen[found[1]] {
			t.Fatal("a nonce came twice")
		}
		seen[found[1]] = true
		scripts, carry := strings.Count(answer.Text, "<script"), strings.Count(answer.Text, `nonce="`+found[1]+`"`)
		if scripts == 0 || scripts != carry {
			t.Errorf("%d of %d scripts carry the nonce", carry, scripts)
		}
	}
}

// Cameras and serial ports are for the pages that scan, workers for the phone's page.
func TestWhatSinglePagesMay(t *testing.T) {
	w := begin(t)
	for path, scans := range map[string]bool{
		views.PathCounter: true, views.PathScanner: true, views.PathReviewEvents: false, views.PathSignIn: false, views.PathOpenCounter: false,
		"/phone": false,
	} {
		header := w.Do(w.request(http.MethodGet, path, &w.operator)).Header
		permissions, policy := header.Get("Permissions-Policy"), header.Get("Content-Security-Policy")
		if got := strings.Contains(permissions, "camera=(self), serial=(self)"); got != scans {
			t.Errorf("%s: %q", path, permissions)
		}
		if !scans && !strings.Contains(permissions, "camera=(), serial=()") {
			t.Errorf("%s: %q", path, permissions)
		}
		if got := strings.Contains(policy, "worker-src 'self'") && strings.Contains(policy, "manifest-src 'self'"); got != (path == "/phone") {
			t.Errorf("%s: %q", path, policy)
		}
	}
}

// A page that refreshes by itself keeps no session alive: nobody is there.
func TestRefreshKeepsNoSessionAlive(t *testing.T) {
	w := begin(t)
	idle := models.DefaultPolicy().SessionIdle
	refresh := func() int {
		request := w.request(http.MethodGet, views.PathCounter, &w.operator)
		request.Header.Set("HX-Request", "true")
		return w.Do(request).Status
	}
	for range 4 {
		w.Clock.Advance(idle/4 - 1)
		if status := refresh(); status != http.StatusOK {
			t.Fatalf("a refresh is answered %d", status)
		}
	}
	w.Clock.Advance(4)
	if status := refresh(); status != http.StatusSeeOther {
		t.Errorf("after the idle time a refresh is answered %d", status)
	}
	if answer := w.Do(w.request(http.MethodGet, views.PathCounter, &w.operator)); answer.Status != http.StatusSeeOther {
		t.Errorf("refreshes kept the session alive: %d", answer.Status)
	}
}
