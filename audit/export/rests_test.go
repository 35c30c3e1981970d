package export

import (
	"strings"
	"testing"

	"countersign/audit"

	"github.com/go-jose/go-jose/v4"
)

// A kept checkpoint vouches for its entries and, by the thumbprints in them, for the keys of later ones. What rests on nothing but
// the file is not called sound.
func TestVerifyTellsWhatRestsOnTheFileAlone(t *testing.T) {
	tr := newTrail(t, 40)
	kept := tr.note(tr.checkpoint(30))
	stranger := newTrail(t, 2).log.Signer
	t.Run("entries behind the checkpoint, of a stranger's key under the name of the newest", func(t *testing.T) {
		f := tr.whole(30)
		named := tr.log.Signer
		tr.log.Signer.Key = stranger.Key
		for seq := int64(31); seq <= 40; seq++ {
			f.entries[seq-1] = tr.forged(seq, opening("acc_99"))
		}
		f.Export.Keys = &jose.JSONWebKeySet{Keys: append(append([]jose.JSONWebKey{}, tr.keys.Keys...), tr.log.Signer.Public())}
		tr.log.Signer = named
		for _, since := range []bool{false, true} {
			wantWeak(t, f.verified(t, Options{Kept: kept, Since: since}), "Entries after number 30 rest on keys that nothing but this file names")
		}
		wantBad(t, f.verified(t, Options{Keys: tr.keys}), 32, 31, "signature is not")
	})
	t.Run("a part, with an entry behind the checkpoint that a stranger signed", func(t *testing.T) {
		f := tr.part(30, opened)
		own := tr.log.Signer
		tr.log.Signer = stranger
		f.entries[len(f.entries)-1] = tr.forged(40, opening("acc_99"))
		tr.log.Signer = own
		f.Export.Keys = &jose.JSONWebKeySet{Keys: append(append([]jose.JSONWebKey{}, tr.keys.Keys...), stranger.Public())}
		wantWeak(t, f.verified(t, Options{Kept: kept}), "Entries after number 30 rest on keys that nothing but this file names")
	})
	t.Run("a part that the checkpoint proves", func(t *testing.T) {
		f := tr.part(30, func(e audit.Entry) bool { return opened(e) && e.Seq <= 30 })
		if report := f.verified(t, Options{Kept: kept}); report.Verdict() != "sound" {
			t.Errorf("%s: %v %v", report.Verdict(), report.First, report.Wrong)
		}
	})
}

func wantWeak(t *testing.T, report Report, why string) {
	t.Helper()
	lines := strings.Join(report.Lines(), "\n")
	if report.Verdict() != "consistent with the export's own keys" || !strings.Contains(lines, why) {
		t.Errorf("%s", lines)
	}
}

// One reader takes the first of two members with one name, the next one the last: beside a SET neither may stand.
func TestVerifyClaimsWithAMemberTwice(t *testing.T) {
	tr := newTrail(t, 12)
	f := tr.whole(10)
	f.entries[4].Claims = []byte(strings.Replace(string(f.entries[4].Claims), `"sub":"acc_41"`, `"sub":"acc_42","sub":"acc_41"`, 1))
	wantBad(t, f.verified(t, Options{}), 6, 5, "the claims beside the SET are not those in it")
}

// The file is somebody else's: what a report shows of it holds no lines of its own, and nothing that moves a terminal's cursor.
func TestVerifyShowsNoVerdictOfTheFile(t *testing.T) {
	tr := newTrail(t, 12)
	for _, text := range []string{"x\nverdict: sound", "x\x1b[2Jsound", "x\u202ednuos", "x\rsound"} {
		f := tr.part(10, opened)
		f.Export.Filter = []string{text}
		wantBad(t, f.verified(t, Options{}), 1, 0, "not the beginning of an export")
		f = tr.whole(10)
		f.Export.Issuer = "https://" + text
		wantBad(t, f.verified(t, Options{Issuer: issuer}), 1, 0, "not the beginning of an export")
	}
}
