package oauth

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"strings"
	"unicode"
)

const (
	// userCodeAlphabet has no vowels, so that no words appear, and no digits (RFC 8628 §6.1).
	userCodeAlphabet = "BCDFGHJKLMNPQRSTVWXZ"
	userCodeLength   = 8
	// maxTyped bounds what ParseUserCode reads, in bytes: a scanner may wrap the code in a little noise.
	maxTyped = 128
	// unbiasedBelow is the largest multiple of the alphabet's size in a byte's range.
	unbiasedBelow = 256 - 256%len(userCodeAlphabet)
)

// ErrNotAUserCode is ParseUserCode's refusal. It never repeats what was typed.
var ErrNotAUserCode = errors.New("a user code has eight letters of " + userCodeAlphabet)

// UserCode is a code that a phone shows and an operator enters: 34.5 bits, so every use is limited and none is
// printed. It shows itself only through Display; fmt, slog and JSON get nothing. The zero value is no code.
type UserCode struct {
	letters string
}

// NewUserCode makes a code of eight letters, each equally likely: bytes past the last whole multiple of the alphabet
// are rejected.
func NewUserCode(rand io.Reader) (UserCode, error) {
	letters := make([]byte, 0, userCodeLength)
	var b [1]byte
	for len(letters) < userCodeLength {
		if _, err := io.ReadFull(rand, b[:]); err != nil {
			return UserCode{}, fmt.Errorf("reading randomness: %w", err)
		}
		if int(b[0]) < unbiasedBelow {
			letters = append(letters, userCodeAlphabet[int(b[0])%len(userCodeAlphabet)])
		}
	}
	return UserCode{string(letters)}, nil
}

// ParseUserCode reads what a person typed or a scanner sent, as RFC 8628 §6.1 recommends: upper-cased, everything
// outside the alphabet dropped, and then exactly eight letters, or ErrNotAUserCode.
func ParseUserCode(typed string) (UserCode, error) {
	if len(typed) > maxTyped {
		return UserCode{}, ErrNotAUserCode
	}
	letters := strings.Map(alphabetOnly, typed)
	if len(letters) != userCodeLength {
		return UserCode{}, ErrNotAUserCode
	}
	return UserCode{letters}, nil
}

// FindUserCode says whether a text can be nothing but a code, and gives what ParseUserCode reads of it: eight letters of
// the alphabet with separators alone, whichever those are, or an address that carries a user_code.
func FindUserCode(text string) (code string, found bool) {
	text = strings.TrimSpace(text)
	if address, err := url.Parse(text); err == nil && address.Scheme != "" && address.Query().Has("user_code") {
		return address.Query().Get("user_code"), true
	}
	if _, err := ParseUserCode(text); err != nil {
		return "", false
	}
	for _, r := range text {
		if other := unicode.IsLetter(r) || unicode.IsDigit(r) || r == '@'; other && r != 'ß' && alphabetOnly(r) < 0 {
			return "", false
		}
	}
	return text, true
}

// alphabetOnly upper-cases a to z only: Unicode folding would turn a long s into an S.
func alphabetOnly(r rune) rune {
	if 'a' <= r && r <= 'z' {
		r -= 'a' - 'A'
	}
	if strings.ContainsRune(userCodeAlphabet, r) {
		return r
	}
	return -1
}

// Display is the code as the phone shows it, XXXX-XXXX. Only the device authorization response may carry it.
func (c UserCode) Display() string {
	if c.letters == "" {
		return ""
	}
	return c.letters[:userCodeLength/2] + "-" + c.letters[userCodeLength/2:]
}

// MAC is what is stored and matched in place of the code: HMAC-SHA-256 under a server key, base64url. A plain hash
// of 34.5 bits would be reversed in seconds.
func (c UserCode) MAC(key []byte) string {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(c.letters))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

const hiddenUserCode = "[user code]"

// String never reveals the code.
func (c UserCode) String() string { return hiddenUserCode }

// Format never reveals the code, whatever the verb.
func (c UserCode) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, hiddenUserCode) }

// LogValue never reveals the code.
func (c UserCode) LogValue() slog.Value { return slog.StringValue(hiddenUserCode) }

// MarshalText never reveals the code, to JSON among others.
func (c UserCode) MarshalText() ([]byte, error) { return []byte(hiddenUserCode), nil }
