package main

import (
	"path/filepath"
	"strings"
	"testing"

	"countersign/audit/tree"
	"countersign/handlers/handlerstest"
)

// receiptFile is a receipt of an approval, its log and the keys of the log.
func receiptFile(t *testing.T) (file string, keys []string, text string) {
	t.Helper()
	s := handlerstest.Start(t, handlerstest.Config{})
	request := s.Approve(t, s.Phone().Ask(nil).UserCode).Binding.DeviceAuthorizationID
	if _, err := s.Store.Sequence(t.Context()); err != nil {
		t.Fatal(err)
	}
	proof, _, err := s.Store.DecisionProof(t.Context(), request)
	if err != nil {
		t.Fatal(err)
	}
	if keys, err = s.Store.LogKeys(t.Context()); err != nil {
		t.Fatal(err)
	}
	return writeFile(t, "receipt.tlog-proof", string(proof)), keys, string(proof)
}

// docs/protocol.md §12: a receipt is checked without a server, and is never called sound by nobody's key.
func TestAuditReceipt(t *testing.T) {
	file, keys, text := receiptFile(t)
	written := writeFile(t, "keys", strings.Join(keys, "\n")+"\n")
	facts := []string{
		"what happened: Device approved (device-binding-approved)", "when: 2026-05-04 09:00:00.000 UTC", "account: ", "staff: ", "counter: ",
		"leaf hash: ", ", a tree of ",
	}
	for name, test := range map[string]struct {
		args []string
		code int
		want []string
	}{
		"nobody's key": {[]string{file}, 0, append(facts, "verdict: consistent with itself only\nAnybody could have made this file")},
		"the log's key": {[]string{file, "--key", keys[0], "--key", keys[1]}, 0,
			append(facts, "checkpoint signed by: ", "verdict: sound: the log has this entry")},
		"the keys that were kept": {[]string{file, "--keys", written}, 0, []string{"verdict: sound: the log has this entry"}},
		"another key of the log":  {[]string{file, "--key", keys[1]}, 1, []string{"verdict: NOT SOUND\nno key of the log"}},
		"a witness that has not cosigned": {[]string{file, "--key", keys[0], "--witness", aWitness}, 1,
			[]string{"verdict: NOT SOUND\nwitness witness.example/w1+df1c0a35 has not cosigned the checkpoint"}},
		"another number": {[]string{writeFile(t, "other", strings.Replace(text, "\nindex ", "\nindex 1", 1)), "--key", keys[0]}, 1,
			[]string{"verdict: NOT SOUND\nthe entry says that its number is"}},
		"no receipt": {[]string{written}, 1, []string{"verdict: NOT SOUND\nthe file is not a tlog-proof"}},
	} {
		got := runWith(t, nil, "", append([]string{"audit", "receipt"}, test.args...)...)
		if got.code != test.code {
			t.Errorf("%s: exit code %d\n%s%s", name, got.code, got.stdout, got.stderr)
		}
		for _, want := range test.want {
			if !strings.Contains(got.stdout, want) {
				t.Errorf("%s: no %q in\n%s", name, want, got.stdout)
			}
		}
		if sound := strings.Contains(got.stdout, "verdict: sound"); sound && len(test.args) == 1 {
			t.Errorf("%s is sound:\n%s", name, got.stdout)
		}
	}
}

// aWitness is the key of a witness that has cosigned nothing.
const aWitness = "witness.example/w1+df1c0a35+BIE5dw6ofRdfVqNUZsNMfszLjYqRtO43ol32D1uPybOU"

// What is asked wrongly is refused by name.
func TestAuditReceiptRefuses(t *testing.T) {
	file := writeFile(t, "receipt", "c2sp.org/tlog-proof@v1\n")
	for name, test := range map[string]struct {
		args []string
		want string
	}{
		"no such file":         {[]string{filepath.Join(t.TempDir(), "none")}, "cannot be read"},
		"a large file":         {[]string{writeFile(t, "large", strings.Repeat("x", tree.MaxProofText+1))}, "has more than 262144 bytes"},
		"no key":               {[]string{file, "--key", "x"}, `"x" is not a key of a log`},
		"a witness as a log":   {[]string{file, "--key", aWitness}, "is not a key of a log"},
		"no witness":           {[]string{file, "--witness", "x"}, `"x" is not the key of a witness`},
		"no keys":              {[]string{file, "--keys", writeFile(t, "empty", "")}, "is empty"},
		"a set without a key":  {[]string{file, "--keys", writeFile(t, "set", `{"keys":[]}`)}, "is not a JSON Web Key Set"},
		"something else there": {[]string{file, "--keys", writeFile(t, "text", "hello")}, `"hello" is not a key of a log`},
	} {
		got := runWith(t, nil, "", append([]string{"audit", "receipt"}, test.args...)...)
		if got.code != exitUsage || !strings.Contains(got.stderr, test.want) || got.stdout != "" {
			t.Errorf("%s: exit code %d, %s\n%s", name, got.code, got.stderr, got.stdout)
		}
	}
}
