package tree_test

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"strings"
	"testing"

	"countersign/audit/tree"

	"golang.org/x/mod/sumdb/note"
)

const origin = "id.example/log"

// signerOf has a key made of one byte.
func signerOf(t *testing.T, name string, b byte) tree.Signer {
	t.Helper()
	signer, err := tree.NewSigner(name, ed25519.NewKeyFromSeed(bytes.Repeat([]byte{b}, ed25519.SeedSize)))
	if err != nil {
		t.Fatal(err)
	}
	return signer
}

func signed(t *testing.T, c tree.Checkpoint, signers ...tree.Signer) []byte {
	t.Helper()
	var signatures []tree.Signature
	for _, signer := range signers {
		signature, err := c.Sign(signer)
		if err != nil || len(signature) != tree.SignatureSize {
			t.Fatalf("%d bytes, %v", len(signature), err)
		}
		signatures = append(signatures, signature)
	}
	return c.Note(signatures...)
}

// What is made here, x/mod makes byte for byte, and opens.
func TestCheckpointIsTheNoteOfXMod(t *testing.T) {
	signer := signerOf(t, origin, 1)
	c := tree.Checkpoint{Origin: origin, Size: 20852163, Root: tree.Leaf([]byte("x"))}
	text := signed(t, c, signer, signerOf(t, origin, 2))
	theirs, err := note.Sign(&note.Note{Text: c.Text()}, signer, signerOf(t, origin, 2))
	if err != nil || !bytes.Equal(theirs, text) {
		t.Errorf("%v\n%s\n%s", err, text, theirs)
	}
	golden := "id.example/log\n20852163\nPH6byTDck/AfppmF7yQtn56GHzxTVaokzl70tLinDMs=\n\n— id.example/log " +
		"Oh29AQS1LwEI0ZjoZRKxH1IP6hDgU0N2wbQnN481GUG0zMXk6ZU+6iz31aG5JBX4+/27pf5uVKCRSM1AYm/OlbZb4A8=\n"
	if !strings.HasPrefix(string(text), golden) {
		t.Errorf("%s", text)
	}
	opened, err := note.Open(text, note.VerifierList(signer))
	if err != nil || opened.Text != c.Text() || len(opened.Sigs) != 1 || len(opened.UnverifiedSigs) != 1 {
		t.Errorf("%+v, %v", opened, err)
	}
	if got, err := tree.Open(text, origin, note.VerifierList(signer)); err != nil || got != c {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestCheckpointsThatAreRefused(t *testing.T) {
	ours, other, elsewhere := signerOf(t, origin, 1), signerOf(t, origin, 2), signerOf(t, "other.example/log", 1)
	c := tree.Checkpoint{Origin: origin, Size: 7, Root: tree.Leaf(nil)}
	good := string(signed(t, c, ours))
	foreign := tree.Checkpoint{Origin: "other.example/log", Size: 7}
	crossed, err := note.Sign(&note.Note{Text: foreign.Text()}, ours)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"nothing":                  "",
		"no signature":             c.Text(),
		"another key":              string(signed(t, c, other)),
		"another name":             string(signed(t, foreign, elsewhere)),
		"our key, another log":     string(crossed),
		"another size":             strings.Replace(good, "\n7\n", "\n8\n", 1),
		"another root":             strings.Replace(good, "\nbjQ", "\nbjR", 1),
		"a size with zeroes":       resigned(t, ours, origin+"\n07\n"+c.Root.String()+"\n"),
		"a size below nothing":     resigned(t, ours, origin+"\n-7\n"+c.Root.String()+"\n"),
		"a size too large":         resigned(t, ours, origin+"\n9223372036854775808\n"+c.Root.String()+"\n"),
		"a size without an end":    resigned(t, ours, origin+"\n9223372036854775807\n"+c.Root.String()+"\n"),
		"a root too short":         resigned(t, ours, origin+"\n7\nAAAA\n"),
		"a root of another base64": resigned(t, ours, origin+"\n7\n"+strings.TrimSuffix(c.Root.String(), "=")+"\n"),
		"two lines":                resigned(t, ours, origin+"\n7\n"),
		"a carriage return":        strings.Replace(good, "\n7\n", "\r\n7\r\n", 1),
		"signed 101 times":         good + strings.Repeat("— other.example/log AAAAAAAAAA==\n", tree.MaxSignatures),
	} {
		if got, err := tree.Open([]byte(text), origin, note.VerifierList(ours)); err == nil {
			t.Errorf("%s: taken as %+v", name, got)
		}
	}
	most := good + strings.Repeat("— other.example/log AAAAAAAAAA==\n", tree.MaxSignatures-1)
	extended := resigned(t, ours, c.Text()+"an extension\n")
	for name, text := range map[string]string{"100 signatures": most, "an extension": extended} {
		if got, err := tree.Open([]byte(text), origin, note.VerifierList(ours)); err != nil || got != c {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	unverified := new(note.UnverifiedNoteError)
	if _, err := tree.Open([]byte(good), origin, note.VerifierList(other)); !errors.As(err, &unverified) {
		t.Errorf("a key that nobody knows: %v", err)
	}
}

// resigned is a note with any text, properly signed.
func resigned(t *testing.T, signer note.Signer, text string) string {
	t.Helper()
	signed, err := note.Sign(&note.Note{Text: text}, signer)
	if err != nil {
		t.Fatal(err)
	}
	return string(signed)
}

// tlog-tiles, "Parameters": the origin is the log's URL without the scheme.
func TestOriginOfAnIssuer(t *testing.T) {
	for issuer, want := range map[string]string{
		"https://id.example":             "id.example/log",
		"http://localhost:8080":          "localhost:8080/log",
		"https://[2001:db8::1]:8443":     "[2001:db8::1]:8443/log",
		"https://xn--bcher-kva.example":  "xn--bcher-kva.example/log",
		"https://id.example/issuer/1":    "id.example/issuer/1/log",
		"https://id.example/a+b":         "",
		"https://id.example/a b":         "",
		"https://id.example/a\u00a0b":    "",
		"https://id.example/a\u2028b":    "",
		"https://id.example/\xff":        "",
		"https://":                       "",
		"id.example":                     "",
		"":                               "",
		"https://id.example\n— id\nAAAA": "",
	} {
		got, err := tree.Origin(issuer)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q, %v", issuer, got, err)
			continue
		}
		if err == nil {
			signerOf(t, got, 1)
		}
	}
}

// The public keys are lines that x/mod reads; any of them opens a checkpoint that it signed.
func TestVerifierKeys(t *testing.T) {
	var public []ed25519.PublicKey
	for b := range byte(3) {
		public = append(public, ed25519.NewKeyFromSeed(bytes.Repeat([]byte{b}, ed25519.SeedSize)).Public().(ed25519.PublicKey))
	}
	keys, err := tree.Verifiers(origin, public)
	if err != nil {
		t.Fatal(err)
	}
	c := tree.Checkpoint{Origin: origin, Size: 1}
	for b := range byte(3) {
		if _, err := tree.Open(signed(t, c, signerOf(t, origin, b)), origin, keys); err != nil {
			t.Errorf("key %d: %v", b, err)
		}
	}
	if _, err := tree.Open(signed(t, c, signerOf(t, origin, 3)), origin, keys); err == nil {
		t.Error("a key that is none of them")
	}
	if _, err := tree.VerifierKey(origin, public[0][:31]); err == nil {
		t.Error("31 bytes are a key")
	}
}
