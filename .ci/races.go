// Command races prints a regular expression, for the flags -run and -skip of go test, of the tests that have to run with the race
// detector: go run .ci/races.go PACKAGE[=PATTERN]…
//
// Of a package it takes each test that starts a goroutine, itself or by functions of the package's tests that it calls; with a pattern
// it takes the tests whose names match, and with an empty one none. It fails where a name stands for a test of another package as well,
// which -skip would leave out unseen, and where nothing matches.
package main

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

func main() {
	names, err := races(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "races:", err)
		os.Exit(1)
	}
	fmt.Println("^(" + strings.Join(names, "|") + ")$")
}

func races(packages []string) ([]string, error) {
	chosen, others := map[string]bool{}, map[string]string{} // names; packages by name
	for _, argument := range packages {
		folder, pattern, patterned := strings.Cut(argument, "=")
		functions, err := functionsOf(folder)
		if err != nil {
			return nil, err
		}
		spread(functions)
		matches, err := regexp.Compile(pattern)
		if err != nil {
			return nil, err
		}
		before := len(chosen)
		for name, f := range functions {
			switch {
			case !strings.HasPrefix(name, "Test"):
			case !patterned && f.starts, pattern != "" && matches.MatchString(name):
				chosen[name] = true
			default:
				others[name] = folder
			}
		}
		if wanted := !patterned || pattern != ""; wanted && len(chosen) == before {
			return nil, errors.New(folder + " has no such test")
		}
	}
	var problems []error
	for name := range chosen {
		if folder := others[name]; folder != "" {
			problems = append(problems, fmt.Errorf("%s needs the race detector, and in %s it does not: rename one of them", name, folder))
		}
	}
	return slices.Sorted(maps.Keys(chosen)), errors.Join(problems...)
}

// function is what is known of all functions and methods of a package's tests that have a name.
type function struct {
	starts bool // a goroutine
	calls  map[string]bool
}

func functionsOf(folder string) (map[string]*function, error) {
	files, err := filepath.Glob(filepath.Join(folder, "*_test.go"))
	all := map[string]*function{}
	for _, path := range files {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		for _, declared := range file.Decls {
			if f, is := declared.(*ast.FuncDecl); is && f.Body != nil {
				if all[f.Name.Name] == nil {
					all[f.Name.Name] = &function{calls: map[string]bool{}}
				}
				ast.Inspect(f.Body, all[f.Name.Name].see)
			}
		}
	}
	return all, err
}

func (f *function) see(node ast.Node) bool {
	switch node := node.(type) {
	case *ast.GoStmt:
		f.starts = true
	case *ast.CallExpr:
		switch called := node.Fun.(type) {
		case *ast.Ident:
			f.calls[called.Name] = true
		case *ast.SelectorExpr:
			f.calls[called.Sel.Name] = true
			f.starts = f.starts || called.Sel.Name == "Go" // of a sync.WaitGroup
		}
	}
	return true
}

// spread lets what calls a function that starts goroutines start them.
func spread(functions map[string]*function) {
	for more := true; more; {
		more = false
		for _, f := range functions {
			for name := range f.calls {
				if called := functions[name]; !f.starts && called != nil && called.starts {
					f.starts, more = true, true
				}
			}
		}
	}
}
