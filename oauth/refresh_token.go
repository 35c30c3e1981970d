package oauth

import "io"

// NewRefreshToken makes a refresh token of 43 base64url characters from 256 bits of rand (RFC 6749 §10.10). It says
// nothing by itself: client, DPoP key and lifetimes are kept with its hash.
func NewRefreshToken(rand io.Reader) (string, error) {
	return newSecret(rand)
}

// HashRefreshToken is what is stored and looked up in place of the token: its SHA-256, base64url.
func HashRefreshToken(token string) string {
	return hashSecret(token)
}
