package main

import (
	"context"
	"crypto/rand"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
)

// A command with the race detector takes six times the work of one without, nearly all of it to begin, and the scripts have 400. So they
// have a second program, of the same source with the same clocks, without the detector. The line is this: what serves until somebody
// ends it (scriptServers) has the detector in scripts too, where the tests have it, and so has every process that another test starts.
// A command that ends by itself is in a script for what it says and leaves behind. -detect-in-scripts takes the line away.
var detectInScripts = flag.Bool("detect-in-scripts", false, "with -race: have the race detector in every command of the scripts")

// scriptServers are the commands that serve.
var scriptServers = []string{"serve", "demo", "witness"}

// detectingVariable names the program with the race detector, for the one without it.
const detectingVariable = "TEST_DETECTING_PROGRAM"

// detectorVariable lets a program say whether it has the race detector, and do nothing else.
const detectorVariable = "TEST_SAYS_DETECTOR"

// scriptProgram is the program as the tests run it: run itself, or with the test's clock when it has set one.
func scriptProgram() int {
	if detecting := os.Getenv(detectingVariable); !raceDetector && detecting != "" && len(os.Args) > 1 &&
		slices.Contains(scriptServers, os.Args[1]) {
		_, _ = fmt.Fprintln(os.Stderr, syscall.Exec(detecting, os.Args, os.Environ())) //nolint:gosec // our own
		return exitFailed
	}
	if os.Getenv(detectorVariable) != "" {
		_, _ = fmt.Print(raceDetector)
		return 0
	}
	path := os.Getenv(scriptClockVariable)
	if ahead := os.Getenv(setClockVariable); ahead != "" {
		return runWithSetClock(setClock(ahead))
	}
	if path == "" {
		return run(context.Background(), os.Args[1:], os.Environ(), os.Stdin, os.Stdout, os.Stderr)
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	clock := scriptClock(path)
	return execute(&Environment{
		Context: ctx, Args: os.Args[1:], Environ: os.Environ(), Getenv: os.Getenv,
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
		Now: clock.now, Wait: clock.wait, Rand: rand.Reader,
	})
}

// scriptPath is PATH for the scripts. Where the tests have the race detector, the first countersign in it is one without. Coverage is
// counted in one program, so that it changes nothing.
func scriptPath(t *testing.T) (path, detecting string) {
	t.Helper()
	path = os.Getenv("PATH")
	if !raceDetector || *detectInScripts || testing.CoverMode() != "" {
		return path, ""
	}
	detecting, err := exec.LookPath("countersign")
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	// Its name is what tells it that it is not to run tests. No line numbers: linking takes half of the time.
	build := exec.CommandContext(t.Context(), "go", "test", "-c", "-race=false", "-ldflags=-s -w",
		"-o", filepath.Join(folder, "countersign"), ".")
	if said, err := build.CombinedOutput(); err != nil {
		t.Fatalf("the program without the race detector: %v\n%s", err, said)
	}
	return folder + string(filepath.ListSeparator) + path, detecting
}

// checkDetectors asks programs of the path whether they have the race detector.
func checkDetectors(t *testing.T, path, detecting string) {
	t.Helper()
	for _, command := range append([]string{"version", "phone"}, scriptServers...) {
		asked := exec.CommandContext(t.Context(), "sh", "-c", "exec countersign "+command)
		asked.Env = append(os.Environ(), "PATH="+path, detectingVariable+"="+detecting, detectorVariable+"=1")
		want := fmt.Sprint(raceDetector && (detecting == "" || slices.Contains(scriptServers, command)))
		if said, err := asked.CombinedOutput(); err != nil || string(said) != want {
			t.Errorf("countersign %s has the race detector: %s (%v), want %s", command, said, err, want)
		}
	}
}
