package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"countersign/models"
	"countersign/models/zones"
)

// version is set by the build where it knows better than the go command: -ldflags "-X main.version=…".
var version string

// commitDigits are how many digits of a commit are shown, as in the go command's own names of commits.
const commitDigits = 12

// VersionCmd is countersign version.
type VersionCmd struct{}

// Run prints one line.
func (*VersionCmd) Run(env *Environment) error {
	info, _ := debug.ReadBuildInfo()
	number, _ := models.SQLiteVersion()
	_, err := fmt.Fprintf(env.Stdout, "countersign %s (%s, %s, SQLite %s, %s/%s, time zones %s)\n",
		versionText(), commitText(info), runtime.Version(), number, runtime.GOOS, runtime.GOARCH, zones.Used())
	return err
}

// versionText is the version given to the build, or else what the go command wrote: the tag of the commit, or the commit's name
// (v0.0.0-20261130001719-60393990b2d1). Outside git it is "(devel)".
func versionText() string {
	if version != "" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "unknown"
}

// commitText says what a program was built from, as the go command wrote it down. info may be nil.
func commitText(info *debug.BuildInfo) string {
	settings := map[string]string{}
	if info != nil {
		for _, one := range info.Settings {
			settings[one.Key] = one.Value
		}
	}
	commit := settings["vcs.revision"]
	switch {
	case commit == "":
		return "built outside git"
	case settings["vcs.modified"] == "true":
		return "commit " + shortened(commit) + " of " + settings["vcs.time"] + " with changes"
	}
	return "commit " + shortened(commit) + " of " + settings["vcs.time"]
}

func shortened(commit string) string { return commit[:min(len(commit), commitDigits)] }
