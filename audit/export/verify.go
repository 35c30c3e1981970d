package export

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"sync"

	"countersign/audit"
	"countersign/audit/tree"

	"github.com/go-jose/go-jose/v4"
)

// Options are what is known from elsewhere. The zero value knows nothing.
type Options struct {
	Issuer   string             // whose trail it should be; "": whose it says that it is
	Keys     jose.JSONWebKeySet // that signed entries, and were kept; none: the export's own are believed
	Kept     []byte             // a checkpoint that was kept, as a signed note; none
	Since    bool               // the kept checkpoint vouches for its entries: their signatures are not looked at
	AtLeast  int64              // entries that there were once; 0: nobody knows
	Progress func(bytes int64)  // hears how much of the file was read; may be nil
}

// ErrNoKeys says that neither the export nor Options have keys to hold signatures against.
var ErrNoKeys = errors.New("the export has no keys, and none were given")

// ErrKeptOfPart says that a kept checkpoint cannot be held against a part of the trail, unless it is the export's own.
var ErrKeptOfPart = errors.New("a kept checkpoint can be held against a whole export only")

// batch and batchBytes are how many lines, and bytes of them, are judged together. So many are in memory, and one line more.
const (
	batch      = 128
	batchBytes = 1 << 20
)

// Verify reads an export to its end, or to the first line that is bad: the numbers, each signature and event, the chain of keys,
// the tree over the entries against the checkpoints that are known, or each entry's proof, the claims and details beside each SET, and
// that the file is whole. The error is a fault of reading, or one of what is asked: ErrNoKeys, ErrKeptOfPart, tree.ErrNotACheckpoint.
func Verify(ctx context.Context, in io.Reader, o Options) (Report, error) {
	v := verifier{Options: o, lines: lineReader{in: bufio.NewReaderSize(in, 1<<20)}, log: logCheck{found: map[string]int64{}}}
	if err := v.begin(); err != nil || !v.report.OK() {
		return v.report, err
	}
	for v.report.First == nil && !v.ended {
		if err := ctx.Err(); err != nil {
			return v.report, err
		}
		if err := v.step(); err != nil {
			return v.report, err
		}
		if v.Progress != nil {
			v.Progress(v.lines.bytes)
		}
	}
	v.end()
	return v.report, nil
}

type verifier struct {
	Options
	lines  lineReader
	judge  *audit.Judge
	chain  chain
	log    logCheck
	since  int64 // entries up to this number are vouched for
	kept   int64 // the size of the checkpoint that was kept
	seq    int64 // of the last entry
	ended  bool  // the last line was read
	report Report

	unproved map[string]bool // keys that only the file names
	loose    bool            // an entry rests on nothing but the file
}

// bad keeps the first bad line.
func (v *verifier) bad(line, seq int64, reason string) {
	if v.report.First == nil {
		v.report.First = &Problem{Line: line, Seq: seq, Reason: reason}
	}
}

// begin reads the first line.
func (v *verifier) begin() error {
	line, err := v.lines.next()
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, errNotClosed) && !errors.Is(err, errTooLong) {
		return err
	}
	first := Begin{}
	if err == nil {
		err = decode(line, &first, "export")
	}
	head := first.Export
	switch {
	case err != nil || head.Version == 0 || head.Issuer == "" || !head.printable():
		v.bad(1, 0, "not the beginning of an export as JSON lines")
		return nil //nolint:nilerr // the report has it
	case head.Version != Version:
		v.bad(1, 0, fmt.Sprintf("this is version %d of exports, which this program does not know", head.Version))
		return nil
	case v.Issuer != "" && v.Issuer != head.Issuer:
		v.bad(1, 0, fmt.Sprintf("this is the trail of %s, not of %s", head.Issuer, v.Issuer))
		return nil
	}
	v.report.Head, v.report.Rooted = head, len(v.Keys.Keys) > 0
	keys := trusted(head, v.Keys)
	if len(keys.Keys) == 0 {
		return ErrNoKeys
	}
	v.judge, v.chain = audit.NewJudge(head.Issuer, keys, nil), chain{whole: head.Whole(), kept: v.Keys}
	v.unproved = unproved(head, v.Keys)
	return v.checkpoints(head)
}

// checkpoints opens those that are known.
func (v *verifier) checkpoints(head Head) error {
	origin, err := tree.Origin(head.Issuer)
	if err != nil {
		v.bad(1, 0, err.Error())
		return nil
	}
	keys, err := tree.ReadKeys(origin, head.LogKeys)
	if err != nil {
		v.bad(1, 0, err.Error())
		return nil
	}
	if head.Checkpoint != "" {
		own, err := open(head.Checkpoint, origin, keys, len(head.LogKeys) > 0)
		if err != nil || own.Size > head.Last {
			v.bad(1, 0, "the export's checkpoint is not one of this log, signed by one of its keys")
			return nil //nolint:nilerr // the report has it
		}
		v.log.own = &own
		v.log.add(ownCheckpoint, own)
	}
	if len(v.Kept) == 0 {
		return nil
	}
	kept, err := open(string(v.Kept), origin, keys, len(head.LogKeys) > 0)
	if tree.IsUnsigned(err) {
		v.report.Wrong = append(v.report.Wrong, "the kept checkpoint is not signed by a key of this log")
		return nil
	}
	if err != nil {
		return fmt.Errorf("kept checkpoint: %w", err)
	}
	return v.keep(kept, head)
}

// keep takes a kept checkpoint for the rest to be held against.
func (v *verifier) keep(kept tree.Checkpoint, head Head) error {
	v.kept = kept.Size
	if !head.Whole() {
		if v.log.own == nil || kept.Size != v.log.own.Size {
			return ErrKeptOfPart
		}
		if kept.Root != v.log.own.Root {
			v.report.Wrong = append(v.report.Wrong, fmt.Sprintf("the kept checkpoint of %d entries is another one than the export's", kept.Size))
		}
		v.report.Kept = kept.Size
		return nil
	}
	v.log.add(keptCheckpoint, kept)
	if v.Since {
		v.since = kept.Size
	}
	return nil
}

// open reads a checkpoint. Where no key of the log is known its signature says nothing.
func open(text, origin string, keys tree.Keys, signed bool) (tree.Checkpoint, error) {
	if signed {
		return tree.Open([]byte(text), origin, keys)
	}
	return tree.Read([]byte(text), origin)
}

// judged is a line, with what its entry says, or what is wrong with it.
type judged struct {
	line  int64
	text  []byte
	entry Entry
	says  audit.Judged
	leaf  tree.Hash
	err   error
}

// step judges the next lines: on all processors what does not depend on the lines before.
func (v *verifier) step() error {
	list, last, err := v.read()
	if err != nil {
		return err
	}
	var workers sync.WaitGroup
	count := runtime.GOMAXPROCS(0)
	for worker := range count {
		workers.Go(func() {
			for i := worker; i < len(list); i += count {
				v.look(&list[i])
			}
		})
	}
	workers.Wait()
	for i := range list {
		if v.take(&list[i]); v.report.First != nil {
			return nil
		}
	}
	last()
	return nil
}

// read gives the next lines of entries, and what to do after them: nothing, or what the line behind them says.
func (v *verifier) read() (list []judged, last func(), err error) {
	list = make([]judged, 0, batch)
	for begun := v.lines.bytes; len(list) < batch && v.lines.bytes-begun < batchBytes; {
		line, err := v.lines.next()
		switch at := v.lines.lines; {
		case errors.Is(err, io.EOF):
			return list, func() {
				v.bad(at+1, 0, "the export is cut off: its last line, which says that it is whole, is missing")
			}, nil
		case errors.Is(err, errNotClosed):
			return list, func() { v.bad(at+1, 0, "the export is cut off within this line") }, nil
		case errors.Is(err, errTooLong):
			return list, func() { v.bad(at+1, 0, err.Error()) }, nil
		case err != nil:
			return nil, nil, err
		case isEnd(line):
			return list, func() { v.tail(line) }, nil
		default:
			list = append(list, judged{line: at, text: line})
		}
	}
	return list, func() {}, nil
}

// look judges a line by itself.
func (v *verifier) look(j *judged) {
	if j.entry, j.err = readEntry(j.text); j.err != nil {
		return
	}
	j.leaf = tree.Leaf([]byte(j.entry.SET))
	if j.entry.Seq <= v.since {
		j.says, j.err = v.judge.Vouched(j.entry.Seq, j.entry.SET)
		return
	}
	j.says, j.err = v.judge.Judge(j.entry.Seq, j.entry.SET)
}

// take judges a line's place after those before.
func (v *verifier) take(j *judged) {
	switch seq := j.entry.Seq; {
	case j.err != nil:
		v.bad(j.line, seq, j.err.Error())
	case v.report.Head.Whole() && seq > v.seq+1:
		v.bad(j.line, v.seq+1, "missing")
	case seq <= v.seq:
		v.bad(j.line, seq, "its number is not higher than the one before")
	case seq > v.report.Head.Last:
		v.bad(j.line, seq, fmt.Sprintf("the export has entries up to %d", v.report.Head.Last))
	default:
		v.seq = seq
		v.place(j)
	}
}

// place holds an entry against the chain of keys and the log.
func (v *verifier) place(j *judged) {
	err := v.chain.take(j.says)
	v.loose = v.loose || j.entry.Seq > v.kept && (!v.report.Head.Whole() || v.unproved[j.says.Entry.KeyID])
	if err == nil && v.report.Head.Whole() {
		err = v.log.append(j.leaf)
	}
	if err == nil && !v.report.Head.Whole() {
		proved, failed := v.log.proof(j.entry, j.leaf)
		if err = failed; proved {
			v.report.Proved++
		}
	}
	if err != nil {
		v.bad(j.line, j.entry.Seq, err.Error())
		return
	}
	if v.report.Entries++; j.entry.Seq <= v.since {
		v.report.Unread++
	}
}

// tail holds the last line against what was read.
func (v *verifier) tail(line []byte) {
	at, last := v.lines.lines, End{}
	v.ended = true
	switch err := decode(line, &last, "end"); {
	case err != nil:
		v.bad(at, 0, err.Error())
	case int64(last.End.Entries) != v.report.Entries:
		v.bad(at, 0, fmt.Sprintf("the last line says that there are %d entries, and there are %d", last.End.Entries, v.report.Entries))
	case last.End.Last != v.report.Head.Last:
		v.bad(at, 0, "the last line is of another export")
	case v.report.Head.Whole() && v.seq < v.report.Head.Last:
		v.bad(at, v.seq+1, fmt.Sprintf("missing: the export is of all entries up to %d", v.report.Head.Last))
	}
	if line, err := v.lines.next(); !errors.Is(err, io.EOF) || len(line) > 0 {
		v.bad(at+1, 0, "there is more behind the last line")
	}
}

// end looks at what is not there.
func (v *verifier) end() {
	r := &v.report
	r.Size, r.Kept = v.log.found[ownCheckpoint], max(r.Kept, v.log.found[keptCheckpoint])
	r.Rooted = r.Rooted || r.Kept > 0 && !v.loose
	if r.First != nil || !r.Head.Whole() {
		return
	}
	for _, missing := range v.log.due {
		v.bad(v.lines.lines, v.seq+1, fmt.Sprintf("missing: %s is of %d entries", missing.name, missing.Size))
	}
	if v.AtLeast > v.seq {
		v.bad(v.lines.lines, v.seq+1, fmt.Sprintf("missing: there were %d entries at least", v.AtLeast))
	}
}
