package models

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"fmt"
	"io"
)

// MasterKeySize is the length of the key that seals the server's keys, in bytes.
const MasterKeySize = 32

// seal encrypts with AES-256-GCM; label is authenticated with it, so that a sealed
// key cannot be moved to another row or purpose.
func seal(rand io.Reader, masterKey, secret []byte, label string) (string, error) {
	gcm, err := sealer(masterKey)
	if err != nil {
		return "", err
	}
	nonce := make([]byte, gcm.NonceSize())
	if _, err := io.ReadFull(rand, nonce); err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(gcm.Seal(nonce, nonce, secret, []byte(label))), nil
}

// unseal reverses seal. Error: ErrMasterKey when the key or the label is another one.
func unseal(masterKey []byte, sealed, label string) ([]byte, error) {
	gcm, err := sealer(masterKey)
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

func sealer(masterKey []byte) (cipher.AEAD, error) {
	if len(masterKey) != MasterKeySize {
		return nil, fmt.Errorf("the master key has %d bytes instead of %d", len(masterKey), MasterKeySize)
	}
	block, err := aes.NewCipher(masterKey)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}
