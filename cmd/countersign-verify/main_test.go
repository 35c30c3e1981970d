package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const testdata = "../../audit/export/testdata/"

func TestRun(t *testing.T) {
	cut := filepath.Join(t.TempDir(), "cut.jsonl")
	text, err := os.ReadFile(testdata + "whole.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(cut, text[:len(text)/2], 0o600); err != nil {
		t.Fatal(err)
	}
	kept := "--keys=" + testdata + "keys.json"
	for _, test := range []struct {
		name        string
		args        []string
		code        int
		out, stderr string // regular expressions
	}{
		{"with nothing", []string{testdata + "whole.jsonl"}, 0,
			`^entries checked: 300, of the whole trail of https://countersign.example up to number 300\nverdict: consistent with the export's own keys\n`,
			`^\d+0 % of .*whole.jsonl read\n`},
		{"with keys", []string{kept, "--issuer=https://countersign.example", testdata + "whole.jsonl"}, 0, `\nverdict: sound\n`, ``},
		{"with a checkpoint", []string{"--checkpoint", testdata + "checkpoint.txt", "--since", testdata + "whole.jsonl"}, 0,
			`verdict: sound\nthe signatures of the first 260 entries were not looked at.*\n.*\nlog: they continue the kept checkpoint of 260 entries\n$`, ``},
		{"a part", []string{testdata + "part.jsonl"}, 0, `8 entries are proved to be in the tree of the export's checkpoint of 299`, ``},
		{"from the standard input", []string{"-"}, 0, `verdict: consistent`, ``},
		{"fewer than there were", []string{"--at-least=301", testdata + "whole.jsonl"}, 1,
			`verdict: NOT SOUND\nfirst bad entry: line 302: entry 301: missing: there were 301 entries at least\n`, ``},
		{"cut off", []string{cut}, 1, `verdict: NOT SOUND\nfirst bad entry: line \d+: the export is cut off within this line\n`, ``},
		{"another issuer", []string{"--issuer=https://other.example", testdata + "whole.jsonl"}, 1, `not of https://other.example`, ``},
		{"no file", []string{"nowhere.jsonl"}, 1, `^$`, `nowhere.jsonl`},
		{"a part against a checkpoint", []string{"--checkpoint=" + testdata + "checkpoint.txt", testdata + "part.jsonl"}, 1, `^$`,
			`whole export only`},
		{"nothing to verify", nil, 2, `^$`, `give one export`},
		{"since nothing", []string{"--since", testdata + "whole.jsonl"}, 2, `^$`, `--since goes with --checkpoint`},
		{"no keys", []string{"--keys=" + testdata + "checkpoint.txt", testdata + "whole.jsonl"}, 2, `^$`, `not a JSON Web Key Set`},
		{"no such flag", []string{"--database=x"}, 2, `^$`, `flag provided but not defined`},
		{"help", []string{"--help"}, 0, `^$`, `-checkpoint FILE`},
	} {
		t.Run(test.name, func(t *testing.T) {
			var stdout, stderr bytes.Buffer
			code := run(t.Context(), test.args, bytes.NewReader(text), &stdout, &stderr)
			if code != test.code || !regexp.MustCompile(test.out).MatchString(stdout.String()) ||
				!regexp.MustCompile(test.stderr).MatchString(stderr.String()) {
				t.Errorf("exit code %d\n%s\n%s", code, &stdout, &stderr)
			}
		})
	}
}

// The program links no database driver, no server and no C.
func TestNothingIsLinkedThatIsNotNeeded(t *testing.T) {
	list := exec.CommandContext(t.Context(), "go", "list", "-deps", ".")
	list.Env = append(os.Environ(), "CGO_ENABLED=0")
	out, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	for dependency := range strings.Lines(string(out)) {
		for _, refused := range []string{
			"github.com/mattn/", "github.com/jackc/", "gorm.io/driver/", "github.com/pressly/", "github.com/labstack/", "net/http",
			"countersign/models", "countersign/handlers",
		} {
			if strings.HasPrefix(dependency, refused) {
				t.Errorf("it links %s", strings.TrimSpace(dependency))
			}
		}
	}
}
