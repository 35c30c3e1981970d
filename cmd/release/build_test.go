package main

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The image's program is built by the recipe of the releases.
func TestDockerfileHasTheRecipe(t *testing.T) {
	dockerfile := fileOf(t, "Dockerfile")
	for _, part := range []string{
		`-tags "` + buildTags + `"`, `-ldflags "` + linkFlags + `${VERSION}"`, "go build -trimpath", "CGO_ENABLED=1",
	} {
		if !strings.Contains(dockerfile, part) {
			t.Errorf("Dockerfile does not have %s", part)
		}
	}
}

// What a developer has set for himself makes no other program.
func TestBuildVariables(t *testing.T) {
	got := buildVariables([]string{"HOME=/home/ada", "CC=clang", "GOFLAGS=-race", "CGO_CFLAGS=-O0", "GOAMD64=v3", "GOCACHE=/one",
		"CPATH=/home/ada/include", "GOFIPS140=latest"},
		architectures[1], []string{"GOCACHE=/two"})
	for variable, want := range map[string]bool{
		"HOME=/home/ada": true, "CC=aarch64-linux-gnu-gcc": true, "GOARCH=arm64": true, "GOCACHE=/two": true,
		"CC=clang": false, "GOFLAGS=-race": false, "CGO_CFLAGS=-O0": false, "GOAMD64=v3": false,
		"CPATH=/home/ada/include": false, "GOFIPS140=latest": false, "GOENV=off": true,
	} {
		if slices.Contains(got, variable) != want {
			t.Errorf("%s: %t", variable, !want)
		}
	}
}

// What `go env -w` has written makes no other program, but modules are looked for where it says.
func TestBuildReadsNoFileOfSettings(t *testing.T) {
	settings := filepath.Join(t.TempDir(), "env")
	if err := os.WriteFile(settings, []byte("GOPROXY=https://modules.example.org\nCGO_CFLAGS=-O0\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("GOENV", settings)
	t.Setenv("GOPROXY", "")
	t.Setenv("CGO_CFLAGS", "")
	found, err := fetching(t.Context(), ".")
	if err != nil || !slices.Contains(found, "GOPROXY=https://modules.example.org") {
		t.Errorf("%q, %v", found, err)
	}
	asked := exec.Command("go", "env", "GOPROXY", "CGO_CFLAGS")
	asked.Env = buildVariables(os.Environ(), architectures[0], found)
	if said, err := asked.CombinedOutput(); err != nil || string(said) != "https://modules.example.org\n-O2 -g\n" {
		t.Errorf("%s, %v", said, err)
	}
}

// The C library is the machine's own for its processor, and a cross compiler's for the other one, whichever machine it is.
func TestLibraryIsThatOfTheCompiler(t *testing.T) {
	for _, c := range [][3]string{
		{"amd64", "amd64", "libc6-dev"}, {"arm64", "amd64", "libc6-dev-arm64-cross"},
		{"arm64", "arm64", "libc6-dev"}, {"amd64", "arm64", "libc6-dev-amd64-cross"},
	} {
		if got := libraryFor(c[0], c[1]); got != c[2] {
			t.Errorf("for %s on %s: %s, want %s", c[0], c[1], got, c[2])
		}
	}
}

// What an earlier call made stays until all is there, and nothing of it is left then.
func TestPublishIsWhole(t *testing.T) {
	folder, made := filepath.Join(t.TempDir(), "v1.2.3"), t.TempDir()
	earlier, file := filepath.Join(folder, "earlier"), filepath.Join(made, checksumsName)
	for _, path := range []string{earlier, file} {
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte("x"), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	b := &builder{out: io.Discard}
	if err := b.publish(filepath.Join(made, "not there"), folder); err == nil {
		t.Error("nothing was published without an error")
	}
	if _, err := os.Stat(earlier); err != nil {
		t.Error(err)
	}
	if err := b.publish(made, folder); err != nil {
		t.Error(err)
	}
	left, err := filepath.Glob(filepath.Join(filepath.Dir(folder), "*", "*"))
	if want := []string{filepath.Join(folder, checksumsName)}; err != nil || !slices.Equal(left, want) {
		t.Errorf("%q, %v, want %q", left, err, want)
	}
}

// A program that knows a folder of the machine that built it is refused.
func TestNamesNoFolder(t *testing.T) {
	clone := t.TempDir()
	for content, good := range map[string]bool{
		"\x7fELF /usr/share/zoneinfo": true, "\x7fELF " + clone + "/models/x.go": false, filepath.Join(os.TempDir(), "go-build12/b001"): false,
	} {
		program := filepath.Join(t.TempDir(), "countersign")
		if err := os.WriteFile(program, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := namesNoFolder(t.Context(), program, clone); (err == nil) != good {
			t.Errorf("%q: %v", content, err)
		}
	}
}

// What is missing is named all at once, with what brings it.
func TestMissingToolsAreNamed(t *testing.T) {
	has := func(missing ...string) func(string) (string, error) {
		return func(name string) (string, error) {
			if slices.Contains(missing, name) {
				return "", errors.New("not found")
			}
			return "/usr/bin/" + name, nil
		}
	}
	if err := missingTools(has()); err != nil {
		t.Error(err)
	}
	other := slices.IndexFunc(architectures, func(a architecture) bool { return !a.isNative() })
	foreign := architectures[other]
	if err := missingTools(has(foreign.emulators[0])); err != nil {
		t.Errorf("either emulator does: %v", err)
	}
	err := missingTools(has(append([]string{"git", foreign.compiler}, foreign.emulators...)...))
	if err == nil {
		t.Fatal("nothing is said to be missing")
	}
	for _, word := range []string{"git, ", foreign.compiler, foreign.emulators[0], "apt-get install", "qemu-user-static", foreign.library()} {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("%q is not in %q", word, err)
		}
	}
}

// Two folders are compared byte by byte, and the first difference is told.
func TestSameFiles(t *testing.T) {
	folder := func(files map[string]string) string {
		path := t.TempDir()
		for name, content := range files {
			if err := os.WriteFile(filepath.Join(path, name), []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		return path
	}
	one := folder(map[string]string{"a": "12345", "b": "x"})
	for _, c := range []struct{ other, complaint string }{
		{folder(map[string]string{"a": "12345", "b": "x"}), ""},
		{folder(map[string]string{"a": "12x45", "b": "x"}), "the first that differs is number 2"},
		{folder(map[string]string{"a": "123", "b": "x"}), "the first that differs is number 3"},
		{folder(map[string]string{"a": "12345"}), "2 files were made, and 1"},
		{folder(map[string]string{"a": "12345", "c": "x"}), "no such file"},
	} {
		err := sameFiles(one, c.other)
		if (err == nil) != (c.complaint == "") || err != nil && !strings.Contains(err.Error(), c.complaint) {
			t.Errorf("%v, want %q", err, c.complaint)
		}
	}
}
