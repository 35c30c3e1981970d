package main

import (
	"runtime"
	"runtime/debug"
	"strings"
	"testing"

	"countersign/models"
)

// countersign version says what was built, by which compiler, with which SQLite, for which processor.
func TestVersionSaysWhatIsBuilt(t *testing.T) {
	t.Parallel()
	got := runWith(t, nil, "", "version")
	number, _ := models.SQLiteVersion()
	for _, part := range []string{
		"countersign ", "(built outside git, ", runtime.Version(), ", SQLite " + number + ", ", "linux/" + runtime.GOARCH,
	} {
		if !strings.Contains(got.stdout, part) {
			t.Errorf("%q is not in %q", part, got.stdout)
		}
	}
}

// What a program was built from is as the go command wrote it down.
func TestCommitText(t *testing.T) {
	t.Parallel()
	built := func(of ...string) *debug.BuildInfo {
		info := &debug.BuildInfo{}
		for i := 0; i < len(of); i += 2 {
			info.Settings = append(info.Settings, debug.BuildSetting{Key: of[i], Value: of[i+1]})
		}
		return info
	}
	const commit, at = "60393990b2d1a5f0c3e1d2b3a4958677f8e9d0c1", "2026-11-30T00:17:19Z"
	for _, c := range []struct {
		info *debug.BuildInfo
		want string
	}{
		{nil, "built outside git"},
		{built("GOARCH", "arm64"), "built outside git"},
		{built("vcs.revision", commit, "vcs.time", at, "vcs.modified", "false"), "commit 60393990b2d1 of " + at},
		{built("vcs.revision", commit, "vcs.time", at, "vcs.modified", "true"), "commit 60393990b2d1 of " + at + " with changes"},
		{built("vcs.revision", "short", "vcs.time", at), "commit short of " + at},
	} {
		if got := commitText(c.info); got != c.want {
			t.Errorf("%v: %q, want %q", c.info, got, c.want)
		}
	}
}
