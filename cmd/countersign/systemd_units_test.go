package main

import (
	"os"
	"os/exec"
	"path/filepath"
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

// The server may look where it has to, and is tried again for as long as it does not start.
func TestUnitsLines(t *testing.T) {
	t.Parallel()
	unit := readUnitFile(t, "countersign.service")
	for line, want := range map[string]bool{
		"ProcSubset=pid":          false, // net.Listen reads /proc/sys/net/core/somaxconn
		"StartLimitIntervalSec=0": true,  // a database that starts later than we do
	} {
		if strings.Contains(unit, "\n"+line+"\n") != want {
			t.Errorf("%s: %t", line, !want)
		}
	}
}

// A mode that lets others read is warned of, but for systemd's credentials: systemd.exec(5).
func TestCredentialsAreNotWarnedOf(t *testing.T) {
	t.Parallel()
	path := writeFile(t, "master.key", testMasterKey)
	if err := os.Chmod(path, 0o440); err != nil {
		t.Fatal(err)
	}
	folder := filepath.Dir(path)
	for credentials, warnings := range map[string]int{
		"":                             1,
		folder:                         0,
		filepath.Dir(folder):           0,
		folder + "/":                   0,
		filepath.Join(folder, "other"): 1,
		folder[:len(folder)-1]:         1,
	} {
		c := &checks{credentials: credentials}
		if c.secret("master-key", "", path); len(c.warnings) != warnings || len(c.problems) > 0 {
			t.Errorf("with credentials in %q: %v, %v", credentials, c.warnings, c.problems)
		}
	}
}
