package export

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"countersign/audit"
	"countersign/audit/tree"

	"github.com/go-jose/go-jose/v4"
)

func opened(e audit.Entry) bool { return e.Type == string(audit.AccountOpened) }

// endless is a file that has a long line that is no entry, again and again, and counts what was read of it.
type endless struct{ read int64 }

func (e *endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
		if e.read++; e.read%(4<<20) == 0 {
			p[i] = '\n'
		}
	}
	return len(p), nil
}

// Memory does not grow with the lines of a file that somebody else has written.
func TestLongLinesAreNotReadTogether(t *testing.T) {
	tr := newTrail(t, 3)
	begin := tr.whole(2).lines(t)[0]
	junk := &endless{}
	report, err := Verify(t.Context(), io.MultiReader(strings.NewReader(strings.TrimSpace(begin)+"\n"), junk), Options{})
	if err != nil || report.First == nil || report.First.Line != 2 || junk.read > longestLine {
		t.Errorf("%v, %v, after %d bytes", report.First, err, junk.read)
	}
}

func TestVerifySoundExports(t *testing.T) {
	tr := newTrail(t, 8*batch+3)
	size := len(tr.entries) - 1
	first := jose.JSONWebKeySet{Keys: tr.keys.Keys[:1]}
	kept := tr.note(tr.checkpoint(300))
	for _, test := range []struct {
		name    string
		options Options
		verdict string
	}{
		{"nothing kept", Options{}, "consistent with the export's own keys"},
		{"the first key kept: the trail names the second", Options{Keys: first, Issuer: issuer}, "sound"},
		{"a checkpoint kept", Options{Kept: kept}, "sound"},
		{"a checkpoint that vouches for what is old", Options{Kept: kept, Since: true}, "sound"},
		{"the number of entries kept", Options{AtLeast: int64(size)}, "consistent with the export's own keys"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var heard int64
			test.options.Progress = func(bytes int64) { heard = bytes }
			report := tr.whole(size).verified(t, test.options)
			if report.Verdict() != test.verdict || report.Entries != int64(len(tr.entries)) || report.Size != int64(size) || heard == 0 {
				t.Errorf("%+v %v %v", report, report.First, report.Wrong)
			}
			if test.options.Kept != nil && report.Kept != 300 || test.options.Since && report.Unread != 300 {
				t.Errorf("kept %d, unread %d", report.Kept, report.Unread)
			}
		})
	}
}

func TestVerifySoundParts(t *testing.T) {
	tr := newTrail(t, 40)
	for size := 1; size <= 40; size++ {
		report := tr.part(size, opened).verified(t, Options{Keys: tr.keys})
		if report.Verdict() != "sound" || report.Entries != 38 || report.Proved < int64(size-2) {
			t.Fatalf("size %d: %+v %v %v", size, report, report.First, report.Wrong)
		}
	}
	report := tr.part(40, opened).verified(t, Options{Kept: tr.note(tr.checkpoint(40))})
	if report.Verdict() != "sound" || report.Kept != 40 {
		t.Errorf("%+v %v", report, report.Wrong)
	}
}

// Each line of the table changes one thing of a whole export of 12 entries, whose key changes at 6, with a checkpoint of 10.
func TestVerifyFindsWhatWasChanged(t *testing.T) {
	tr := newTrail(t, 12)
	other := newTrail(t, 12)
	for _, test := range []struct {
		name   string
		change func(*file)
		line   int64
		seq    int64
		reason string
	}{
		{"an entry left out", func(f *file) { f.entries = append(f.entries[:3:3], f.entries[4:]...) }, 5, 4, "missing"},
		{"the first left out", func(f *file) { f.entries = f.entries[1:] }, 2, 1, "missing"},
		{"the newest left out", func(f *file) { f.entries = f.entries[:11]; f.count() }, 13, 12,
			"missing: the export is of all entries up to 12"},
		{"the count", func(f *file) { f.End.End.Entries++ }, 14, 0, "the last line says that there are 13 entries, and there are 12"},
		{"the end of another", func(f *file) { f.End.End.Last++ }, 14, 0, "the last line is of another export"},
		{"swapped", func(f *file) { f.entries[3], f.entries[4] = f.entries[4], f.entries[3] }, 5, 4, "missing"},
		{"twice", func(f *file) { f.entries[4] = f.entries[3] }, 6, 4, "its number is not higher than the one before"},
		{"renumbered", func(f *file) { f.entries[4].SET = f.entries[3].SET }, 6, 5, "the claims beside the SET are not those in it"},
		{"renumbered, with its claims", func(f *file) { f.entries[4].SET, f.entries[4].Claims = f.entries[3].SET, f.entries[3].Claims }, 6, 5,
			"seq differs from the SET, which is entry 4"},
		{"other claims", func(f *file) {
			f.entries[4].Claims = []byte(strings.Replace(string(f.entries[4].Claims), "acc_41", "acc_42", 1))
		}, 6, 5,
			"the claims beside the SET are not those in it"},
		{"a signature", func(f *file) { f.entries[4].SET = f.entries[4].SET[:len(f.entries[4].SET)-4] + "AAAA" }, 6, 5, "signature is not"},
		{"signed by somebody else", func(f *file) { f.entries[4] = other.whole(1).entries[4] }, 6, 5, "is not a key of this log"},
		{"signed again by the same key", func(f *file) { f.entries[8] = tr.forged(9, opening("acc_99")) }, 11, 10,
			"this entry, or an earlier one from 1 on, is not what the export's checkpoint of 10 entries was signed over"},
		{"the first signer unnamed", func(f *file) { f.entries[1] = tr.forged(2, opening("acc_41")) }, 3, 2,
			"no event that its predecessor signed named it before"},
		{"another checkpoint", func(f *file) { f.Export.Checkpoint = string(other.note(other.checkpoint(10))) }, 1, 0, "not one of this log"},
		{"a checkpoint of more", func(f *file) { f.Export.Last = 9 }, 1, 0, "not one of this log"},
		{"a number beyond", func(f *file) { f.Export.Last, f.Export.Checkpoint = 11, "" }, 13, 12, "the export has entries up to 11"},
		{"keys of another log", func(f *file) { f.Export.LogKeys = []string{"other.example+1+x"} }, 1, 0, "not a key of countersign.example/log"},
		{"a later version", func(f *file) { f.Export.Version = 2 }, 1, 0, "version 2"},
		{"another issuer", func(f *file) { f.Export.Issuer = "https://other.example" }, 1, 0, "not of " + issuer},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := tr.whole(10)
			test.change(f)
			wantBad(t, f.verified(t, Options{Issuer: issuer}), test.line, test.seq, test.reason)
		})
	}
}

// What is kept elsewhere shows what the file itself cannot.
func TestVerifyAgainstWhatWasKept(t *testing.T) {
	tr, other := newTrail(t, 12), newTrail(t, 12)
	wantBad(t, tr.whole(10).verified(t, Options{AtLeast: 13}), 14, 13, "missing: there were 13 entries at least")
	wantBad(t, tr.whole(10).verified(t, Options{Keys: other.keys}), 2, 1, "is not among the kept ones")
	longer := newTrail(t, 12)
	longer.signer, longer.log = tr.signer, tr.log
	wantBad(t, tr.whole(10).verified(t, Options{Kept: longer.note(longer.checkpoint(8))}), 9, 8,
		"this entry, or an earlier one from 1 on, is not what the kept checkpoint of 8 entries was signed over")
	tr.visit()
	kept := tr.note(tr.checkpoint(13))
	tr.entries = tr.entries[:12]
	wantBad(t, tr.whole(10).verified(t, Options{Kept: kept}), 14, 13, "missing: the kept checkpoint is of 13 entries")
	if report := tr.whole(10).verified(t, Options{Kept: other.note(other.checkpoint(8))}); report.OK() || len(report.Wrong) != 1 {
		t.Errorf("a checkpoint of another log: %+v", report)
	}
	// Entries that a kept checkpoint vouches for are still those of its tree, and still events.
	f := tr.whole(10)
	f.entries[2].SET, f.entries[2].Claims = f.entries[1].SET, f.entries[1].Claims
	wantBad(t, f.verified(t, Options{Kept: tr.note(tr.checkpoint(8)), Since: true}), 4, 3, "seq differs from the SET")
}

func TestVerifyPartsThatWereChanged(t *testing.T) {
	tr := newTrail(t, 40)
	for _, test := range []struct {
		name   string
		change func(*file)
		line   int64
		seq    int64
		reason string
	}{
		{"no proof", func(f *file) { f.entries[4].Proof = nil }, 6, 6, "is missing"},
		{"the proof of another", func(f *file) { f.entries[4].Proof = f.entries[5].Proof }, 6, 6, "its proof does not hold"},
		{"a proof without a checkpoint", func(f *file) { f.Export.Checkpoint = "" }, 2, 2, "no checkpoint for it"},
		{"a proof beyond", func(f *file) { f.entries[len(f.entries)-1].Proof = f.entries[0].Proof }, 39, 40, "no checkpoint for it"},
		{"order", func(f *file) { f.entries[4], f.entries[5] = f.entries[5], f.entries[4] }, 7, 6, "its number is not higher"},
		{"one left out", func(f *file) { f.entries = f.entries[1:] }, 39, 0, "the last line says"},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := tr.part(39, opened)
			test.change(f)
			wantBad(t, f.verified(t, Options{}), test.line, test.seq, test.reason)
		})
	}
	_, err := Verify(t.Context(), strings.NewReader(strings.Join(tr.part(39, opened).lines(t), "")), Options{Kept: tr.note(tr.checkpoint(38))})
	if !errors.Is(err, ErrKeptOfPart) {
		t.Errorf("a kept checkpoint of another size: %v", err)
	}
}

// A file that was cut off anywhere, or has more than an export, is not called sound.
func TestVerifyCutOff(t *testing.T) {
	tr := newTrail(t, 6)
	lines := tr.whole(5).lines(t)
	whole := strings.Join(lines, "") + "\n"
	for cut := 0; cut < len(whole); cut += 13 {
		if report := verifiedText(t, whole[:cut], Options{}); report.OK() {
			t.Fatalf("cut off after %d of %d bytes: %s", cut, len(whole), report.Verdict())
		}
	}
	wantBad(t, verifiedText(t, strings.Join(lines[:4], ""), Options{}), 5, 0, "cut off: its last line")
	wantBad(t, verifiedText(t, strings.Join(lines[:4], "")+lines[4][:40], Options{}), 5, 0, "cut off within this line")
	wantBad(t, verifiedText(t, whole+"\n", Options{}), 9, 0, "there is more behind the last line")
	wantBad(t, verifiedText(t, whole+lines[1], Options{}), 9, 0, "there is more behind the last line")
}

func TestVerifyLinesThatAreNone(t *testing.T) {
	tr := newTrail(t, 6)
	for _, test := range []struct{ name, line, reason string }{
		{"empty", "", "not a line of an export"},
		{"no JSON", "approved, honestly", "not a line of an export"},
		{"a member more", `{"seq":3,"set":"x","note":"fine"}`, `it has a member "note"`},
		{"a member twice", `{"seq":3,"seq":3,"set":"x"}`, "not a line of an export"},
		{"in capitals", `{"Seq":3,"set":"x"}`, `it has a member "Seq"`},
		{"long", strings.Repeat("x", longestLine+1), "the line is longer than"},
	} {
		t.Run(test.name, func(t *testing.T) {
			lines := tr.whole(5).lines(t)
			lines[3] = test.line + "\n"
			report := verifiedText(t, strings.Join(lines, "")+"\n", Options{})
			if report.First == nil || report.First.Line != 4 || !strings.Contains(report.First.Reason, test.reason) {
				t.Errorf("%v", report.First)
			}
		})
	}
}

// Spaces and another order of members are no fault: jq writes them.
func TestVerifyLinesThatWereSpacedAnew(t *testing.T) {
	tr := newTrail(t, 6)
	lines := tr.whole(5).lines(t)
	for i, entry := range tr.entries {
		lines[i+1] = fmt.Sprintf("{ \"claims\": %s , \"set\": %q, \"seq\": %d }\n",
			strings.Replace(string(entry.Claims()), `"jti":`, `  "jti":  `, 1), entry.SET, entry.Seq)
	}
	if report := verifiedText(t, strings.Join(lines, "")+"\n", Options{}); !report.OK() {
		t.Errorf("%v %v", report.First, report.Wrong)
	}
}

func TestVerifyFaults(t *testing.T) {
	tr := newTrail(t, 6)
	f := tr.whole(5)
	whole := strings.Join(f.lines(t), "")
	broken := errors.New("broken disk")
	if _, err := Verify(t.Context(), iotest.ErrReader(broken), Options{}); !errors.Is(err, broken) {
		t.Errorf("a fault of reading: %v", err)
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Verify(cancelled, strings.NewReader(whole), Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if _, err := Verify(t.Context(), strings.NewReader(whole), Options{Kept: []byte("no note")}); !errors.Is(err, tree.ErrNotACheckpoint) {
		t.Errorf("no checkpoint: %v", err)
	}
	f.Export.Keys = nil
	if _, err := Verify(t.Context(), strings.NewReader(strings.Join(f.lines(t), "")), Options{}); !errors.Is(err, ErrNoKeys) {
		t.Errorf("no keys: %v", err)
	}
	if report := f.verified(t, Options{Keys: tr.keys}); report.Verdict() != "sound" {
		t.Errorf("an export from before it had keys: %+v", report.First)
	}
}
