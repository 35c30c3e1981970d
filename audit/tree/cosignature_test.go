package tree_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"countersign/audit/tree"

	"golang.org/x/mod/sumdb/note"
)

func cosigner(t *testing.T, name string, b byte) tree.Cosigner {
	t.Helper()
	c, err := tree.NewCosigner(name, ed25519.NewKeyFromSeed(bytes.Repeat([]byte{b}, 32)))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// tlog-cosignature, "Format" and "Ed25519 signed message": a cosignature is a line of the note that x/mod reads with the witness's
// key, over the header, the time and the text.
func TestCosignatureIsWhatTheDocumentSays(t *testing.T) {
	signer, witness := signerOf(t, "log.example", 1), cosigner(t, "witness.example/w1", 2)
	c := tree.Checkpoint{Origin: "log.example", Size: 5}
	at := time.Unix(1679315147, 999).UTC()
	text := append(signed(t, c, signer), witness.Cosign([]byte(c.Text()), at).Line(witness.Name())...)
	opened, err := note.Open(text, note.VerifierList(witness))
	if err != nil || len(opened.Sigs) != 1 || opened.Text != c.Text() || len(opened.UnverifiedSigs) != 1 {
		t.Fatalf("%+v, %v", opened, err)
	}
	line, _ := base64.StdEncoding.DecodeString(opened.Sigs[0].Base64)
	if len(line) != tree.CosignatureSize || binary.BigEndian.Uint64(line[4:]) != 1679315147 {
		t.Errorf("%d bytes, time %d", len(line), binary.BigEndian.Uint64(line[4:]))
	}
	message := "cosignature/v1\ntime 1679315147\n" + c.Text()
	public := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{2}, 32)).Public().(ed25519.PublicKey)
	if !ed25519.Verify(public, []byte(message), line[12:]) {
		t.Error("the signature is not over the message of the document")
	}
	found, err := tree.Signers(text, witness.Verifier)
	if err != nil || len(found) != 1 || !found[0].At().Equal(time.Unix(1679315147, 0)) || found[0].By.ID() != witness.ID() {
		t.Errorf("%+v, %v", found, err)
	}
}

// A cosignature with another time, of another text, or with a time that the document refuses, is none. Of a strange witness nothing
// is said.
func TestCosignaturesThatAreRefused(t *testing.T) {
	witness, c := cosigner(t, "witness.example/w1", 2), tree.Checkpoint{Origin: "log.example", Size: 5}
	good := witness.Cosign([]byte(c.Text()), time.Unix(1679315147, 0))
	later := bytes.Clone(good)
	later[11]++
	endless := bytes.Clone(good)
	binary.BigEndian.PutUint64(endless[4:], math.MaxInt64+1)
	for name, signature := range map[string]tree.Signature{
		"another time": later, "a time of 64 bits": endless, "too short": good[:tree.CosignatureSize-1],
		"another text": witness.Cosign([]byte("log.example\n6\n"), time.Unix(1679315147, 0)),
	} {
		text := append(signed(t, c, signerOf(t, "log.example", 1)), signature.Line(witness.Name())...)
		_, err := tree.Signers(text, witness.Verifier)
		if invalid := new(note.InvalidSignatureError); !errors.As(err, &invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	text := append(signed(t, c, signerOf(t, "log.example", 1)), good.Line(witness.Name())...)
	if found, err := tree.Signers(text, cosigner(t, "witness.example/w2", 2).Verifier); err != nil || found != nil {
		t.Errorf("a strange witness: %v, %v", found, err)
	}
	if _, err := tree.Signers([]byte("no note"), witness.Verifier); !errors.Is(err, tree.ErrNotACheckpoint) {
		t.Errorf("no note: %v", err)
	}
}

// signed-note, "Verifier keys": keys of both kinds are read and written; anything else is refused.
func TestVerifierKeysOfBothKinds(t *testing.T) {
	_, line, err := note.GenerateKey(nil, "log.example")
	if err != nil {
		t.Fatal(err)
	}
	log, err := tree.ParseVerifier(line)
	if err != nil || log.IsWitness() || log.String() != line {
		t.Errorf("%s: %v, %v", line, log, err)
	}
	witness := cosigner(t, "witness.example/w1", 2)
	read, err := tree.ParseVerifier(witness.String())
	if err != nil || !read.IsWitness() || read.String() != witness.String() || read.KeyHash() != witness.KeyHash() {
		t.Errorf("%s: %v, %v", witness, read, err)
	}
	name, rest, _ := strings.Cut(witness.String(), "+")
	hash, key, _ := strings.Cut(rest, "+")
	other, _ := base64.StdEncoding.DecodeString(key)
	other[0] = 6
	for _, bad := range []string{
		"", "+", name, name + "+" + hash, "other+" + rest, name + "+00000000+" + key, name + "+" + strings.ToUpper(hash) + "+" + key + "=",
		name + "+" + hash + "+" + key[4:], "+" + hash + "+" + key, witness.String() + "\n", fmt.Sprintf("a b+%s+%s", hash, key),
		name + "+" + hash + "+" + base64.StdEncoding.EncodeToString(other),
	} {
		if _, err := tree.ParseVerifier(bad); !errors.Is(err, tree.ErrNotAVerifierKey) {
			t.Errorf("%q: %v", bad, err)
		}
	}
	for _, bad := range []string{"", "a b", "a+b"} {
		if _, err := tree.NewCosigner(bad, ed25519.NewKeyFromSeed(make([]byte, 32))); !errors.Is(err, tree.ErrNotAVerifierKey) {
			t.Errorf("a witness called %q: %v", bad, err)
		}
	}
}

// A witness's own key is read as it was written, also where its base64 has plus signs, and in no other spelling.
func TestSecretsOfWitnesses(t *testing.T) {
	for b := range byte(64) {
		c := cosigner(t, "witness.example/w1", b)
		read, err := tree.ParseCosigner(c.Secret())
		if err != nil || read.String() != c.String() {
			t.Fatalf("%d: %v, %v", b, read, err)
		}
	}
	secret := cosigner(t, "witness.example/w1", 2).Secret()
	for _, bad := range []string{
		"", secret[1:], secret + "\n", secret[:len(secret)-4], strings.Replace(secret, "w1", "w2", 1), strings.TrimPrefix(secret, "PRIVATE+KEY+"),
	} {
		if _, err := tree.ParseCosigner(bad); !errors.Is(err, tree.ErrNotAVerifierKey) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}
