// Package protocoltest runs a package's tests by the rows of docs/protocol.md, so that
//
//	go test ./oauth/... ./handlers/... -run Conformance -v
//
// reads like the page: section, requirement, and the tests that prove it. The page is the
// list; each package's conformance_test.go has the functions that the page names. After a
// change of the page
//
//	go test ./oauth ./oauth/deviceclient ./handlers/... ./models ./audit ./views ./cmd/countersign -run Conformance -conformance.update
//
// writes them anew. The package is for tests only.
package protocoltest

import (
	"flag"
	"go/format"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Tests are the tests of a package that docs/protocol.md names, by their names.
type Tests map[string]func(*testing.T)

// Row is one requirement, or one attack, with what is said to prove it.
type Row struct {
	Chapter     string // "1" to "5" are requirements, "6" is the attacks
	Requirement string
	Section     string // of the standard; of an attack its name
	Tests       []string
	Status      string
}

// Attacks is the chapter of the attacks.
const Attacks = "6"

// Built says whether the row claims that anything proves it.
func (r Row) Built() bool { return len(r.Tests) > 0 && !strings.HasPrefix(r.Status, "later") }

// Conformance runs the requirements of chapters 1 to 5 that this package's tests prove.
func Conformance(t *testing.T, tests Tests) {
	t.Helper()
	run(t, tests, func(r Row) (title string) {
		if r.Chapter == "" || r.Chapter == Attacks {
			return ""
		}
		return plain(r.Section) + "/" + plain(r.Requirement)
	})
}

// AttackRows runs the attacks of chapter 6 that this package's tests ward off.
func AttackRows(t *testing.T, tests Tests) {
	t.Helper()
	run(t, tests, func(r Row) (title string) {
		if r.Chapter != Attacks {
			return ""
		}
		return plain(r.Section) + "/" + plain(r.Requirement)
	})
}

// run makes a subtest of every row that has a title and a test of this package. A test
// that stands in several rows runs in the first. When a whole package is tested the tests
// run under their own names, and here only the list is checked.
func run(t *testing.T, tests Tests, title func(Row) string) {
	t.Helper()
	here := declared(t, ".")
	if *update {
		rewrite(t, here)
		return
	}
	named := flag.Lookup("test.run").Value.String() != ""
	passed := map[string]bool{} // what has run in an earlier row
	for _, row := range Rows(t) {
		name := title(row)
		if name == "" || !row.Built() {
			continue
		}
		var mine []string
		for _, test := range row.Tests {
			if !here[test] {
				continue
			}
			if mine = append(mine, test); tests[test] == nil {
				t.Errorf("docs/protocol.md names %s: run -run Conformance -conformance.update once", test)
			}
		}
		if len(mine) > 0 && named && !t.Failed() {
			t.Run(name, func(t *testing.T) { runRow(t, tests, mine, passed) })
		}
	}
}

func runRow(t *testing.T, tests Tests, mine []string, passed map[string]bool) {
	for _, test := range mine {
		switch good, ran := passed[test]; {
		case !ran:
			passed[test] = t.Run(test, tests[test])
		case good:
			t.Log(test, "passed in a row above")
		default:
			t.Error(test, "failed in a row above")
		}
	}
}

var update = flag.Bool("conformance.update", false, "write anew which tests docs/protocol.md names")

// rewrite puts the tests that the page names into the package's conformance_test.go.
func rewrite(t *testing.T, here map[string]bool) {
	t.Helper()
	const file, begin, end = "conformance_test.go", "var conformance = protocoltest.Tests{", "\n}\n"
	source, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	within := inside(t, packageOf(source))
	var lines []string
	for _, row := range Rows(t) {
		for _, test := range row.Tests {
			if here[test] {
				lines = append(lines, "\t\""+test+"\": "+within[test]+test+",\n")
			}
		}
	}
	slices.Sort(lines)
	before, rest, _ := strings.Cut(string(source), begin)
	_, after, _ := strings.Cut(rest, end)
	formatted, err := format.Source([]byte(before + begin + "\n" + strings.Join(slices.Compact(lines), "") + end[1:] + after))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, formatted, 0o600); err != nil {
		t.Fatal(err)
	}
}

// inside names the package before each test here that is of the package itself, while the
// list is of the _test package beside it, which has to import it.
func inside(t *testing.T, list string) map[string]string {
	t.Helper()
	files, err := filepath.Glob("*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	prefixes := map[string]string{}
	for _, file := range files {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if packageOf(source) == list {
			continue
		}
		for _, match := range function.FindAllSubmatch(source, -1) {
			prefixes[string(match[1])] = packageOf(source) + "."
		}
	}
	return prefixes
}

func packageOf(source []byte) string { return string(clause.FindSubmatch(source)[1]) }

// plain is a cell without its marks, fit for the name of a subtest.
func plain(cell string) string {
	return strings.NewReplacer("`", "", "**", "", "/", "∕").Replace(cell)
}

var (
	chapter  = regexp.MustCompile(`^## ([1-6])\. `)
	testName = regexp.MustCompile("`((?:Test|Fuzz)[A-Z]\\w*)`")
	clause   = regexp.MustCompile(`(?m)^package (\w+)$`)
	function = regexp.MustCompile(`(?m)^func (Test\w+)\(`)
)

// Rows reads docs/protocol.md from the root of the module.
func Rows(t *testing.T) []Row {
	t.Helper()
	page, err := os.ReadFile(filepath.Join(root(t), "docs", "protocol.md"))
	if err != nil {
		t.Fatal(err)
	}
	var rows []Row
	now := ""
	for line := range strings.SplitSeq(string(page), "\n") {
		if strings.HasPrefix(line, "## ") {
			now = ""
			if match := chapter.FindStringSubmatch(line); match != nil {
				now = match[1]
			}
		}
		cells := strings.Split(line, "|") // the line begins and ends with a bar
		if now == "" || len(cells) != 7 || strings.HasPrefix(cells[1], " ---") || cells[5] == " status " {
			continue
		}
		row := Row{Chapter: now, Requirement: strings.TrimSpace(cells[1]), Section: strings.TrimSpace(cells[2]),
			Status: strings.TrimSpace(cells[5])}
		for _, match := range testName.FindAllStringSubmatch(cells[4], -1) {
			row.Tests = append(row.Tests, match[1])
		}
		rows = append(rows, row)
	}
	return rows
}

// declared are the tests of the packages in these folders.
func declared(t *testing.T, folders ...string) map[string]bool {
	t.Helper()
	names := map[string]bool{}
	for _, folder := range folders {
		files, err := filepath.Glob(filepath.Join(folder, "*_test.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			source, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, match := range function.FindAllSubmatch(source, -1) {
				names[string(match[1])] = true
			}
		}
	}
	return names
}

// root is the folder of go.mod.
func root(t *testing.T) string {
	t.Helper()
	folder, err := os.Getwd()
	for err == nil {
		if _, missing := os.Stat(filepath.Join(folder, "go.mod")); missing == nil {
			return folder
		}
		if folder == filepath.Dir(folder) {
			break
		}
		folder = filepath.Dir(folder)
	}
	t.Fatalf("no go.mod above this test: %v", err)
	return ""
}
