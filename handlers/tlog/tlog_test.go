package tlog_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os/exec"
	"strings"
	"testing"
	"time"

	"countersign/audit"
	"countersign/audit/tree"
	"countersign/handlers/handlerstest"
	"countersign/models"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// log is a server whose trail is sequenced.
type log struct {
	*handlerstest.Server
	t *testing.T
}

// start has more entries than a tile.
func start(t *testing.T) log {
	t.Helper()
	l := log{handlerstest.Start(t, handlerstest.Config{}), t}
	l.append(300)
	l.sequence()
	return l
}

func (l log) append(count int) {
	l.t.Helper()
	for range count {
		name := fmt.Sprintf("Counter %d", l.last().Seq)
		if _, err := l.Store.AddCounter(l.t.Context(), models.NewCounter{Name: name, TimeZone: "UTC"}); err != nil {
			l.t.Fatal(err)
		}
	}
}

func (l log) sequence() {
	l.t.Helper()
	done, err := l.Store.Sequence(l.t.Context())
	if err != nil || done.Behind() {
		l.t.Fatalf("%+v, %v", done, err)
	}
	l.Clock.Advance(time.Second)
}

func (l log) last() audit.Entry { return l.entries(1)[0] }

func (l log) entries(count int) []audit.Entry {
	l.t.Helper()
	rows, err := l.Store.Trail(context.Background(), audit.Filter{Limit: count})
	if err != nil || len(rows) == 0 {
		l.t.Fatal(err)
	}
	var list []audit.Entry
	for _, row := range rows {
		list = append(list, row.Entry)
	}
	return list
}

// get wants an answer that everybody may keep.
func (l log) get(path, mediaType, kept string) string {
	l.t.Helper()
	answer := l.Get(path)
	header := answer.Header
	if answer.Status != http.StatusOK || header.Get("Content-Type") != mediaType || header.Get("Cache-Control") != kept ||
		header.Get("Access-Control-Allow-Origin") != "*" || header.Get("Pragma") != "" {
		l.t.Fatalf("%s: %d %v", path, answer.Status, header)
	}
	return answer.Text
}

func (l log) keys() []string {
	l.t.Helper()
	return strings.Fields(l.get("/log/keys", "text/plain; charset=utf-8", "public, max-age=300"))
}

func (l log) checkpoint() tree.Checkpoint {
	l.t.Helper()
	var known []note.Verifier
	for _, line := range l.keys() {
		verifier, err := note.NewVerifier(line)
		if err != nil {
			l.t.Fatal(err)
		}
		known = append(known, verifier)
	}
	text := l.get("/log/checkpoint", "text/plain; charset=utf-8", "public, max-age=1")
	c, err := tree.Open([]byte(text), strings.TrimPrefix(l.Issuer, "http://")+"/log", note.VerifierList(known...))
	if err != nil {
		l.t.Fatalf("%v\n%s", err, text)
	}
	return c
}

// Height is part of tlog.TileReader.
func (l log) Height() int { return 8 }

// SaveTiles is part of tlog.TileReader.
func (l log) SaveTiles([]tlog.Tile, [][]byte) {}

// ReadTiles is part of tlog.TileReader.
func (l log) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var list [][]byte
	for _, tile := range tiles {
		path := "/log/" + tree.Tile{Level: tile.L, Number: tile.N, Width: tile.W}.Path()
		list = append(list, []byte(l.get(path, "application/octet-stream", "public, max-age=31536000, immutable")))
	}
	return list, nil
}

// docs/protocol.md §12: whoever has the public keys proves from what is served that an entry is in the log, and that
// the log continues a checkpoint that they kept.
func TestTheLogIsServedAsTiles(t *testing.T) {
	l := start(t)
	before := l.checkpoint()
	l.append(5)
	l.sequence()
	c := l.checkpoint()
	if c.Size != before.Size+5 || len(l.keys()) != 2 {
		t.Fatalf("%d entries after %d, keys %q", c.Size, before.Size, l.keys())
	}
	reader := tlog.TileHashReader(tlog.Tree{N: c.Size, Hash: c.Root}, l)
	continues, err := tlog.ProveTree(c.Size, before.Size, reader)
	if err == nil {
		err = tlog.CheckTree(continues, c.Size, c.Root, before.Size, before.Root)
	}
	if err != nil {
		t.Error(err)
	}
	for _, entry := range l.entries(300) {
		proof, err := tlog.ProveRecord(c.Size, entry.Seq-1, reader)
		if err == nil {
			err = tlog.CheckRecord(proof, c.Size, c.Root, entry.Seq-1, tree.Leaf(entry.Bytes()))
		}
		if err != nil {
			t.Fatalf("entry %d: %v", entry.Seq, err)
		}
	}
}

// Two verifiers that share no code agree: Node checks signature, tiles and inclusion by the documents alone, and refuses what
// is not so.
func TestAVerifierInNodeAgrees(t *testing.T) {
	l := start(t)
	c, entries := l.checkpoint(), l.entries(290)
	for _, entry := range []audit.Entry{entries[0], entries[1], entries[60], entries[289]} {
		found, err := l.node(entry.Seq-1, entry.SET)
		if err != nil || found.Size != c.Size || found.Root != c.Root.String() || found.Tiles < 2 {
			t.Errorf("entry %d of %+v: %+v, %v", entry.Seq, c, found, err)
		}
	}
	if _, err := l.node(entries[0].Seq-1, entries[1].SET); err == nil || !strings.Contains(err.Error(), "the entry is not in the tree") {
		t.Errorf("another entry: %v", err)
	}
}

type found struct {
	Size  int64  `json:"size"`
	Root  string `json:"root"`
	Tiles int    `json:"tiles"`
}

func (l log) node(index int64, entry string) (result found, err error) {
	l.t.Helper()
	return l.nodeOf(map[string]any{"index": index, "entry": entry})
}

func (l log) nodeOf(asked map[string]any) (result found, err error) {
	l.t.Helper()
	asked["prefix"], asked["keys"] = l.Endpoint("/log"), l.keys()
	input, err := json.Marshal(asked)
	if err != nil {
		l.t.Fatal(err)
	}
	node := exec.CommandContext(l.t.Context(), "node", "testdata/verify.mjs")
	node.Stdin = bytes.NewReader(input)
	out, err := node.Output()
	if exit, is := errors.AsType[*exec.ExitError](err); is {
		return result, errors.New(string(exit.Stderr))
	}
	return result, errors.Join(err, json.Unmarshal(out, &result))
}

// What the tree does not have is 404, and nothing of it may be kept; entries are served to nobody.
func TestWhatIsNotServed(t *testing.T) {
	l := start(t)
	size := l.checkpoint().Size
	for _, path := range []string{
		fmt.Sprintf("/log/tile/0/001.p/%d", size-255), "/log/tile/0/001", "/log/tile/0/002.p/1", "/log/tile/1/000", "/log/tile/1/000.p/2",
		"/log/tile/2/000.p/1", "/log/tile/0/0", "/log/tile/0/000.p/256", "/log/tile/0/000.p/0", "/log/tile/00/000", "/log/tile/64/000",
		"/log/tile/entries/000", "/log/tile/entries/001.p/1", "/log/tile/8/0/000", "/log/tile/", "/log/tile/0/000/",
		"/log/tile/0/..%2f..%2fcheckpoint", "/log", "/log/",
	} {
		if answer := l.Get(path); answer.Status != http.StatusNotFound || strings.Contains(answer.Header.Get("Cache-Control"), "max-age") {
			t.Errorf("%s: %d %s", path, answer.Status, answer.Header.Get("Cache-Control"))
		}
	}
	for path, length := range map[string]int{
		"/log/tile/0/000": 8192, "/log/tile/0/000.p/255": 255 * 32, "/log/tile/0/000.p/1": 32, "/log/tile/1/000.p/1": 32,
		fmt.Sprintf("/log/tile/0/001.p/%d", size-256): int(size-256) * 32, "/log/tile/0/001.p/1": 32,
	} {
		if answer := l.Get(path); answer.Status != http.StatusOK || len(answer.Text) != length {
			t.Errorf("%s: %d, %d bytes, want %d", path, answer.Status, len(answer.Text), length)
		}
	}
}

// Before anything is sequenced there is no checkpoint; HEAD is answered as GET.
func TestBeforeThereIsACheckpoint(t *testing.T) {
	l := log{handlerstest.Start(t, handlerstest.Config{}), t}
	for _, path := range []string{"/log/checkpoint", "/log/tile/0/000.p/1"} {
		if answer := l.Get(path); answer.Status != http.StatusNotFound {
			t.Errorf("%s: %d", path, answer.Status)
		}
	}
	l.Clock.Advance(time.Second)
	l.sequence()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodHead, l.Endpoint("/log/checkpoint"), nil)
	if err != nil {
		t.Fatal(err)
	}
	if answer := l.Do(request); answer.Status != http.StatusOK || answer.Text != "" || answer.Header.Get("Content-Length") == "" {
		t.Errorf("HEAD: %d %v", answer.Status, answer.Header)
	}
}
