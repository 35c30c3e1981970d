package main

import (
	"bytes"
	"context"
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
var ownVariables = []string{"GOFLAGS", "GOOS", "GOARCH", "GOAMD64", "GOARM64", "GOEXPERIMENT", "GODEBUG", "GOWORK", "GOTMPDIR",
	"CC", "CGO_CFLAGS", "CGO_CPPFLAGS", "CGO_LDFLAGS", "CGO_ENABLED"}

// buildVariables are the environment of a build.
func buildVariables(environ []string, a architecture, further []string) []string {
	kept := slices.DeleteFunc(slices.Clone(environ), func(variable string) bool {
		name, _, _ := strings.Cut(variable, "=")
		return slices.Contains(ownVariables, name)
	})
	kept = append(kept, "GOOS=linux", "GOARCH="+a.name, "CC="+a.compiler, "GOFLAGS=-mod=readonly", "GOWORK=off", "LC_ALL=C", "TZ=UTC")
	return append(kept, further...)
}

// build compiles both programs of a clone into a folder.
func (b *builder) build(ctx context.Context, clone string, a architecture, into string, further []string) error {
	variables := buildVariables(os.Environ(), a, further)
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
