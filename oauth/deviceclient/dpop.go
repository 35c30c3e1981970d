package deviceclient

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
)

// proofClaims are those of RFC 9449 §4.2.
type proofClaims struct {
	ID              string `json:"jti"`
	Method          string `json:"htm"`
	URL             string `json:"htu"`
	IssuedAt        int64  `json:"iat"`
	AccessTokenHash string `json:"ath,omitempty"`
	Nonce           string `json:"nonce,omitempty"`
}

// proof makes a fresh DPoP proof with the instance's key. With an access token
// it is bound to that token (ath, RFC 9449 §7).
func (c *Client) proof(method, address string, accessToken Secret) (string, error) {
	if c.State.Key == nil {
		return "", ErrNotRegistered
	}
	u, err := url.Parse(address)
	if err != nil {
		return "", fmt.Errorf("%q is not a URL", address)
	}
	id, err := c.newID()
	if err != nil {
		return "", err
	}
	claims := proofClaims{ID: id, Method: method, URL: withoutQuery(*u), IssuedAt: c.signingTime().Unix(), Nonce: c.nonces[origin(u)]}
	if accessToken != "" {
		sum := sha256.Sum256([]byte(accessToken))
		claims.AccessTokenHash = base64.RawURLEncoding.EncodeToString(sum[:])
	}
	return sign(c.State.Key.private, "dpop+jwt", true, claims)
}

// withoutQuery makes the htu of RFC 9449 §4.2: no query and no fragment.
func withoutQuery(u url.URL) string {
	u.RawQuery, u.ForceQuery, u.Fragment, u.RawFragment = "", false, "", ""
	return u.String()
}

// rememberNonce keeps the newest nonce of each origin, RFC 9449 §8.2.
func (c *Client) rememberNonce(u *url.URL, h http.Header) {
	nonce := h.Get("DPoP-Nonce")
	if nonce == "" || len(nonce) > longestText {
		return
	}
	if c.nonces == nil {
		c.nonces = map[string]string{}
	}
	c.nonces[origin(u)] = nonce
}

func origin(u *url.URL) string { return u.Scheme + "://" + u.Host }
