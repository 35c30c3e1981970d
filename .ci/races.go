// Command races prints a regular expression, for the flags -run and -skip of go test, of the tests that have to run with the race
// detector: go run .ci/races.go ARGUMENT…
//
//	./PACKAGE       each of its tests that starts a goroutine, itself or by functions of the package's tests that it calls
//	TestNAME        a test of one of these packages whose goroutines are those of what it tests
//	./PACKAGE=none  a package that is tested without the detector: none of its tests may start a goroutine
//	./PACKAGE=any   one whose tests may
//
// It fails where a test of a package without the detector, or one that is not taken, has the name of one that is: -skip would leave it
// out unseen.
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
	"slices"
	"strings"
)

func main() {
	names, err := races(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println("^(" + strings.Join(names, "|") + ")$")
}

func races(arguments []string) ([]string, error) {
	taken, others := map[string]bool{}, map[string]string{} // names; packages by name
	var problems []error
	for _, argument := range arguments {
		if strings.HasPrefix(argument, "Test") {
			taken[argument] = true
		}
	}
	for _, argument := range arguments {
		folder, without, is := strings.Cut(argument, "=")
		if strings.HasPrefix(argument, "Test") {
			continue
		}
		functions, err := functionsOf(folder)
		problems = append(problems, err)
		spread(functions)
		before := len(taken)
		for name, f := range functions {
			switch {
			case !strings.HasPrefix(name, "Test"):
			case !is && (f.starts || taken[name]):
				taken[name] = true
			case f.starts && without == "none":
				problems = append(problems, fmt.Errorf("%s of %s starts a goroutine: test the package with the race detector", name, folder))
			default:
				others[name] = folder
			}
		}
		if !is && len(taken) == before {
			problems = append(problems, fmt.Errorf("no test of %s is seen to start a goroutine: test it without the race detector", folder))
		}
	}
	for name := range taken {
		if folder := others[name]; folder != "" {
			problems = append(problems, fmt.Errorf("%s needs the race detector, and in %s it does not: rename one of them", name, folder))
		}
	}
	return slices.Sorted(maps.Keys(taken)), errors.Join(problems...)
}

// function is what is known of all functions and methods of a package's tests that have a name.
type function struct {
	starts bool // a goroutine
	names  map[string]bool
}

func functionsOf(folder string) (map[string]*function, error) {
	files, err := filepath.Glob(filepath.Join(folder, "*_test.go"))
	if err == nil && len(files) == 0 {
		err = fmt.Errorf("%s has no tests", folder)
	}
	all := map[string]*function{}
	for _, path := range files {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		for _, declared := range file.Decls {
			if f, is := declared.(*ast.FuncDecl); is && f.Body != nil {
				if all[f.Name.Name] == nil {
					all[f.Name.Name] = &function{names: map[string]bool{}}
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
	case *ast.Ident: // called, or passed on
		f.names[node.Name] = true
		f.starts = f.starts || node.Name == "Go" // of a sync.WaitGroup
	}
	return true
}

// spread lets what names a function that starts goroutines start them.
func spread(functions map[string]*function) {
	for more := true; more; {
		more = false
		for _, f := range functions {
			for name := range f.names {
				if named := functions[name]; !f.starts && named != nil && named.starts {
					f.starts, more = true, true
				}
			}
		}
	}
}
