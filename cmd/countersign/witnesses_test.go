package main

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"countersign/audit"
	"countersign/audit/tree"
	"countersign/handlers/witness"
	"countersign/models"
	"countersign/models/keys"
)

// aLog is a server's log on a file of its own, and the witness that it asks: a process of its own on loopback.
type aLog struct {
	*sequenced
	witness witnessSettings
}

// address is one on loopback that is free.
func address(t *testing.T) string {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// newALog begins a log. Its witness is not started.
func newALog(t *testing.T) *aLog {
	t.Helper()
	l := &aLog{sequenced: newSequenced(t)}
	l.grow(3)
	return l
}

// grow adds so many counters to the database, and sequences what is new.
func (l *aLog) grow(count int) {
	l.t.Helper()
	for range count {
		name := fmt.Sprintf("Counter %d", time.Now().UnixNano())
		if _, err := l.store.AddCounter(l.t.Context(), models.NewCounter{Name: name, TimeZone: "UTC"}); err != nil {
			l.t.Fatal(err)
		}
	}
	for {
		done, err := l.store.Sequence(l.t.Context())
		if err != nil {
			l.t.Fatal(err)
		}
		if !done.Behind() {
			return
		}
	}
}

// logKeys are those of the log, as --log takes them.
func (l *aLog) logKeys() string {
	l.t.Helper()
	lines, err := l.store.LogKeys(l.t.Context())
	if err != nil {
		l.t.Fatal(err)
	}
	return strings.Join(lines, ";")
}

// serveWitness runs countersign witness, and learns its key from what it prints.
func (l *aLog) serveWitness(folder string) *running {
	l.t.Helper()
	at := address(l.t)
	r := start(l.t, nil, "witness", "--listen", at, "--state", folder, "--name", "witness.example/w1", "--log", l.logKeys())
	key := filepath.Join(folder, witnessKey)
	if !until(func() bool {
		connection, err := (&net.Dialer{}).DialContext(l.t.Context(), "tcp", at)
		if err == nil {
			connection.Close()
		}
		return err == nil
	}) {
		l.t.Fatalf("the witness does not listen: %+v", r.stop())
	}
	text, err := os.ReadFile(key)
	if err != nil {
		l.t.Fatal(err)
	}
	signer, err := tree.ParseCosigner(strings.TrimSuffix(string(text), "\n"))
	if err != nil {
		l.t.Fatal(err)
	}
	l.witness = witnessSettings{signer.Verifier, "http://" + at}
	return r
}

// ask asks the witness so many times, an interval after the other, and returns what the server's log tells.
func (l *aLog) ask(times int) string {
	l.t.Helper()
	ctx, cancel := context.WithCancel(l.t.Context())
	defer cancel()
	env, turn := *l.env, 0
	env.Context = ctx
	env.Wait = func(_ context.Context, length time.Duration) error {
		if turn++; turn > times {
			cancel()
			return ctx.Err()
		}
		l.now = l.now.Add(length)
		return nil
	}
	var lines textBuffer
	askWitness(&env, l.store, l.witness, slog.New(slog.NewTextHandler(&lines, nil)))
	return lines.String()
}

// cosigned are the entries that the witness has cosigned last.
func (l *aLog) cosigned() int64 {
	l.t.Helper()
	list, err := l.store.Cosigned(l.t.Context(), "https://id.example")
	if err != nil {
		l.t.Fatal(err)
	}
	if len(list) == 0 {
		return 0
	}
	if list[0].Wrong != "" {
		l.t.Error(list[0].Wrong)
	}
	return list[0].Size
}

func (l *aLog) size() int64 {
	l.t.Helper()
	head, err := l.store.NewestHead(l.t.Context())
	if err != nil {
		l.t.Fatal(err)
	}
	return head.Size
}

// tlog-witness, "add-checkpoint": a server's checkpoints are cosigned by countersign witness, from wherever it is, also after it was away.
func TestServeIsWitnessed(t *testing.T) {
	l, folder := newALog(t), t.TempDir()
	r := l.serveWitness(folder)
	if told := l.ask(2); told != "" || l.cosigned() != l.size() {
		t.Fatalf("%d of %d entries are cosigned: %s", l.cosigned(), l.size(), told)
	}
	l.grow(300)
	if told := l.ask(1); told != "" || l.cosigned() != l.size() {
		t.Errorf("%d of %d entries are cosigned: %s", l.cosigned(), l.size(), told)
	}
	verified := runWith(t, nil, "", "audit", "verify", "--database", "sqlite:"+l.file, "--issuer", "https://id.example")
	want := fmt.Sprintf("log: cosigned by %s: %d entries, 2026-11-22 10:0", l.witness.key.ID(), l.size())
	if !strings.Contains(verified.stdout, want) {
		t.Errorf("no %q in\n%s", want, verified.stdout)
	}
	out := r.stop()
	if !strings.HasPrefix(out.stdout, "witness: witness.example/w1+") || out.code != 0 {
		t.Errorf("the witness ended with %+v", out)
	}
	l.grow(5)
	told := l.ask(30) // the pauses grow to five minutes: more than two hours
	if lines := strings.Count(told, "the witness did not cosign"); lines < 2 || lines > 4 || strings.Contains(told, "level=ERROR") {
		t.Errorf("a witness that is down is told of %d times: %s", lines, told)
	}
	r = l.serveWitness(folder)
	defer r.stop()
	if l.ask(1); l.cosigned() != l.size() {
		t.Errorf("%d of %d entries are cosigned after the witness was away", l.cosigned(), l.size())
	}
}

// docs/protocol.md §12: the database is restored from an older copy and goes on. The witness refuses to cosign the other history, the
// server's log names it, and supervisors have an alert.
func TestAForkIsRefusedAndRaised(t *testing.T) {
	for name, grow := range map[string]int{"fewer entries than were cosigned": 1, "more entries than were cosigned": 20} {
		t.Run(name, func(t *testing.T) {
			l := newALog(t)
			r := l.serveWitness(t.TempDir())
			defer r.stop()
			copied := filepath.Join(t.TempDir(), "copy.db")
			l.past("VACUUM INTO '" + copied + "'")
			l.grow(10)
			if told := l.ask(1); told != "" {
				t.Fatal(told)
			}
			restored := l.restored(copied)
			restored.grow(grow)
			told := restored.ask(3)
			want := map[string]string{
				"fewer entries than were cosigned": "entries of this log, and there are",
				"more entries than were cosigned":  "are not the first of these",
			}[name]
			if strings.Count(told, "level=ERROR") != 1 || !strings.Contains(told, want) || !strings.Contains(told, "witness.example/w1+") {
				t.Errorf("the server's log: %s", told)
			}
			open, err := restored.store.Alerts(t.Context())
			if err != nil || open.Count != 1 || open.Newest[0].Event.Type != audit.LogForked ||
				open.Newest[0].Event.Facts.Key != l.witness.key.ID() {
				t.Errorf("alerts %+v, %v", open, err)
			}
			if told := l.ask(2); told != "" || l.cosigned() != l.size() {
				t.Errorf("the true history is cosigned no longer: %s", told)
			}
		})
	}
}

// restored is a server on a copy of the database, with the same witness.
func (l *aLog) restored(file string) *aLog {
	l.t.Helper()
	other := &aLog{sequenced: &sequenced{t: l.t, file: file, now: l.now}, witness: l.witness}
	other.env = &Environment{Context: l.t.Context(), Now: func() time.Time { return other.now }, Rand: l.env.Rand}
	settings := storeSettings{database: "sqlite:" + file, issuer: "https://id.example", masterKey: make([]byte, keys.MasterKeySize)}
	store, err := openStore(other.env, settings, models.Policy{}, slog.New(slog.DiscardHandler))
	if err != nil {
		l.t.Fatal(err)
	}
	l.t.Cleanup(func() { _ = store.Close() })
	other.store = store
	return other
}

// docs/decisions/0050: another process may be faster, also between two questions. That is no fork.
func TestAFasterProcessIsNoFork(t *testing.T) {
	l := newALog(t)
	key, err := tree.NewCosigner("witness.example/w1", ed25519.NewKeyFromSeed(make([]byte, 32)))
	if err != nil {
		t.Fatal(err)
	}
	for name, sizes := range map[string][]int64{
		"at once": {l.size(), l.size()}, "between two questions": {l.size() - 1, l.size()}, "twice": {l.size() - 2, l.size() - 1},
	} {
		asked := 0
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			if request, err := tree.ParseAddCheckpoint(body); err == nil && request.Old == l.size() {
				_, _ = io.WriteString(w, key.Cosign(tree.Body(request.Checkpoint), l.now).Line(key.Name()))
				return
			}
			w.Header().Set("Content-Type", tree.SizeMediaType)
			w.WriteHeader(http.StatusConflict)
			_, _ = fmt.Fprintln(w, sizes[min(asked, 1)])
			asked++
		}))
		defer server.Close()
		l.witness = witnessSettings{key.Verifier, server.URL}
		l.past("DELETE FROM log_cosignatures")
		if told := l.ask(1); told != "" {
			t.Errorf("%s: %s", name, told)
		}
		if open, err := l.store.Alerts(t.Context()); err != nil || open.Count != 0 {
			t.Errorf("%s: alerts %+v, %v", name, open, err)
		}
	}
}

// A witness that does not know the log, or its key, says so, and the server's log says what to do.
func TestAWitnessThatDoesNotKnowTheLog(t *testing.T) {
	for status, next := range map[int]string{
		http.StatusNotFound: "add a line of /log/keys", http.StatusForbidden: "add the newest lines of /log/keys",
		http.StatusBadGateway: "asked again",
	} {
		kind, todo, level := witnessProblem(&witness.RefusedError{Status: status})
		if kind == "" || !strings.Contains(todo, next) || level != slog.LevelWarn {
			t.Errorf("%d: %s, %s, %s", status, kind, todo, level)
		}
	}
}
