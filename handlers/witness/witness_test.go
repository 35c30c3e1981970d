package witness_test

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"countersign/audit/tree"
	"countersign/handlers/witness"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const origin = "log.example/log"

var now = time.Date(2026, 11, 29, 10, 0, 0, 0, time.UTC)

// history is a log whole in memory, as x/mod has it.
type history struct {
	t      *testing.T
	signer tree.Signer
	hashes []tlog.Hash
	size   int64
}

func newHistory(t *testing.T, name string, seed byte) *history {
	t.Helper()
	signer, err := tree.NewSigner(name, ed25519.NewKeyFromSeed(bytes.Repeat([]byte{seed}, 32)))
	if err != nil {
		t.Fatal(err)
	}
	return &history{t: t, signer: signer}
}

// ReadHashes is part of tlog.HashReader.
func (h *history) ReadHashes(indexes []int64) (list []tlog.Hash, err error) {
	for _, index := range indexes {
		list = append(list, h.hashes[index])
	}
	return list, nil
}

// grow adds entries that say what, up to a size.
func (h *history) grow(what string, size int64) *history {
	h.t.Helper()
	for ; h.size < size; h.size++ {
		hashes, err := tlog.StoredHashes(h.size, fmt.Appendf(nil, "%s %d", what, h.size), h)
		if err != nil {
			h.t.Fatal(err)
		}
		h.hashes = append(h.hashes, hashes...)
	}
	return h
}

func (h *history) checkpoint() tree.Checkpoint {
	h.t.Helper()
	c := tree.Checkpoint{Origin: h.signer.Name(), Size: h.size, Root: new(tree.Edge).Root()}
	if h.size > 0 {
		root, err := tlog.TreeHash(h.size, h)
		if err != nil {
			h.t.Fatal(err)
		}
		c.Root = root
	}
	return c
}

// asked is the request that adds the newest checkpoint to an old one.
func (h *history) asked(old int64) tree.AddCheckpoint {
	h.t.Helper()
	c := h.checkpoint()
	signature, err := c.Sign(h.signer)
	if err != nil {
		h.t.Fatal(err)
	}
	a := tree.AddCheckpoint{Old: old, Checkpoint: c.Note(signature)}
	if 0 < old && old < h.size {
		if a.Path, err = tlog.ProveTree(h.size, old, h); err != nil {
			h.t.Fatal(err)
		}
	}
	return a
}

// fixture is a witness of log.example, on loopback.
type fixture struct {
	t      *testing.T
	folder string
	state  *witness.State
	key    tree.Cosigner
	http   *httptest.Server
	told   *bytes.Buffer
}

// witnessKeys are the witness's own and that of the log.
func witnessKeys() (key tree.Cosigner, log tree.Verifier, err error) {
	key, err = tree.NewCosigner("witness.example/w1", ed25519.NewKeyFromSeed(bytes.Repeat([]byte{5}, 32)))
	if err != nil {
		return key, log, err
	}
	line, err := tree.VerifierKey(origin, ed25519.NewKeyFromSeed(bytes.Repeat([]byte{1}, 32)).Public().(ed25519.PublicKey))
	if err != nil {
		return key, log, err
	}
	log, err = tree.ParseVerifier(line)
	return key, log, err
}

func start(t *testing.T, folder string) *fixture {
	t.Helper()
	f := &fixture{t: t, folder: folder, told: new(bytes.Buffer)}
	var err error
	if f.state, err = witness.OpenState(folder); err != nil {
		t.Fatal(err)
	}
	var log tree.Verifier
	if f.key, log, err = witnessKeys(); err != nil {
		t.Fatal(err)
	}
	f.http = httptest.NewServer(witness.New(witness.Config{
		Key: f.key, Logs: []tree.Verifier{log}, State: f.state, Now: func() time.Time { return now },
		Log: slog.New(slog.NewTextHandler(f.told, nil)),
	}))
	t.Cleanup(f.stop)
	return f
}

func (f *fixture) stop() {
	f.http.Close()
	_ = f.state.Close()
}

// post returns status, media type and text of an answer.
func (f *fixture) post(body []byte) (status int, mediaType, text string) {
	f.t.Helper()
	answer, err := f.http.Client().Post(f.http.URL+"/add-checkpoint", "", bytes.NewReader(body))
	if err != nil {
		f.t.Error(err)
		return 0, "", ""
	}
	defer answer.Body.Close()
	read, err := io.ReadAll(answer.Body)
	if err != nil {
		f.t.Error(err)
	}
	return answer.StatusCode, answer.Header.Get("Content-Type"), string(read)
}

// cosigns wants a cosignature of what was asked, as x/mod reads it.
func (f *fixture) cosigns(a tree.AddCheckpoint) {
	f.t.Helper()
	status, _, line := f.post(a.Text())
	opened, err := note.Open(append(bytes.Clone(a.Checkpoint), line...), note.VerifierList(f.key))
	if status != http.StatusOK || err != nil || len(opened.Sigs) != 1 {
		f.t.Fatalf("%d %s, %v", status, line, err)
	}
}

// tlog-witness, "add-checkpoint": what continues the newest checkpoint is cosigned, also after a restart.
func TestAWitnessCosignsWhatContinues(t *testing.T) {
	folder := t.TempDir()
	h := newHistory(t, origin, 1).grow("entry", 5)
	f := start(t, folder)
	f.cosigns(h.asked(0))
	f.cosigns(h.grow("entry", 300).asked(5))
	f.cosigns(h.asked(300)) // the same again
	f.stop()
	f = start(t, folder)
	f.cosigns(h.grow("entry", 301).asked(300))
	status, mediaType, text := f.post(h.asked(0).Text())
	if status != http.StatusConflict || mediaType != "text/x.tlog.size" || text != "301\n" {
		t.Errorf("%d %s %q", status, mediaType, text)
	}
	f.stop()
	start(t, t.TempDir()).cosigns(newHistory(t, origin, 1).asked(0)) // a log that has just begun
}

// tlog-witness, "add-checkpoint": each answer that is no cosignature, by its status. Nothing of it changes what was cosigned.
func TestWhatAWitnessRefuses(t *testing.T) {
	f := start(t, t.TempDir())
	h := newHistory(t, origin, 1).grow("entry", 300)
	f.cosigns(h.asked(0))
	h.grow("entry", 310)
	good := h.asked(300)
	cut, more, swapped, beyond, many := good, good, good, good, good
	many.Path = make([]tree.Hash, 64)
	endless := bytes.Replace(good.Text(), []byte("\n310\n"), []byte("\n9223372036854775807\n"), 1)
	cut.Path = good.Path[1:]
	more.Path = append(slices.Clone(good.Path), good.Path[0])
	swapped.Path = append(slices.Clone(good.Path[1:]), good.Path[0])
	beyond.Old = 311
	other := newHistory(t, origin, 1).grow("another", 310)
	otherSmall := newHistory(t, origin, 1).grow("another", 300)
	emptyWithRoot := tree.Checkpoint{Origin: origin, Root: tree.Leaf(nil)}
	signature, _ := emptyWithRoot.Sign(h.signer)
	for name, test := range map[string]struct {
		body   []byte
		status int
	}{
		"no request":                        {[]byte("hello"), http.StatusBadRequest},
		"no checkpoint":                     {[]byte("old 300\n\nhello\n"), http.StatusBadRequest},
		"an old size beyond":                {beyond.Text(), http.StatusBadRequest},
		"64 hashes":                         {many.Text(), http.StatusBadRequest},
		"a strange log":                     {newHistory(t, "other.example/log", 1).grow("entry", 5).asked(0).Text(), http.StatusNotFound},
		"a strange key":                     {newHistory(t, origin, 2).grow("entry", 5).asked(0).Text(), http.StatusForbidden},
		"a broken signature":                {bytes.Replace(good.Text(), []byte("\n310\n"), []byte("\n311\n"), 1), http.StatusForbidden},
		"another old size":                  {h.asked(299).Text(), http.StatusConflict},
		"another tree of the size":          {otherSmall.asked(300).Text(), http.StatusConflict},
		"a hash less":                       {cut.Text(), http.StatusUnprocessableEntity},
		"a hash more":                       {more.Text(), http.StatusUnprocessableEntity},
		"hashes in another order":           {swapped.Text(), http.StatusUnprocessableEntity},
		"another history":                   {other.asked(300).Text(), http.StatusUnprocessableEntity},
		"too long":                          {append(good.Text(), make([]byte, tree.MaxAddCheckpoint)...), http.StatusRequestEntityTooLarge},
		"a tree of nothing after":           {newHistory(t, origin, 1).asked(0).Text(), http.StatusConflict},
		"an empty tree with another root":   {tree.AddCheckpoint{Checkpoint: emptyWithRoot.Note(signature)}.Text(), http.StatusConflict},
		"a size that arithmetic never ends": {endless, http.StatusBadRequest},
	} {
		if status, _, text := f.post(test.body); status != test.status || strings.Contains(text, "—") {
			t.Errorf("%s: %d, want %d; %s", name, status, test.status, text)
		}
	}
	if told := f.told.String(); !strings.Contains(told, "a log does not continue what was cosigned") {
		t.Errorf("the witness's log does not tell of the fork:\n%s", told)
	}
	f.cosigns(good)
	if answer, err := f.http.Client().Get(f.http.URL + "/add-checkpoint"); err != nil || answer.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("GET: %v", err)
	}
	if answer, err := f.http.Client().Get(f.http.URL + "/"); err != nil || answer.StatusCode != http.StatusNotFound {
		t.Errorf("GET /: %v", err)
	}
}

// tlog-witness, "add-checkpoint": of two histories that are submitted at once, one is cosigned.
func TestTwoHistoriesAtOnce(t *testing.T) {
	f := start(t, t.TempDir())
	var group sync.WaitGroup
	var mu sync.Mutex
	cosigned := map[string]int{}
	for _, what := range []string{"one", "another"} {
		for size := int64(1); size <= 20; size++ {
			body := newHistory(t, origin, 1).grow(what, size).asked(0).Text()
			group.Go(func() {
				if status, _, _ := f.post(body); status == http.StatusOK {
					mu.Lock()
					cosigned[what]++
					mu.Unlock()
				}
			})
		}
	}
	group.Wait()
	if cosigned["one"]+cosigned["another"] != 1 {
		t.Errorf("cosigned: %v", cosigned)
	}
}

// What is not on the disk is not signed, and what is on the disk is never taken for nothing.
func TestAWitnessSignsOnlyWhatItKeeps(t *testing.T) {
	folder := t.TempDir()
	f := start(t, folder)
	h := newHistory(t, origin, 1).grow("entry", 5)
	f.cosigns(h.asked(0))
	kept, err := filepath.Glob(filepath.Join(folder, "*.checkpoint"))
	if err != nil || len(kept) != 1 {
		t.Fatalf("%q, %v", kept, err)
	}
	before, err := os.ReadFile(kept[0])
	if err != nil {
		t.Fatal(err)
	}
	// A crash while the next one was written leaves half of it beside.
	if err := os.Mkdir(kept[0]+".next", 0o700); err != nil {
		t.Fatal(err)
	}
	h.grow("entry", 9)
	if status, _, text := f.post(h.asked(5).Text()); status != http.StatusInternalServerError || strings.Contains(text, "—") {
		t.Errorf("what cannot be kept: %d %s", status, text)
	}
	if after, err := os.ReadFile(kept[0]); err != nil || !bytes.Equal(before, after) {
		t.Errorf("%s\n%v", after, err)
	}
	if err := errors.Join(os.Remove(kept[0]+".next"), os.WriteFile(kept[0]+".next", before[:10], 0o600)); err != nil {
		t.Fatal(err)
	}
	f.cosigns(h.asked(5))
	if err := os.WriteFile(kept[0], []byte("broken"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, old := range []int64{0, 9} {
		if status, _, text := f.post(h.asked(old).Text()); status != http.StatusInternalServerError || strings.Contains(text, "—") {
			t.Errorf("with a broken memory: %d %s", status, text)
		}
	}
	if _, err := witness.OpenState(folder); err == nil || !strings.Contains(err.Error(), "is held by another process") {
		t.Errorf("a second process: %v", err)
	}
}
