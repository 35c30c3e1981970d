package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// wrongSettings are those of testdata/wrong_settings.txt: what is given beside settings that are in order, and, set in,
// what is said of it.
func wrongSettings(t *testing.T) (given []string, said map[string][]string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "wrong_settings.txt"))
	if err != nil {
		t.Fatal(err)
	}
	said = map[string][]string{}
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSuffix(line, "\n")
		switch what, is := strings.CutPrefix(line, "    "); {
		case is:
			last := given[len(given)-1]
			said[last] = append(said[last], what)
		case strings.HasPrefix(line, "--"):
			given = append(given, line)
		}
	}
	return given, said
}

// argumentsOf are the flags of a line, each with its value, which may have blanks.
func argumentsOf(line string) (args []string) {
	for flag := range strings.SplitSeq(regexp.MustCompile(` (--[a-z])`).ReplaceAllString(line, "\n$1"), "\n") {
		name, value, has := strings.Cut(flag, " ")
		if args = append(args, name); has {
			args = append(args, value)
		}
	}
	return args
}

// Each wrong setting is refused before anything is done, in words that say what is wrong, where, and what to do.
func TestWrongSettings(t *testing.T) {
	t.Parallel()
	given, said := wrongSettings(t)
	for _, line := range given {
		got := runWith(t, nil, "", serveArgs(argumentsOf(line)...)...)
		var lines []string
		for one := range strings.Lines(got.stderr) {
			lines = append(lines, strings.TrimPrefix(strings.TrimSuffix(one, "\n"), "countersign: "))
		}
		want := append(said[line], "Next: countersign serve --help")
		if got.code != exitUsage || strings.Join(lines, "\n") != strings.Join(want, "\n") {
			t.Errorf("%s: exit code %d\n    %s", line, got.code, strings.Join(lines, "\n    "))
		}
	}
	if len(given) < 60 {
		t.Errorf("only %d wrong settings", len(given))
	}
}
