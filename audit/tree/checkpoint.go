package tree

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"unicode"

	"golang.org/x/mod/sumdb/note"
)

// Checkpoint is what a log commits to: all of its entries up to a size.
type Checkpoint struct {
	Origin string
	Size   int64
	Root   Hash
}

// MaxSignatures is how many signatures a note may have: note.Open reads no note with more.
const MaxSignatures = 100

// MaxSize bounds the size of a tree that is read from elsewhere: x/mod's functions never return for sizes beyond 1<<62.
const MaxSize = 1 << 60

// SignatureSize is the length of a Signature, in bytes.
const SignatureSize = 4 + 64

// Signature is one signature of a checkpoint as its line has it, before base64: the hash of the key, four bytes, then the
// Ed25519 signature.
type Signature []byte

// ErrNotACheckpoint says that a text is no note, or no checkpoint.
var ErrNotACheckpoint = errors.New("not a checkpoint")

// Text is what is signed (tlog-checkpoint, "Note text"). It has no extension lines.
func (c Checkpoint) Text() string { return fmt.Sprintf("%s\n%d\n%s\n", c.Origin, c.Size, c.Root) }

// Sign signs the text.
func (c Checkpoint) Sign(signer note.Signer) (Signature, error) {
	signed, err := signer.Sign([]byte(c.Text()))
	if err != nil {
		return nil, err
	}
	return append(binary.BigEndian.AppendUint32(nil, signer.KeyHash()), signed...), nil
}

// Note is the signed note: the text, then a line for each signature, under the log's own name.
func (c Checkpoint) Note(signatures ...Signature) []byte {
	lines := c.Text() + "\n"
	for _, signature := range signatures {
		lines += signature.Line(c.Origin)
	}
	return []byte(lines)
}

// Open reads a signed note of the log of an origin. At least one signature is of a key in keys; others are left aside.
// Errors: ErrNotACheckpoint, *note.UnverifiedNoteError (of none of these keys), *note.InvalidSignatureError.
func Open(text []byte, origin string, keys Keys) (Checkpoint, error) {
	opened, err := note.Open(text, keys)
	if IsUnsigned(err) {
		return Checkpoint{}, err
	}
	if err != nil {
		return Checkpoint{}, ErrNotACheckpoint
	}
	c, err := parse(opened.Text)
	if err == nil && c.Origin != origin {
		return Checkpoint{}, fmt.Errorf("the checkpoint is of %s, not of %s", c.Origin, origin)
	}
	return c, err
}

// Read reads a note of the log of an origin without looking at its signatures, for whoever knows no key of it and has the text
// from a place that they trust. Error: ErrNotACheckpoint.
func Read(text []byte, origin string) (Checkpoint, error) {
	_, err := note.Open(text, note.VerifierList())
	unverified, is := errors.AsType[*note.UnverifiedNoteError](err)
	if !is {
		return Checkpoint{}, ErrNotACheckpoint
	}
	c, err := parse(unverified.Note.Text)
	if err == nil && c.Origin != origin {
		return Checkpoint{}, fmt.Errorf("the checkpoint is of %s, not of %s", c.Origin, origin)
	}
	return c, err
}

// IsUnsigned reports whether an error of Open means that none of the keys has signed, or not this text.
func IsUnsigned(err error) bool {
	unverified, invalid := new(note.UnverifiedNoteError), new(note.InvalidSignatureError)
	return errors.As(err, &unverified) || errors.As(err, &invalid)
}

// parse reads a note's text. Extension lines are left aside.
func parse(text string) (Checkpoint, error) {
	lines := strings.SplitN(text, "\n", 4)
	if len(lines) != 4 || lines[0] == "" || strings.ContainsFunc(lines[0], func(r rune) bool { return !unicode.IsPrint(r) }) {
		return Checkpoint{}, ErrNotACheckpoint
	}
	c := Checkpoint{Origin: lines[0]}
	size, err := parseSize(lines[1])
	if err != nil {
		return Checkpoint{}, ErrNotACheckpoint
	}
	root, err := base64.StdEncoding.Strict().DecodeString(lines[2])
	if err != nil || len(root) != HashSize {
		return Checkpoint{}, ErrNotACheckpoint
	}
	c.Size, c.Root = size, Hash(root)
	return c, nil
}
