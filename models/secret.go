package models

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"io"
	"strings"
	"time"

	"countersign/oauth"
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

// sortableTime returns a moment as oauth.SortableTime does, 8 of the letters and digits of newID.
func sortableTime(at Instant) string { return oauth.SortableTime(time.UnixMilli(int64(at))) }

// newIDAt is newID for rows that many are made of: it begins with the time, and 90 random bits follow. Nobody learns more of
// it than when the row was made, which stands beside it wherever it is shown (docs/decisions/0058-fewer-pages.md).
func newIDAt(rand io.Reader, at Instant) (string, error) {
	id, err := newID(rand)
	if err != nil {
		return "", err
	}
	begin := sortableTime(at)
	return begin + id[len(begin):], nil
}
