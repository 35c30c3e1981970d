package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What is tried of a program must work, and print what it should; what it says otherwise is told.
func TestTrials(t *testing.T) {
	programs, folder := t.TempDir(), t.TempDir()
	script := "#!/bin/sh\ncase $1 in fail) echo broken >&2; exit 1 ;; where) pwd; env ;; *) echo \"said $*\" ;; esac\n"
	if err := os.WriteFile(filepath.Join(programs, serverProgram), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		before    []string
		trial     trial
		complaint string
	}{
		{nil, trial{serverProgram, []string{"a", "b"}, "said a b", ""}, ""},
		{[]string{"/usr/bin/env"}, trial{serverProgram, []string{"a"}, "said a", "file"}, ""},
		{nil, trial{serverProgram, []string{"where"}, folder, ""}, ""},
		{nil, trial{serverProgram, []string{"a"}, "something", ""}, `prints "said a\n", without "something"`},
		{nil, trial{serverProgram, []string{"fail"}, "", ""}, "broken"},
		{nil, trial{verifyProgram, nil, "", ""}, "no such file"},
	} {
		err := c.trial.run(t.Context(), c.before, programs, folder)
		if (err == nil) != (c.complaint == "") || err != nil && !strings.Contains(err.Error(), c.complaint) {
			t.Errorf("%s: %v, want %q", c.trial, err, c.complaint)
		}
	}
	if content, err := os.ReadFile(filepath.Join(folder, "file")); err != nil || string(content) != "said a\n" {
		t.Errorf("kept is %q, %v", content, err)
	}
}

// A release is tried with a whole visit, for each processor.
func TestTrialsHaveAVisit(t *testing.T) {
	var all []string
	for _, one := range trials(version{name: "v1.2.3", commit: someCommit}, "arm64") {
		all = append(all, one.String())
	}
	for _, want := range []string{"countersign version", "countersign migrate up", "countersign demo --once", "countersign-verify -help"} {
		if !strings.Contains(strings.Join(all, "\n"), want) {
			t.Errorf("%s is not tried", want)
		}
	}
}
