package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// The recipe: programs that need no file of the system they run on. Dockerfile has the same tags and flags, which a test compares.
const (
	buildTags = "osusergo netgo sqlite_omit_load_extension"
	linkFlags = "-s -w -linkmode external -extldflags -static -X main.version="
)

// The programs. The first has SQLite in it, which is compiled from C; the second is all Go.
const (
	serverProgram = "countersign"
	verifyProgram = "countersign-verify"
)

// ownVariables would make other programs, or none: what a developer has set for himself is left out.
var ownVariables = []string{"GOFLAGS", "GOOS", "GOARCH", "GOAMD64", "GOARM64", "GOEXPERIMENT", "GOFIPS140", "GODEBUG", "GOWORK",
	"GOTMPDIR", "GO_EXTLINK_ENABLED", "CC", "CGO_CFLAGS", "CGO_CPPFLAGS", "CGO_LDFLAGS", "CGO_ENABLED",
	"CPATH", "C_INCLUDE_PATH", "LIBRARY_PATH", "COMPILER_PATH", "GCC_EXEC_PREFIX"}

// fetchingVariables say where modules and what was built before are: they make no other program. All else of the file that
// `go env -w` writes is left out.
var fetchingVariables = []string{"GOCACHE", "GOMODCACHE", "GOPROXY", "GOSUMDB", "GOPRIVATE", "GONOPROXY", "GONOSUMDB", "GOINSECURE"}

// buildVariables are the environment of a build.
func buildVariables(environ []string, a architecture, further []string) []string {
	kept := slices.DeleteFunc(slices.Clone(environ), func(variable string) bool {
		name, _, _ := strings.Cut(variable, "=")
		return slices.Contains(ownVariables, name)
	})
	kept = append(kept, "GOOS=linux", "GOARCH="+a.name, "CC="+a.compiler, "GOFLAGS=-mod=readonly", "GOWORK=off", "GOENV=off",
		"LC_ALL=C", "TZ=UTC")
	return append(kept, further...)
}

// fetching asks the go command for fetchingVariables.
func fetching(ctx context.Context, folder string) (variables []string, err error) {
	said, err := capture(ctx, folder, "go", append([]string{"env", "-json"}, fetchingVariables...)...)
	if err != nil {
		return nil, err
	}
	values := map[string]string{}
	if err := json.Unmarshal([]byte(said), &values); err != nil {
		return nil, err
	}
	for _, name := range fetchingVariables {
		variables = append(variables, name+"="+values[name])
	}
	return variables, nil
}

// build compiles both programs of a clone into a folder.
func (b *builder) build(ctx context.Context, clone string, a architecture, into string, further []string) error {
	found, err := fetching(ctx, clone)
	if err != nil {
		return err
	}
	variables := buildVariables(os.Environ(), a, append(found, further...))
	for _, one := range []struct {
		program, cgo string
		args         []string
	}{
		{serverProgram, "1", []string{"-tags", buildTags, "-ldflags", linkFlags + b.version.name}},
		{verifyProgram, "0", []string{"-ldflags", "-s -w"}},
	} {
		args := slices.Concat([]string{"build", "-trimpath", "-buildvcs=true"}, one.args,
			[]string{"-o", filepath.Join(into, one.program), "./cmd/" + one.program})
		process := exec.CommandContext(ctx, "go", args...)
		process.Dir, process.Env = clone, append(slices.Clone(variables), "CGO_ENABLED="+one.cgo)
		if said, err := process.CombinedOutput(); err != nil {
			return fmt.Errorf("go %s: %w\n%s", strings.Join(args, " "), err, said)
		}
		if err := namesNoFolder(ctx, filepath.Join(into, one.program), clone); err != nil {
			return err
		}
	}
	return nil
}

// clone makes a clean checkout of the commit, with its history, from which the go command reads the commit.
func (b *builder) clone(ctx context.Context, folder string) error {
	if _, err := capture(ctx, b.root, "git", "clone", "--quiet", "--shared", "--no-checkout", b.root, folder); err != nil {
		return err
	}
	_, err := capture(ctx, folder, "git", "checkout", "--quiet", "--detach", b.version.commit)
	return err
}

// namesNoFolder refuses a program that has a folder of this machine in it.
func namesNoFolder(ctx context.Context, program, clone string) error {
	content, err := os.ReadFile(program)
	if err != nil {
		return err
	}
	folders, err := capture(ctx, clone, "go", "env", "GOMODCACHE", "GOCACHE")
	if err != nil {
		return err
	}
	for _, folder := range append(strings.Fields(folders), clone, filepath.Join(os.TempDir(), "go-build")) {
		if bytes.Contains(content, []byte(folder)) {
			return fmt.Errorf("%s has %s in it: it would be another program elsewhere", filepath.Base(program), folder)
		}
	}
	return nil
}
