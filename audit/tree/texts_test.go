package tree_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"countersign/audit/tree"
)

const someHash = "PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=\n"

// tlog-proof, "Format": what is written is read, with and without extra data, and no other spelling of it.
func TestProofTexts(t *testing.T) {
	hash, checkpoint := tree.Leaf([]byte("x")), []byte("log.example\n5\n"+someHash+"\n")
	for _, p := range []tree.Proof{
		{Index: 0, Checkpoint: checkpoint},
		{Extra: []byte("an entry"), Index: 4, Path: []tree.Hash{hash, hash}, Checkpoint: checkpoint},
		{Index: tree.MaxSize, Path: make([]tree.Hash, tree.MaxProof), Checkpoint: checkpoint},
	} {
		if got, err := tree.ParseProof(p.Text()); err != nil || !reflect.DeepEqual(got, p) {
			t.Errorf("%s: %+v, %v", p.Text(), got, err)
		}
	}
	const header, end = "c2sp.org/tlog-proof@v1\n", "\nlog.example\n"
	for name, text := range map[string]string{
		"nothing": "", "another header": "c2sp.org/tlog-proof@v2\nindex 0\n" + end, "no index": header + end,
		"no blank line":   header + "index 0\n",
		"a zero in front": header + "index 01\n" + end, "below zero": header + "index -1\n" + end, "a sign": header + "index +1\n" + end,
		"too large": header + "index 9223372036854775808\n" + end, "carriage returns": strings.ReplaceAll(header+"index 0\n"+end, "\n", "\r\n"),
		"extra twice": header + "extra eA==\nextra eA==\nindex 0\n" + end, "empty extra": header + "extra \nindex 0\n" + end,
		"extra that is no base64": header + "extra ?\nindex 0\n" + end, "extra without index": header + "extra eA==\n" + end,
		"a short hash":                  header + "index 0\neA==\n" + end,
		"a hash with a carriage return": header + "index 0\n" + strings.TrimSuffix(someHash, "\n") + "\r\n" + end,
		"64 hashes":                     header + "index 0\n" + strings.Repeat(someHash, 64) + end,
		"too long":                      header + "index 0\n" + end + strings.Repeat("x", tree.MaxProofText),
	} {
		if _, err := tree.ParseProof([]byte(text)); !errors.Is(err, tree.ErrNotAProof) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// tlog-witness, "add-checkpoint": what is written is read, and no other spelling of it.
func TestAddCheckpointTexts(t *testing.T) {
	checkpoint := []byte("log.example\n5\n" + someHash + "\n")
	for _, a := range []tree.AddCheckpoint{
		{Checkpoint: checkpoint}, {Old: 4, Path: make([]tree.Hash, tree.MaxProof), Checkpoint: checkpoint},
	} {
		if got, err := tree.ParseAddCheckpoint(a.Text()); err != nil || !reflect.DeepEqual(got, a) {
			t.Errorf("%s: %+v, %v", a.Text(), got, err)
		}
	}
	for name, text := range map[string]string{
		"nothing": "", "no size": "\n\nx", "another word": "new 4\n\nx", "a zero in front": "old 04\n\nx", "below zero": "old -4\n\nx",
		"two blanks": "old  4\n\nx", "no blank line": "old 4\nx", "a short hash": "old 4\neA==\n\nx",
		"64 hashes": "old 4\n" + strings.Repeat(someHash, 64) + "\nx", "too long": "old 4\n\n" + strings.Repeat("x", tree.MaxAddCheckpoint),
	} {
		if _, err := tree.ParseAddCheckpoint([]byte(text)); !errors.Is(err, tree.ErrNotAddCheckpoint) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for text, want := range map[string]int64{"0\n": 0, "7\n": 7, "7": 7} {
		if got, err := tree.ParseSize([]byte(text)); err != nil || got != want {
			t.Errorf("%q: %d, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "\n", "-1\n", "01\n", "1\n\n", "1152921504606846977\n"} {
		if _, err := tree.ParseSize([]byte(text)); err == nil {
			t.Errorf("%q is taken for a size", text)
		}
	}
}
