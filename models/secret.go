package models

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"encoding/binary"
	"io"
	"strings"
)

// newSecret draws 256 random bits in base64url, 43 characters.
func newSecret(rand io.Reader) (string, error) {
	raw := make([]byte, 32)
	if _, err := io.ReadFull(rand, raw); err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(raw), nil
}

// hashSecret is what the database keeps of a cookie.
func hashSecret(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// newID draws 130 random bits as 26 lower-case letters and digits. Identifiers are
// unguessable, but nothing relies on that alone.
func newID(rand io.Reader) (string, error) {
	raw := make([]byte, 17)
	if _, err := io.ReadFull(rand, raw); err != nil {
		return "", err
	}
	return strings.ToLower(base32.StdEncoding.EncodeToString(raw)[:26]), nil
}

// sortable is base32 in the letters and digits of newID, in the order of their characters.
var sortable = base32.NewEncoding("234567abcdefghijklmnopqrstuvwxyz")

// timeLength is how many characters sortableTime returns.
const timeLength = 8

// sortableTime returns a moment as text that sorts by it, in steps of 4 ms, until 2109: rows that are made at about the same time
// lie on the same pages of an index.
func sortableTime(at Instant) string {
	var raw [8]byte
	binary.BigEndian.PutUint64(raw[:], uint64(at)<<22) // milliseconds since 1970
	return sortable.EncodeToString(raw[:5])
}

// newIDAt is newID for rows that many are made of: it begins with the time, and 90 random bits follow. Nobody learns more of
// it than when the row was made, which stands beside it wherever it is shown (docs/decisions/0058-fewer-pages.md).
func newIDAt(rand io.Reader, at Instant) (string, error) {
	id, err := newID(rand)
	if err != nil {
		return "", err
	}
	return sortableTime(at) + id[timeLength:], nil
}
