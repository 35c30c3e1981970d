package oauth_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// docs/decisions/README.md lists every page by its number and its title.
func TestDecisionsAreListed(t *testing.T) {
	list := string(must(os.ReadFile("../docs/decisions/README.md")))
	pages := must(filepath.Glob("../docs/decisions/0*.md"))
	if len(pages) < 20 {
		t.Fatalf("only %d pages were found", len(pages))
	}
	for _, page := range pages {
		title, _, _ := strings.Cut(string(must(os.ReadFile(page))), "\n")
		number, title, _ := strings.Cut(strings.TrimPrefix(title, "# "), ": ")
		if row := fmt.Sprintf("| [%s](%s) | %s |\n", number, filepath.Base(page), title); !strings.Contains(list, row) {
			t.Errorf("docs/decisions/README.md has no row\n%s", row)
		}
	}
}
