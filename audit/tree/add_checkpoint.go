package tree

import (
	"bytes"
	"errors"
	"strconv"
	"strings"
)

// AddCheckpoint is the body of a request to a witness (tlog-witness, "add-checkpoint").
type AddCheckpoint struct {
	Old        int64  // the size up to which the witness has cosigned; 0: nothing
	Path       []Hash // that the checkpoint continues it
	Checkpoint []byte // the signed note
}

// MaxAddCheckpoint is how long a request or an answer of a witness may be, in bytes: 63 hashes and 100 signatures are less.
const MaxAddCheckpoint = 1 << 16

// What witnesses answer with.
const (
	PathAddCheckpoint = "/add-checkpoint"
	SizeMediaType     = "text/x.tlog.size" // of the size that a witness has, with 409
)

// ErrNotAddCheckpoint says that a text is no such request.
var ErrNotAddCheckpoint = errors.New("not a request to add a checkpoint")

// Text is the body.
func (a AddCheckpoint) Text() []byte {
	var out bytes.Buffer
	out.WriteString("old " + strconv.FormatInt(a.Old, 10) + "\n")
	writeHashes(&out, a.Path)
	out.WriteString("\n")
	out.Write(a.Checkpoint)
	return out.Bytes()
}

// ParseAddCheckpoint reads what Text writes, and no other spelling of it. The checkpoint is still to be opened.
// Error: ErrNotAddCheckpoint.
func ParseAddCheckpoint(text []byte) (AddCheckpoint, error) {
	head, checkpoint, found := bytes.Cut(text, []byte("\n\n"))
	lines := strings.Split(string(head), "\n")
	old, is := strings.CutPrefix(lines[0], "old ")
	size, err := parseSize(old)
	path, bad := parseHashes(lines[1:])
	if !found || len(text) > MaxAddCheckpoint || !is || err != nil || bad != nil {
		return AddCheckpoint{}, ErrNotAddCheckpoint
	}
	return AddCheckpoint{size, path, checkpoint}, nil
}

// ParseSize reads the size that a witness answers with, with or without its newline. Error: not a number of leaves.
func ParseSize(text []byte) (int64, error) { return parseSize(strings.TrimSuffix(string(text), "\n")) }
