package oauth

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
)

// secretBytes is the entropy of device codes and refresh tokens: 256 bits, far beyond guessing (RFC 8628 §5.2).
const secretBytes = 32

// NewDeviceCode makes a device_code of 43 base64url characters from 256 bits of rand.
func NewDeviceCode(rand io.Reader) (string, error) {
	return newSecret(rand)
}

// HashDeviceCode is what is stored and looked up in place of the code: its SHA-256, base64url. A plain hash is
// enough for a secret of 256 bits.
func HashDeviceCode(code string) string {
	return hashSecret(code)
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
