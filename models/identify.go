package models

import (
	"encoding/base32"
	"io"
	"strings"

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
// Unicode NFKC, case folded, trimmed, inner white space made one blank.
func IdentifierKey(identifier string) string {
	folded := cases.Fold().String(norm.NFKC.String(identifier))
	return strings.Join(strings.Fields(norm.NFKC.String(folded)), " ")
}

// prefixEnd is the first key after every key that begins with the prefix, so that a
// prefix search is one walk along the index.
func prefixEnd(prefix string) string { return prefix + "\U0010FFFF" }
