package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"countersign/models"
	"countersign/models/pgtest"
)

// docs/operations.md, Change the master key: of two processes that serve under load the keys are sealed anew. Both go on and say once
// what is to be done. One is started with the new master key. When the keys have taken two turns, the other cannot have the one that
// signs: it answers 503, is not ready and says why, and nothing that was answered is lost.
func TestResealBesideTwoProcesses(t *testing.T) {
	t.Parallel()
	for _, dialect := range []string{"sqlite", "postgres"} {
		t.Run(dialect, func(t *testing.T) {
			t.Parallel()
			database := ""
			if dialect == "postgres" {
				database = pgtest.Schema(t)
			}
			k := newKillingOn(t, database)
			r := &rolling{killing: k, processes: []*rollingProcess{{}, {}}}
			k.way = r
			for _, p := range r.processes {
				r.begin(t, p)
			}
			var waiting sync.WaitGroup
			waiting.Go(newVisitor(t, k, demoOperator).visits)
			k.someWork(t, 20)
			r.reseal(t)
			for _, p := range r.processes {
				r.wantOnce(t, p, `msg="this process has an old master key"`, "start it anew with the new COUNTERSIGN_MASTER_KEY")
			}
			k.someWork(t, 20)
			r.replace(t, r.processes[0])
			k.someWork(t, 20)
			close(k.ended)
			waiting.Wait()
			k.everyPhoneWorks(t)
			r.stopsWithoutTheKey(t, r.processes[1])
			r.isConsistent(t)
		})
	}
}

// reseal seals the keys with another master key, with which processes are started from now on. The old one still starts none.
func (r *rolling) reseal(t *testing.T) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "master.key.new")
	writeFiles(t, map[string]string{path: r.run(t, nil, "keys", "generate-master")})
	r.run(t, r.store, "keys", "reseal", "--new-master-key-file", path)
	refused := exec.Command("countersign", r.serveArgs(r.config)...)
	refused.Env = append(os.Environ(), r.store...)
	said, err := refused.CombinedOutput()
	if err == nil || !strings.Contains(string(said), "they are sealed with another master key than this process has") ||
		!strings.Contains(string(said), "or the one of the last keys reseal") {
		t.Errorf("%v: %s", err, said)
	}
	for i, setting := range r.store {
		if strings.HasPrefix(setting, "COUNTERSIGN_MASTER_KEY") {
			r.store[i] = "COUNTERSIGN_MASTER_KEY_FILE=" + path
		}
	}
}

// wantOnce waits until the process has logged a line, with what to do, and looks that it is the only one.
func (r *rolling) wantOnce(t *testing.T, p *rollingProcess, line, next string) {
	t.Helper()
	// A process looks at its keys each half minute, and signs with what it knows for a minute.
	until(func() bool { return strings.Contains(p.log.String(), line) })
	if log := p.log.String(); strings.Count(log, line) != 1 || !strings.Contains(log, next) {
		t.Errorf("logged %s", log)
	}
}

func (r *rolling) stopsWithoutTheKey(t *testing.T, p *rollingProcess) {
	t.Helper()
	for range 2 {
		r.run(t, r.store, "keys", "rotate", "all", "--force")
	}
	r.wantOnce(t, p, `msg="stopped working: the new master key is needed"`, "start this process anew with the new COUNTERSIGN_MASTER_KEY")
	ready := textAt("http://" + p.listen + "/readyz")
	if !strings.Contains(ready, string(models.OldMasterKey)) {
		t.Errorf("/readyz: %s", ready)
	}
	if published := textAt("http://" + p.listen + "/jwks"); strings.Contains(published, `"keys"`) {
		t.Errorf("it publishes %s", published)
	}
	log := p.log.String()
	if strings.Contains(log, "rotating keys failed") || strings.Count(log, `msg="this process has an old master key"`) != 1 {
		t.Errorf("logged %s", log)
	}
	if ready := textAt("http://" + r.processes[0].listen + "/readyz"); strings.Contains(ready, "problem") {
		t.Errorf("the other process: %s", ready)
	}
}

// isConsistent looks whether the trail is one, and whether anybody was refused.
func (r *rolling) isConsistent(t *testing.T) {
	t.Helper()
	if verdict := r.run(t, r.store[:2], "audit", "verify"); !strings.Contains(verdict, "verdict: consistent") {
		t.Errorf("the trail: %s", verdict)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, problem := range r.problems {
		t.Error(problem)
	}
}
