package tree

import (
	"bytes"
	"encoding/base64"
	"errors"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

// Proof is a tlog-proof: that the log of a checkpoint has a leaf, for checking without the log.
type Proof struct {
	Extra      []byte // what the application says: here the entry, whose hash is the leaf
	Index      int64
	Path       []Hash // from the leaf up
	Checkpoint []byte // the signed note
}

// MaxProofText is how long a tlog-proof that is read here may be, in bytes: 100 signatures and a large entry are far less.
const MaxProofText = 1 << 18

// ErrNotAProof says that a text is no tlog-proof.
var ErrNotAProof = errors.New("not a tlog-proof")

const proofHeader = "c2sp.org/tlog-proof@v1"

// Text is the proof as a file (tlog-proof, "Format").
func (p Proof) Text() []byte {
	var out bytes.Buffer
	out.WriteString(proofHeader + "\n")
	if len(p.Extra) > 0 {
		out.WriteString("extra " + base64.StdEncoding.EncodeToString(p.Extra) + "\n")
	}
	out.WriteString("index " + strconv.FormatInt(p.Index, 10) + "\n")
	writeHashes(&out, p.Path)
	out.WriteString("\n")
	out.Write(p.Checkpoint)
	return out.Bytes()
}

func writeHashes(out *bytes.Buffer, list []Hash) {
	for _, hash := range list {
		out.WriteString(hash.String() + "\n")
	}
}

// ParseProof reads what Text writes, and no other spelling of it. The checkpoint is still to be opened. Error: ErrNotAProof.
func ParseProof(text []byte) (Proof, error) {
	head, checkpoint, found := bytes.Cut(text, []byte("\n\n"))
	lines := strings.Split(string(head), "\n")
	if !found || len(text) > MaxProofText || len(lines) < 2 || lines[0] != proofHeader {
		return Proof{}, ErrNotAProof
	}
	p, lines := Proof{Checkpoint: checkpoint}, lines[1:]
	if extra, is := strings.CutPrefix(lines[0], "extra "); is {
		data, err := decode(extra)
		if err != nil || len(data) == 0 || len(lines) < 2 {
			return Proof{}, ErrNotAProof
		}
		p.Extra, lines = data, lines[1:]
	}
	index, is := strings.CutPrefix(lines[0], "index ")
	size, err := parseSize(index)
	if !is || err != nil {
		return Proof{}, ErrNotAProof
	}
	p.Index = size
	if p.Path, err = parseHashes(lines[1:]); err != nil {
		return Proof{}, ErrNotAProof
	}
	return p, nil
}

// parseSize reads a decimal number without leading zeroes, up to MaxSize.
func parseSize(text string) (int64, error) {
	size, err := strconv.ParseInt(text, 10, 64)
	if err != nil || size < 0 || size > MaxSize || strconv.FormatInt(size, 10) != text {
		return 0, errors.New("not a number of leaves")
	}
	return size, nil
}

// parseHashes reads the lines of a proof.
func parseHashes(lines []string) ([]Hash, error) {
	if len(lines) > MaxProof {
		return nil, ErrProof
	}
	var list []Hash
	for _, line := range lines {
		hash, err := decode(line)
		if err != nil || len(hash) != HashSize {
			return nil, ErrProof
		}
		list = append(list, Hash(hash))
	}
	return list, nil
}

// decode reads base64 in its one spelling: the standard library's decoder skips line breaks.
func decode(text string) ([]byte, error) {
	data, err := base64.StdEncoding.Strict().DecodeString(text)
	if err == nil && strings.ContainsAny(text, "\r\n") {
		err = errors.New("a line break")
	}
	return data, err
}

// Unsigned reads a note's checkpoint without holding it against any key: what a text says of itself, for words and for looking
// up the keys that it must be held against. Error: ErrNotACheckpoint.
func Unsigned(text []byte) (Checkpoint, error) {
	_, err := note.Open(text, note.VerifierList())
	unverified, is := errors.AsType[*note.UnverifiedNoteError](err)
	if !is {
		return Checkpoint{}, ErrNotACheckpoint
	}
	return parse(unverified.Note.Text)
}
