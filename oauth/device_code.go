package oauth

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"strings"
	"time"
)

// secretBytes is the entropy of device codes, refresh tokens and registration tokens: 256 bits, far beyond guessing (RFC 8628 §5.2).
const secretBytes = 32

// Lengths of a device code and of a refresh token: the time, then 256 bits in base64url.
const (
	timeLength  = 8
	timedLength = timeLength + 43
)

// NewDeviceCode makes a device_code of 51 base64url characters: SortableTime, and 256 bits of rand.
func NewDeviceCode(rand io.Reader, now time.Time) (string, error) {
	return newTimedSecret(rand, now)
}

// HashDeviceCode is what is stored and looked up in place of the code: its time, then the SHA-256 of it all, base64url. A plain
// hash is enough for a secret of 256 bits. Of a code without a time, as they were before migration 74, it is the hash alone.
func HashDeviceCode(code string) string {
	return hashTimedSecret(code)
}

// timeLetters are the letters and digits of identifiers, in the order of their characters.
const timeLetters = "234567abcdefghijklmnopqrstuvwxyz"

var timeEncoding = base32.NewEncoding(timeLetters)

// SortableTime is a moment as 8 letters and digits that sort by it, in steps of 4 ms, until 2109: rows that are made at about the
// same time lie on the same pages of an index (docs/decisions/0079-codes-by-time.md).
func SortableTime(at time.Time) string {
	var raw [8]byte
	binary.BigEndian.PutUint64(raw[:], uint64(at.UnixMilli())<<22) //nolint:gosec // no time of ours is before 1970
	return timeEncoding.EncodeToString(raw[:5])
}

func newSecret(rand io.Reader) (string, error) {
	secret := make([]byte, secretBytes)
	if _, err := io.ReadFull(rand, secret); err != nil {
		return "", fmt.Errorf("reading randomness: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(secret), nil
}

func hashSecret(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

func newTimedSecret(rand io.Reader, now time.Time) (string, error) {
	secret, err := newSecret(rand)
	if err != nil {
		return "", err
	}
	return SortableTime(now) + secret, nil
}

// hashTimedSecret takes what anybody sends: it keeps nothing of a text that newTimedSecret did not shape.
func hashTimedSecret(secret string) string {
	hash := hashSecret(secret)
	if len(secret) != timedLength || strings.Trim(secret[:timeLength], timeLetters) != "" {
		return hash
	}
	return secret[:timeLength] + hash
}
