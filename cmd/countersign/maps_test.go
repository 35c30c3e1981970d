package main

import (
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// A package comment is a map when its indented lines name at least three files. A map is
// complete: it names each file of the package but its own, and none that is not there.
func TestMapsNameEachFile(t *testing.T) {
	maps := 0
	for _, p := range listPackages(t) {
		comment, own := packageComment(t, p)
		names := mapped(comment)
		if len(names) < 3 {
			continue
		}
		maps++
		files := slices.DeleteFunc(slices.Concat(p.GoFiles, p.CgoFiles), func(name string) bool { return strings.HasSuffix(name, "_templ.go") })
		for _, problem := range incomplete(names, files, own) {
			t.Errorf("%s: %s", p.ImportPath, problem)
		}
	}
	if maps < 10 {
		t.Errorf("only %d package comments are maps", maps)
	}
}

func TestIncompleteMapsAreFound(t *testing.T) {
	comment := "// Package x does things, see elsewhere.go.\n//\n//\ta.go, b_*.go  first\n//\tc.go          then\n"
	names := mapped(comment)
	if want := []string{"a.go", "b_*.go", "c.go"}; !slices.Equal(names, want) {
		t.Errorf("the map names %v, not %v", names, want)
	}
	for _, c := range []struct {
		files    []string
		problems int
	}{
		{[]string{"a.go", "b_one.go", "b_two.go", "c.go", "doc.go"}, 0},
		{[]string{"a.go", "b_one.go", "c.go", "d.go", "doc.go"}, 1}, // d.go is not named
		{[]string{"a.go", "b_one.go", "doc.go"}, 1},                 // c.go is named and is not there
		{[]string{"a.go", "c.go", "d.go"}, 2},
	} {
		if found := incomplete(names, c.files, "doc.go"); len(found) != c.problems {
			t.Errorf("%v: %q", c.files, found)
		}
	}
}

// packageComment returns the comment as it is written, with its slashes, and the file that has it.
func packageComment(t *testing.T, p goPackage) (comment, file string) {
	t.Helper()
	for _, name := range p.GoFiles {
		source, err := os.ReadFile(filepath.Join(p.Dir, name))
		if err != nil {
			t.Fatal(err)
		}
		head, _, _ := strings.Cut("\n"+string(source), "\npackage ")
		if strings.Contains(head, "// Package ") || strings.Contains(head, "// Command ") {
			return head, name
		}
	}
	return "", ""
}

var goFile = regexp.MustCompile(`(?:^|[\s(;:,])([a-z0-9_*]+\.go)`)

// mapped returns the files that the indented lines of a package comment name; a name may have a *.
func mapped(comment string) []string {
	var names []string
	for line := range strings.Lines(comment) {
		if !strings.HasPrefix(line, "//\t") && !strings.HasPrefix(line, "//  ") {
			continue
		}
		for _, found := range goFile.FindAllStringSubmatch(strings.TrimPrefix(line, "//"), -1) {
			names = append(names, found[1])
		}
	}
	return names
}

// incomplete returns what is wrong with a map: own is the file that has it.
func incomplete(names, files []string, own string) []string {
	var problems []string
	names = slices.Compact(slices.Sorted(slices.Values(names)))
	for _, file := range files {
		if file != own && !slices.ContainsFunc(names, func(name string) bool { return matches(name, file) }) {
			problems = append(problems, file+" is not on the map")
		}
	}
	for _, name := range names {
		if !slices.ContainsFunc(files, func(file string) bool { return matches(name, file) }) {
			problems = append(problems, name+" is on the map, and there is no such file")
		}
	}
	return problems
}

func matches(pattern, file string) bool {
	ok, err := path.Match(pattern, file)
	return err == nil && ok
}
