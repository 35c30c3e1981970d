package keys_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"testing"

	"countersign/models/keys"
)

func master(b byte) []byte { return bytes.Repeat([]byte{b}, keys.MasterKeySize) }

func TestSealedTextOpensWithItsKeyAndLabelOnly(t *testing.T) {
	sealed, err := keys.Seal(rand.Reader, master(1), []byte("secret"), "audit k1")
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name          string
		key           []byte
		sealed, label string
		opens         bool
	}{
		{"as it was sealed", master(1), sealed, "audit k1", true},
		{"another key", master(2), sealed, "audit k1", false},
		{"another label", master(1), sealed, "audit k2", false},
		{"cut off", master(1), sealed[:len(sealed)-2], "audit k1", false},
		{"changed", master(1), "A" + sealed[:len(sealed)-1], "audit k1", false},
		{"shorter than a nonce", master(1), "AAAA", "audit k1", false},
		{"no base64url", master(1), "!" + sealed[1:], "audit k1", false},
		{"nothing", master(1), "", "audit k1", false},
	} {
		secret, err := keys.Open(test.key, test.sealed, test.label)
		if test.opens && (err != nil || string(secret) != "secret") {
			t.Errorf("%s: %q, %v", test.name, secret, err)
		}
		if !test.opens && !errors.Is(err, keys.ErrMasterKey) {
			t.Errorf("%s: %q, %v", test.name, secret, err)
		}
	}
}

// Sealing the same secret twice shows nobody that it is the same.
func TestSealedTextsDiffer(t *testing.T) {
	first, _ := keys.Seal(rand.Reader, master(1), []byte("secret"), "l")
	second, _ := keys.Seal(rand.Reader, master(1), []byte("secret"), "l")
	if first == second {
		t.Error("sealed with the same nonce")
	}
}

func TestMasterKeyHasItsLength(t *testing.T) {
	for _, size := range []int{0, 16, 31, 33} {
		if _, err := keys.Seal(rand.Reader, make([]byte, size), nil, ""); err == nil {
			t.Errorf("sealed with %d bytes", size)
		}
		if _, err := keys.Open(make([]byte, size), "AAAA", ""); err == nil || errors.Is(err, keys.ErrMasterKey) {
			t.Errorf("%d bytes: %v", size, err)
		}
	}
}
