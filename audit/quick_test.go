package audit

import (
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"
)

// What the short way lets pass the whole rule lets pass too, and both say the same of it.
func TestQuickLetsOnlyPassWhatTheWholeRuleDoes(t *testing.T) {
	f := newLogOf(t, testTable, 3)
	judge := NewJudge(testIssuer, f.keys(), nil)
	draw := rand.New(rand.NewPCG(1, 2))
	payload := payloadOf(f, f.entry(3).SET)
	pieces := []string{"0", "00", ".", "\"", "\\", ",", "{}", "[]", "null", " ", "\n", "é", `"seq":3,`, `"scope":"x",`, "-", "e1", "1"}
	var passed int
	for range 3000 {
		changed := append([]byte(nil), payload...)
		at, piece := draw.IntN(len(changed)), pieces[draw.IntN(len(pieces))]
		changed = append(changed[:at:at], append([]byte(piece), changed[at+draw.IntN(2):]...)...)
		set := f.sign(changed, f.signingKey(), (&jose.SignerOptions{}).WithType(setType))
		quick, fine := judge.quick(3, set, true)
		entry, event, err := judge.whole(3, set, true)
		if !fine {
			continue
		}
		passed++
		if err != nil || quick != (Judged{Entry: entry, Reason: event.Facts.Reason, Key: event.Facts.Key}) {
			t.Fatalf("%s\nthe short way lets it pass as %+v; the whole rule says %+v %v", changed, quick, entry, err)
		}
	}
	if passed == 0 {
		t.Error("none of the changes was harmless: nothing was compared")
	}
}

// Every event that Append writes goes the short way.
func TestQuickKnowsEveryType(t *testing.T) {
	f := newFixture(t, testTable)
	judge := NewJudge(testIssuer, f.keys(), nil)
	for _, d := range Catalogue() {
		entry := f.append(example(d, append(append([]string{}, d.Required...), d.Optional...)))
		if judged, fine := judge.quick(entry.Seq, entry.SET, true); !fine || judged.Entry != entry {
			t.Errorf("%s: %+v %v", d.Type, judged, fine)
		}
	}
}

// What is looked at byte by byte fits as the expression says, at every length and with every byte.
func TestFitsAsTheExpressionSays(t *testing.T) {
	for _, shape := range []*regexp.Regexp{identifierShape, thumbprintShape, wordShape} {
		for length := range 260 {
			for c := range 256 {
				text := strings.Repeat("a", length) + string([]byte{byte(c)})
				if length > 1 && length != 42 && length != 63 && length != 254 {
					text = strings.Repeat("a", length)
				}
				if fits(shape, text) != shape.MatchString(text) {
					t.Fatalf("%v, %q", shape, text)
				}
			}
		}
	}
}
