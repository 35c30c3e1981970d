package export

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"countersign/audit"
	"countersign/audit/term"
	"countersign/audit/tree"

	"github.com/go-jose/go-jose/v4"
)

const (
	issuer = "https://countersign.example"
	origin = "countersign.example/log"
)

var testTime = time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC)

// trail is a log in memory, which is exported.
type trail struct {
	*testing.T
	log     audit.Log
	keys    jose.JSONWebKeySet
	signer  tree.Signer
	public  ed25519.PublicKey
	entries []audit.Entry
}

// newTrail has so many entries; the first says that its key was made, and one in the middle that another took over.
func newTrail(t *testing.T, count int) *trail {
	t.Helper()
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := tree.NewSigner(origin, private)
	if err != nil {
		t.Fatal(err)
	}
	tr := &trail{T: t, signer: signer, public: public, log: audit.Log{Issuer: issuer, Rand: rand.Reader}}
	tr.log.Signer = tr.newKey()
	tr.keyEvent(audit.SigningKeyCreated, tr.log.Signer.KeyID)
	for len(tr.entries) < count/2 {
		tr.visit()
	}
	next := tr.newKey()
	tr.keyEvent(audit.SigningKeyRotated, next.KeyID)
	tr.log.Signer = next
	for len(tr.entries) < count {
		tr.visit()
	}
	return tr
}

func (tr *trail) newKey() jose.JSONWebKey {
	tr.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		tr.Fatal(err)
	}
	key := jose.JSONWebKey{Key: private, Algorithm: string(jose.ES256), Use: "sig"}
	sum, err := key.Thumbprint(crypto.SHA256)
	if err != nil {
		tr.Fatal(err)
	}
	key.KeyID = base64.RawURLEncoding.EncodeToString(sum)
	tr.keys.Keys = append(tr.keys.Keys, key.Public())
	return key
}

func (tr *trail) add(e audit.Event) {
	tr.Helper()
	entry, err := tr.log.Sign(int64(len(tr.entries)+1), testTime, e)
	if err != nil {
		tr.Fatal(err)
	}
	tr.entries = append(tr.entries, entry)
}

func (tr *trail) keyEvent(kind audit.Type, kid string) {
	tr.Helper()
	tr.add(audit.Event{Type: kind, Facts: audit.Facts{
		Actor: &audit.Actor{System: string(term.SystemCommandLine)}, Key: kid, Reason: string(term.KeyAudit),
	}})
}

func (tr *trail) visit() {
	tr.Helper()
	tr.add(opening("acc_41"))
}

func opening(account string) audit.Event {
	return audit.Event{Type: audit.AccountOpened, Subject: account, Facts: audit.Facts{
		Actor: &audit.Actor{Staff: "staff_7"}, Session: "ses_3", Counter: "town-hall", QueryKind: "prefix",
	}}
}

// forged is an entry that the newest key signs as another number.
func (tr *trail) forged(seq int64, e audit.Event) Entry {
	tr.Helper()
	entry, err := tr.log.Sign(seq, testTime, e)
	if err != nil {
		tr.Fatal(err)
	}
	return Entry{Seq: seq, SET: entry.SET, Claims: entry.Claims()}
}

// checkpoint is that of the first entries.
func (tr *trail) checkpoint(size int) tree.Checkpoint {
	var edge tree.Edge
	for _, entry := range tr.entries[:size] {
		edge.Append(tree.Leaf(entry.Bytes()))
	}
	return tree.Checkpoint{Origin: origin, Size: int64(size), Root: edge.Root()}
}

// note is a checkpoint as it is kept.
func (tr *trail) note(c tree.Checkpoint) []byte {
	tr.Helper()
	signature, err := c.Sign(tr.signer)
	if err != nil {
		tr.Fatal(err)
	}
	return c.Note(signature)
}

// proof is that the tree of the first entries has one.
func (tr *trail) proof(size int, seq int64) []tree.Hash {
	tr.Helper()
	path, err := tree.Inclusion(tr.checkpoint(size), seq-1, func(tiles []tree.Tile) (list [][]byte, err error) {
		var edge tree.Edge
		full := map[int64]tree.FullTile{}
		for _, entry := range tr.entries[:size] {
			for _, tile := range edge.Append(tree.Leaf(entry.Bytes())) {
				full[tile.Number] = tile // these trees have no full tile above the leaves
			}
		}
		for _, tile := range tiles {
			hashes := edge.Open(tile.Level)
			if done, is := full[tile.Number]; is && tile.Level == 0 {
				hashes = done.Hashes
			}
			list = append(list, tree.Bytes(hashes[:tile.Width]))
		}
		return list, nil
	})
	if err != nil {
		tr.Fatal(err)
	}
	return path
}

// file is an export whose lines a test may change.
type file struct {
	Begin
	entries []Entry
	End
}

// whole exports all of it, with a checkpoint of the first entries.
func (tr *trail) whole(size int) *file {
	tr.Helper()
	line, err := tree.VerifierKey(origin, tr.public)
	if err != nil {
		tr.Fatal(err)
	}
	f := &file{Begin: Begin{Head{
		Version: Version, Issuer: issuer, Event: "event_1", At: testTime, Last: int64(len(tr.entries)), Filter: []string{},
		Checkpoint: string(tr.note(tr.checkpoint(size))), LogKeys: []string{line}, Keys: &tr.keys,
	}}}
	for _, entry := range tr.entries {
		f.entries = append(f.entries, Entry{Seq: entry.Seq, SET: entry.SET, Claims: entry.Claims()})
	}
	f.count()
	return f
}

// part exports the entries that keep lets in, with their proofs.
func (tr *trail) part(size int, keep func(audit.Entry) bool) *file {
	f := tr.whole(size)
	f.Export.Filter = []string{"type=account-opened"}
	f.entries = slices.DeleteFunc(f.entries, func(e Entry) bool { return !keep(tr.entries[e.Seq-1]) })
	for i, e := range f.entries {
		if e.Seq <= int64(size) {
			f.entries[i].Proof = tr.proof(size, e.Seq)
		}
	}
	f.count()
	return f
}

func (f *file) count() { f.End.End = Tail{Entries: len(f.entries), Last: f.Export.Last} }

// lines is the file as it is written.
func (f *file) lines(t *testing.T) []string {
	t.Helper()
	var b bytes.Buffer
	out := json.NewEncoder(&b)
	out.SetEscapeHTML(false)
	lines := []any{f.Begin}
	for _, e := range f.entries {
		lines = append(lines, e)
	}
	for _, line := range append(lines, f.End) {
		if err := out.Encode(line); err != nil {
			t.Fatal(err)
		}
	}
	return strings.SplitAfter(strings.TrimSuffix(b.String(), "\n"), "\n")
}

// verified verifies the file.
func (f *file) verified(t *testing.T, o Options) Report {
	t.Helper()
	return verifiedText(t, strings.Join(f.lines(t), "")+"\n", o)
}

func verifiedText(t *testing.T, text string, o Options) Report {
	t.Helper()
	report, err := Verify(t.Context(), strings.NewReader(text), o)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func wantBad(t *testing.T, report Report, line, seq int64, reason string) {
	t.Helper()
	p := report.First
	if p == nil || p.Line != line || p.Seq != seq || !strings.Contains(p.Reason, reason) || report.Verdict() != "NOT SOUND" {
		t.Errorf("want line %d, entry %d: %s; got %q: %v %v", line, seq, reason, report.Verdict(), report.First, report.Wrong)
	}
}
