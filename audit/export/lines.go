package export

import (
	"encoding/json"
	"strings"
	"time"
	"unicode"

	"countersign/audit/tree"

	"github.com/go-jose/go-jose/v4"
)

// Version is that of the shape below. What is added later is a member more.
const Version = 1

// The lines of an export: Begin, an Entry for each entry, oldest first, End.
type (
	// Begin says what the file is.
	Begin struct {
		Export Head `json:"export"`
	}

	// Head is what a verifier needs beside the entries. What it says of keys and of the log somebody who writes such a file can
	// say too: what was kept elsewhere goes before it.
	Head struct {
		Version int       `json:"version"`
		Issuer  string    `json:"issuer"`
		Event   string    `json:"event"` // jti of the event that says it began
		At      time.Time `json:"at"`
		Last    int64     `json:"last_seq"` // no entry has a higher number
		Filter  []string  `json:"filter"`   // none: all entries

		Checkpoint string              `json:"checkpoint,omitempty"` // tlog-checkpoint: the newest of before the event
		LogKeys    []string            `json:"log_keys,omitempty"`   // signed-note verifier keys of the log
		Keys       *jose.JSONWebKeySet `json:"keys,omitempty"`       // public keys that sign entries, old ones included
	}

	// Entry is a number, the SET as it stands in the log, and the claims of that SET for whoever reads without verifying: none when
	// it cannot be read. In a part of the trail the proof is that of the checkpoint's tree for the entry (RFC 6962 §2.1.1), for those
	// that the tree has.
	Entry struct {
		Seq    int64           `json:"seq"`
		SET    string          `json:"set"`
		Proof  []tree.Hash     `json:"proof,omitempty"`
		Claims json.RawMessage `json:"claims,omitempty"`

		Details []Detail `json:"details,omitempty"`
	}

	// Detail is what lies beside the log of an entry (audit.DetailRow), where it was still there. Its hash stands in the SET.
	Detail struct {
		Field  string `json:"field"`
		Before string `json:"before,omitempty"`
		After  string `json:"after,omitempty"`
		Salt   string `json:"salt"`
	}

	// End says that the file is whole.
	End struct {
		End Tail `json:"end"`
	}

	// Tail counts the entries.
	Tail struct {
		Entries int   `json:"entries"`
		Last    int64 `json:"last_seq"`
	}
)

// Whole reports whether the export is of all entries up to its last number.
func (h Head) Whole() bool { return len(h.Filter) == 0 }

// printable reports whether what a report shows of the head is text on one line: the file is somebody else's, and a verdict of its
// own may stand in it.
func (h Head) printable() bool {
	return !strings.ContainsFunc(h.Issuer+strings.Join(h.Filter, ""), func(r rune) bool { return !unicode.IsPrint(r) })
}
