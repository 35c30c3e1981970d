package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
)

// architecture is a processor that a release is for.
type architecture struct {
	name      string   // as Go and Debian both call it
	compiler  string   // of C
	emulators []string // that run its programs elsewhere, any of them
}

var architectures = []architecture{
	{name: "amd64", compiler: "x86_64-linux-gnu-gcc", emulators: []string{"qemu-x86_64-static", "qemu-x86_64"}},
	{name: "arm64", compiler: "aarch64-linux-gnu-gcc", emulators: []string{"qemu-aarch64-static", "qemu-aarch64"}},
}

// isNative reports whether this machine runs its programs.
func (a architecture) isNative() bool { return runtime.GOOS == "linux" && runtime.GOARCH == a.name }

// library is Debian's package with the C library that is linked.
func (a architecture) library() string { return libraryFor(a.name, runtime.GOARCH) }

// libraryFor is that package for programs of a processor that are made on a machine of one.
func libraryFor(processor, machine string) string {
	if processor == machine {
		return "libc6-dev"
	}
	return "libc6-dev-" + processor + "-cross"
}

// emulator is what programs are started by: "" on a machine of that processor, or where there is none.
func (a architecture) emulator(lookPath func(string) (string, error)) string {
	for _, name := range a.emulators {
		if path, err := lookPath(name); err == nil && !a.isNative() {
			return path
		}
	}
	return ""
}

// missingTools names all that is missing, each with Debian's package that has it.
func missingTools(lookPath func(string) (string, error)) error {
	var missing, packages []string
	lacks := func(program, of string) {
		missing, packages = append(missing, program), append(packages, of)
	}
	needed := [][2]string{{"git", "git"}, {"dpkg-query", "dpkg"}, {"dpkg-deb", "dpkg"}}
	for _, a := range architectures {
		needed = append(needed, [2]string{a.compiler, crossPackage(a)})
	}
	for _, one := range needed {
		if _, err := lookPath(one[0]); err != nil {
			lacks(one[0], one[1])
		}
	}
	for _, a := range architectures {
		if !a.isNative() && a.emulator(lookPath) == "" {
			lacks(a.emulators[0], "qemu-user-static")
		}
	}
	if len(missing) == 0 {
		return nil
	}
	return fmt.Errorf("missing: %s. It is made on Debian.\nNext: apt-get install %s",
		strings.Join(missing, ", "), strings.Join(packages, " "))
}

// crossPackage are Debian's packages with the compiler and the C library.
func crossPackage(a architecture) string {
	if a.isNative() {
		return "gcc " + a.library()
	}
	triplet := strings.ReplaceAll(strings.TrimSuffix(a.compiler, "-gcc"), "_", "-")
	return "gcc-" + triplet + " " + a.library()
}

// toolchainIsPinned refuses another Go than that of go.mod: it would make other bytes.
func toolchainIsPinned(root string) error {
	text, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		return err
	}
	line := regexp.MustCompile(`(?m)^go (\S+)$`).FindSubmatch(text)
	if line == nil {
		return errors.New("go.mod does not say a version of Go")
	}
	if want := "go" + string(line[1]); runtime.Version() != want {
		return fmt.Errorf("a release is made by %s, and this is %s.\nNext: make release, which asks for it", want, runtime.Version())
	}
	return nil
}

// libraryVersion is the version of the C library that is linked, as Debian has it. That of the machine may be installed for several
// processors, and each version would be told.
func libraryVersion(ctx context.Context, a architecture) (string, error) {
	name := a.library()
	if a.isNative() {
		name += ":" + a.name
	}
	return capture(ctx, ".", "dpkg-query", "--show", "--showformat=${Version}", name)
}
