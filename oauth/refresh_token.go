package oauth

import (
	"io"
	"time"
)

// NewRefreshToken makes a refresh token as NewDeviceCode makes a code (RFC 6749 §10.10). It says nothing but when it was
// made: client, DPoP key and lifetimes are kept with its hash.
func NewRefreshToken(rand io.Reader, now time.Time) (string, error) {
	return newTimedSecret(rand, now)
}

// HashRefreshToken is what is stored and looked up in place of the token, as HashDeviceCode.
func HashRefreshToken(token string) string {
	return hashTimedSecret(token)
}
