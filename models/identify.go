package models

import (
	"encoding/base32"
	"io"
	"strings"

	"countersign/oauth"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// newID draws 130 random bits as 26 lower-case letters and digits. Identifiers are
// unguessable, but nothing relies on that alone.
func newID(rand io.Reader) (string, error) {
	raw := make([]byte, 17)
	if _, err := io.ReadFull(rand, raw); err != nil {
		return "", err
	}
	return strings.ToLower(base32.StdEncoding.EncodeToString(raw)[:26]), nil
}

// IdentifierKey is the form under which an account identifier is unique and found:
// Unicode NFKC_Casefold (UAX #31), without its invisible characters, then trimmed, inner
// white space made one blank. The key of a key is itself.
func IdentifierKey(identifier string) string {
	folded := cases.Fold().String(norm.NFKC.String(identifier))
	seen := strings.Map(foldCherokee, strings.Map(dropIgnorable, folded))
	return strings.Join(strings.Fields(norm.NFKC.String(seen)), " ")
}

// foldCherokee folds the small letters of Cherokee, which have capitals as their fold
// (CaseFolding.txt) and which the library leaves as they are.
func foldCherokee(r rune) rune {
	switch {
	case 0xAB70 <= r && r <= 0xABBF:
		return r - 0xAB70 + 0x13A0
	case 0x13F8 <= r && r <= 0x13FD:
		return r - 0x13F8 + 0x13F0
	}
	return r
}

func dropIgnorable(r rune) rune {
	if oauth.IsIgnorable(r) {
		return -1
	}
	return r
}

// prefixEnd is the first key after every key that begins with the prefix, so that a
// prefix search is one walk along the index.
func prefixEnd(prefix string) string { return prefix + "\U0010FFFF" }
