package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// docs/interop.md: the versions that it names are those that are run.
func TestInteropPage(t *testing.T) {
	t.Parallel()
	read := func(path ...string) string {
		t.Helper()
		text, err := os.ReadFile(filepath.Join(path...))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	var lock struct {
		Packages map[string]struct {
			Version string `json:"version"`
		} `json:"packages"`
	}
	if err := json.Unmarshal([]byte(read("testdata", "interop", "package-lock.json")), &lock); err != nil {
		t.Fatal(err)
	}
	modules := read("..", "..", "go.mod")
	inModules := map[string]string{"golang.org/x/oauth2": "golang.org/x/oauth2", "mockoidc": "mockoidc", "go-oidc": "go-oidc/v3"}
	rows := regexp.MustCompile(`(?m)^\| (npm )?(\S+) \| (\S+) \|`).FindAllStringSubmatch(read("..", "..", "docs", "interop.md"), -1)
	found := 0
	for _, row := range rows {
		npm, name, version := row[1] != "", row[2], row[3]
		switch module, known := inModules[name]; {
		case name == "program" || strings.HasPrefix(name, "-"):
			continue
		case npm && lock.Packages["node_modules/"+name].Version != version:
			t.Errorf("%s is run in version %q, and the page says %s", name, lock.Packages["node_modules/"+name].Version, version)
		case !npm && (!known || !strings.Contains(modules, module+" "+version+"\n")):
			t.Errorf("%s %s is not in go.mod", name, version)
		}
		found++
	}
	if found != 8 {
		t.Errorf("%d programs are on the page", found)
	}
}
