package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

const someCommit = "60393990b2d1a5f0c3e1d2b3a4958677f8e9d0c1"

var someTime = time.Date(2026, time.November, 30, 0, 17, 19, 0, time.UTC)

// A tag is the version. A commit without one has the name that the go command gives it, which sorts after the tag before it.
func TestVersionIsTheTag(t *testing.T) {
	for described, want := range map[string]string{
		"v1.2.3-0-g60393990b2d1":      "v1.2.3",
		"v1.2.3-rc.1-0-g60393990b2d1": "v1.2.3-rc.1",
		"v1.2.3-4-g60393990b2d1":      "v1.2.4-0.20261130001719-60393990b2d1",
		"v1.2.3-rc.1-4-g60393990b2d1": "v1.2.3-rc.1.0.20261130001719-60393990b2d1",
		"60393990b2d1":                "v0.0.0-20261130001719-60393990b2d1", // no tag at all
	} {
		if got, err := nameOf(described, someCommit, someTime); err != nil || got != want {
			t.Errorf("%s: %q, %v, want %q", described, got, err, want)
		}
	}
	for _, described := range []string{
		"v1.2-0-g60393990b2d1", "v1-4-g60393990b2d1", "v1.2.3+build-0-g60393990b2d1", "v01.2.3-0-g60393990b2d1",
	} {
		if got, err := nameOf(described, someCommit, someTime); err == nil || !strings.Contains(err.Error(), "is no version") {
			t.Errorf("%s: %q, %v", described, got, err)
		}
	}
}

// gitIn runs git in a folder, as somebody invented.
func gitIn(t *testing.T, folder string) func(args ...string) {
	t.Setenv("GIT_CONFIG_GLOBAL", os.DevNull)
	return func(args ...string) {
		t.Helper()
		process := exec.Command("git", append([]string{"-c", "user.name=Ada Example", "-c", "user.email=ada@example.org"}, args...)...)
		process.Dir = folder
		if said, err := process.CombinedOutput(); err != nil {
			t.Fatalf("git %q: %v\n%s", args, err, said)
		}
	}
}

// git itself is asked, in trees with and without tags, and where the tag is annotated or not.
func TestVersionOfATree(t *testing.T) {
	t.Setenv("GIT_COMMITTER_DATE", someTime.Format(time.RFC3339))
	folder := t.TempDir()
	git := gitIn(t, folder)
	is := func(want string) {
		t.Helper()
		v, err := versionOf(t.Context(), folder)
		if err != nil || !strings.HasPrefix(v.name, want) || !v.at.Equal(someTime) || len(v.commit) != 40 {
			t.Errorf("%+v, %v, want %s", v, err, want)
		}
		if v.committer != "Ada Example <ada@example.org>" {
			t.Errorf("the committer is %q", v.committer)
		}
	}
	git("init", "--quiet")
	git("commit", "--quiet", "--allow-empty", "--message=one")
	is("v0.0.0-20261130001719-")
	git("tag", "unfinished")
	is("v0.0.0-20261130001719-")
	git("tag", "v0.9.0")
	is("v0.9.0")
	git("commit", "--quiet", "--allow-empty", "--message=two")
	is("v0.9.1-0.20261130001719-")
	git("tag", "--annotate", "--message=the first", "v1.0.0")
	is("v1.0.0")
	shallow := t.TempDir()
	git("clone", "--quiet", "--depth=1", "file://"+folder, shallow)
	if v, err := versionOf(t.Context(), shallow); err == nil || !strings.Contains(err.Error(), "Next: git fetch --unshallow --tags") {
		t.Errorf("a shallow clone: %+v, %v", v, err)
	}
}

// A release is of a commit: outside git there is none, and what is not committed of its own recipe would be in it all the same.
func TestReleaseIsOfACommit(t *testing.T) {
	outside := t.TempDir()
	t.Setenv("GIT_CEILING_DIRECTORIES", filepath.Dir(outside))
	if root, err := rootOf(t.Context(), outside); err == nil || !strings.Contains(err.Error(), "Next: make it in a clone of the repository") {
		t.Errorf("%q, %v", root, err)
	}
	tree := t.TempDir()
	git := gitIn(t, tree)
	writeBelow(t, tree, "cmd/release/debian/postinst", "#!/bin/sh\n")
	git("init", "--quiet")
	git("add", ".")
	git("commit", "--quiet", "--message=one")
	writeBelow(t, tree, "notes", "not committed\n")
	if err := recipeIsCommitted(t.Context(), tree); err != nil {
		t.Error(err)
	}
	writeBelow(t, tree, "cmd/release/debian/postinst", "#!/bin/sh\nexit 1\n")
	if err := recipeIsCommitted(t.Context(), tree); err == nil || !strings.Contains(err.Error(), "postinst\nNext: commit that") {
		t.Error(err)
	}
}

func writeBelow(t *testing.T, folder, name, content string) {
	t.Helper()
	path := filepath.Join(folder, filepath.FromSlash(name))
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(content), 0o600)); err != nil {
		t.Fatal(err)
	}
}

// dpkg puts versions into the order in which they were made.
func TestDebianVersionsAreInOrder(t *testing.T) {
	names := []string{"v0.0.0-20261130001719-60393990b2d1", "v1.2.3-rc.1", "v1.2.3-rc.1.0.20261130001719-60393990b2d1", "v1.2.3",
		"v1.2.4-0.20261130001719-60393990b2d1", "v1.2.4", "v1.10.0"}
	want := []string{"0.0.0~20261130001719.60393990b2d1", "1.2.3~rc.1", "1.2.3~rc.1.0.20261130001719.60393990b2d1", "1.2.3",
		"1.2.4~0.20261130001719.60393990b2d1", "1.2.4", "1.10.0"}
	var got []string
	for _, name := range names {
		got = append(got, version{name: name}.debian())
	}
	if !slices.Equal(got, want) {
		t.Fatalf("%q, want %q", got, want)
	}
	for i := range len(got) - 1 {
		if err := exec.Command(debianTool(t, "dpkg"), "--compare-versions", got[i], "lt", got[i+1]).Run(); err != nil {
			t.Errorf("%s is not before %s: %v", got[i], got[i+1], err)
		}
	}
}

// debianTool is a program that every Debian has; elsewhere the test is skipped by name.
func debianTool(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil && os.Getenv("TEST_REQUIRE") == "" {
		t.Skip("it needs Debian's " + name)
	}
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func fileOf(t *testing.T, parts ...string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(append([]string{"..", ".."}, parts...)...))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
