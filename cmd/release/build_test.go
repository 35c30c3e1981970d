package main

import (
	"errors"
	"os"
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
	got := buildVariables([]string{"HOME=/home/ada", "CC=clang", "GOFLAGS=-race", "CGO_CFLAGS=-O0", "GOAMD64=v3", "GOCACHE=/one"},
		architectures[1], []string{"GOCACHE=/two"})
	for variable, want := range map[string]bool{
		"HOME=/home/ada": true, "CC=aarch64-linux-gnu-gcc": true, "GOARCH=arm64": true, "GOCACHE=/two": true,
		"CC=clang": false, "GOFLAGS=-race": false, "CGO_CFLAGS=-O0": false, "GOAMD64=v3": false,
	} {
		if slices.Contains(got, variable) != want {
			t.Errorf("%s: %t", variable, !want)
		}
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
	for _, word := range []string{"git, ", foreign.compiler, foreign.emulators[0], "apt-get install", "qemu-user-static", foreign.library} {
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
