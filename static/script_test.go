package static

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// What a scan is, how it is read under any keyboard layout, and what Space and Enter press.
func TestScan(t *testing.T) {
	for _, name := range []string{"scan.test.mjs", "layouts.test.mjs", "press.test.mjs"} {
		t.Run(name, func(t *testing.T) { runScriptTest(t, name) })
	}
}

// runScriptTest runs a test of Node.js beside copies of the scripts, as modules.
func runScriptTest(t *testing.T, test string) {
	t.Helper()
	needNode(t)
	folder := t.TempDir()
	scripts, err := filepath.Glob("*.js")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range append(scripts, test) {
		content, err := read(name) // as it is served
		if err != nil {
			content, err = os.ReadFile(name)
		}
		if err == nil {
			err = os.WriteFile(filepath.Join(folder, name), content, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(folder, "package.json"), []byte(`{"type":"module"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), "node", "--test", test)
	command.Dir = folder
	if out, err := command.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// A library's compressed file is the library.
func TestCompressedLibraries(t *testing.T) {
	needNode(t)
	command := exec.CommandContext(t.Context(), "node", "--test", filepath.Join("..", "vendored.test.mjs"))
	command.Dir = "vendor"
	if out, err := command.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// htmx is what its makers published: dist/htmx.min.js of htmx.org 2.0.11 on npm, whose
// package has the integrity sha512-Thx/WtpeOQqSrqBCw/A1cwGJGg4UrVa3+sW0GmrM3p4gJgO89ecH4qtbnyzDDWFvBTqjnIMCgELTNt636dtamA==.
func TestHtmxIsUnchanged(t *testing.T) {
	for name, want := range map[string]string{
		"vendor/htmx.min.js":      "d6fdc75f204e6bdefa99b69bf1e6d4ac69b8a364f77929f45c13476b4000f717",
		"vendor/htmx.LICENSE.txt": "d3d2456f76414f2456104660ebd65aff1c04cd7966b942bdabd63f3cdb316a38",
	} {
		content, err := files.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if sum := sha256.Sum256(content); hex.EncodeToString(sum[:]) != want {
			t.Errorf("%s has the SHA-256 %x, want %s", name, sum, want)
		}
	}
}

// Our scripts run under a policy that forbids eval and inline code, fetch nothing from
// elsewhere, and write no markup.
func TestScriptsAreTame(t *testing.T) {
	names, err := filepath.Glob("*.js")
	if err != nil || len(names) == 0 {
		t.Fatal(names, err)
	}
	wild := regexp.MustCompile(`\beval\(|new Function|innerHTML|insertAdjacentHTML|document\.write|https?://[a-z]|\.style\b|fetch\(|sendBeacon`)
	for _, name := range names {
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if found := wild.FindString(string(content)); found != "" {
			t.Errorf("%s has %q", name, found)
		}
		for i, line := range strings.Split(string(content), "\n") {
			if len([]rune(line)) > 160 {
				t.Errorf("%s:%d has %d characters", name, i+1, len([]rune(line)))
			}
		}
	}
}
