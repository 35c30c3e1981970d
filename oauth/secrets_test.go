package oauth_test

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"strings"
	"testing"

	"countersign/oauth"
)

// RFC 8628 §5.2: device codes of very high entropy. RFC 6749 §10.10: likewise refresh tokens.
func TestNewSecrets(t *testing.T) {
	for name, newSecret := range map[string]func() (string, error){
		"device code":   func() (string, error) { return oauth.NewDeviceCode(rand.Reader) },
		"refresh token": func() (string, error) { return oauth.NewRefreshToken(rand.Reader) },
	} {
		t.Run(name, func(t *testing.T) {
			a, b := must(newSecret()), must(newSecret())
			if a == b {
				t.Error("the same secret twice")
			}
			if raw := must(base64.RawURLEncoding.DecodeString(a)); len(raw) != 32 || len(a) != 43 {
				t.Errorf("%d bits in %d characters, want 256 in 43", 8*len(raw), len(a))
			}
		})
	}
}

func TestNewSecretsNeedRandomness(t *testing.T) {
	short := func() *bytes.Reader { return bytes.NewReader(make([]byte, 31)) }
	if code, err := oauth.NewDeviceCode(short()); err == nil || code != "" {
		t.Error("a device code from 31 bytes")
	}
	if token, err := oauth.NewRefreshToken(short()); err == nil || token != "" {
		t.Error("a refresh token from 31 bytes")
	}
	if _, err := oauth.NewUserCode(bytes.NewReader(make([]byte, 7))); err == nil {
		t.Error("a user code from 7 bytes")
	}
}

// docs/protocol.md §6 second-redemption, secrets-told: what is stored is a hash.
func TestSecretsAreHashed(t *testing.T) {
	// SHA-256 of "abc", FIPS 180-4.
	const abc = "ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0"
	if got := oauth.HashDeviceCode("abc"); got != abc {
		t.Errorf("device code hash %s", got)
	}
	if got := oauth.HashRefreshToken("abc"); got != abc {
		t.Errorf("refresh token hash %s", got)
	}
	code := must(oauth.NewDeviceCode(rand.Reader))
	if strings.Contains(oauth.HashDeviceCode(code), code) {
		t.Error("the hash shows the code")
	}
}
