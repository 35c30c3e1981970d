package oauth_test

import (
	"io/fs"
	"os"
	"regexp"
	"strings"
	"testing"
)

// knownAttacks are the names of docs/protocol.md §6 that code cites. Rows are added there, and none is taken away.
const knownAttacks = `
	another-client suspended-account no-assertion unsigned-assertion wrong-audience get-changes-nothing decline-back-approve
	decline-is-heard other-session operator-gone window-over limiter-reset parallel-redemption second-redemption lost-answer
	steady-poller secrets-told hostile-text moving-deadline missing-lifetime two-phones pending-status append-only many-writers
	killed-process strangers-request shown-code rogue-operator scan-decides edited-trail forged-address slow-and-huge`

// docs/protocol.md names tests and files; each must exist, each row that says "tested"
// must name a test, and every known attack has its row.
func TestProtocolPageNamesRealTests(t *testing.T) {
	page := string(must(os.ReadFile("../docs/protocol.md")))
	exists := testNames(t, "..")
	name := regexp.MustCompile("`((?:Test|Fuzz)[A-Z]\\w*)`")
	for _, match := range name.FindAllStringSubmatch(page, -1) {
		if !exists[match[1]] {
			t.Errorf("there is no %s", match[1])
		}
	}
	file := regexp.MustCompile(`[\w/.-]+/[\w.-]+\.(?:go|templ|md)`)
	rows, attacks := 0, map[string]bool{}
	for line := range strings.SplitSeq(page, "\n") {
		cells := strings.Split(line, "|") // the line begins and ends with a bar
		if len(cells) != 7 || strings.HasPrefix(cells[1], " ---") || cells[5] == " status " {
			continue
		}
		rows++
		attacks[strings.TrimSpace(cells[2])] = true
		for _, path := range file.FindAllString(cells[2]+cells[3], -1) {
			if _, err := os.Stat("../" + path); err != nil {
				t.Errorf("there is no file %s", path)
			}
		}
		status := strings.TrimSpace(cells[5])
		if !strings.HasPrefix(status, "tested") && !strings.HasPrefix(status, "partly: ") && !strings.HasPrefix(status, "later") {
			t.Errorf("status %q of %q", status, cells[1])
		}
		if strings.HasPrefix(status, "tested") && !name.MatchString(cells[4]) {
			t.Errorf("no test for %q", cells[1])
		}
	}
	for name := range strings.FieldsSeq(knownAttacks) {
		if !attacks[name] {
			t.Errorf("the attack %s has no row", name)
		}
	}
	if rows < 90 {
		t.Errorf("only %d rows were read", rows)
	}
}

// testNames are the tests and fuzz targets of every package below root.
func testNames(t *testing.T, root string) map[string]bool {
	t.Helper()
	names := map[string]bool{}
	declared := regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)\w+)\(`)
	err := fs.WalkDir(os.DirFS(root), ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		source, err := fs.ReadFile(os.DirFS(root), path)
		for _, match := range declared.FindAllSubmatch(source, -1) {
			names[string(match[1])] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}
