package static

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"reflect"
	"testing"
)

var update = flag.Bool("update", false, "draw the pictures in barcodes/ again")

// interop has the Node packages that make test installs.
const interop = "../cmd/countersign/testdata/interop"

// The pictures hold the samples: a reader that nobody here wrote reads them.
func TestBarcodesAreRead(t *testing.T) {
	needNode(t, interop+"/node_modules/zxing-wasm", interop+"/node_modules/bwip-js")
	if *update {
		barcodes(t, "write")
	}
	var read []Sample
	if err := json.Unmarshal(barcodes(t, "read"), &read); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(read, Samples()) {
		t.Errorf("the pictures hold\n%q, want\n%q: run go test ./static -update", read, Samples())
	}
}

func barcodes(t *testing.T, verb string) []byte {
	t.Helper()
	samples, err := json.Marshal(Samples())
	if err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), "node", interop+"/barcodes.mjs", verb, "barcodes")
	command.Stdin, command.Stderr = bytes.NewReader(samples), os.Stderr
	out, err := command.Output()
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// needNode skips the test where Node.js or a folder is missing, unless nothing may be
// skipped.
func needNode(t *testing.T, folders ...string) {
	t.Helper()
	_, err := exec.LookPath("node")
	for _, folder := range folders {
		if err == nil {
			_, err = os.Stat(folder)
		}
	}
	switch {
	case err != nil && os.Getenv("TEST_REQUIRE") == "all":
		t.Fatalf("TEST_REQUIRE=all, and %v", err)
	case err != nil:
		t.Skip(err)
	}
}

// The specimen is as long as a licence, says its own length and position, and has the
// separators that get lost (AAMVA card design standard, annex D).
func TestSpecimen(t *testing.T) {
	text := specimen()
	if len(text) < 330 || len(text) > 420 {
		t.Errorf("%d characters, want about 350", len(text))
	}
	var entries, offset, length int
	if _, err := fmt.Sscanf(text, "@\n\x1e\rANSI 6369991000%2dDL%4d%4dDL", &entries, &offset, &length); err != nil || entries != 1 {
		t.Fatalf("the head of %q: %d entries (%v)", text, entries, err)
	}
	if text[offset:offset+2] != "DL" || offset+length != len(text) {
		t.Errorf("the subfile is at %d with %d bytes, of %d", offset, length, len(text))
	}
}
