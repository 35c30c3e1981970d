package audit

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/asn1"
	"encoding/base64"
	"encoding/json"
	"flag"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"testing"
	"time"

	"countersign/audit/tree"
)

// The golden log is the golden trail, signed anew, with the tree over it: entries, tiles and checkpoints. Keys, clock and signatures
// (ES256 as in RFC 6979, Ed25519) hold no chance, so that
//
//	go test ./audit -run GoldenLog -golden-log
//
// writes it again, byte for byte. A test that finds another byte has found a change of what is signed or hashed.
const goldenLog = "testdata/golden_log"

var writeGoldenLog = flag.Bool("golden-log", false, "write "+goldenLog+" with this program")

// goldenSizes are the trees that have a checkpoint: an open tile, a full one, one and a bit.
var goldenSizes = []int64{1, 100, 256, 275}

func TestGoldenLogIsRebuiltByteForByte(t *testing.T) {
	f := newFixture(t, testTable)
	built := f.buildGoldenLog()
	if *writeGoldenLog {
		writeFiles(t, built)
	}
	there := 0
	err := filepath.WalkDir(goldenLog, func(path string, entry os.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			there++
		}
		return err
	})
	if err != nil || there != len(built) {
		t.Errorf("%d files, %d are built: %v", there, len(built), err)
	}
	for name, want := range built {
		if is, err := os.ReadFile(filepath.Join(goldenLog, filepath.FromSlash(name))); err != nil || !bytes.Equal(is, want) {
			t.Errorf("%s is not what is built: %v", name, err)
		}
	}
}

// The golden log is sound: its entries are signed, its checkpoints are of their trees, and each entry can be proved.
func TestGoldenLogIsSound(t *testing.T) {
	f := newFixture(t, testTable)
	f.log.Signer = goldenKey(t)
	file, err := os.ReadFile(filepath.Join(goldenLog, "entries.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	entries := f.readGolden(file)
	if r := f.verify(); !r.OK() || r.Entries != goldenSizes[len(goldenSizes)-1] {
		t.Fatalf("%d entries are sound, then %+v", r.Entries, r.First)
	}
	origin, signer := f.goldenSigner()
	var edge tree.Edge
	for _, entry := range entries {
		edge.Append(tree.Leaf(entry.Bytes()))
		note, err := os.ReadFile(filepath.Join(goldenLog, fmt.Sprintf("checkpoint-%d", edge.Size())))
		if os.IsNotExist(err) {
			continue
		}
		keys, fault := tree.Verifiers(origin, []ed25519.PublicKey{goldenLogKey().Public().(ed25519.PublicKey)})
		if err != nil || fault != nil {
			t.Fatal(err, fault)
		}
		opened, err := tree.Open(note, origin, keys)
		if err != nil || opened.Size != edge.Size() || opened.Root != edge.Root() || signer.Name() != origin {
			t.Errorf("checkpoint of %d entries: %+v, %v", edge.Size(), opened, err)
		}
	}
}

// goldenLogKey signs the golden log's checkpoints.
func goldenLogKey() ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{0x6f}, ed25519.SeedSize))
}

func (f *fixture) goldenSigner() (origin string, signer tree.Signer) {
	f.Helper()
	origin, err := tree.Origin(testIssuer)
	if err == nil {
		signer, err = tree.NewSigner(origin, goldenLogKey())
	}
	if err != nil {
		f.Fatal(err)
	}
	return origin, signer
}

// buildGoldenLog makes the files of the golden log, by their names.
func (f *fixture) buildGoldenLog() map[string][]byte {
	f.Helper()
	trail, err := os.ReadFile(goldenTrail)
	if err != nil {
		f.Fatal(err)
	}
	files, lines, edge := map[string][]byte{}, bytes.Buffer{}, tree.Edge{}
	for _, entry := range f.readGolden(trail) {
		entry.SET = f.signedAgain(entry)
		if err := json.NewEncoder(&lines).Encode(entry); err != nil {
			f.Fatal(err)
		}
		for _, full := range edge.Append(tree.Leaf(entry.Bytes())) {
			files[full.Path()] = tree.Bytes(full.Hashes)
		}
		for _, size := range goldenSizes {
			if size == edge.Size() {
				files[fmt.Sprintf("checkpoint-%d", size)] = f.goldenCheckpoint(&edge)
			}
		}
	}
	for level := range 2 {
		if open := edge.Open(level); len(open) > 0 {
			tile := tree.Tile{Level: level, Number: edge.Size() >> (8 * (level + 1)), Width: len(open)}
			files[tile.Path()] = tree.Bytes(open)
		}
	}
	files["entries.jsonl"] = lines.Bytes()
	return files
}

func (f *fixture) goldenCheckpoint(edge *tree.Edge) []byte {
	f.Helper()
	origin, signer := f.goldenSigner()
	checkpoint := tree.Checkpoint{Origin: origin, Size: edge.Size(), Root: edge.Root()}
	signature, err := checkpoint.Sign(signer)
	if err != nil {
		f.Fatal(err)
	}
	return checkpoint.Note(signature)
}

// signedAgain makes the entry's SET of its event, with a signature without chance (RFC 6979).
func (f *fixture) signedAgain(entry Entry) string {
	f.Helper()
	event, err := entry.Decode()
	if err != nil {
		f.Fatal(err)
	}
	facts, err := f.log.checked(event)
	if err != nil {
		f.Fatal(err)
	}
	payload, err := newClaims(testIssuer, entry.ID, entry.Seq, time.UnixMilli(entry.OccurredAt), event, facts).bytes()
	if err != nil {
		f.Fatal(err)
	}
	key := goldenKey(f.T)
	header := fmt.Sprintf(`{"alg":"ES256","kid":%q,"typ":%q}`, key.KeyID, setType)
	text := base64.RawURLEncoding.EncodeToString([]byte(header)) + "." + base64.RawURLEncoding.EncodeToString(payload)
	digest := sha256.Sum256([]byte(text))
	der, err := key.Key.(*ecdsa.PrivateKey).Sign(nil, digest[:], crypto.SHA256)
	var halves struct{ R, S *big.Int }
	if err == nil {
		_, err = asn1.Unmarshal(der, &halves)
	}
	if err != nil {
		f.Fatal(err)
	}
	signature := append(halves.R.FillBytes(make([]byte, 32)), halves.S.FillBytes(make([]byte, 32))...)
	return text + "." + base64.RawURLEncoding.EncodeToString(signature)
}

func writeFiles(t *testing.T, files map[string][]byte) {
	t.Helper()
	for name, content := range files {
		path := filepath.Join(goldenLog, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
