package term

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// A word fits the facts of an event: package audit has the same shape.
var shape = regexp.MustCompile(`^[a-z0-9][a-z0-9 _-]{0,63}$`)

func TestSetsAreSound(t *testing.T) {
	seen := map[string]bool{}
	for _, set := range Sets() {
		if seen[set.Name] {
			t.Errorf("%s is there twice", set.Name)
		}
		seen[set.Name] = true
		var values []string
		for _, word := range set.Words {
			if !shape.MatchString(word.Value) || slices.Contains(values, word.Value) {
				t.Errorf("%s: %q is no word, or there twice", set.Name, word.Value)
			}
			if strings.TrimSpace(word.Label) == "" {
				t.Errorf("%s: %q has no plain English", set.Name, word.Value)
			}
			values = append(values, word.Value)
		}
	}
}

// Every type of the package is a set of Sets, in a file of its own, and every constant of it
// is in its list.
func TestEveryConstantIsInItsSet(t *testing.T) {
	sets := map[string][]string{}
	for _, set := range Sets() {
		for _, word := range set.Words {
			sets[set.Name] = append(sets[set.Name], word.Value)
		}
	}
	for name, file := range parsed(t) {
		types := declared(file)
		if len(types) > 1 {
			t.Errorf("%s has the sets %v: a file has one", name, types)
		}
		for _, typ := range types {
			if sets[typ] == nil {
				t.Errorf("%s: %s is not in Sets", name, typ)
			}
		}
		for value, typ := range constants(t, file) {
			if !slices.Contains(sets[typ], value) {
				t.Errorf("%s: %q is not in the list of %s", name, value, typ)
			}
		}
	}
}

func parsed(t *testing.T) map[string]*ast.File {
	t.Helper()
	names, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]*ast.File{}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		if files[name], err = parser.ParseFile(token.NewFileSet(), name, nil, 0); err != nil {
			t.Fatal(err)
		}
	}
	return files
}

// declared are the string types of a file.
func declared(file *ast.File) []string {
	var types []string
	ast.Inspect(file, func(n ast.Node) bool {
		if spec, ok := n.(*ast.TypeSpec); ok {
			if kind, ok := spec.Type.(*ast.Ident); ok && kind.Name == "string" {
				types = append(types, spec.Name.Name)
			}
		}
		return true
	})
	return types
}

// constants are the values of the constants that have a type, with its name.
func constants(t *testing.T, file *ast.File) map[string]string {
	t.Helper()
	values := map[string]string{}
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || spec.Type == nil || len(spec.Values) != 1 {
			return true
		}
		kind, named := spec.Type.(*ast.Ident)
		text, literal := spec.Values[0].(*ast.BasicLit)
		if !named || !literal {
			return true
		}
		value, err := strconv.Unquote(text.Value)
		if err != nil {
			t.Fatal(err)
		}
		values[value] = kind.Name
		return true
	})
	return values
}

// A word that no set has, such as one of an older release, is its own label.
func TestUnknownWords(t *testing.T) {
	for got, want := range map[string]string{
		Decline("gone").Label(): "gone", Refusal("gone").Label(): "gone", System("gone").Label(): "gone", ServerKey("gone").Label(): "gone",
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
