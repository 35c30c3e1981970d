//go:build unix

package witness_test

import (
	"bytes"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"countersign/audit/tree"
	"countersign/handlers/witness"
)

// What a witness in a process of its own is told: its folder, and the step before which it is killed, counted from 1.
const (
	ownFolder = "TEST_WITNESS_FOLDER"
	killedAt  = "TEST_WITNESS_KILLED_AT"
)

// TestMain is also the witness that is killed.
func TestMain(m *testing.M) {
	if folder := os.Getenv(ownFolder); folder != "" {
		os.Exit(answersOnce(folder))
	}
	os.Exit(m.Run())
}

// answersOnce answers the request in the standard input, and ends with the status by its hundreds.
func answersOnce(folder string) int {
	last, err := strconv.Atoi(os.Getenv(killedAt))
	if err != nil {
		return 9
	}
	state, err := witness.OpenState(folder)
	if err != nil {
		return 9
	}
	state.StepForTest(func(string) {
		if last--; last == 0 {
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
		}
	})
	key, log, err := witnessKeys()
	if err != nil {
		return 9
	}
	w := witness.New(witness.Config{
		Key: key, Logs: []tree.Verifier{log}, State: state, Now: func() time.Time { return now }, Log: slog.New(slog.DiscardHandler),
	})
	answer := httptest.NewRecorder()
	w.ServeHTTP(answer, httptest.NewRequest(http.MethodPost, "/add-checkpoint", os.Stdin))
	_, _ = io.Copy(os.Stdout, answer.Body)
	return answer.Code/100 - 2
}

// tlog-witness, "add-checkpoint": a witness that is killed before any step of keeping a checkpoint has signed nothing, and afterwards
// cosigns one history, also when the other one asks first.
func TestAWitnessKilledAtAnyStepCosignsOneHistory(t *testing.T) {
	for name, before := range map[string]int64{"its first checkpoint": 0, "a later one": 5} {
		killed := 0
		for {
			folder := t.TempDir()
			if before > 0 {
				f := start(t, folder)
				f.cosigns(newHistory(t, origin, 1).grow("entry", before).asked(0))
				f.stop()
			}
			one := newHistory(t, origin, 1).grow("entry", before).grow("one", 9)
			answer, dead := answeredBy(t, folder, killed+1, one.asked(before))
			if dead && answer != "" || !dead && !strings.HasPrefix(answer, "— witness.example/w1 ") {
				t.Fatalf("%s, killed before step %d: %t, %q", name, killed+1, dead, answer)
			}
			f := start(t, folder)
			other := f.offered(newHistory(t, origin, 1).grow("entry", before).grow("another", 10))
			again := f.offered(one.grow("one", 12))
			if again == other || answer != "" && !again {
				t.Errorf("%s, killed before step %d: it answered %q, then cosigned the other history: %t, and this one: %t",
					name, killed+1, answer, other, again)
			}
			if !dead {
				break
			}
			killed++
		}
		if killed != len(keepSteps) {
			t.Errorf("%s: killed %d times, want %d", name, killed, len(keepSteps))
		}
	}
}

// answeredBy gives the answer of a witness in a process of its own, which is killed before a step, unless it has ended by then.
func answeredBy(t *testing.T, folder string, step int, asked tree.AddCheckpoint) (answer string, dead bool) {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	process := exec.CommandContext(t.Context(), program)
	process.Env = append(os.Environ(), ownFolder+"="+folder, killedAt+"="+strconv.Itoa(step))
	process.Stdin = bytes.NewReader(asked.Text())
	out, err := process.Output()
	if ended, is := errors.AsType[*exec.ExitError](err); is {
		status, known := ended.Sys().(syscall.WaitStatus)
		if dead = known && status.Signal() == syscall.SIGKILL; dead {
			return string(out), true
		}
	}
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return string(out), false
}

// offered asks as a log does, also after what the witness says that it has, and reports whether it cosigns.
func (f *fixture) offered(h *history) bool {
	f.t.Helper()
	status, _, text := f.post(h.asked(0).Text())
	if status != http.StatusConflict {
		return status == http.StatusOK
	}
	size, err := tree.ParseSize([]byte(text))
	if err != nil || size > h.size {
		f.t.Fatalf("%q, %v", text, err)
	}
	status, _, _ = f.post(h.asked(size).Text())
	return status == http.StatusOK
}

// keepSteps are the steps of keeping a checkpoint: the content is on the disk before it has its name, and the name before it is signed.
var keepSteps = []string{"open", "write", "sync", "rename", "sync the folder"}

// What is signed is on the disk, also what a process that was killed had kept before: its name may have been in memory alone.
func TestAWitnessSignsWhatIsOnTheDisk(t *testing.T) {
	f := start(t, t.TempDir())
	var steps []string
	f.state.StepForTest(func(step string) { steps = append(steps, step) })
	h := newHistory(t, origin, 1).grow("entry", 5)
	f.cosigns(h.asked(0))
	if !slices.Equal(steps, keepSteps) {
		t.Errorf("a new one: %q", steps)
	}
	steps = nil
	f.cosigns(h.asked(5))
	if !slices.Equal(steps, keepSteps[4:]) {
		t.Errorf("the same again: %q", steps)
	}
}
