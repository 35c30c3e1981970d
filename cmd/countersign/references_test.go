package main

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// Every reference to a page of docs names a file, a numbered heading and an attack that
// exist, and nothing refers to a paper that is not in the repository.
func TestReferencesExist(t *testing.T) {
	files := textFiles(t)
	pages, references := readPages(files), 0
	for name, text := range files {
		found, broken := brokenReferences(name, text, pages)
		references += found
		for _, problem := range broken {
			t.Errorf("%s: %s", name, problem)
		}
	}
	if references < 200 {
		t.Errorf("only %d references were found", references)
	}
}

func TestBrokenReferencesAreFound(t *testing.T) {
	pages := map[string]docPage{
		"docs/a.md":        {sections: []string{"1", "2.3"}},
		"docs/protocol.md": {sections: []string{"6"}, attacks: []string{"lost-answer", "shown-code"}},
	}
	for _, c := range []struct {
		name, text string
		broken     int
	}{
		{"x.go", "// docs/a.md §1, §2.3: so it is", 0},
		{"x.go", "// as docs/a.md\n// §2.3 says.", 0},
		{"x.go", "// docs/a.md, RFC 8628 §9.9", 0},
		{"x.go", "// docs/protocol.md §6 lost-answer,\n\t// shown-code: both", 0},
		{"x.go", "// docs/protocol.md §6 lists attacks", 0},
		{"docs/x.md", "[a page](a.md#part), [elsewhere](https://example.org/a.md)", 0},
		{"x.go", "// the conformance of a design, and 2 issues", 0},

		{"x.go", "// docs/none.md", 1},
		{"x.go", "// docs/a.md §2", 1},
		{"x.go", "// docs/a.md §1 and §3, §4", 2},
		{"x.go", "// docs/protocol.md §6 lost-answer, lost-question", 1},
		{"docs/x.md", "[a page](none.md)", 1},
		{"docs/x.md", "see models/none.go", 1},
		{"docs/decisions/x.md", "as it was in models/none.go", 0},
		{"x.go", "// RFC 8628 section 3.5", 1},
		{"models/migrations/x.sql", "-- RFC 8628 section 3.5", 0},
		{"x.go", "// design section 4.8", 2},
		{"x.go", "// (design\n// §3)", 1},
		{"x.go", "// row 13 of attacks.md", 1},
		{"x.go", "// Attacks rows 7 and 8", 1},
		{"x.go", "// Conformance section 9", 2},
		{"x.go", "// counter.md, screen 3; scanner rule 4", 2},
		{"x.go", "// Issue 4 item 9", 1},
		{"x.go", "// faults.md S3, facts.md, style.md", 3},
	} {
		if _, broken := brokenReferences(c.name, c.text, pages); len(broken) != c.broken {
			t.Errorf("%s %q: %q, want %d", c.name, c.text, broken, c.broken)
		}
	}
}

// docPage is what a page of docs offers to refer to.
type docPage struct {
	sections []string // the numbers of its headings
	attacks  []string // the names of the rows of docs/protocol.md §6
}

var (
	pageReference   = regexp.MustCompile(`docs/[\w./-]*\w\.md((?:(?:,| and)? §\d+(?:\.\d+)*)*)((?:(?:,| and)? [a-z0-9]+(?:-[a-z0-9]+)+)*)`)
	sectionNumber   = regexp.MustCompile(`\d+(?:\.\d+)*`)
	attackName      = regexp.MustCompile(`[a-z0-9]+(?:-[a-z0-9]+)+`)
	relativeLink    = regexp.MustCompile(`\]\(([^)#:\s]+)(?:#[^)\s]*)?\)`)
	sourceReference = regexp.MustCompile(`\b(?:cmd|handlers|models|oauth|audit|views|static)/[\w./-]*\w\.(?:go|templ|js|mjs|json|sql|csv)\b`)
	numberedHeading = regexp.MustCompile(`(?m)^##+ (\d+(?:\.\d+)*)\.? `)
	sectionInWords  = regexp.MustCompile(`sections? \d`)
	wrappedLine     = regexp.MustCompile(`\n[ \t]*(?://|#+|\*|--)?[ \t]*`)
	counterPage     = regexp.MustCompile(`counter\.md`)
	missingPapers   = []*regexp.Regexp{
		regexp.MustCompile(`design(?:\.md| (?:§|sections? \d))`),
		regexp.MustCompile(`attacks?(?:\.md|,? rows? \d)`),
		regexp.MustCompile(`conformance(?:\.md| (?:§|section \d))`),
		counterPage,
		regexp.MustCompile(`scanner rules? \d`),
		regexp.MustCompile(`issue(?: \d|s \d+,? items?\b)`),
		regexp.MustCompile(`faults\.md`),
		regexp.MustCompile(`facts\.md`),
		regexp.MustCompile(`style\.md`),
	}
)

// wordsLike finds what begins a word of a text in small letters. The pattern begins with letters, which are searched for many
// times quicker than a pattern that begins with \b or with (?i): this looks at every file there is, by the race detector too.
func wordsLike(pattern *regexp.Regexp, lower string) (found []string) {
	for _, at := range pattern.FindAllStringIndex(lower, -1) {
		before, _ := utf8.DecodeLastRuneInString(lower[:at[0]])
		inWord := before == '_' || before < utf8.RuneSelf && (unicode.IsLetter(before) || unicode.IsDigit(before))
		if inPath := pattern == counterPage && (before == '/' || before == '('); !inWord && !inPath {
			found = append(found, lower[at[0]:at[1]])
		}
	}
	return found
}

// brokenReferences counts the references to pages in a file, and says which lead nowhere.
func brokenReferences(name, text string, pages map[string]docPage) (found int, broken []string) {
	text = wrappedLine.ReplaceAllString(text, " ")
	lower := strings.ToLower(text)
	for _, paper := range missingPapers {
		for _, reference := range wordsLike(paper, lower) {
			broken = append(broken, fmt.Sprintf("%q is not in the repository", reference))
		}
	}
	if slices.Contains([]string{".go", ".templ", ".js", ".mjs"}, path.Ext(name)) {
		for _, section := range wordsLike(sectionInWords, lower) {
			broken = append(broken, fmt.Sprintf("%q: a section is written §3.5", section))
		}
	}
	for _, match := range pageReference.FindAllStringSubmatch(text, -1) {
		found++
		target, _, _ := strings.Cut(match[0], ".md")
		broken = append(broken, missing(target+".md", match[1], match[2], pages)...)
	}
	return found, append(broken, brokenPaths(name, text)...)
}

// missing says what of a reference a page does not have.
func missing(target, sections, attacks string, pages map[string]docPage) (broken []string) {
	page, known := pages[target]
	if !known {
		return []string{"there is no " + target}
	}
	for _, number := range sectionNumber.FindAllString(sections, -1) {
		if !slices.Contains(page.sections, number) {
			broken = append(broken, fmt.Sprintf("%s has no §%s", target, number))
		}
	}
	if target != "docs/protocol.md" || sections == "" {
		return broken
	}
	for _, attack := range attackName.FindAllString(attacks, -1) {
		if !slices.Contains(page.attacks, attack) {
			broken = append(broken, fmt.Sprintf("%s has no row %s", target, attack))
		}
	}
	return broken
}

// brokenPaths are the links of a page, and the sources it names, that are not there. What a
// decision or the log of changes says of files was true when it was written.
func brokenPaths(name, text string) (broken []string) {
	if path.Ext(name) != ".md" {
		return nil
	}
	for _, match := range relativeLink.FindAllStringSubmatch(text, -1) {
		if target := path.Join(path.Dir(name), match[1]); target != "docs/a.md" && !exists(target) {
			broken = append(broken, "there is no "+target)
		}
	}
	if name == "CHANGELOG.md" || strings.HasPrefix(name, "docs/decisions/") {
		return broken
	}
	for _, source := range sourceReference.FindAllString(text, -1) {
		if !exists(source) {
			broken = append(broken, "there is no "+source)
		}
	}
	return broken
}

func exists(name string) bool {
	_, err := os.Stat(filepath.Join("..", "..", filepath.FromSlash(name)))
	return err == nil
}

// readPages reads what can be referred to below docs.
func readPages(files map[string]string) map[string]docPage {
	pages := map[string]docPage{}
	for name, text := range files {
		if !strings.HasPrefix(name, "docs/") || path.Ext(name) != ".md" {
			continue
		}
		page := docPage{}
		for _, match := range numberedHeading.FindAllStringSubmatch(text, -1) {
			page.sections = append(page.sections, match[1])
		}
		pages[name] = page
	}
	protocol := files["docs/protocol.md"]
	_, chapter, _ := strings.Cut(protocol, "\n## 6. ")
	chapter, _, _ = strings.Cut(chapter, "\n## ")
	page := pages["docs/protocol.md"]
	for line := range strings.Lines(chapter) {
		if cells := strings.Split(line, "|"); len(cells) == 7 && attackName.MatchString(cells[2]) {
			page.attacks = append(page.attacks, strings.TrimSpace(cells[2]))
		}
	}
	pages["docs/protocol.md"] = page
	return pages
}

// textFiles reads every text file of the repository by its path, but for generated ones,
// what others wrote, and this file.
func textFiles(t *testing.T) map[string]string {
	t.Helper()
	files := map[string]string{}
	root := os.DirFS(filepath.Join("..", ".."))
	err := fs.WalkDir(root, ".", func(name string, entry fs.DirEntry, err error) error {
		switch base := path.Base(name); {
		case err != nil:
			return err
		case entry.IsDir():
			if base == "node_modules" || base == "vendor" || base == "bin" || base == "fuzz" || len(base) > 1 && base[0] == '.' && base != ".ci" {
				return fs.SkipDir
			}
			return nil
		case strings.HasSuffix(base, "_templ.go"), base == "references_test.go", path.Ext(base) == ".png", !entry.Type().IsRegular():
			return nil
		}
		content, err := fs.ReadFile(root, name)
		if utf8.Valid(content) {
			files[name] = string(content)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}
