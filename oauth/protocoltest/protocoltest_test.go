package protocoltest

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Every requirement that is built is proved, in part at least, where
// `go test ./oauth/... ./handlers/... ./audit ./cmd/... -run Conformance` finds it: over
// HTTP, in the events that leave the house, or in the whole program with its browser, not in
// the models alone.
func TestEveryRequirementIsInTheChecklist(t *testing.T) {
	var folders []string
	for _, pattern := range []string{"oauth", "oauth/*", "handlers", "handlers/*", "audit", "cmd/countersign"} {
		found, err := filepath.Glob(filepath.Join(root(t), pattern))
		if err != nil {
			t.Fatal(err)
		}
		folders = append(folders, found...)
	}
	there, requirements := declared(t, folders...), 0
	for _, row := range Rows(t) {
		if row.Chapter == Attacks || !row.Built() {
			continue
		}
		requirements++
		found := false
		for _, test := range row.Tests {
			found = found || there[test]
		}
		if !found {
			t.Errorf("%s, %q: none of its tests is in oauth, handlers, audit or cmd", row.Section, row.Requirement)
		}
	}
	if requirements < 60 {
		t.Errorf("only %d requirements were read", requirements)
	}
}

// What the fuzzers start from lies in the repository, good and nasty, so
// that every test run reads it again.
func TestEveryFuzzTargetHasACorpus(t *testing.T) {
	target := regexp.MustCompile(`(?m)^func (Fuzz\w+)\(`)
	targets := 0
	corpora := func(path string, entry fs.DirEntry, err error) error {
		if entry != nil && entry.IsDir() && entry.Name() == "node_modules" {
			return filepath.SkipDir
		}
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		source, err := os.ReadFile(path)
		for _, match := range target.FindAllSubmatch(source, -1) {
			targets++
			seeds, _ := filepath.Glob(filepath.Join(filepath.Dir(path), "testdata", "fuzz", string(match[1]), "*"))
			if len(seeds) < 5 {
				t.Errorf("%s has %d files in its corpus", match[1], len(seeds))
			}
		}
		return err
	}
	for _, top := range []string{"oauth", "handlers", "models", "cmd"} {
		if err := filepath.WalkDir(filepath.Join(root(t), top), corpora); err != nil {
			t.Error(err)
		}
	}
	if targets < 17 {
		t.Errorf("only %d targets were found", targets)
	}
}

// Two branches that both added rows leave marks of the conflict, or a row twice.
func TestPageIsMerged(t *testing.T) {
	page, err := os.ReadFile(filepath.Join(root(t), "docs", "protocol.md"))
	if err != nil {
		t.Fatal(err)
	}
	if marks := regexp.MustCompile(`(?m)^(<<<<<<<|=======|>>>>>>>).*$`).FindAll(page, -1); len(marks) > 0 {
		t.Errorf("marks of a conflict: %q", marks)
	}
	seen := map[string]bool{}
	for _, row := range Rows(t) {
		requirement := row.Chapter + " " + row.Requirement
		if seen[requirement] {
			t.Errorf("a row is there twice: %s", row.Requirement)
		}
		seen[requirement] = true
	}
}
