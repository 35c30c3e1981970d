package views

import (
	"go/ast"
	"go/parser"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/net/html"
)

// Templates, props and what functions return hold no words of their own: each is said in the reader's language.

// neverSaid are the letters that stand on pages in every language: the product's name.
var neverSaid = []string{"Countersign", "software_id"}

// worded are the attributes that people read or hear.
var worded = []string{"aria-label", "aria-description", "title", "placeholder", "alt", "data-label", "label"}

func hasLetters(text string) bool {
	for _, name := range neverSaid {
		text = strings.ReplaceAll(text, name, "")
	}
	return strings.ContainsFunc(text, unicode.IsLetter)
}

// Templates have no letters of their own: what templ has made of each is read as the markup
// that it writes, with nothing where something is put in.
func TestTemplatesHaveNoNakedLetters(t *testing.T) {
	read := 0
	for _, s := range sources(t, "views") {
		if !strings.HasSuffix(s.path, "_templ.go") {
			continue
		}
		for _, declaration := range s.file.Decls {
			function, ok := declaration.(*ast.FuncDecl)
			if !ok {
				continue
			}
			markup := written(t, s, function)
			read += len(markup)
			for _, found := range nakedLetters(markup) {
				t.Errorf("%s: %s has %s", s.path, function.Name.Name, found)
			}
		}
	}
	if read < 20_000 {
		t.Fatalf("only %d bytes of markup were read", read)
	}
}

// written is all markup that a template's function writes, and reports literals that it
// writes as text.
func written(t *testing.T, s source, function *ast.FuncDecl) string {
	var markup strings.Builder
	ast.Inspect(function, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		f, ok := call.Fun.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		switch {
		case f.Sel.Name == "WriteString" && len(call.Args) == 3:
			text, _ := literal(call.Args[2])
			markup.WriteString(text)
		case f.Sel.Name == "JoinStringErrs":
			for _, text := range nakedLiterals(call) {
				if wordy(text) {
					t.Errorf("%s: %s writes %q", s.path, function.Name.Name, text)
				}
			}
		}
		return true
	})
	return markup.String()
}

// nakedLetters are the texts and worded attributes with letters in a piece of markup.
func nakedLetters(markup string) []string {
	var found []string
	reader := html.NewTokenizer(strings.NewReader(strings.ReplaceAll(markup, "noscript", "div"))) // whose text counts, too
	for {
		switch reader.Next() {
		case html.ErrorToken:
			return found
		case html.TextToken:
			if text := reader.Token().Data; hasLetters(text) {
				found = append(found, strconv.Quote(strings.TrimSpace(text)))
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			for _, a := range reader.Token().Attr {
				if slices.Contains(worded, a.Key) && hasLetters(a.Val) {
					found = append(found, a.Key+"="+strconv.Quote(a.Val))
				}
			}
		}
	}
}

// nakedLiterals are the literals with letters in an expression that nothing says. What
// decides, or names an attribute, is no text: only operands of + and arguments are.
func nakedLiterals(root ast.Node) []string {
	var found []string
	ast.Inspect(root, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			if sayer(n) != "" {
				return false
			}
			if f, ok := n.Fun.(*ast.SelectorExpr); ok && !slices.Contains([]string{"JoinStringErrs", "Sprintf", "Sprint"}, f.Sel.Name) {
				return false // what another function makes of its arguments is its own matter
			}
		case *ast.KeyValueExpr: // the value that a choice sends is a code
			if name, ok := n.Key.(*ast.Ident); ok && name.Name == "Value" {
				return false
			}
		case *ast.BasicLit:
			if text, ok := literal(n); ok && hasLetters(verb.ReplaceAllString(text, "")) {
				found = append(found, text)
			}
		}
		return true
	})
	return found
}

// wordy says whether a text is made for people, and no identifier: it has a blank beside a
// letter, or begins with a capital.
func wordy(text string) bool {
	return blankBeside.MatchString(text) || unicode.IsUpper([]rune(text)[0])
}

var blankBeside = regexp.MustCompile(`\pL[,;:.]? | \pL`)

// shown are the fields of props that hold words for people, by the name of the field.
var shown = []string{"Heading", "What", "Next", "LinkText", "Notice", "Message", "Title", "Label", "Hint", "Legend", "Answered", "Blocked"}

// wordedProps are further fields that hold words in one kind of props only.
var wordedProps = map[string][]string{"FraudCheck": {"Value"}, "FilterChip": {"Name", "Value"}}

// Props are filled with words that were said: a literal in a field that people read is
// refused, and so is one as a page's title.
func TestPropsHaveNoNakedLetters(t *testing.T) {
	for _, s := range sources(t, people()...) {
		report := func(at ast.Node, what string, value ast.Expr) {
			for _, text := range nakedLiterals(value) {
				t.Errorf("%s: %s is %q, which is not said", s.set.Position(at.Pos()), what, text)
			}
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CompositeLit:
				for _, element := range n.Elts {
					field, ok := element.(*ast.KeyValueExpr)
					if !ok {
						continue
					}
					name, ok := field.Key.(*ast.Ident)
					if ok && kindOf(n) != "TooManyError" && (slices.Contains(shown, name.Name) || slices.Contains(wordedProps[kindOf(n)], name.Name)) {
						report(field, name.Name, field.Value)
					}
				}
			case *ast.AssignStmt:
				for i, left := range n.Lhs {
					if field, ok := left.(*ast.SelectorExpr); ok && slices.Contains(shown, field.Sel.Name) && len(n.Rhs) == len(n.Lhs) {
						report(n, field.Sel.Name, n.Rhs[i])
					}
				}
			case *ast.CallExpr:
				if f, ok := n.Fun.(*ast.SelectorExpr); ok && strings.EqualFold(f.Sel.Name, "frame") && len(n.Args) > 1 {
					report(n, "the title", n.Args[1])
				}
			}
			return true
		})
	}
}

// kindOf is the name of a composite literal's type.
func kindOf(c *ast.CompositeLit) string {
	switch kind := c.Type.(type) {
	case *ast.Ident:
		return kind.Name
	case *ast.SelectorExpr:
		return kind.Sel.Name
	}
	return ""
}

// No function of this package returns a sentence that is not said.
func TestViewsReturnNothingUnsaid(t *testing.T) {
	for _, s := range sources(t, "views") {
		ast.Inspect(s.file, func(n ast.Node) bool {
			returned, ok := n.(*ast.ReturnStmt)
			if !ok {
				return true
			}
			for _, result := range returned.Results {
				for _, text := range nakedLiterals(result) {
					if wordy(text) {
						t.Errorf("%s: returns %q, which is not said", s.set.Position(returned.Pos()), text)
					}
				}
			}
			return true
		})
	}
}

// The rules above find what they are there for.
func TestNakedLettersAreFound(t *testing.T) {
	for markup, want := range map[string]int{
		`<p>Hello</p>`: 1, `<p></p>`: 0, `<p>Countersign</p>`: 0, `<nav aria-label="Sections"></nav>`: 1,
		`<nav aria-label="" class="x"></nav>`: 0,
		`<input placeholder="Name"/>`:         1, `<td data-label="App"></td>`: 1, `<p>: 12 –</p>`: 0,
	} {
		if got := nakedLetters(markup); len(got) != want {
			t.Errorf("%s: found %v, want %d", markup, got, want)
		}
	}
	for code, want := range map[string]int{
		`"Hello"`: 1, `say(ctx, "Hello")`: 0, `"Hello " + name`: 1, `say(ctx, "Hello") + " " + name`: 0, `views.Say(ctx, "%s at %s", a, b)`: 0,
		`fmt.Sprintf("%s at %s", a, b)`: 1, `fmt.Sprintf("%s: %d", a, b)`: 0, `views.Key("Hello")`: 0, `f.ErrorFor("reason")`: 0,
	} {
		e, err := parser.ParseExpr(code)
		if err != nil {
			t.Fatal(err)
		}
		if got := nakedLiterals(e); len(got) != want {
			t.Errorf("%s: found %v, want %d", code, got, want)
		}
	}
	for text, want := range map[string]map[int]string{
		"%s at %d": {1: "s", 2: "d"}, "%[2]d, %[1]s": {1: "s", 2: "d"}, "100 %": {}, "%%": {},
	} {
		got := verbs(text)
		if len(got) != len(want) || got[1] != want[1] || got[2] != want[2] {
			t.Errorf("verbs of %q: %v, want %v", text, got, want)
		}
	}
}
