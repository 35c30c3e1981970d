package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"countersign/oauth"
	"countersign/oauth/deviceclient"
)

// zbarimg finds the program that reads QR codes. Where nothing may be skipped it has to
// be there.
func zbarimg(t *testing.T) string {
	t.Helper()
	scanner, err := exec.LookPath("zbarimg")
	if err != nil && os.Getenv("TEST_REQUIRE") == "all" {
		t.Fatal("zbarimg is not installed")
	}
	if err != nil {
		t.Skip("zbarimg is not installed")
	}
	return scanner
}

// squares are the QR codes on a screen that hold a presence proof, as a scanner reads them.
func squares(t *testing.T, screen string) []string {
	t.Helper()
	scanner := zbarimg(t)
	var found []string
	for drawing := range strings.SplitSeq(screen, "\n\n") {
		if !strings.Contains(drawing, "██████") {
			continue
		}
		lines := strings.Split(drawing, "\n")
		for len(lines) > 0 && !strings.ContainsAny(lines[0], "█▀▄") {
			lines = lines[1:]
		}
		path := filepath.Join(t.TempDir(), "square.png")
		photograph(t, strings.Join(lines, "\n")+"\n", path)
		read, err := exec.Command(scanner, "--raw", "-q", path).Output()
		if err != nil {
			t.Fatalf("a square that zbar cannot read: %v", err)
		}
		if text := strings.TrimSpace(string(read)); strings.HasPrefix(text, oauth.PresencePrefix) {
			found = append(found, text)
		}
	}
	return found
}

// docs/presence-proof.md: the phone shows a proof with its code and renews it every 30 s
// while it waits, however long the server's interval is; a scanner reads each of them.
func TestPhoneShowsAndRenewsItsPresenceProof(t *testing.T) {
	p, s := newPhonePeer(t, "authorization_pending", "slow_down", "tokens"), newPhoneShell(t)
	started := s.clock
	run := s.run("--issuer", p.URL, "--login-hint", "anna@example.org")
	run.want(t, 0, "  Code:      WDJB-MJHT", "Connected.")
	state, err := deviceclient.FileState{Path: s.state}.Load()
	if err != nil {
		t.Fatal(err)
	}
	scanned := squares(t, run.screen)
	if want := int(s.clock.Sub(started)/deviceclient.PresenceRenewal) + 1; len(scanned) < want-1 {
		t.Errorf("%d squares in %s", len(scanned), s.clock.Sub(started))
	}
	seen := map[string]bool{}
	for i, text := range scanned {
		proof, err := oauth.ParsePresenceProof(text)
		if err != nil || seen[text] {
			t.Fatalf("square %d: %v, seen %t", i, err, seen[text])
		}
		seen[text] = true
		if client, code, ok := proof.Claimed(); !ok || client != state.ClientID || code.Display() != "WDJB-MJHT" {
			t.Errorf("square %d claims %s", i, client)
		}
	}
}

// Without waiting, one proof; offline it is made all the same.
func TestPhoneShowsItsPresenceProofOnce(t *testing.T) {
	p, s := newPhonePeer(t, "authorization_pending"), newPhoneShell(t)
	if got := squares(t, s.run("--issuer", p.URL, "--login-hint", "anna@example.org", "--no-wait").screen); len(got) != 1 {
		t.Errorf("%d squares", len(got))
	}
	p.Close()
	s.clock = s.clock.Add(2 * time.Hour)
	if got := squares(t, s.run("--no-wait").screen); len(got) != 1 {
		t.Errorf("%d squares offline", len(got))
	}
}
