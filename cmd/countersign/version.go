package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"countersign/models/zones"
)

// version is set by the build: -ldflags "-X main.version=…".
var version string

// VersionCmd is countersign version.
type VersionCmd struct{}

// Run prints one line.
func (*VersionCmd) Run(env *Environment) error {
	_, err := fmt.Fprintf(env.Stdout, "countersign %s (%s, %s/%s, time zones %s)\n",
		versionText(), runtime.Version(), runtime.GOOS, runtime.GOARCH, zones.Used())
	return err
}

// versionText is the version given to the build, or else what the go command wrote.
func versionText() string {
	if version != "" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "unknown"
}
