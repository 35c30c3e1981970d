package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
)

// watchedBuild is the program with the race detector, for tests without it.
var watchedBuild struct {
	sync.Once
	folder string
	err    error
}

// watchedProgram is the program that is killed, tormented and updated while many ask at once: what goes on in it is watched by the race
// detector also where CI runs the tests themselves without it (RACES), since what asks takes as much of the processors as what is asked.
func watchedProgram(t *testing.T) string {
	t.Helper()
	if raceDetector || os.Getenv("RACES") == "" {
		return "countersign"
	}
	watchedBuild.Do(func() {
		if watchedBuild.folder, watchedBuild.err = os.MkdirTemp("", "countersign-watched-"); watchedBuild.err != nil {
			return
		}
		// Its name is what tells it that it is not to run tests.
		build := exec.Command("go", "test", "-c", "-race", "-o", filepath.Join(watchedBuild.folder, "countersign"), ".")
		if said, err := build.CombinedOutput(); err != nil {
			watchedBuild.err = fmt.Errorf("the program with the race detector: %w\n%s", err, said)
		}
	})
	if watchedBuild.err != nil {
		t.Fatal(watchedBuild.err)
	}
	return filepath.Join(watchedBuild.folder, "countersign")
}

func removeWatchedProgram() { _ = os.RemoveAll(watchedBuild.folder) }

// raceFound is in what a process says in which the detector found a race.
const raceFound = "WARNING: DATA RACE"

// watchedEnvironment lets such a process end at once, which nobody asked it for.
func watchedEnvironment() []string {
	return append(os.Environ(), "GORACE="+os.Getenv("GORACE")+" halt_on_error=1")
}

// In CI, where the tests themselves have no race detector, what they torment has it.
func TestWatchedProgramHasTheDetector(t *testing.T) {
	t.Parallel()
	asked := exec.Command(watchedProgram(t), "version")
	asked.Env = append(watchedEnvironment(), detectorVariable+"=1")
	want := fmt.Sprint(raceDetector || os.Getenv("RACES") != "")
	if said, err := asked.CombinedOutput(); err != nil || string(said) != want {
		t.Errorf("it has the race detector: %s (%v), want %s", said, err, want)
	}
}
