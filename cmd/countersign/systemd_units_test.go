package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// systemd-socket-activate(1): the first connection starts the server, which answers it.
func TestSocketActivation(t *testing.T) {
	t.Parallel()
	activate := neededProgram(t, "systemd-socket-activate", "systemd")
	program, err := exec.LookPath("countersign")
	if err != nil {
		t.Fatal(err)
	}
	environ, _ := serveVariables(t)
	if got := runWith(t, environ, "", "migrate", "up"); got.code != 0 {
		t.Fatal(got.stderr)
	}
	address := newAddress(t)
	args := []string{"--listen=" + address}
	for _, variable := range environ {
		args = append(args, "--setenv="+variable)
	}
	log := &textBuffer{}
	process := exec.CommandContext(t.Context(), activate, append(args, program, "serve")...)
	process.Stderr = log
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = process.Wait() }) // killed with the test's context
	waitForAnswer(t, "http://"+address+"/readyz")
	if !strings.Contains(log.String(), "msg=listening address="+address) {
		t.Errorf("it did not take the socket:\n%s", log)
	}
}

// docs/systemd: systemd finds nothing wrong with the units, and little that the service may do.
func TestUnits(t *testing.T) {
	t.Parallel()
	analyze := neededProgram(t, "systemd-analyze", "systemd")
	folder := t.TempDir()
	for _, name := range []string{"countersign.service", "countersign.socket"} {
		text, err := os.ReadFile(filepath.Join("..", "..", "docs", "systemd", name))
		if err != nil {
			t.Fatal(err)
		}
		there := strings.ReplaceAll(string(text), "/usr/bin/countersign ", "/bin/true ")
		if err := os.WriteFile(filepath.Join(folder, name), []byte(there), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	const exposure = "15" // tenths: 1.5 of 10
	for _, args := range [][]string{
		{"verify", "./countersign.service", "./countersign.socket"},
		{"security", "--offline=true", "--threshold=" + exposure, "--no-pager", "./countersign.service"},
	} {
		command := exec.CommandContext(t.Context(), analyze, args...)
		command.Dir = folder
		if said, err := command.CombinedOutput(); err != nil || args[0] == "verify" && len(said) > 0 {
			t.Errorf("systemd-analyze %s: %v\n%s", args[0], err, said)
		}
	}
}

// The variables of the unit are settings that there are, and the file of settings at its head is one that serve takes.
func TestUnitsSettings(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "systemd", "countersign.service"))
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	secret := writeFile(t, "secret", testMasterKey)
	environ := []string{"COUNTERSIGN_OIDC_ISSUER=https://login.example.org", "COUNTERSIGN_OIDC_CLIENT_ID=countersign"}
	example := regexp.MustCompile(`(?s)\{"issuer".*?\}`).FindString(strings.ReplaceAll(string(text), "\n# ", " "))
	for _, found := range regexp.MustCompile(`(?m)^Environment=(\S+)$`).FindAllStringSubmatch(string(text), -1) {
		environ = append(environ, strings.NewReplacer("/etc/countersign/settings.json", writeFile(t, "settings.json", example),
			"/var/lib/countersign", folder, "%d/master.key", secret, "%d/oidc.secret", secret).Replace(found[1]))
	}
	got := runWith(t, append(environ, "COUNTERSIGN_LISTEN=127.0.0.1:0"), "", "migrate", "up")
	if got.code != 0 || len(environ) != 7 {
		t.Fatalf("%d variables, %s", len(environ), got.stderr)
	}
	if got := runWith(t, append(environ, "COUNTERSIGN_LISTEN=127.0.0.1:0"), "", "config", "check"); got.code != 0 || got.stderr != "" {
		t.Errorf("exit code %d, %s", got.code, got.stderr)
	}
}
