package tree

import (
	"crypto/ed25519"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/mod/sumdb/note"
)

// Path is where the log is, below the issuer.
const Path = "/log"

// Origin is what the log of an issuer is called in its checkpoints, and the name of its keys: the log's URL without the
// scheme (tlog-tiles, "Parameters"). The error says that the issuer has a blank or a plus sign, which no key's name may have,
// or what a terminal does not show.
func Origin(issuer string) (string, error) {
	_, host, found := strings.Cut(issuer, "://")
	origin := host + Path
	if !found || host == "" || strings.ContainsFunc(issuer, refusedInName) {
		return "", fmt.Errorf("a log cannot be named after the issuer %q", issuer)
	}
	return origin, nil
}

// refusedInName is what the name of a key may not have (signed-note), and what is not printed: names come from files of others.
func refusedInName(r rune) bool {
	return r == '+' || r == utf8.RuneError || unicode.IsSpace(r) || !unicode.IsPrint(r)
}

// VerifierKey is the public key of a log's signer, as a line: origin+hash+key (signed-note, "Verifier keys").
func VerifierKey(origin string, key ed25519.PublicKey) (string, error) {
	return note.NewEd25519VerifierKey(origin, key)
}

// Keys are public keys that may have signed a checkpoint.
type Keys = note.Verifiers

// Verifiers are the public keys of the log of an origin.
func Verifiers(origin string, keys []ed25519.PublicKey) (Keys, error) {
	var list []note.Verifier
	for _, key := range keys {
		line, err := VerifierKey(origin, key)
		if err != nil {
			return nil, err
		}
		verifier, err := note.NewVerifier(line)
		if err != nil {
			return nil, err
		}
		list = append(list, verifier)
	}
	return note.VerifierList(list...), nil
}

// ReadKeys are the keys of the log of an origin, from lines as VerifierKey writes them. The error says which line is none, or of
// another log.
func ReadKeys(origin string, lines []string) (Keys, error) {
	var list []note.Verifier
	for i, line := range lines {
		verifier, err := note.NewVerifier(line)
		if err != nil || verifier.Name() != origin {
			return nil, fmt.Errorf("line %d of the log's keys is not a key of %s", i+1, origin)
		}
		list = append(list, verifier)
	}
	return note.VerifierList(list...), nil
}

// Signer signs checkpoints under an origin.
type Signer struct {
	note.Verifier
	key ed25519.PrivateKey
}

// NewSigner makes one. The error says that no key can have that name.
func NewSigner(origin string, key ed25519.PrivateKey) (Signer, error) {
	line, err := VerifierKey(origin, key.Public().(ed25519.PublicKey))
	if err != nil {
		return Signer{}, err
	}
	verifier, err := note.NewVerifier(line)
	return Signer{verifier, key}, err
}

// Sign is part of note.Signer.
func (s Signer) Sign(text []byte) ([]byte, error) { return ed25519.Sign(s.key, text), nil }
