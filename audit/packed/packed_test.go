package packed

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
)

const (
	header = `{"alg":"ES256","kid":"ovjhIKF7Q7ToIWFTgFDFhgSOOvL-e28G_R90MluwLQk","typ":"secevent+jwt"}`
	claims = `{"iss":"https://id.example","iat":1795858272.25,"jti":"95Nus1Ha3PZPfBiFfU7IGA","toe":1795858272.25,` +
		`"txn":"gwpr5rekcl2lzinqxzecrlrgaj","sub_id":{"format":"iss_sub","iss":"https://id.example","sub":"gnxizpxg4a3ibb5f7akhyvwtfl"},` +
		`"events":{"https://id.example/secevent/event-type/code-matched":{"actor":{"staff":"g4hbtcbxzaqwjlgqq2npd6eswo"},"seq":7}}}`
)

// tokenOf is a token of a header, claims and a signature.
func tokenOf(header, claims string, signature []byte) string {
	return rawURL.EncodeToString([]byte(header)) + "." + rawURL.EncodeToString([]byte(claims)) + "." + rawURL.EncodeToString(signature)
}

// signature is one by its size only.
func signature() []byte {
	all := make([]byte, signatureSize)
	_, _ = rand.NewChaCha8([32]byte{1}).Read(all)
	return all
}

func TestATokenComesBackToTheByte(t *testing.T) {
	draw := rand.New(rand.NewPCG(5, 6))
	pieces := []string{`","`, `":{"`, "a", "é", "\x00", "\x1f", "}{", strings.Repeat("x", 300), claims[:90], claims[190:]}
	count := 0
	for range 2000 {
		var said strings.Builder
		for range draw.IntN(30) {
			said.WriteString(pieces[draw.IntN(len(pieces))])
		}
		token := tokenOf(header, "{"+said.String(), signature())
		short := Pack(token)
		if short == nil {
			continue
		}
		count++
		if again, err := Token(short); err != nil || again != token {
			t.Fatalf("%q comes back as %q: %v", token, again, err)
		}
	}
	if count < 1000 {
		t.Errorf("only %d were packed", count)
	}
}

// What would come back otherwise, or not at all, is kept as it is.
func TestWhatIsNotPacked(t *testing.T) {
	good := tokenOf(header, claims, signature())
	if Pack(good) == nil {
		t.Fatal("a good one is not packed")
	}
	for name, token := range map[string]string{
		"nothing":                     "",
		"no token":                    "x",
		"two parts":                   "e30.e30",
		"four parts":                  good + ".e30",
		"no base64url":                "e3!." + strings.SplitN(good, ".", 2)[1],
		"bits that stand for nothing": good[:len(good)-1] + string(good[len(good)-1]+1),
		"padding":                     good + "==",
		"a line end":                  good + "\n",
		"no header":                   "." + strings.SplitN(good, ".", 2)[1],
		"neither header nor claims":   ".." + good[strings.LastIndex(good, ".")+1:],
		"no claims":                   good[:strings.Index(good, ".")+1] + good[strings.LastIndex(good, "."):],
		"a line end in the header":    good[:4] + "\n" + good[4:],
		"a line end in the claims":    strings.Replace(good, ".", ".\r\n", 1),
		"another signature":           tokenOf(header, claims, signature()[1:]),
		"braces in the header":        tokenOf(`{"kid":"}{"}`, claims, signature()),
		"claims that are no object":   tokenOf(header, `["`+claims+`"]`, signature()),
		"nothing to shorten":          tokenOf("{}", "{}", signature())[:1] + ".." + good[len(good)-86:],
		"too long":                    tokenOf(header, `{"a":"`+strings.Repeat("b", mostText)+`"}`, signature()),
	} {
		if short := Pack(token); short != nil {
			t.Errorf("%s: packed as %x", name, short)
		}
	}
}

// What somebody has put in the place of a packed token is an error that says so, or gives the same token, or one whose signature
// is another: never a panic.
func TestDamagedTokens(t *testing.T) {
	good := Pack(tokenOf(header, claims, signature()))
	for name, test := range map[string]struct {
		short []byte
		want  string
	}{
		"nothing":             {nil, "of 0 bytes"},
		"cut within":          {good[:frameAt-1], "of 64 bytes"},
		"no frame":            {good[:frameAt], "without header and claims"},
		"another form":        {append([]byte{2}, good[1:]...), "of the form 2"},
		"cut off":             {good[:len(good)-1], "unpack a token"},
		"something behind":    {append(bytes.Clone(good), 0), "unpack a token"},
		"no Zstandard":        {append(bytes.Clone(good[:frameAt]), "no frame at all"...), "unpack a token"},
		"unknown dictionary":  {framed(t, zstd.WithEncoderDictRaw(40000, []byte(claims))), "dictionary"},
		"not header + claims": {append(bytes.Clone(good[:frameAt]), encoded(t, []byte("no object"))...), "without header and claims"},
		"longer than a token": {bytes.Repeat([]byte{1}, mostPacked+1), "bytes"},
	} {
		if token, err := Token(test.short); err == nil || !strings.Contains(err.Error(), test.want) || token != "" {
			t.Errorf("%s: %q, %v", name, token, err)
		}
	}
	for at := range good {
		for bit := range 8 {
			other := bytes.Clone(good)
			other[at] ^= 1 << bit
			if token, err := Token(other); err != nil && token != "" {
				t.Errorf("byte %d, bit %d: %q, %v", at, bit, token, err)
			}
		}
	}
}

// framed is the good token packed by other means.
func framed(t *testing.T, options ...zstd.EOption) []byte {
	t.Helper()
	return append(append([]byte{form}, signature()...), encoded(t, []byte(header+claims), options...)...)
}

func encoded(t *testing.T, text []byte, options ...zstd.EOption) []byte {
	t.Helper()
	encoder, err := zstd.NewWriter(nil, options...)
	if err != nil {
		t.Fatal(err)
	}
	return encoder.EncodeAll(text, nil)
}

// A few bytes that stand for many take no memory: neither where the frame says how many, nor where it does not.
func TestAHostileTokenTakesLittleMemory(t *testing.T) {
	many := make([]byte, 64<<20)
	var streamed bytes.Buffer
	stream, err := zstd.NewWriter(&streamed)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = stream.Write(many)
	if err := stream.Close(); err != nil {
		t.Fatal(err)
	}
	for name, frame := range map[string][]byte{"with its size": encoded(t, many), "without": streamed.Bytes()} {
		short := append(append([]byte{form}, signature()...), frame...)
		if len(short) > mostPacked {
			t.Fatalf("%s: %d bytes are refused by their number alone", name, len(short))
		}
		_, _ = Token(short) // makes the decoder
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		token, err := Token(short)
		runtime.ReadMemStats(&after)
		if grown := after.TotalAlloc - before.TotalAlloc; err == nil || token != "" || grown > 1<<20 {
			t.Errorf("%s: %d bytes of memory, %v", name, grown, err)
		}
	}
}

// Rows point into a dictionary for as long as there are rows: none is ever changed or removed.
func TestDictionariesNeverChange(t *testing.T) {
	want := map[string]string{
		"dictionaries/40001.zdict": "17739301c6000bd8ef27032a4a8335820dfc5fa5538e7ba0c3c1500428627876",
	}
	files, err := Dictionaries()
	if err != nil || len(files) != len(want) {
		t.Errorf("%v: %v", files, err)
	}
	for name, was := range want {
		file, err := dictionaries.ReadFile(name)
		if sum := sha256.Sum256(file); err != nil || hex.EncodeToString(sum[:]) != was {
			t.Errorf("%s is %x, %v", name, sum, err)
		}
	}
}

// zstdProgram finds zstd. A test without it is skipped by name, or fails where nothing may be skipped.
func zstdProgram(t *testing.T) string {
	t.Helper()
	program, err := exec.LookPath("zstd")
	if err != nil && os.Getenv("TEST_REQUIRE") == "all" {
		t.Fatal("TEST_REQUIRE=all, and zstd is not installed: .ci/prepare installs it")
	}
	if err != nil {
		t.Skip("no zstd here: .ci/prepare installs it")
	}
	return program
}

// Others read what we keep: docs/operations.md, "A packed event without the program".
func TestZstdReadsAPackedToken(t *testing.T) {
	program := zstdProgram(t)
	file := filepath.Join(t.TempDir(), "frame.zst")
	if err := os.WriteFile(file, Pack(tokenOf(header, claims, signature()))[frameAt:], 0o600); err != nil {
		t.Fatal(err)
	}
	said, err := exec.CommandContext(t.Context(), program, "-q", "-d", "-c", "-D", "dictionaries/40001.zdict", file).Output()
	if err != nil || string(said) != header+claims {
		t.Errorf("%s, %v", said, err)
	}
}

// The other way round: what zstd packs with the dictionary, we read.
func TestWhatZstdPacksIsRead(t *testing.T) {
	program := zstdProgram(t)
	file := filepath.Join(t.TempDir(), "event.txt")
	if err := os.WriteFile(file, []byte(header+claims), 0o600); err != nil {
		t.Fatal(err)
	}
	frame, err := exec.CommandContext(t.Context(), program, "-q", "-19", "-c", "-D", "dictionaries/40001.zdict", file).Output()
	if err != nil {
		t.Fatal(err)
	}
	token, err := Token(append(append([]byte{form}, signature()...), frame...))
	if err != nil || token != tokenOf(header, claims, signature()) {
		t.Errorf("%s, %v", token, err)
	}
}

// FuzzToken: whatever lies in a row gives an error or a token that has a bound, and that comes back if it is packed again.
func FuzzToken(f *testing.F) {
	good := Pack(tokenOf(header, claims, signature()))
	f.Add(good)
	f.Add(good[:len(good)-3])
	f.Add(append([]byte{form}, make([]byte, 100)...))
	f.Fuzz(func(t *testing.T, short []byte) {
		token, err := Token(short)
		if err != nil {
			return
		}
		if len(token) > 2*mostText {
			t.Fatalf("%d bytes give a token of %d", len(short), len(token))
		}
		if again := Pack(token); again != nil {
			if other, err := Token(again); err != nil || other != token {
				t.Fatalf("%q comes back as %q: %v", token, other, err)
			}
		}
	})
}

// FuzzPack: whatever a token is, it comes back to the byte, or is not packed.
func FuzzPack(f *testing.F) {
	f.Add(tokenOf(header, claims, signature()))
	f.Add("e30.e30.")
	f.Fuzz(func(t *testing.T, token string) {
		short := Pack(token)
		if short == nil {
			return
		}
		if again, err := Token(short); err != nil || again != token {
			t.Fatalf("%q comes back as %q: %v", token, again, err)
		}
	})
}

func BenchmarkPack(b *testing.B) {
	token := tokenOf(header, claims, signature())
	b.ReportAllocs()
	for b.Loop() {
		Pack(token)
	}
}

func BenchmarkToken(b *testing.B) {
	short := Pack(tokenOf(header, claims, signature()))
	b.ReportAllocs()
	for b.Loop() {
		_, _ = Token(short)
	}
}
