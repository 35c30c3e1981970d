package protocoltest

import (
	"path/filepath"
	"testing"
)

// Every requirement that is built is proved, in part at least, where
// `go test ./oauth/... ./handlers/... ./models -run Conformance` finds it.
func TestEveryRequirementIsInTheChecklist(t *testing.T) {
	var folders []string
	for _, pattern := range []string{"oauth", "oauth/*", "handlers", "handlers/*", "models"} {
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
			t.Errorf("%s, %q: none of its tests is in oauth, handlers or models", row.Section, row.Requirement)
		}
	}
	if requirements < 60 {
		t.Errorf("only %d requirements were read", requirements)
	}
}
