package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"countersign/models"
	"countersign/models/modelstest"
)

// What the clock is set by: forwards, by more than a proof of a phone may be old and than a claim lasts, and by less than the time in
// which a lost answer is given again; and back, where a lost answer is given again once it is as late as it was.
const (
	setForwards = 8 * time.Minute
	setBack     = -45 * time.Second
	killClaims  = "5m"
)

// breaks is what goes wrong in a round, before the process is killed.
func (k *killing) breaks(t *testing.T, round int) {
	t.Helper()
	switch round % 10 {
	case 1:
		k.command(t, "keys", "rotate", "--force")
	case 2:
		k.failingDisk(t)
	case 3:
		k.locked(t)
	case 5:
		exhaust(t, k.process.Process.Pid, k.listen, k.log)
	case 6:
		k.reseal(t)
		k.someWork(t, 20) // by the keys that are open
	case 7:
		k.readOnly(t)
	case 8:
		k.setClock(t, setForwards)
		k.someWork(t, 30)
	case 9:
		k.setClock(t, setBack)
		k.someWork(t, 30)
	}
}

// setClock sets the clock of the process. Its answers say what time it is then, as those of a machine whose clock is set.
func (k *killing) setClock(t *testing.T, by time.Duration) {
	t.Helper()
	k.clock.set(t, time.Duration(k.ahead.Add(int64(by))))
}

// command is one that has to succeed, by the same clock.
func (k *killing) command(t *testing.T, args ...string) string {
	t.Helper()
	process := exec.Command("countersign", args...)
	process.Env = append(os.Environ(), k.environment()...)
	text, err := process.CombinedOutput()
	if err != nil {
		t.Fatalf("countersign %s: %v: %s", strings.Join(args, " "), err, text)
	}
	return string(text)
}

// failingDisk lets every write to a file fail for a while. Who asks meanwhile is told to come back.
func (k *killing) failingDisk(t *testing.T) {
	t.Helper()
	giveBack, can := setLimit(t, k.process.Process.Pid, fileSize, 0)
	if !can {
		return
	}
	k.someWork(t, 40)
	giveBack()
	if !strings.Contains(k.log.String(), string(models.Failing)) {
		t.Errorf("nobody met it: %s", models.Failing)
	}
	k.someWork(t, 20)
}

// locked lets another program hold the file for longer than a write waits.
func (k *killing) locked(t *testing.T) {
	t.Helper()
	release := modelstest.Hold(t, strings.TrimPrefix(k.store[0], "COUNTERSIGN_DATABASE="))
	defer release()
	if !until(func() bool { return strings.Contains(k.log.String(), string(models.Busy)) }) {
		t.Errorf("nobody met it: %s", models.Busy)
	}
}

// reseal gives the keys another master key. The process has the old one until it is started again.
func (k *killing) reseal(t *testing.T) {
	t.Helper()
	key := strings.TrimSpace(k.run(t, nil, "keys", "generate-master"))
	k.command(t, "keys", "reseal", "--new-master-key-file", writeFile(t, "master-key", key))
	k.store[masterKeyVariable] = "COUNTERSIGN_MASTER_KEY=" + key
}

// masterKeyVariable is where production.store has it.
const masterKeyVariable = 2

// readOnly takes the right to write to the file and to its folder away. The process goes on by the files that it has open; killed,
// it does not start again, and says why.
func (k *killing) readOnly(t *testing.T) {
	t.Helper()
	program := []string{"countersign"}
	if os.Geteuid() == 0 { // who may write all the same
		setpriv, err := exec.LookPath("setpriv")
		if err != nil {
			t.Log("not tried as root without setpriv: files that can only be read")
			return
		}
		const rights = "-dac_override,-dac_read_search"
		program = append([]string{setpriv, "--bounding-set", rights, "--inh-caps", rights}, program...)
	}
	files, err := filepath.Glob(k.database() + "*")
	if err != nil {
		t.Fatal(err)
	}
	k.kill(t)
	giveBack := readable(t, append(files, k.folder)...)
	again := exec.Command(program[0], append(program[1:], k.serveArgs(k.config)...)...) //nolint:gosec // our own
	again.Env = append(os.Environ(), k.environment()...)
	said, err := again.CombinedOutput()
	giveBack()
	if err == nil || !strings.Contains(string(said), "can only be read") && !strings.Contains(string(said), "may write") {
		t.Errorf("on files that can only be read it ended with %v:\n%s", err, said)
	}
	k.start(t)
}

// readable lets files and folders be read only.
func readable(t *testing.T, names ...string) (giveBack func()) {
	t.Helper()
	had := map[string]os.FileMode{}
	for _, name := range names {
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		had[name] = info.Mode().Perm()
		if err := os.Chmod(name, info.Mode().Perm()&^0o222); err != nil {
			t.Fatal(err)
		}
	}
	return func() {
		for name, mode := range had {
			if err := os.Chmod(name, mode); err != nil && !os.IsNotExist(err) {
				t.Error(err)
			}
		}
	}
}
