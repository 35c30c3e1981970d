package tlog_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"countersign/audit/tree"
	"countersign/handlers/handlerstest"
	"countersign/handlers/limits"
)

// proved is a proof as verify.mjs reads it.
func proved(c tree.Checkpoint, path []tree.Hash) map[string]any {
	list := []string{}
	for _, hash := range path {
		list = append(list, hash.String())
	}
	return map[string]any{"size": c.Size, "root": c.Root.String(), "path": list}
}

// RFC 9162 §2.1.3.2, §2.1.4.2: Node checks the proofs that the program makes, and refuses those of something else.
func TestNodeChecksTheProgramsProofs(t *testing.T) {
	l := start(t)
	before := l.checkpoint()
	l.append(250)
	l.sequence()
	head, err := l.Store.LogHead(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	path, err := l.Store.ConsistencyProof(t.Context(), head, before.Size)
	if err != nil {
		t.Fatal(err)
	}
	continues := proved(before, path)
	entries := l.entries(500)
	for _, at := range []int{0, 1, 300, 499} {
		entry := entries[at]
		proof, err := l.Store.InclusionProof(t.Context(), entry)
		if err != nil {
			t.Fatal(err)
		}
		asked := map[string]any{"index": proof.Index, "entry": entry.SET, "continues": continues}
		asked["proof"] = proved(proof.Head.Checkpoint, proof.Path)
		if found, err := l.nodeOf(asked); err != nil || found.Size != head.Size {
			t.Errorf("%d: %+v, %v", at, found, err)
		}
		asked["proof"] = proved(proof.Head.Checkpoint, append(proof.Path[1:], proof.Path[0]))
		if _, err := l.nodeOf(asked); err == nil || !strings.Contains(err.Error(), "the proof is of something else") {
			t.Errorf("%d, in another order: %v", at, err)
		}
	}
	another := proved(tree.Checkpoint{Size: before.Size, Root: head.Root}, path)
	asked := map[string]any{"index": entries[0].Seq - 1, "entry": entries[0].SET, "continues": another}
	if _, err := l.nodeOf(asked); err == nil || !strings.Contains(err.Error(), "does not continue") {
		t.Errorf("an earlier tree that it does not continue: %v", err)
	}
}

// One network reads the log so often at a time, and then as often as its tiles need; who comes back as told is answered.
func TestReadsOfTheLogAreLimited(t *testing.T) {
	l := log{handlerstest.Start(t, handlerstest.Config{Limits: limits.Strict}), t}
	l.sequence()
	for range 200 {
		l.get("/log/checkpoint", "text/plain; charset=utf-8", "public, max-age=1")
	}
	answer := l.Get("/log/tile/0/000.p/1")
	if answer.Status != http.StatusTooManyRequests || answer.Header.Get("Retry-After") != "1" {
		t.Errorf("%d, Retry-After %q", answer.Status, answer.Header.Get("Retry-After"))
	}
	l.Clock.Advance(time.Second)
	l.get("/log/checkpoint", "text/plain; charset=utf-8", "public, max-age=1")
}

// A full tile says how long it is.
func TestTilesSayTheirLength(t *testing.T) {
	l := start(t)
	answer := l.Get("/log/tile/0/000")
	if got := answer.Header.Get("Content-Length"); answer.Status != http.StatusOK || got != "8192" {
		t.Errorf("%d, Content-Length %q", answer.Status, got)
	}
}
