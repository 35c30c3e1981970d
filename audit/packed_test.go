package audit

import (
	"bytes"
	"encoding/base64"
	"flag"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"countersign/audit/packed"
)

// The golden trail, packed by the release that began to pack: a line each, base64url. Rows are kept for years, so every later
// release reads them; the file is never written anew for a test's sake.
const goldenPacked = "testdata/golden_packed.txt"

var writeGoldenPacked = flag.Bool("golden-packed", false, "write "+goldenPacked+" with this program")

func TestPackedTokensStayReadable(t *testing.T) {
	f := newFixture(t, testTable)
	trail, err := os.ReadFile(goldenTrail)
	if err != nil {
		t.Fatal(err)
	}
	entries := f.readGolden(trail)
	if *writeGoldenPacked {
		var lines bytes.Buffer
		for _, entry := range entries {
			lines.WriteString(base64.RawURLEncoding.EncodeToString(packed.Pack(entry.SET)) + "\n")
		}
		if err := os.WriteFile(goldenPacked, lines.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	file, err := os.ReadFile(goldenPacked)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Fields(string(file))
	if len(lines) != len(entries) {
		t.Fatalf("%d lines of %d", len(lines), len(entries))
	}
	for i, line := range lines {
		short, err := base64.RawURLEncoding.DecodeString(line)
		if err != nil || len(short) == 0 || Token("", string(short)) != entries[i].SET {
			t.Errorf("entry %d, %v: packed it says\n%s\nand was\n%s", i+1, err, Token("", string(short)), entries[i].SET)
		}
	}
}

// An event of a visit is kept in less than half of its token's length.
func TestAPackedTokenIsShort(t *testing.T) {
	f := newFixture(t, testTable)
	f.log.Signer = newKey(t, "ovjhIKF7Q7ToIWFTgFDFhgSOOvL-e28G_R90MluwLQk")
	event := approval()
	event.Subject, event.Transaction = "gnxizpxg4a3ibb5f7akhyvwtfl", "gwpr5rekcl2lzinqxzecrlrgaj"
	event.Facts.Client, event.Facts.DeviceAuthorization = "gwpr5r4qzdtqcm55yzr722v5qh", event.Transaction
	event.Facts.Session, event.Facts.Counter = "26e5oltrzjzqni2nzimpt2dnut", "jop2gwrcbnq43yvv5kbnknv76l"
	event.Facts.Proofing = "artkf7p2rfklcyd3jw3x7fnkj4"
	event.Facts.Binding, event.Facts.Actor = "vg2tssngrz7zf36lf4vj6ori5b", &Actor{Staff: "g4hbtcbxzaqwjlgqq2npd6eswo"}
	set := f.append(event).SET
	if kept := len(packed.Pack(set)); kept == 0 || kept > 500 || len(set) < 1100 {
		t.Errorf("%d bytes of %d", kept, len(set))
	}
}

// What somebody puts in the place of a packed token is found, by the number of its entry, and the others are read all the same.
func TestAChangedPackedTokenIsFound(t *testing.T) {
	f := newLogOf(t, testTable, 4)
	draw := rand.New(rand.NewPCG(7, 8))
	set, judge := f.entry(3).SET, NewJudge(testIssuer, f.keys(), nil)
	good := packed.Pack(set)
	changed := [][]byte{{1}, {2}, good[:30], good[:65], good[:len(good)-1], append(bytes.Clone(good), 0),
		append([]byte{9}, good[1:]...), bytes.Repeat([]byte{0xff}, 99_999), packed.Pack(f.entry(2).SET)}
	for range 300 {
		other := bytes.Clone(good)
		other[draw.IntN(len(other))] ^= 1 << draw.IntN(8)
		changed = append(changed, other)
	}
	for i, other := range changed {
		token := Token("", string(other))
		if _, err := judge.Judge(3, token); err == nil && token != set {
			t.Errorf("%x is another token: %s", other, token)
		}
		if i >= 20 || token == set {
			continue
		}
		f.exec("UPDATE audit_events SET packed = ? WHERE seq = 3", other)
		if r := f.verify(); r.OK() || r.First.Seq != 3 || f.entry(3).Seq != 3 {
			t.Errorf("%x: %+v", other, r.First)
		}
	}
}

func TestWhatIsWrongWithAPackedRow(t *testing.T) {
	for _, test := range []struct {
		name, change string
		value        func(f *fixture) []byte
		reason       string
	}{
		{"it is gone", "packed = ?", func(*fixture) []byte { return []byte{} }, "not a signed token"},
		{"it is cut off", "packed = ?", func(f *fixture) []byte { return packed.Pack(f.entry(3).SET)[:99] }, "unpack a token: "},
		{"a form to come", "packed = ?", func(*fixture) []byte { return bytes.Repeat([]byte{7}, 99) }, "a packed token of the form 7"},
		{"another entry's", "packed = ?", func(f *fixture) []byte { return packed.Pack(f.entry(2).SET) },
			"seq differs from the SET, which is entry 2"},
		{"another signature", "packed = ?", func(f *fixture) []byte {
			short := packed.Pack(f.entry(3).SET)
			short[20] ^= 1
			return short
		}, "signature is not of key"},
		{"something beside the text", "packed = ?, set_text = 'x.y.z'", func(*fixture) []byte { return []byte("x") }, "not a signed token"},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := newLogOf(t, testTable, 4)
			f.exec("UPDATE audit_events SET "+test.change+" WHERE seq = 3", test.value(f))
			f.wantProblem(3, test.reason)
			if _, err := f.entry(3).Decode(); err == nil && test.name != "another signature" && test.name != "another entry's" {
				t.Error("it can be read")
			}
		})
	}
	f := newLogOf(t, testTable, 4)
	f.exec("UPDATE audit_events SET set_text = ? WHERE seq = 3", f.entry(3).SET)
	f.wantProblem(3, "column packed differs from the SET")
}

// A log whose key has a name that does not come back is one of text; one log may have both, as has every log that was begun before.
func TestPackedAndTextInOneLog(t *testing.T) {
	f := newLogOf(t, testTable, 2)
	first := f.log.Signer
	f.log.Signer = newKey(t, "a}{b")
	text := f.append(approval())
	keys := f.keys()
	keys.Keys = append(keys.Keys, first.Public())
	report, err := Verify(f.Context(), f.db, testIssuer, keys)
	if err != nil || !report.OK() || report.Entries != 3 || f.entry(3) != text {
		t.Errorf("%+v, %v, %+v", report, err, f.entry(3))
	}
	var kept []struct {
		Text, Packed int
	}
	f.db.Raw("SELECT length(set_text) AS text, length(packed) AS packed FROM audit_events ORDER BY seq").Scan(&kept)
	if len(kept) != 3 || kept[0].Text != 0 || kept[0].Packed == 0 || kept[2].Text != len(text.SET) || kept[2].Packed != 0 {
		t.Errorf("%+v", kept)
	}
}
