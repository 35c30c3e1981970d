package export

import (
	"bytes"
	"os/exec"
	"strings"
	"testing"
)

// docs/protocol.md §12: a verifier that shares no code with this one says the same of exports, and of those that were changed.
func TestAVerifierInNodeAgreesOnExports(t *testing.T) {
	whole, part := string(golden(t, "whole.jsonl")), string(golden(t, "part.jsonl"))
	lines := strings.SplitAfter(whole, "\n")
	for _, test := range []struct{ name, file, said string }{
		{"whole", whole, `{"entries":300,"size":299,"proved":0}`},
		{"a part", part, `{"entries":8,"size":0,"proved":8}`},
		{"cut off", strings.Join(lines[:200], ""), ""},
		{"an entry left out", strings.Join(append(lines[:20:20], lines[21:]...), ""), ""},
		{"another signature", strings.Replace(whole, lines[9], strings.Replace(lines[9], `","claims"`, `AAAA","claims"`, 1), 1), ""},
		{"other claims", strings.Replace(whole, lines[9], strings.Replace(lines[9], "acc_41", "acc_42", 1), 1), ""},
		{"another proof", strings.Replace(part, `"proof":["`, `"proof":["AAAA`, 1), ""},
		{"another checkpoint", strings.Replace(whole, `\n299\n`, `\n298\n`, 1), ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			report := verifiedText(t, test.file, Options{})
			node := exec.CommandContext(t.Context(), "node", "testdata/verify.mjs")
			node.Stdin = strings.NewReader(test.file)
			var wrong bytes.Buffer
			node.Stderr = &wrong
			said, err := node.Output()
			if strings.TrimSpace(string(said)) != test.said || (err == nil) != (test.said != "") || report.OK() != (test.said != "") {
				t.Errorf("Node says %q, %v\n%s\nthis verifier says %s: %v", said, err, &wrong, report.Verdict(), report.First)
			}
		})
	}
}
