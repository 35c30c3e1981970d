package audit

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"math/big"
	draws "math/rand/v2"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"
)

// signedRaw signs a header and a payload as they are given, whatever they are.
func signedRaw(t *testing.T, private *ecdsa.PrivateKey, header, payload string) string {
	t.Helper()
	text := encode(header) + "." + encode(payload)
	digest := sha256.Sum256([]byte(text))
	r, s, err := ecdsa.Sign(rand.Reader, private, digest[:])
	if err != nil {
		t.Fatal(err)
	}
	half := func(n *big.Int) []byte { return n.FillBytes(make([]byte, max(signatureSize/2, (n.BitLen()+7)/8))) }
	return text + "." + base64.RawURLEncoding.EncodeToString(append(half(r), half(s)...))
}

// wantNoMore holds that the short way lets a SET pass only where the whole rule does, and says the same of it.
func wantNoMore(t *testing.T, judge *Judge, seq int64, set string, signed bool) (passed bool) {
	t.Helper()
	quick, fine := judge.quick(seq, set, signed)
	if !fine {
		return false
	}
	entry, event, err := judge.whole(seq, set, signed)
	if err != nil || quick != (Judged{Entry: entry, Reason: event.Facts.Reason, Key: event.Facts.Key}) {
		t.Errorf("%s\nthe short way lets it pass as %+v; the whole rule says %+v %v", set, quick, entry, err)
	}
	return true
}

// What somebody with a key could sign beside what Append writes.
func TestQuickIsNoWayAround(t *testing.T) {
	f := newLogOf(t, testTable, 3)
	payload := string(payloadOf(f, f.entry(3).SET))
	own := f.log.Signer.Key.(*ecdsa.PrivateKey)
	longer, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	keys := jose.JSONWebKeySet{Keys: []jose.JSONWebKey{
		{Key: own.Public(), KeyID: "key-1"}, {Key: own.Public(), KeyID: ""}, {Key: own.Public(), KeyID: "a<b"},
		{Key: longer.Public(), KeyID: "long"},
	}}
	judge := NewJudge(testIssuer, keys, nil)
	header := func(kid string) string { return `{"alg":"ES256","kid":"` + kid + `","typ":"secevent+jwt"}` }
	if set := signedRaw(t, own, header("key-1"), payload); !wantNoMore(t, judge, 3, set, true) {
		t.Fatal("what Append writes does not go the short way")
	}
	moment := fmt.Sprintf("%d.%03d", testTime.Unix(), testTime.UnixMilli()%1000)
	for _, test := range []struct{ name, header, payload string }{
		{"no kid", header(""), payload},
		{"a kid that is written otherwise", header("a<b"), payload},
		{"a key of another curve", header("long"), payload},
		{"an escape in the kid", header(`key\u002d1`), payload},
		{"kid twice", `{"alg":"ES256","kid":"key-9","kid":"key-1","typ":"secevent+jwt"}`, payload},
		{"crit", `{"alg":"ES256","crit":["exp"],"kid":"key-1","typ":"secevent+jwt"}`, payload},
		{"b64", `{"alg":"ES256","b64":true,"kid":"key-1","typ":"secevent+jwt"}`, payload},
		{"a blank", header("key-1") + " ", payload},
		{"a moment without seconds", header("key-1"), strings.ReplaceAll(payload, moment, ".500")},
		{"a moment that ends in a point", header("key-1"), strings.ReplaceAll(payload, moment, "1777816931.")},
		{"seq twice", header("key-1"), strings.Replace(payload, `"seq":3`, `"seq":3,"seq":3`, 1)},
		{"more behind", header("key-1"), payload + "{}"},
	} {
		t.Run(test.name, func(t *testing.T) {
			private := own
			if strings.Contains(test.header, `"long"`) {
				private = longer
			}
			if wantNoMore(t, judge, 3, signedRaw(t, private, test.header, test.payload), true) {
				t.Error("goes the short way")
			}
		})
	}
}

// Entries of every type, changed in a few places at once, in header, claims and the text itself; what vouches for them is not asked.
func TestQuickOfEveryTypeIsNoWayAround(t *testing.T) {
	f := newFixture(t, testTable)
	judge := NewJudge(testIssuer, f.keys(), nil)
	draw := draws.New(draws.NewPCG(3, 4))
	pieces := []string{"0", "00", ".", ".5", "1.000", "-1", "+1", "\"", `\`, `\u0061`, ",", ":", "{", "}", "{}", "[", "]", "[]", "null",
		"true", " ", "\n", "é", "\xff", "\x00", "\u202e", `"seq":3,`, `"scope":"x",`, `"a":"b",`, `"a",`,
		"<", "&", "e1", "9", "99999999999999999999", ""}
	var passed int
	for _, d := range Catalogue() {
		entry := f.append(example(d, append(append([]string{}, d.Required...), d.Optional...)))
		parts := strings.Split(entry.SET, ".")
		plain := []string{`{"alg":"ES256","kid":"key-1","typ":"secevent+jwt"}`, string(payloadOf(f, entry.SET))}
		for range 300 {
			which, text := draw.IntN(8)/7, []string{plain[0], plain[1]}
			which = 1 - which // claims mostly
			for range 1 + draw.IntN(2) {
				at, piece := draw.IntN(len(text[which])), pieces[draw.IntN(len(pieces))]
				text[which] = text[which][:at] + piece + text[which][min(at+draw.IntN(3), len(text[which])):]
			}
			set := encode(text[0]) + "." + encode(text[1]) + "." + parts[2]
			if draw.IntN(20) == 0 {
				at := draw.IntN(len(set))
				set = set[:at] + pieces[draw.IntN(len(pieces))] + set[at:]
			}
			if wantNoMore(t, judge, entry.Seq, set, false) {
				passed++
			}
		}
	}
	if passed == 0 {
		t.Error("none of the changes was harmless: nothing was compared")
	}
}
