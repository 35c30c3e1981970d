package export

import (
	"fmt"
	"strings"
)

// Report is what Verify found.
type Report struct {
	Head    Head
	Entries int64 // that are sound, from the first line on
	Unread  int64 // of them, entries whose signature was not looked at: Options.Since vouches for them
	Proved  int64 // entries of a part that the checkpoint's tree has, by their proofs

	Size   int64 // of the export's checkpoint that its entries are the tree of, or are proved in; 0: there is none
	Kept   int64 // of the kept checkpoint, likewise
	Rooted bool  // what was kept elsewhere, keys or a checkpoint, is what all of it rests on

	First *Problem // the first bad line, nil when all are sound
	Wrong []string // what else is not as it should be, a line each
}

// Problem names a bad line.
type Problem struct {
	Line   int64 // from 1; that of the next one, where one is missing
	Seq    int64 // the number of its entry, or, for a missing one, what it should be; 0: it is of no entry
	Reason string
}

func (p Problem) String() string {
	if p.Seq == 0 {
		return fmt.Sprintf("line %d: %s", p.Line, p.Reason)
	}
	return fmt.Sprintf("line %d: entry %d: %s", p.Line, p.Seq, p.Reason)
}

// OK reports whether nothing is wrong.
func (r Report) OK() bool { return r.First == nil && len(r.Wrong) == 0 }

// Verdict is one of three: "sound", "consistent with the export's own keys" and "NOT SOUND" (docs/decisions/0045).
func (r Report) Verdict() string {
	switch {
	case !r.OK():
		return "NOT SOUND"
	case r.Rooted:
		return "sound"
	}
	return "consistent with the export's own keys"
}

// Lines say it for people, the verdict in the second line.
func (r Report) Lines() []string {
	lines := []string{fmt.Sprintf("entries checked: %d, of %s", r.Entries, r.what()), "verdict: " + r.Verdict()}
	if !r.OK() {
		if r.First != nil {
			lines = append(lines, "first bad entry: "+r.First.String())
		}
		return append(lines, r.Wrong...)
	}
	if !r.Rooted {
		lines = append(lines, r.rest())
	}
	if r.Unread > 0 {
		lines = append(lines, fmt.Sprintf("the signatures of the first %d entries were not looked at: the kept checkpoint vouches for them", r.Unread))
	}
	return append(append(lines, r.log()...), r.scope()...)
}

// rest says why what was kept, if anything was, is not enough.
func (r Report) rest() string {
	if r.Kept > 0 {
		return fmt.Sprintf("Entries after number %d rest on keys that nothing but this file names: give keys that were kept elsewhere", r.Kept)
	}
	return "Who wrote this file could have made these keys and signed everything: give what was kept elsewhere, keys or a checkpoint"
}

func (r Report) what() string {
	if r.Head.Whole() {
		return fmt.Sprintf("the whole trail of %s up to number %d", r.Head.Issuer, r.Head.Last)
	}
	return fmt.Sprintf("the part of the trail of %s up to number %d with %s", r.Head.Issuer, r.Head.Last, strings.Join(r.Head.Filter, ", "))
}

// log says what the tree proves.
func (r Report) log() (lines []string) {
	switch {
	case r.Size > 0 && r.Head.Whole():
		lines = append(lines, fmt.Sprintf("log: the entries are the tree of the export's checkpoint of %d entries", r.Size))
	case r.Size > 0:
		lines = append(lines, fmt.Sprintf("log: %d entries are proved to be in the tree of the export's checkpoint of %d entries", r.Proved, r.Size))
	default:
		lines = append(lines, "log: the export has no checkpoint")
	}
	if r.Kept > 0 {
		lines = append(lines, fmt.Sprintf("log: they continue the kept checkpoint of %d entries", r.Kept))
	}
	return lines
}

// scope says what such a file cannot prove.
func (r Report) scope() []string {
	if r.Head.Whole() {
		return nil
	}
	return []string{"Nothing in a part of the trail proves that it has all entries that its filter lets in: a whole export does"}
}
