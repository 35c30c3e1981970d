package models

import (
	"encoding/base32"
	"io"
	"strings"
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

// prefixEnd is the first key after every key that begins with the prefix, so that a
// prefix search is one walk along the index.
func prefixEnd(prefix string) string { return prefix + "\U0010FFFF" }
