package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// startWithin bounds each command that is tried: an emulator is some ten times slower than the processor.
const startWithin = 10 * time.Minute

// trial is a command of a program as it is handed out, and what it must print.
type trial struct {
	program string
	args    []string
	prints  string
	into    string // file that what is printed is written to, or ""
}

// trials are from the first look to a whole visit: an app, an operator, a decision, tokens, the trail verified.
func trials(v version, processor string) []trial {
	return []trial{
		{serverProgram, []string{"version"}, v.name + " (commit " + v.commit[:12], ""},
		{serverProgram, []string{"version"}, "linux/" + processor, ""},
		{serverProgram, []string{"keys", "generate-master"}, "", "master.key"},
		{serverProgram, []string{"migrate", "up"}, "applied", ""},
		{serverProgram, []string{"migrate", "up"}, "nothing to do", ""},
		{serverProgram, []string{"keys", "list"}, "", ""},
		{serverProgram, []string{"demo", "--once"}, "every step is as it should be", ""},
		{verifyProgram, []string{"-help"}, "of countersign-verify", ""},
	}
}

// starts runs the programs of a folder in an empty folder and an empty environment.
func (b *builder) starts(ctx context.Context, a architecture, programs string) error {
	var before []string
	if emulator := a.emulator(exec.LookPath); emulator != "" {
		before = []string{emulator}
	}
	folder, err := os.MkdirTemp("", "countersign-start-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	for _, one := range trials(b.version, a.name) {
		begun := time.Now()
		if err := one.run(ctx, before, programs, folder); err != nil {
			return fmt.Errorf("linux/%s: %w", a.name, err)
		}
		b.say("%s: %s%s works (%.1f s)", a.name, one, by(before), time.Since(begun).Seconds())
	}
	return nil
}

func by(before []string) string {
	if len(before) == 0 {
		return ""
	}
	return " by " + filepath.Base(before[0])
}

func (t trial) String() string { return t.program + " " + strings.Join(t.args, " ") }

func (t trial) run(ctx context.Context, before []string, programs, folder string) error {
	ctx, cancel := context.WithTimeout(ctx, startWithin)
	defer cancel()
	line := append(append([]string{}, before...), filepath.Join(programs, t.program))
	line = append(line, t.args...)
	process := exec.CommandContext(ctx, line[0], line[1:]...)
	process.Dir = folder
	process.Env = []string{"COUNTERSIGN_DATABASE=sqlite:countersign.db", "COUNTERSIGN_ISSUER=https://id.example.org",
		"COUNTERSIGN_MASTER_KEY_FILE=master.key"}
	var printed, complaint bytes.Buffer
	process.Stdout, process.Stderr = &printed, &complaint
	if err := process.Run(); err != nil {
		return fmt.Errorf("%s: %w\n%s%s", t, err, printed.String(), complaint.String())
	}
	if said := printed.String() + complaint.String(); !strings.Contains(said, t.prints) {
		return fmt.Errorf("%s prints %q, without %q", t, said, t.prints)
	}
	if t.into == "" {
		return nil
	}
	return os.WriteFile(filepath.Join(folder, t.into), printed.Bytes(), 0o600)
}

// lint asks lintian about the packages, where it is there. What it calls an error ends the release.
func (b *builder) lint(ctx context.Context, folder string) error {
	lintian, err := exec.LookPath("lintian")
	if err != nil {
		b.say("not looked at by lintian, since it is not here")
		return nil //nolint:nilerr // elsewhere the packages are made as well
	}
	packages, err := filepath.Glob(filepath.Join(folder, "*.deb"))
	if err != nil || len(packages) == 0 {
		return errors.Join(err, errors.New("no package was made"))
	}
	said, err := exec.CommandContext(ctx, lintian, append([]string{"--allow-root", "--fail-on=error"}, packages...)...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("lintian: %w\n%s", err, said)
	}
	b.say("lintian finds no error\n%s", said)
	return nil
}
