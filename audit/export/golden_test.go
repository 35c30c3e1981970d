package export

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"
)

var update = flag.Bool("golden.update", false, "write testdata anew, with new keys")

// The files in testdata are an export of 300 entries with a checkpoint of 299, a part of it with its proofs, the key of its first
// entry and a checkpoint of 260. Whoever changes the shape of exports breaks the files that people have kept.
func TestGoldenExports(t *testing.T) {
	if *update {
		writeGolden(t)
	}
	var keys jose.JSONWebKeySet
	if err := json.Unmarshal(golden(t, "keys.json"), &keys); err != nil {
		t.Fatal(err)
	}
	known := Options{Issuer: issuer, Keys: keys, Kept: golden(t, "checkpoint.txt"), AtLeast: 300}
	whole := verifiedText(t, string(golden(t, "whole.jsonl")), known)
	if whole.Verdict() != "sound" || whole.Entries != 300 || whole.Size != 299 || whole.Kept != 260 {
		t.Errorf("%+v %v %v", whole, whole.First, whole.Wrong)
	}
	part := verifiedText(t, string(golden(t, "part.jsonl")), Options{Issuer: issuer})
	if part.Verdict() != "consistent with the export's own keys" || part.Entries != 8 || part.Proved != 8 {
		t.Errorf("%+v %v %v", part, part.First, part.Wrong)
	}
}

func golden(t *testing.T, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func writeGolden(t *testing.T) {
	t.Helper()
	tr := newTrail(t, 300)
	whole := tr.whole(299)
	part := tr.whole(299)
	part.Export.Filter = []string{"from=2026-05-04T08:00:00Z"}
	part.entries = part.entries[100:108]
	for i, e := range part.entries {
		part.entries[i].Proof = tr.proof(299, e.Seq)
	}
	part.count()
	first, err := json.Marshal(jose.JSONWebKeySet{Keys: tr.keys.Keys[:1]})
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"whole.jsonl": strings.Join(whole.lines(t), "") + "\n", "part.jsonl": strings.Join(part.lines(t), "") + "\n",
		"keys.json": string(first) + "\n", "checkpoint.txt": string(tr.note(tr.checkpoint(260))),
	} {
		if err := os.WriteFile(filepath.Join("testdata", name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
