package oauth_test

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"slices"
	"strings"
	"testing"
	"time"

	"countersign/oauth"
)

var made = time.Date(2026, 11, 30, 4, 0, 0, 0, time.UTC)

// RFC 8628 §5.2: device codes of very high entropy. RFC 6749 §10.10: likewise refresh tokens.
func TestNewSecrets(t *testing.T) {
	for name, newSecret := range map[string]func() (string, error){
		"device code":   func() (string, error) { return oauth.NewDeviceCode(rand.Reader, made) },
		"refresh token": func() (string, error) { return oauth.NewRefreshToken(rand.Reader, made) },
	} {
		t.Run(name, func(t *testing.T) {
			a, b := must(newSecret()), must(newSecret())
			if a == b {
				t.Error("the same secret twice")
			}
			if raw := must(base64.RawURLEncoding.DecodeString(a[8:])); len(raw) != 32 || len(a) != 8+43 {
				t.Errorf("%d random bits in %d characters, want 256 in 43 and 8 before them", 8*len(raw), len(a))
			}
			if a[:8] != b[:8] || a[8:] == b[8:] {
				t.Errorf("%s and %s, made at the same moment", a, b)
			}
		})
	}
}

func TestNewSecretsNeedRandomness(t *testing.T) {
	short := func() *bytes.Reader { return bytes.NewReader(make([]byte, 31)) }
	if code, err := oauth.NewDeviceCode(short(), made); err == nil || code != "" {
		t.Error("a device code from 31 bytes")
	}
	if token, err := oauth.NewRefreshToken(short(), made); err == nil || token != "" {
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
	code := must(oauth.NewDeviceCode(rand.Reader, made))
	if hash := oauth.HashDeviceCode(code); hash[:8] != code[:8] || strings.Contains(hash, code[8:]) || len(hash) != 8+43 {
		t.Errorf("the hash is %s, of a code that begins with %s", hash, code[:8])
	}
}

// docs/decisions/0079-codes-by-time.md: hashes sort by when the secret was made. Codes from before have no time, and are found by
// the hash that they were kept by.
func TestHashesSortByTime(t *testing.T) {
	var hashes []string
	for i := range 50 {
		at := made.Add(time.Duration(i*i) * 4 * time.Millisecond)
		hashes = append(hashes, oauth.HashDeviceCode(must(oauth.NewDeviceCode(rand.Reader, at))))
	}
	if !slices.IsSorted(hashes) {
		t.Errorf("%q", hashes)
	}
	before := base64.RawURLEncoding.EncodeToString(make([]byte, 32))
	for _, plain := range []string{before, "", "a", "234567a" + before, "2345678" + "9" + before, "\xff345678a" + before,
		"ABCDEFGH" + before, "-2345672" + before, "2345672\x00" + before, "2345672ab" + before} {
		sum := sha256.Sum256([]byte(plain))
		if got := oauth.HashDeviceCode(plain); got != base64.RawURLEncoding.EncodeToString(sum[:]) {
			t.Errorf("%q is kept as %q", plain, got)
		}
	}
	timed := "234567ab" + before
	if got := oauth.HashRefreshToken(timed); !strings.HasPrefix(got, "234567ab") || got == oauth.HashRefreshToken("234567ac"+before) {
		t.Errorf("%q is kept as %q", timed, got)
	}
}
