package views

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"countersign/audit/term"
)

// The rules that keep every text in the catalogues, held by reading the sources
// (docs/decisions/0021-words.md).

// sayers are the functions whose first text is said in the reader's language.
var sayers = []string{"say", "Say", "SayLater", "phrase", "Key"}

// source is a file of ours that is not a test.
type source struct {
	path string
	file *ast.File
	set  *token.FileSet
}

// sources reads the files below the folders of this module.
func sources(t *testing.T, folders ...string) []source {
	t.Helper()
	var list []source
	for _, folder := range folders {
		err := filepath.WalkDir(filepath.Join("..", filepath.FromSlash(folder)), func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			set := token.NewFileSet()
			file, err := parser.ParseFile(set, path, nil, 0)
			list = append(list, source{filepath.ToSlash(path), file, set})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return list
}

// people are the folders whose words people read on pages and in messages.
func people() []string { return []string{"views", "handlers", "cmd/countersign/demoprovider"} }

// sayer is the name of the function that a call calls, when it says a text.
func sayer(call *ast.CallExpr) string {
	name := ""
	switch f := call.Fun.(type) {
	case *ast.Ident:
		name = f.Name
	case *ast.SelectorExpr:
		name = f.Sel.Name
	}
	if slices.Contains(sayers, name) {
		return name
	}
	return ""
}

// fromViews tells the package's own say from a function of the same name in a command, which
// writes to a terminal.
func fromViews(s source, call *ast.CallExpr) bool {
	if s.file.Name.Name != "main" {
		return true
	}
	f, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	from, ok := f.X.(*ast.Ident)
	return ok && from.Name == "views"
}

// literal is the text of a string literal.
func literal(e ast.Expr) (string, bool) {
	l, ok := e.(*ast.BasicLit)
	if !ok || l.Kind != token.STRING {
		return "", false
	}
	text, err := strconv.Unquote(l.Value)
	return text, err == nil
}

// saidTexts are all texts that are said somewhere, with the place. What is said of a variable is
// a text that Key has marked.
func saidTexts(t *testing.T) map[string]string {
	t.Helper()
	keys := map[string]string{}
	for _, s := range sources(t, "views", "handlers", "cmd") {
		ast.Inspect(s.file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || sayer(call) == "" || len(call.Args) == 0 || !fromViews(s, call) {
				return true
			}
			for _, arg := range call.Args[:min(2, len(call.Args))] {
				if text, ok := literal(arg); ok {
					keys[text] = s.set.Position(call.Pos()).String()
					break
				}
			}
			return true
		})
	}
	for _, s := range sources(t, "audit") { // the trail says the titles of events
		ast.Inspect(s.file, func(n ast.Node) bool {
			if field, ok := n.(*ast.KeyValueExpr); ok {
				if name, ok := field.Key.(*ast.Ident); ok && name.Name == "Title" {
					if text, ok := literal(field.Value); ok {
						keys[text] = s.set.Position(field.Pos()).String()
					}
				}
			}
			return true
		})
	}
	for _, set := range term.Sets() { // pages say the words that events and rows hold
		for _, word := range set.Words {
			keys[word.Label] = "audit/term: " + set.Name
			if word.Hint != "" {
				keys[word.Hint] = "audit/term: " + set.Name
			}
		}
	}
	for _, s := range sources(t, "models") { // the console says what is wrong with an accounts file
		ast.Inspect(s.file, func(n ast.Node) bool {
			if constant, ok := n.(*ast.ValueSpec); ok && len(constant.Values) == 1 {
				kind, _ := constant.Type.(*ast.Ident)
				if text := joined(constant.Values[0]); text != "" && kind != nil && kind.Name == "ImportProblem" {
					keys[text] = s.set.Position(constant.Pos()).String()
				}
			}
			return true
		})
	}
	return keys
}

// joined is a literal, or a sum of them.
func joined(e ast.Expr) string {
	if sum, ok := e.(*ast.BinaryExpr); ok {
		return joined(sum.X) + joined(sum.Y)
	}
	text, _ := literal(e)
	return text
}

// forms are the forms of every text of a catalogue: one, or one by plural category.
func forms(t *testing.T, language string) map[string][]string {
	t.Helper()
	content, err := wordFiles.ReadFile("words/" + language + ".json")
	if err != nil {
		t.Fatal(err)
	}
	var raw map[string]any
	if err := json.Unmarshal(content, &raw); err != nil {
		t.Fatal(err)
	}
	delete(raw, "") // the head
	list := map[string][]string{}
	for key, value := range raw {
		switch value := value.(type) {
		case string:
			list[key] = []string{value}
		case map[string]any:
			for _, form := range value {
				list[key] = append(list[key], form.(string))
			}
		}
	}
	return list
}

// catalogues are the forms of every language that the program has.
func catalogues(t *testing.T) map[string]map[string][]string {
	t.Helper()
	files, err := wordFiles.ReadDir("words")
	if err != nil {
		t.Fatal(err)
	}
	list := map[string]map[string][]string{}
	for _, file := range files {
		language := strings.TrimSuffix(file.Name(), ".json")
		list[language] = forms(t, language)
	}
	return list
}

// A text without its German, or German that nobody says, is a mistake of whoever changed
// the English.
func TestEveryTextIsInTheCatalogues(t *testing.T) {
	said, german, english := saidTexts(t), forms(t, "de"), forms(t, "en")
	if len(said) < 300 {
		t.Fatalf("only %d texts are said: the test reads the wrong files", len(said))
	}
	for text, place := range said {
		if len(german[text]) == 0 {
			t.Errorf("%s: not in words/de.json: %q", place, text)
		}
		if strings.Contains(text, "%d") && len(german[text]) > 1 && len(english[text]) < 2 {
			t.Errorf("%s: words/en.json has no singular of %q", place, text)
		}
	}
	for language, catalogue := range catalogues(t) {
		for text, list := range catalogue {
			if said[text] == "" {
				t.Errorf("words/%s.json: nobody says %q", language, text)
			}
			if slices.Contains(list, "") {
				t.Errorf("words/%s.json: %q is empty", language, text)
			}
		}
	}
}

var verb = regexp.MustCompile(`%(\[(\d+)\])?([a-z%])`)

// verbs lists what a text does with its arguments: the verb of each, by its place.
func verbs(text string) map[int]string {
	list, place := map[int]string{}, 0
	for _, m := range verb.FindAllStringSubmatch(text, -1) {
		if m[3] == "%" {
			continue
		}
		place++
		if m[2] != "" {
			place, _ = strconv.Atoi(m[2])
		}
		list[place] = m[3]
	}
	return list
}

var placeholder = regexp.MustCompile(`\{[a-z]+\}`)

// A translation takes the same arguments as the text. It may leave out the number that its
// form is about, and put them in another order by %[2]s.
func TestTranslationsTakeTheSameArguments(t *testing.T) {
	for language, catalogue := range catalogues(t) {
		for text, list := range catalogue {
			wanted := verbs(text)
			for _, form := range list {
				got := verbs(form)
				for place, v := range wanted {
					if left := len(list) > 1 && place == 1 && len(got) == 0; got[place] != v && !left {
						t.Errorf("words/%s.json: argument %d of %q is told as %%%s, in %q as %q", language, place, text, v, form, got[place])
					}
				}
				if len(got) > len(wanted) {
					t.Errorf("words/%s.json: %q takes more than %q", language, form, text)
				}
				in, out := placeholder.FindAllString(text, -1), placeholder.FindAllString(form, -1)
				slices.Sort(in)
				slices.Sort(out)
				if !slices.Equal(in, out) {
					t.Errorf("words/%s.json: %q has %v, %q has %v", language, text, in, form, out)
				}
			}
		}
	}
}
