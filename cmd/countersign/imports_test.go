package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// goPackage is what `go list -json` tells of one package; test files are left out on purpose.
type goPackage struct {
	ImportPath string
	Dir        string
	Doc        string
	GoFiles    []string
	CgoFiles   []string // further ones, with a part in C
	Imports    []string
}

const module = "countersign"

// mayImport is the direction of imports: each folder with those of ours that its packages may import.
// The longest folder that holds a package decides. A trailing "/..." means the folder and all below it.
// Only cmd may use the reference phone, oauth/deviceclient. The closed sets of words, audit/term, are the one thing
// that views may import. The rule stands in .golangci.yml too.
var mayImport = map[string][]string{
	"cmd": {"handlers/...", "models/...", "oauth", "oauth/deviceclient", "audit", "audit/export", "audit/packed", "audit/term", "audit/tree",
		"views", "static", "cmd/..."},
	"handlers": {"handlers/web", "handlers/device", "handlers/counter", "handlers/review", "handlers/admin", "handlers/notices",
		"handlers/guide", "handlers/signin", "handlers/tlog", "models", "models/document", "oauth", "audit", "audit/term", "views", "static"},
	"handlers/device":  {"handlers/web", "models", "oauth", "oauth/protectedresource", "audit", "audit/term", "views", "static"},
	"handlers/counter": {"handlers/console", "handlers/web", "models", "models/document", "oauth", "audit", "audit/term", "views", "static"},
	"handlers/review": {"handlers/console", "handlers/web", "models", "models/document", "oauth", "audit", "audit/export", "audit/term",
		"views", "static"},
	"cmd/countersign-verify": {"audit/export"}, // it has no database, no server and no network
	"handlers/admin": {"handlers/console", "handlers/limits", "handlers/web", "models", "models/accountcsv", "models/document",
		"models/hours", "models/zones", "oauth",
		"audit", "audit/term", "views", "static"},
	"handlers/guide":   {"docs/help", "handlers/web", "models/document", "static", "views"},
	"docs/help":        {},
	"handlers/tlog":    {"handlers/web", "models", "audit/tree"},
	"handlers/witness": {"audit/tree"},
	"handlers/notices": {"handlers/traces", "handlers/web", "models", "models/spelling", "oauth", "audit", "audit/term", "views", "static"},
	"handlers/signin":  {"handlers/console", "handlers/traces", "handlers/web", "models", "models/spelling", "audit/term", "oauth", "views"},
	"handlers/console": {"handlers/web", "models", "audit/term", "oauth", "views"},
	"handlers/web": {"handlers/gate", "handlers/keyfetch", "handlers/limits", "handlers/metrics", "handlers/traces",
		"models", "models/document", "models/hours", "models/spelling", "oauth",
		"audit", "audit/term", "views", "static"},
	"handlers/gate":     {},
	"handlers/keyfetch": {"oauth"},
	"handlers/limits":   {},
	"handlers/metrics":  {"models"},
	"handlers/traces":   {"models"},
	"models":            {"models/...", "oauth", "audit", "audit/term", "audit/tree"},
	"models/accountcsv": {"models", "models/document", "models/spelling", "oauth"},
	"models/spelling":   {"oauth"},
	"models/document":   {},
	"models/keys":       {"oauth", "audit", "audit/term", "audit/tree"},
	"models/hours":      {},
	"models/zones":      {},
	"oauth":             {},

	"oauth/protectedresource": {"oauth"},
	"audit":                   {"audit/packed", "audit/term", "audit/tree"},
	"audit/export":            {"audit", "audit/term", "audit/tree"},
	"audit/packed":            {},
	"audit/term":              {},
	"audit/tree":              {},
	"views":                   {"audit/term"},
	"static":                  {},

	// What only tests use may start the server and be its phone.
	"handlers/handlerstest": {"handlers", "handlers/gate", "handlers/limits", "handlers/web",
		"models", "models/document", "models/keys", "models/modelstest",
		"models/spelling", "oauth", "oauth/deviceclient", "oauth/protocoltest", "audit", "audit/term"},
}

// confined are libraries that belong to some folders only.
var confined = map[string][]string{
	"gorm.io/":                    {"models", "audit"},
	"github.com/jackc/pgx/":       {"models", "cmd/bench"},
	"github.com/mattn/go-sqlite3": {"models", "cmd/bench"},
	"github.com/pressly/goose/":   {"models"},
	"github.com/labstack/":        {"handlers", "cmd"},
	"github.com/a-h/templ":        {"views", "handlers"},
	"github.com/go-jose/":         {"oauth", "audit", "models", "handlers", "cmd"},
	"github.com/wneessen/go-mail": {"handlers/notices"},
	"github.com/yuin/goldmark":    {"handlers/guide"},
	"database/sql":                {"models", "audit", "cmd/bench"},
	"golang.org/x/mod/":           {"audit/tree", "cmd/release"},
	"github.com/klauspost/":       {"audit/packed"},
	"github.com/prometheus/":      {"handlers/metrics"},
	"go.opentelemetry.io/":        {"handlers/traces", "handlers/handlerstest"},
	"google.golang.org/":          {"handlers/traces", "handlers/handlerstest"},
}

// pure are folders that read and write no rows.
var pure = []string{"audit/export", "audit/packed", "audit/tree", "models/document", "models/hours", "models/keys", "models/zones"}

// storage are the libraries that pure folders may not import.
var storage = []string{"gorm.io/", "database/sql"}

func TestImportsPointDownwards(t *testing.T) {
	for _, p := range listPackages(t) {
		for _, broken := range brokenImports(p) {
			t.Error(broken)
		}
	}
}

func TestBrokenImportsAreFound(t *testing.T) {
	for _, c := range importExamples() {
		p := goPackage{ImportPath: module + "/" + c.pkg, Imports: []string{c.imports}}
		if got := len(brokenImports(p)) > 0; got != c.refused {
			t.Errorf("%s imports %s: refused = %v, want %v", c.pkg, c.imports, got, c.refused)
		}
	}
}

// importExample is a package that imports another one, which the rules refuse or not.
type importExample struct {
	pkg, imports string
	refused      bool
}

func importExamples() []importExample { return slices.Concat(goodImports(), badImports()) }

func goodImports() []importExample {
	return []importExample{
		{"cmd/countersign", "countersign/handlers", false},
		{"cmd/countersign", "countersign/oauth/deviceclient", false},
		{"handlers", "countersign/handlers/review", false},
		{"handlers/device", "countersign/handlers/web", false},
		{"handlers/web", "countersign/models", false},
		{"handlers/web", "countersign/handlers/keyfetch", false},
		{"handlers/counter", "countersign/handlers/console", false},
		{"handlers/keyfetch", "countersign/oauth", false},
		{"models", "countersign/models/migrations", false},
		{"models", "countersign/audit", false},
		{"models", "countersign/models/document", false},
		{"handlers/counter", "countersign/models/document", false},
		{"models", "countersign/models/keys", false},
		{"models/keys", "countersign/oauth", false},
		{"models", "countersign/models/zones", false},
		{"models", "gorm.io/gorm", false},
		{"audit", "gorm.io/gorm", false},
		{"oauth", "crypto/sha256", false},
		{"audit", "countersign/audit/term", false},
		{"audit", "countersign/audit/tree", false},
		{"views", "countersign/audit/term", false},
	}
}

func badImports() []importExample {
	return []importExample{
		{"oauth", "countersign/audit", true},
		{"oauth", "countersign/models", true},
		{"oauth/deviceclient", "countersign/oauth", true},
		{"audit", "countersign/oauth", true},
		{"views", "countersign/models", true},
		{"views", "countersign/audit", true},
		{"audit/term", "countersign/audit", true},
		{"audit/tree", "countersign/audit", true},
		{"audit/tree", "database/sql", true},
		{"audit/export", "countersign/audit", false},
		{"audit/export", "gorm.io/gorm", true},
		{"cmd/countersign-verify", "countersign/models", true},
		{"views", "countersign/audit/tree", true},
		{"models", "golang.org/x/mod/sumdb/note", true},
		{"oauth", "countersign/audit/term", true},
		{"static", "countersign/views", true},
		{"models", "countersign/handlers/web", true},
		{"models/document", "countersign/models", true},
		{"models/document", "countersign/audit", true},
		{"models/keys", "countersign/models", true},
		{"models/zones", "countersign/models", true},
		{"models/zones", "database/sql", true},
		{"views", "countersign/models/zones", true},
		{"models/keys", "gorm.io/gorm", true},
		{"models/keys", "database/sql", true},
		{"handlers/device", "countersign/models/document", true},
		{"models", "countersign/oauth/deviceclient", true},
		{"handlers/web", "countersign/handlers/device", true},
		{"handlers/web", "countersign/handlers/console", true},
		{"handlers/device", "countersign/handlers/console", true},
		{"handlers/limits", "countersign/models", true},
		{"handlers/keyfetch", "countersign/handlers/limits", true},
		{"handlers/device", "countersign/handlers/keyfetch", true},
		{"handlers/counter", "countersign/handlers/device", true},
		{"handlers/review", "countersign/handlers", true},
		{"handlers", "countersign/cmd/countersign", true},
		{"handlers/counter", "gorm.io/gorm", true},
		{"cmd/countersign", "gorm.io/driver/sqlite", true},
		{"models", "github.com/labstack/echo/v4", true},
		{"views", "github.com/go-jose/go-jose/v4", true},
		{"oauth", "database/sql", true},
		{"services", "countersign/models", true},
	}
}

func TestEveryPackageHasAMap(t *testing.T) {
	for _, p := range listPackages(t) {
		if len(p.GoFiles) > 0 && p.Doc == "" {
			t.Errorf("%s has no package comment", p.ImportPath)
		}
	}
}

// brokenImports says which imports of p point the wrong way, in words.
func brokenImports(p goPackage) []string {
	folder := strings.TrimPrefix(p.ImportPath, module+"/")
	allowed, known := allowedFor(folder)
	if !known {
		return []string{fmt.Sprintf("%s is no room of the house: design it first, then add it to mayImport", p.ImportPath)}
	}
	var broken []string
	for _, imported := range p.Imports {
		ours, isOurs := strings.CutPrefix(imported, module+"/")
		if isOurs && !slices.ContainsFunc(allowed, func(a string) bool { return covers(a, ours) }) {
			broken = append(broken, fmt.Sprintf("%s may not import %s", p.ImportPath, imported))
		}
		if slices.Contains(pure, folder) && slices.ContainsFunc(storage, func(s string) bool { return strings.HasPrefix(imported, s) }) {
			broken = append(broken, fmt.Sprintf("%s may not import %s: it reads and writes no rows", p.ImportPath, imported))
		}
		for library, folders := range confined {
			if strings.HasPrefix(imported, library) && !slices.ContainsFunc(folders, func(f string) bool { return within(folder, f) }) {
				broken = append(broken, fmt.Sprintf("%s may not import %s: it stays in %s", p.ImportPath, imported, strings.Join(folders, ", ")))
			}
		}
	}
	return broken
}

// allowedFor finds the rule of the longest folder that holds the package.
func allowedFor(folder string) (allowed []string, known bool) {
	for f := folder; f != "."; f = filepath.Dir(f) {
		if allowed, known = mayImport[f]; known {
			return allowed, true
		}
	}
	return nil, false
}

func covers(pattern, folder string) bool {
	if tree, all := strings.CutSuffix(pattern, "/..."); all {
		return within(folder, tree)
	}
	return pattern == folder
}

func within(folder, tree string) bool {
	return folder == tree || strings.HasPrefix(folder, tree+"/")
}

// listPackages asks the go command for every package of this module.
func listPackages(t *testing.T) []goPackage {
	t.Helper()
	list := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Dir,Doc,GoFiles,CgoFiles,Imports", "./...")
	list.Dir = filepath.Join("..", "..")
	out, err := list.Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			t.Fatalf("go list: %v\n%s", err, exit.Stderr)
		}
		t.Fatal(err)
	}
	var packages []goPackage
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p goPackage
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return packages
		} else if err != nil {
			t.Fatal(err)
		}
		packages = append(packages, p)
	}
}
