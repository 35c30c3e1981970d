package tree

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
)

// The type of a key in a verifier key (signed-note, "Signature types").
const (
	typeEd25519     = 1
	typeCosignature = 4 // Ed25519 with a time (tlog-cosignature, "Format")
)

// CosignatureSize is the length of a witness's Signature, in bytes: the hash of the key, the time, the Ed25519 signature.
const CosignatureSize = 4 + timeSize + ed25519.SignatureSize

const timeSize = 8

// ErrNotAVerifierKey says that a text is no verifier key of a kind that is known here.
var ErrNotAVerifierKey = errors.New("not a verifier key")

// Verifier is a public key with its name.
type Verifier struct {
	name    string
	hash    uint32
	witness bool
	key     ed25519.PublicKey
}

// ParseVerifier reads a verifier key: name+hash+base64(type ‖ key) (signed-note, "Verifier keys"), of a log or of a witness that
// makes Ed25519 cosignatures. Error: ErrNotAVerifierKey.
func ParseVerifier(line string) (Verifier, error) {
	name, rest, _ := strings.Cut(line, "+")
	id, text, _ := strings.Cut(rest, "+")
	typed, err := decode(text)
	if err != nil || len(typed) != 1+ed25519.PublicKeySize || name == "" || strings.ContainsFunc(name, refusedInName) {
		return Verifier{}, ErrNotAVerifierKey
	}
	hash := keyHash(name, typed)
	if fmt.Sprintf("%08x", hash) != id || typed[0] != typeEd25519 && typed[0] != typeCosignature {
		return Verifier{}, ErrNotAVerifierKey
	}
	return Verifier{name, hash, typed[0] == typeCosignature, typed[1:]}, nil
}

// keyHash is the first four bytes of SHA-256(name ‖ LF ‖ type ‖ key).
func keyHash(name string, typed []byte) uint32 {
	sum := sha256.Sum256(append([]byte(name+"\n"), typed...))
	return binary.BigEndian.Uint32(sum[:])
}

// Name is part of note.Verifier.
func (v Verifier) Name() string { return v.name }

// KeyHash is part of note.Verifier.
func (v Verifier) KeyHash() uint32 { return v.hash }

// IsWitness reports whether the key makes cosignatures.
func (v Verifier) IsWitness() bool { return v.witness }

// String is the verifier key as a line.
func (v Verifier) String() string {
	typed := append([]byte{typeEd25519}, v.key...)
	if v.witness {
		typed[0] = typeCosignature
	}
	return v.ID() + "+" + base64.StdEncoding.EncodeToString(typed)
}

// ID is the name and the hash: what a signature line says of its key.
func (v Verifier) ID() string {
	return v.name + "+" + hex.EncodeToString(binary.BigEndian.AppendUint32(nil, v.hash))
}

// Verify is part of note.Verifier.
func (v Verifier) Verify(text, signature []byte) bool {
	if !v.witness {
		return ed25519.Verify(v.key, text, signature)
	}
	if len(signature) != timeSize+ed25519.SignatureSize || signature[0] > 127 {
		return false // tlog-cosignature, "Format": a time is below 2^63
	}
	return ed25519.Verify(v.key, cosigned(binary.BigEndian.Uint64(signature), text), signature[timeSize:])
}

// cosigned is what a witness signs (tlog-cosignature, "Ed25519 signed message").
func cosigned(at uint64, text []byte) []byte {
	return append([]byte("cosignature/v1\ntime "+strconv.FormatUint(at, 10)+"\n"), text...)
}

// Cosigner is a witness's key.
type Cosigner struct {
	Verifier
	key ed25519.PrivateKey
}

// NewCosigner makes one. Error: ErrNotAVerifierKey when no key can have that name.
func NewCosigner(name string, key ed25519.PrivateKey) (Cosigner, error) {
	if name == "" || strings.ContainsFunc(name, refusedInName) {
		return Cosigner{}, ErrNotAVerifierKey
	}
	public := key.Public().(ed25519.PublicKey)
	return Cosigner{Verifier{name, keyHash(name, append([]byte{typeCosignature}, public...)), true, public}, key}, nil
}

// Cosign signs the text of a checkpoint as of a moment.
func (c Cosigner) Cosign(text []byte, now time.Time) Signature {
	at := uint64(max(now.Unix(), 0))
	signature := binary.BigEndian.AppendUint32(nil, c.hash)
	signature = binary.BigEndian.AppendUint64(signature, at)
	return append(signature, ed25519.Sign(c.key, cosigned(at, text))...)
}

// Line is a signature under a name as its line in a note, with its newline.
func (s Signature) Line(name string) string {
	return "— " + name + " " + base64.StdEncoding.EncodeToString(s) + "\n"
}

// Signed is a signature of a known key below a note.
type Signed struct {
	By        Verifier
	Signature Signature
}

// At is when a witness says that it signed; zero of a log's own signature.
func (s Signed) At() time.Time {
	if !s.By.witness || len(s.Signature) != CosignatureSize {
		return time.Time{}
	}
	return time.Unix(int64(binary.BigEndian.Uint64(s.Signature[4:])), 0).UTC()
}

// Signers are the signatures of known keys below a note, in its order; nil where there is none. Error: ErrNotACheckpoint,
// *note.InvalidSignatureError for one of a known key that is not of this text.
func Signers(text []byte, known ...Verifier) ([]Signed, error) {
	opened, err := note.Open(text, KeysOf(known))
	if _, is := errors.AsType[*note.UnverifiedNoteError](err); is {
		return nil, nil
	}
	if IsUnsigned(err) {
		return nil, err
	}
	if err != nil {
		return nil, ErrNotACheckpoint
	}
	var list []Signed
	for _, line := range opened.Sigs {
		signature, err := base64.StdEncoding.DecodeString(line.Base64)
		if by, is := find(known, line.Name, line.Hash); is && err == nil {
			list = append(list, Signed{by, signature})
		}
	}
	return list, nil
}

func find(known []Verifier, name string, hash uint32) (Verifier, bool) {
	for _, v := range known {
		if v.name == name && v.hash == hash {
			return v, true
		}
	}
	return Verifier{}, false
}

// KeysOf are verifier keys as Open takes them. One may be there twice: note.Open reads no note signed by such a key.
func KeysOf(list []Verifier) Keys {
	var known []note.Verifier
	there := map[string]bool{}
	for _, v := range list {
		if line := v.String(); !there[line] {
			there[line] = true
			known = append(known, v)
		}
	}
	return note.VerifierList(known...)
}

// Body is the text of a note, up to and with the newline before the blank line; nothing when there is no such line.
func Body(note []byte) []byte { return note[:bytes.LastIndex(note, []byte("\n\n"))+1] }

// secretPrefix begins the line of a witness's own key, as signed-note's keys of logs have it in x/mod.
const secretPrefix = "PRIVATE+KEY+"

// Secret is the key itself as a line, to be kept where nobody reads it: name, hash and base64(type ‖ seed).
func (c Cosigner) Secret() string {
	return secretPrefix + c.ID() + "+" + base64.StdEncoding.EncodeToString(append([]byte{typeCosignature}, c.key.Seed()...))
}

// ParseCosigner reads what Secret writes. Error: ErrNotAVerifierKey.
func ParseCosigner(line string) (Cosigner, error) {
	rest, is := strings.CutPrefix(line, secretPrefix)
	name, rest, _ := strings.Cut(rest, "+")
	_, text, _ := strings.Cut(rest, "+") // which may have more of them
	typed, err := decode(text)
	if !is || err != nil || len(typed) != 1+ed25519.SeedSize || typed[0] != typeCosignature {
		return Cosigner{}, ErrNotAVerifierKey
	}
	c, err := NewCosigner(name, ed25519.NewKeyFromSeed(typed[1:]))
	if err == nil && c.Secret() != line {
		err = ErrNotAVerifierKey
	}
	return c, err
}
