package models

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
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
