package audit

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"countersign/audit/tree"

	"github.com/go-jose/go-jose/v4"
	"golang.org/x/mod/sumdb/note"
)

const testOrigin = "countersign.example/log"

// receiptLog is a log of a few entries, its key and a witness.
type receiptLog struct {
	*fixture
	entries []Entry
	signer  tree.Signer
	witness tree.Cosigner
}

func newReceiptLog(t *testing.T) *receiptLog {
	t.Helper()
	l := &receiptLog{fixture: newFixture(t, testTable)}
	for range 5 {
		l.entries = append(l.entries, l.append(approval()))
	}
	var err error
	if l.signer, err = tree.NewSigner(testOrigin, ed25519.NewKeyFromSeed(bytes.Repeat([]byte{1}, 32))); err != nil {
		t.Fatal(err)
	}
	if l.witness, err = tree.NewCosigner("witness.example/w1", ed25519.NewKeyFromSeed(bytes.Repeat([]byte{2}, 32))); err != nil {
		t.Fatal(err)
	}
	return l
}

// proof is that of an entry, in the tree of all five.
func (l *receiptLog) proof(at int) tree.Proof {
	l.Helper()
	var edge tree.Edge
	for _, entry := range l.entries {
		edge.Append(tree.Leaf(entry.Bytes()))
	}
	c := tree.Checkpoint{Origin: testOrigin, Size: edge.Size(), Root: edge.Root()}
	path, err := tree.Inclusion(c, int64(at), func([]tree.Tile) ([][]byte, error) { return [][]byte{tree.Bytes(edge.Open(0))}, nil })
	if err != nil {
		l.Fatal(err)
	}
	signature, err := c.Sign(l.signer)
	if err != nil {
		l.Fatal(err)
	}
	note := append(c.Note(signature), l.witness.Cosign([]byte(c.Text()), testTime).Line(l.witness.Name())...)
	return tree.Proof{Extra: l.entries[at].Bytes(), Index: int64(at), Path: path, Checkpoint: note}
}

func (l *receiptLog) verifier() tree.Verifier {
	l.Helper()
	line, err := tree.VerifierKey(testOrigin, ed25519.NewKeyFromSeed(bytes.Repeat([]byte{1}, 32)).Public().(ed25519.PublicKey))
	if err != nil {
		l.Fatal(err)
	}
	key, err := tree.ParseVerifier(line)
	if err != nil {
		l.Fatal(err)
	}
	return key
}

// tlog-proof, "Format"; RFC 6962 §2.1.1: each entry's receipt says what the entry says, and who vouches for it.
func TestReceiptsHold(t *testing.T) {
	l := newReceiptLog(t)
	for at, entry := range l.entries {
		r, err := ReadReceipt(l.proof(at).Text())
		if err != nil {
			t.Fatal(err)
		}
		if r.Entry != entry || r.Issuer != testIssuer ||
			r.Event.Subject != "acc_41" || r.Checkpoint.Size != 5 || r.Leaf != tree.Leaf(entry.Bytes()) {
			t.Errorf("entry %d: %+v", at, r)
		}
		v, err := r.Vouch(Trust{Log: []tree.Verifier{l.verifier()}, Witnesses: []tree.Verifier{l.witness.Verifier}, Keys: l.keys()})
		if err != nil || !v.SET || len(v.Log) != 1 || len(v.Witnesses) != 1 || !v.Witnesses[0].At().Equal(testTime.Truncate(time.Second)) {
			t.Errorf("entry %d: %+v, %v", at, v, err)
		}
		if v, err := r.Vouch(Trust{}); err != nil || v.SET || v.Log != nil || v.Witnesses != nil {
			t.Errorf("without trust: %+v, %v", v, err)
		}
	}
}

// A key may be given twice, on the command line and in a file.
func TestReceiptsHoldForKeysGivenTwice(t *testing.T) {
	l := newReceiptLog(t)
	r, err := ReadReceipt(l.proof(2).Text())
	if err != nil {
		t.Fatal(err)
	}
	log, witness := l.verifier(), l.witness.Verifier
	v, err := r.Vouch(Trust{Log: []tree.Verifier{log, log}, Witnesses: []tree.Verifier{witness, witness}})
	if err != nil || len(v.Log) != 1 || len(v.Witnesses) != 2 {
		t.Errorf("%+v, %v", v, err)
	}
}

// What was changed is named, wherever it is.
func TestReceiptsThatDoNotHold(t *testing.T) {
	l := newReceiptLog(t)
	for name, test := range map[string]struct {
		change func(p *tree.Proof)
		want   string
	}{
		"another entry":       {func(p *tree.Proof) { p.Extra = l.entries[3].Bytes() }, "its number is 4, and the proof is of number 3"},
		"another number":      {func(p *tree.Proof) { p.Index = 3 }, "its number is 3, and the proof is of number 4"},
		"no entry":            {func(p *tree.Proof) { p.Extra = nil }, "no entry"},
		"no token":            {func(p *tree.Proof) { p.Extra = []byte("x") }, "not a signed token"},
		"a changed claim":     {func(p *tree.Proof) { p.Extra = changedClaim(t, p.Extra) }, "does not lead from this entry"},
		"a changed signature": {func(p *tree.Proof) { p.Extra = otherSignature(p.Extra) }, "does not lead from this entry"},
		"a hash less":         {func(p *tree.Proof) { p.Path = p.Path[1:] }, "does not lead from this entry"},
		"a hash more":         {func(p *tree.Proof) { p.Path = append(p.Path, p.Path[0]) }, "does not lead from this entry"},
		"other hashes":        {func(p *tree.Proof) { p.Path[0][0]++ }, "does not lead from this entry"},
		"another size": {func(p *tree.Proof) { p.Checkpoint = bytes.Replace(p.Checkpoint, []byte("\n5\n"), []byte("\n9\n"), 1) },
			"does not lead from this entry to the checkpoint of 9 entries"},
		"a size that no tree has": {func(p *tree.Proof) {
			p.Checkpoint = bytes.Replace(p.Checkpoint, []byte("\n5\n"), []byte("\n9223372036854775807\n"), 1)
		}, "not a checkpoint"},
		"another log": {func(p *tree.Proof) {
			p.Checkpoint = bytes.ReplaceAll(p.Checkpoint, []byte("countersign"), []byte("other"))
		},
			"of the log other.example/log, and the entry of https://countersign.example"},
		"no checkpoint": {func(p *tree.Proof) { p.Checkpoint = []byte("\n") }, "not a checkpoint"},
	} {
		p := l.proof(2)
		test.change(&p)
		if _, err := ReadReceipt(p.Text()); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %s", name, err, test.want)
		}
	}
}

// otherSignature is the same claims under a signature that nobody made.
func otherSignature(set []byte) []byte {
	other, at := bytes.Clone(set), len(set)-10
	other[at] = 'A'
	if set[at] == 'A' {
		other[at] = 'B'
	}
	return other
}

// changedClaim is another account under the same signature.
func changedClaim(t *testing.T, set []byte) []byte {
	t.Helper()
	parts := strings.Split(string(set), ".")
	payload := strings.Replace(decoded(t, parts[1]), "acc_41", "acc_42", 1)
	return []byte(parts[0] + "." + base64.RawURLEncoding.EncodeToString([]byte(payload)) + "." + parts[2])
}

// Who does not vouch is named: a key that has not signed, a witness that has not cosigned, a signature of something else.
func TestReceiptsThatNobodyVouchesFor(t *testing.T) {
	l := newReceiptLog(t)
	otherLog, otherWitness := verifierOf(t, testOrigin), verifierOf(t, "x.example/log")
	stranger, err := tree.NewCosigner("witness.example/w1", ed25519.NewKeyFromSeed(bytes.Repeat([]byte{9}, 32)))
	if err != nil {
		t.Fatal(err)
	}
	forged := l.proof(2)
	at := bytes.LastIndexByte(forged.Checkpoint[:len(forged.Checkpoint)-10], 'A')
	forged.Checkpoint[at] = 'B'
	for name, test := range map[string]struct {
		proof tree.Proof
		trust Trust
		want  string
	}{
		"another key":        {l.proof(2), Trust{Log: []tree.Verifier{otherLog}}, "no key of the log that was given has signed"},
		"another log's":      {l.proof(2), Trust{Log: []tree.Verifier{otherWitness}}, "is of another log, not of countersign.example/log"},
		"another witness":    {l.proof(2), Trust{Witnesses: []tree.Verifier{stranger.Verifier}}, "has not cosigned the checkpoint"},
		"a forged signature": {forged, Trust{Witnesses: []tree.Verifier{l.witness.Verifier}}, "is not of this checkpoint"},
		"another audit key": {l.proof(2), Trust{Keys: jose.JSONWebKeySet{Keys: []jose.JSONWebKey{newKey(t, "key-1")}}},
			`signature is not of key "key-1"`},
		"an unknown audit key": {l.proof(2), Trust{Keys: jose.JSONWebKeySet{Keys: []jose.JSONWebKey{newKey(t, "key-2")}}},
			`kid "key-1" is not a key of this log`},
	} {
		r, err := ReadReceipt(test.proof.Text())
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if _, err := r.Vouch(test.trust); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %s", name, err, test.want)
		}
	}
}

func verifierOf(t *testing.T, name string) tree.Verifier {
	t.Helper()
	_, line, err := note.GenerateKey(nil, name)
	if err != nil {
		t.Fatal(err)
	}
	key, err := tree.ParseVerifier(line)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// What a receipt calls its log is shown, so that it holds nothing that moves a terminal's cursor.
func TestReceiptsShowNoVerdictOfTheirOwn(t *testing.T) {
	l := newReceiptLog(t)
	for issuer, origin := range map[string]string{
		"https://x\x1b[2J\rverdict:-sound":       "x\x1b[2J\rverdict:-sound/log",
		"x\x1b[2J\rverdict: sound\n://x.example": "y.example/log",
	} {
		l.log.Issuer = issuer
		entry, err := l.log.Sign(1, testTime, approval())
		if err != nil {
			t.Fatal(err)
		}
		c := tree.Checkpoint{Origin: origin, Size: 1, Root: tree.Leaf(entry.Bytes())}
		signature, err := tree.Checkpoint{Origin: testOrigin, Size: 1, Root: c.Root}.Sign(l.signer)
		if err != nil {
			t.Fatal(err)
		}
		proof := tree.Proof{Extra: entry.Bytes(), Checkpoint: c.Note(signature)}
		if _, err := ReadReceipt(proof.Text()); err == nil || strings.ContainsAny(err.Error(), "\x1b\r\n") {
			t.Errorf("%q", err)
		}
	}
}
