package main

import (
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"
)

// The sizes that keep a file and a function readable, tests included.
const (
	longestFile     = 400 // lines
	longestFunction = 60  // lines
	longestLine     = 140 // characters, a tab is one
	aroundText      = 60  // characters beside one text that makes a line long
)

// handWritten reads every Go file, template, script and style sheet of the module that people write, by its path
// below the root of the module.
func handWritten(t *testing.T) map[string]string {
	t.Helper()
	root := filepath.Join("..", "..")
	files := map[string]string{}
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := entry.Name()
		if entry.IsDir() && path != root && (name[0] == '.' || name == "vendor" || name == "node_modules") {
			return filepath.SkipDir
		}
		if entry.IsDir() || !isHandWritten(name) {
			return nil
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		below, err := filepath.Rel(root, path)
		files[filepath.ToSlash(below)] = string(content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func isHandWritten(name string) bool {
	switch filepath.Ext(name) {
	case ".templ", ".js", ".css":
		return true
	case ".go":
		return !strings.HasSuffix(name, "_templ.go")
	}
	return false
}

func TestFilesAreShort(t *testing.T) {
	files := handWritten(t)
	if len(files) < 300 {
		t.Fatalf("only %d files: the test reads the wrong folder", len(files))
	}
	for path, content := range files {
		if lines := strings.Count(content, "\n"); lines > longestFile {
			t.Errorf("%s has %d lines, more than %d", path, lines, longestFile)
		}
	}
}

func TestFunctionsAreShort(t *testing.T) {
	for path, content := range handWritten(t) {
		for name, lines := range functionLengths(t, path, content) {
			if lines > longestFunction {
				t.Errorf("%s: %s has %d lines, more than %d", path, name, lines, longestFunction)
			}
		}
	}
}

func TestGoLinesAreShort(t *testing.T) {
	for path, content := range handWritten(t) {
		if filepath.Ext(path) != ".go" {
			continue
		}
		for _, line := range longLines(content) {
			t.Errorf("%s: more than %d characters: %s", path, longestLine, line)
		}
	}
}

// longLines returns the lines that are too long. A line may be longer by one text that nothing can break: the tag of a
// field (help of a flag), a sentence that is translated as a whole, a document as a scanner sends it.
func longLines(content string) []string {
	set := token.NewFileSet()
	file := set.AddFile("", set.Base(), len(content))
	var tokens scanner.Scanner
	tokens.Init(file, []byte(content), nil, 0)
	texts := map[int]int{} // characters of the longest text of a line
	for position, kind, text := tokens.Scan(); kind != token.EOF; position, kind, text = tokens.Scan() {
		if kind == token.STRING && !strings.Contains(text, "\n") {
			line := file.Line(position)
			texts[line] = max(texts[line], utf8.RuneCountInString(text))
		}
	}
	var long []string
	for i, line := range strings.Split(content, "\n") {
		if length := utf8.RuneCountInString(line); length > longestLine && length-texts[i+1] > aroundText {
			long = append(long, line)
		}
	}
	return long
}

func TestLongLinesAreFound(t *testing.T) {
	of := func(characters int) string { return strings.Repeat("ä", characters) }
	for name, c := range map[string]struct {
		line string
		long bool
	}{
		"as long as may be":  {"// " + of(137), false},
		"one character more": {"// " + of(138), true},
		"help of a flag":     {"var s struct { A string `" + of(150) + "` }", false},
		"one sentence":       {`var a = say(ctx, "` + of(150) + `")`, false},
		"much beside it":     {`var a = say(ctx, "` + of(150) + `") + ` + of(61), true},
		"two sentences":      {`var a, b = "` + of(70) + `", "` + of(70) + `"`, true},
		"in a text of lines": {"var a = `\n" + of(141) + "\n`", true},
	} {
		if found := longLines("package a\n\n" + c.line + "\n"); len(found) > 0 != c.long {
			t.Errorf("%s: %d lines are too long, want %v", name, len(found), c.long)
		}
	}
}

// functionLengths counts the lines of each function of a file, from its first line to its last brace.
func functionLengths(t *testing.T, path, content string) map[string]int {
	t.Helper()
	switch filepath.Ext(path) {
	case ".go":
		return goFunctionLengths(t, path, content)
	case ".templ", ".js":
		return bracedFunctionLengths(content)
	}
	return nil
}

// goFunctionLengths counts declared functions. A table of tests is none, nor is what is declared inside another.
func goFunctionLengths(t *testing.T, path, content string) map[string]int {
	t.Helper()
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, path, content, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	lengths := map[string]int{}
	for _, declaration := range file.Decls {
		if f, ok := declaration.(*ast.FuncDecl); ok {
			lengths[f.Name.Name] = set.Position(f.End()).Line - set.Position(f.Pos()).Line + 1
		}
	}
	return lengths
}

// opensFunction is the first line of a component of a template, or of a function of a script. A line that begins with
// no blank and ends with "(() => {" opens a whole script.
var opensFunction = regexp.MustCompile(`^(templ .*|func .*|.*\bfunction\b.*|\s.*=> |(const|let) \w+ = (async )?\(?[\w, ]*\)? => )\{$`)

// bracedFunctionLengths finds the end of a function at the brace that stands as far to the left as its first line.
func bracedFunctionLengths(content string) map[string]int {
	lengths := map[string]int{}
	lines := strings.Split(content, "\n")
	for i, line := range lines {
		if !opensFunction.MatchString(line) {
			continue
		}
		end := line[:len(line)-len(strings.TrimLeft(line, " \t"))] + "}"
		for j := i + 1; j < len(lines); j++ {
			if strings.HasPrefix(lines[j], end) {
				lengths[strings.TrimSpace(line)] = j - i + 1
				break
			}
		}
	}
	return lengths
}

// The rules above find what they are there for.
func TestLengthsAreCounted(t *testing.T) {
	for _, c := range []struct {
		path, content string
		want          int // lines of its longest function
	}{
		{"a.go", "package a\n\nfunc f() {\n\tg()\n}\n", 3},
		{"a.go", "package a\n\nvar list = []int{\n\t1,\n\t2,\n}\n", 0},
		{"a.templ", "package a\n\ntempl page() {\n\tif x {\n\t}\n\t<p></p>\n}\n", 5},
		{"a.js", "function f() {\n  if (x) {\n  }\n}\n", 4},
		{"a.js", "(() => {\n  const f = async (a) => {\n    g();\n  };\n})();\n", 3},
		{"a.js", "const module = (() => {\n  x.on(\"a\", () => {\n    g();\n  });\n\n  y();\n})();\n", 3},
		{"a.js", "const f = (a) => {\n  g();\n};\n", 3},
		{"a.css", "p {\n  color: red;\n}\n", 0},
	} {
		longest := 0
		for _, lines := range functionLengths(t, c.path, c.content) {
			longest = max(longest, lines)
		}
		if longest != c.want {
			t.Errorf("%s: %d lines, want %d, in\n%s", c.path, longest, c.want, c.content)
		}
	}
}
