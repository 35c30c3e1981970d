package keys

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
)

// MasterKeySize is the length of the master key, and of every other key for Seal, in bytes.
const MasterKeySize = 32

// ErrMasterKey means that the master key is another one, or that what it sealed was changed.
var ErrMasterKey = errors.New("the master key does not open the server's keys")

// Seal encrypts secret with AES-256-GCM under a key of MasterKeySize bytes. The label is authenticated with it, so
// that the result does not open under another label. The result is base64url without padding: nonce, ciphertext, tag.
func Seal(rand io.Reader, key, secret []byte, label string) (string, error) {
	gcm, err := newGCM(key)
	if err != nil {
		return "", err
	}
	nonce := make([]byte, gcm.NonceSize())
	if _, err := io.ReadFull(rand, nonce); err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(gcm.Seal(nonce, nonce, secret, []byte(label))), nil
}

// Open reverses Seal. Error: ErrMasterKey when the key or the label is another one, or the text was changed.
func Open(key []byte, sealed, label string) ([]byte, error) {
	gcm, err := newGCM(key)
	if err != nil {
		return nil, err
	}
	raw, err := base64.RawURLEncoding.DecodeString(sealed)
	if err != nil || len(raw) < gcm.NonceSize() {
		return nil, fmt.Errorf("%w: %s is damaged", ErrMasterKey, label)
	}
	secret, err := gcm.Open(nil, raw[:gcm.NonceSize()], raw[gcm.NonceSize():], []byte(label))
	if err != nil {
		return nil, fmt.Errorf("%w: %s", ErrMasterKey, label)
	}
	return secret, nil
}

func newGCM(key []byte) (cipher.AEAD, error) {
	if len(key) != MasterKeySize {
		return nil, fmt.Errorf("the master key has %d bytes instead of %d", len(key), MasterKeySize)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}
